//! The page cache of a connection, for as long as something needs it otherwise.

use rusqlite::Connection;

/// Does `work` with so many KiB of page cache, then lets `connection` have what it had.
pub(crate) fn with_page_cache<T>(
    connection: &Connection,
    kib: i64,
    work: impl FnOnce() -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let before: i64 = connection.pragma_query_value(None, "cache_size", |row| row.get(0))?;
    connection.pragma_update(None, "cache_size", -kib)?;
    let done = work();
    connection.pragma_update(None, "cache_size", before)?;
    done
}
