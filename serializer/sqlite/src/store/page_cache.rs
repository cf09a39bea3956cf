//! A temporary size of a connection's page cache.

use rusqlite::Connection;

/// Runs `work` with a page cache of `kib` KiB, then restores the former size.
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
