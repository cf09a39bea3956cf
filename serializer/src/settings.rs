//! What a run changes of its connection, and puts back.

use rusqlite::Connection;
use syncline_core::CancelToken;

use crate::database::Database;
use crate::error::{DatabaseError, Doing};
use crate::flow::READER_CACHE_KIB;

/// The page cache while writing, in KiB. A larger one gained nothing on a database of 275,000 records.
const CACHE_KIB: i64 = 8 * 1024 - READER_CACHE_KIB;

/// Settings of a connection, as they were. None of them is stored in the file.
#[derive(Debug)]
pub(crate) struct Settings {
    foreign_keys: bool,
    cache_size: i64,
}

impl Settings {
    /// Sets what serialising wants.
    ///
    /// Foreign keys are not enforced: the only one that is written to leads from a counter to the store's row that
    /// was written just before it, and looking each up again costs a tenth of the time.
    pub(crate) fn for_writing(database: &Database) -> Result<Self, DatabaseError> {
        let connection = &database.connection;
        let read = || -> rusqlite::Result<Self> {
            Ok(Self {
                foreign_keys: connection.pragma_query_value(None, "foreign_keys", |row| row.get(0))?,
                cache_size: connection.pragma_query_value(None, "cache_size", |row| row.get(0))?,
            })
        };
        // The first statement that reads the file.
        let before = read().map_err(|source| DatabaseError::first_read(&database.path, source))?;
        connection.pragma_update(None, "foreign_keys", false).doing("setting up the connection")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB).doing("setting up the connection")?;
        Ok(before)
    }

    /// Puts back what was.
    pub(crate) fn restore(self, connection: &Connection) -> Result<(), DatabaseError> {
        connection
            .pragma_update(None, "foreign_keys", self.foreign_keys)
            .and_then(|()| connection.pragma_update(None, "cache_size", self.cache_size))
            .doing("restoring the connection's settings")
    }
}

/// Has statements that take long look at a token.
#[derive(Debug)]
#[must_use = "it is to be cleared"]
pub(crate) struct Interruption {
    is_set: bool,
}

impl Interruption {
    /// About how many instructions of SQLite's machine pass between two looks: well under a millisecond.
    const INTERVAL: i32 = 10_000;

    pub(crate) fn set(
        connection: &mut Connection,
        token: Option<&CancelToken>,
    ) -> Result<Self, DatabaseError> {
        if let Some(token) = token.cloned() {
            connection
                .progress_handler(Self::INTERVAL, Some(move || token.is_cancelled()))
                .doing("setting up the connection")?;
        }
        Ok(Self { is_set: token.is_some() })
    }

    pub(crate) fn clear(self, connection: &mut Connection) -> Result<(), DatabaseError> {
        if self.is_set {
            connection
                .progress_handler(0, None::<fn() -> bool>)
                .doing("restoring the connection's settings")?;
        }
        Ok(())
    }
}
