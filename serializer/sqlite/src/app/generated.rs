//! The generated columns of a table.

use rusqlite::Connection;

use crate::error::{Doing, SqliteError};

/// The names of the generated columns of `table`. They cannot be written, and an `UPDATE` that changes one does not
/// name it.
pub(crate) fn columns(connection: &Connection, table: &str) -> Result<Vec<String>, SqliteError> {
    connection
        .prepare_cached("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden IN (2, 3)")
        .and_then(|mut statement| statement.query_map([table], |row| row.get(0))?.collect())
        .doing("reading the table's columns")
}
