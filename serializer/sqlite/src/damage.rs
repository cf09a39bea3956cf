//! Damaged tables: pages of the file that SQLite cannot read.

use rusqlite::{Connection, ErrorCode};

/// The names of the tables of the main database that SQLite cannot read as a whole, or that differ from their indexes.
/// SQLite's `quick_check` reads all of their pages.
///
/// # Errors
///
/// If SQLite fails for another reason than damage.
pub(crate) fn damaged_tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let tables = connection
        .prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name")
        .and_then(|mut statement| {
            statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
        });
    let tables = match tables {
        Err(error) if is_damage(&error) => return Ok(vec!["sqlite_schema".to_owned()]),
        tables => tables?,
    };
    let mut damaged = Vec::new();
    for table in tables {
        if !is_whole(connection, &table)? {
            damaged.push(table);
        }
    }
    Ok(damaged)
}

/// `true` if SQLite can read the whole table.
fn is_whole(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    let mut is_whole = true;
    let checked = connection.pragma(Some("main"), "quick_check", table, |row| {
        is_whole &= row.get_ref(0)?.as_str().is_ok_and(|found| found == "ok");
        Ok(())
    });
    match checked {
        Ok(()) => Ok(is_whole),
        Err(error) if is_damage(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// `true` if `error` says that the file is damaged.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt)
}
