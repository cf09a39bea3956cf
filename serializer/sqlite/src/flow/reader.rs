//! A second connection, to read by while the first one writes.

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Doing, RunError};
use crate::flow::transaction::SyncTransaction;

/// The page cache of a reader, in KiB: each page of the app's tables is read about once.
pub(crate) const READER_CACHE_KIB: i64 = 2 * 1024;

/// A connection that sees the database as it was when a transaction began.
///
/// While that transaction is open nobody else can write, so what it saw it goes on seeing, whatever it writes. The
/// app's pages then don't crowd the store's out of the writer's page cache, and none is looked up in the log.
/// It must be dropped before the transaction is committed, or the log cannot be written back to the database.
#[derive(Debug)]
pub(crate) struct Reader {
    connection: Connection,
}

impl Reader {
    /// A second connection to the database of `run`, or `None` where there can be none: a database in memory; one without a
    /// write-ahead log, in which a reader would be in the writer's way; or a savepoint, since it would not see what was
    /// written in the transaction before that.
    pub(crate) fn open<P>(run: &SyncTransaction<'_, P>) -> Result<Option<Self>, RunError> {
        if !run.is_outermost() {
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
        // Were it another file by now, that was moved to this place, nothing would keep us from writing to it.
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

    /// For another thread.
    pub(crate) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
