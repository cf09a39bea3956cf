//! The profile for which a table is tracked.
//!
//! A model may belong to several profiles, of which a database syncs it in one: a row has one dirty bit, and the store has
//! one row of a record. The trigger that lists deleted rows names the profile.

use rusqlite::{Connection, OptionalExtension as _};
use syncline_serializer::model::Syncable;
use syncline_serializer::model::columns::ID;

use crate::app::triggers::trigger::PREFIX;
use crate::error::{Doing, SqliteError};
use crate::store::names::Quoted;

/// The name of the trigger that lists the deleted rows of a table, without the table's name.
pub(crate) const LISTS_DELETED: &str = "deleted";

/// The profile for which `table` is tracked. `None` if it is not tracked.
pub(crate) fn of_table(connection: &Connection, table: &str) -> Result<Option<String>, SqliteError> {
    let sql: Option<String> = connection
        .prepare_cached(
            "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE \
             AND name = ?2 COLLATE NOCASE",
        )
        .and_then(|mut statement| {
            statement
                .query_row((table, format!("{PREFIX}{table}_{LISTS_DELETED}")), |row| row.get(0))
                .optional()
        })
        .doing("reading the triggers")?;
    // The trigger ends with `VALUES (old."id", 'profile'); END`.
    let name = sql.as_deref().and_then(|sql| {
        let begin = format!("VALUES (old.{}, '", Quoted(ID));
        let (_, name) = sql.strip_suffix("'); END")?.rsplit_once(&begin)?;
        Some(name.replace("''", "'"))
    });
    Ok(name)
}

/// The name of the profile in which the database syncs the model `M`: the first one if its table is not tracked.
pub(crate) fn of_model<M: Syncable>(connection: &Connection) -> Result<&'static str, SqliteError> {
    let first = M::PROFILES[0];
    if M::PROFILES.len() == 1 {
        return Ok(first);
    }
    let tracked = of_table(connection, M::MODEL.table)?;
    Ok(M::PROFILES.iter().find(|name| tracked.as_deref() == Some(**name)).copied().unwrap_or(first))
}
