//! `VACUUM`: gives the space of removed rows back to the file system.

use rusqlite::Connection;

use crate::error::{Doing, SqliteError};

/// The size of a database before and after [`Database::vacuum`](crate::Database::vacuum).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Vacuumed {
    /// The size in bytes before.
    pub before: u64,
    /// The size in bytes after.
    pub after: u64,
}

impl Vacuumed {
    /// The number of bytes that the file system got back.
    #[must_use]
    pub fn freed(&self) -> u64 {
        self.before.saturating_sub(self.after)
    }
}

pub(crate) fn vacuum(connection: &Connection) -> Result<Vacuumed, SqliteError> {
    const DOING: &str = "giving space back to the file system";

    let before = bytes(connection).doing(DOING)?;
    connection.execute_batch("VACUUM").doing(DOING)?;
    // In a database with a log the file shrinks when the log is written back. Other connections may delay that.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).doing(DOING)?;
    Ok(Vacuumed { before, after: bytes(connection).doing(DOING)? })
}

/// The size of the database, in bytes.
fn bytes(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row(
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        [],
        |row| row.get(0),
    )
}

/// The bytes in pages that hold nothing, which a vacuum would give back.
pub(crate) fn free_bytes(connection: &Connection) -> Result<u64, SqliteError> {
    connection
        .query_row(
            "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size",
            [],
            |row| row.get(0),
        )
        .doing("reading the number of free pages")
}
