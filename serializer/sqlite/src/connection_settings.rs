//! The connection settings of a run, which are restored at its end.

use std::time::Duration;

use syncline_core::CancelToken;

use crate::database::Database;
use crate::error::{Doing, RunError};

/// The page cache of a second connection that only reads, in KiB. It reads each page of the app's tables about once.
pub(crate) const READER_CACHE_KIB: i64 = 2 * 1024;

/// The size of the page cache while writing, in KiB. A larger cache gained nothing with 275,000 records.
const CACHE_KIB: i64 = 8 * 1024 - READER_CACHE_KIB;

/// A database whose connection has the settings of a run. Drop restores the former settings. None of them is stored in
/// the file.
#[derive(Debug)]
pub(crate) struct ConnectionSettings<'d> {
    pub(crate) database: &'d mut Database,
    foreign_keys: bool,
    cache_size: i64,
    busy_timeout: i64,
    is_interruptible: bool,
}

impl<'d> ConnectionSettings<'d> {
    /// The number of `SQLite` virtual machine instructions between two checks of the cancel token: well under a
    /// millisecond.
    const INTERVAL: i32 = 10_000;

    /// Sets the connection up for serialising. Long statements check `token`.
    ///
    /// Foreign keys are not enforced. The only one in question refers from a counter to the store row that was written
    /// just before, and checking each would cost a tenth of the time.
    pub(crate) fn for_writing(
        database: &'d mut Database,
        busy_timeout: Duration,
        token: Option<&CancelToken>,
    ) -> Result<Self, RunError> {
        let connection = &database.connection;
        let number = |name| connection.pragma_query_value(None, name, |row| row.get(0));
        let before = number("busy_timeout").doing("setting the busy timeout")?;
        connection.busy_timeout(busy_timeout).doing("setting the busy timeout")?;
        // This is the first statement that reads the file.
        let read = number("foreign_keys").and_then(|keys| Ok((keys != 0, number("cache_size")?)));
        let (foreign_keys, cache_size) = match read {
            Ok(read) => read,
            Err(source) => {
                connection.pragma_update(None, "busy_timeout", before).doing("setting the busy timeout")?;
                return Err(RunError::first_read(&database.path, source));
            }
        };
        let is_interruptible = token.is_some();
        let mut settings =
            Self { database, foreign_keys, cache_size, busy_timeout: before, is_interruptible };
        settings.set_up(token).doing("setting up the connection")?;
        Ok(settings)
    }

    fn set_up(&mut self, token: Option<&CancelToken>) -> rusqlite::Result<()> {
        let connection = &mut self.database.connection;
        connection.pragma_update(None, "foreign_keys", false)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        if let Some(token) = token.cloned() {
            connection.progress_handler(Self::INTERVAL, Some(move || token.is_cancelled()))?;
        }
        Ok(())
    }

    fn put_back(&mut self) -> rusqlite::Result<()> {
        let connection = &mut self.database.connection;
        if self.is_interruptible {
            connection.progress_handler(0, None::<fn() -> bool>)?;
        }
        connection.pragma_update(None, "foreign_keys", self.foreign_keys)?;
        connection.pragma_update(None, "cache_size", self.cache_size)?;
        connection.pragma_update(None, "busy_timeout", self.busy_timeout)
    }
}

impl Drop for ConnectionSettings<'_> {
    fn drop(&mut self) {
        // The commits are done, so this is not a failure of the run.
        if let Err(error) = self.put_back() {
            tracing::warn!("the settings of the connection could not be put back: {error}");
        }
    }
}
