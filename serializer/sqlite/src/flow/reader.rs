//! A second connection, for reading while the first one writes.

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::connection_settings::READER_CACHE_KIB;
use crate::error::{Doing, RunError};
use crate::flow::transaction::SyncTransaction;

/// A connection that sees the database as it was when a transaction began.
///
/// While that transaction is open, no other program can write, so the reader sees the same state until the end. The
/// app's pages then do not displace the store's in the writer's page cache, and are not looked up in the log. Drop it
/// before the transaction commits: otherwise the log cannot be written back to the database.
#[derive(Debug)]
pub(crate) struct Reader {
    connection: Connection,
}

impl Reader {
    /// Opens a second connection to the database of `run`. `None` if that is impossible: for a database in memory;
    /// without a write-ahead log, where a reader would block the writer; or in a transaction that has changed rows
    /// before, which it would not see.
    pub(crate) fn open<P>(run: &SyncTransaction<'_, P>) -> Result<Option<Self>, RunError> {
        if !run.is_seen_by_others() {
            return Ok(None);
        }
        let writer = run.connection();
        let mode: String = writer
            .pragma_query_value(None, "journal_mode", |row| row.get(0))
            .doing("reading the journal mode")?;
        let Some(path) = writer.path().filter(|path| mode == "wal" && !path.is_empty()) else {
            return Ok(None);
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).doing("opening the database a second time")?;
        // If another file was moved to this path, the transaction would not keep other programs from writing to it.
        match connection
            .busy_timeout(std::time::Duration::ZERO)
            .and_then(|()| connection.execute_batch("BEGIN IMMEDIATE"))
        {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {}
            Ok(()) => return Ok(None),
            Err(source) => return Err(RunError::sqlite("opening the database a second time", source)),
        }
        connection
            .pragma_update(None, "cache_size", -READER_CACHE_KIB)
            .and_then(|()| connection.execute_batch("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1"))
            .doing("preparing to read")?;
        connection.set_prepared_statement_cache_capacity(128);
        Ok(Some(Self { connection }))
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The connection, for another thread.
    pub(crate) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
