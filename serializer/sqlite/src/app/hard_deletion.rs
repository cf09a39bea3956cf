//! Hard deletion: temporary triggers list all records that a deletion cascades to.

use rusqlite::Connection;
use syncline_serializer::model::Model;
use syncline_serializer::model::columns::ID;

use crate::app::computed_ids::pending_id;
use crate::error::{Doing, RecordError};
use crate::store::names::{Literal, Quoted};

/// The prefix of the temporary triggers' names.
const PREFIX: &str = "syncline_hard_deleted_";

/// Runs `delete`, and lists every row that is deleted meanwhile in the tables of `models`, those of the profile named
/// `profile`, as hard deleted, including cascades.
/// Morango's `delete(hard_delete=True)` does the same (morango.md §3).
///
/// Temporary triggers list the rows, because the foreign keys of the tables decide how far a cascade goes, not the
/// models. Call it within a savepoint: if `delete` fails, the rollback removes the triggers as well.
pub(super) fn list_cascaded<T>(
    connection: &Connection,
    profile: &str,
    models: &[&'static Model],
    delete: impl FnOnce() -> Result<T, RecordError>,
) -> Result<T, RecordError> {
    const DOING: &str = "listing what is hard deleted";

    let tables = tables(connection, models)?;
    for table in &tables {
        let sql = format!(
            "CREATE TEMP TRIGGER {} AFTER DELETE ON main.{} WHEN NOT {} BEGIN \
             INSERT OR REPLACE INTO morango_harddeletedmodels (id, profile) \
             VALUES (lower(replace(old.{}, '-', '')), {}); END",
            Quoted(&format!("{PREFIX}{table}")),
            Quoted(table),
            // The store has ids in lower case without hyphens, whatever the spelling of the table.
            // An app's own trigger may insert rows. A row with a pending id may be deleted and inserted again.
            pending_id::is(&format!("old.{}", Quoted(ID))),
            Quoted(ID),
            Literal(profile)
        );
        connection.execute_batch(&sql).doing(DOING)?;
    }
    let done = delete()?;
    for table in &tables {
        let sql = format!("DROP TRIGGER temp.{}", Quoted(&format!("{PREFIX}{table}")));
        connection.execute_batch(&sql).doing(DOING)?;
    }
    Ok(done)
}

/// The existing tables of `models`, each once.
fn tables(connection: &Connection, models: &[&'static Model]) -> Result<Vec<&'static str>, RecordError> {
    let mut tables: Vec<&str> = models.iter().map(|model| model.table).collect();
    tables.sort_unstable_by_key(|table| table.to_ascii_lowercase());
    tables.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
    let mut is_there = connection
        .prepare_cached("SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE")
        .doing("reading the schema")?;
    let mut there = Vec::with_capacity(tables.len());
    for table in tables {
        if is_there.exists([table]).doing("reading the schema")? {
            there.push(table);
        }
    }
    Ok(there)
}
