//! Sees what a deletion takes along, so that all of it can be forgotten.

use rusqlite::Connection;
use syncline_serializer::model::Profile;
use syncline_serializer::model::columns::ID;

use crate::app::interim;
use crate::error::{DatabaseError, Doing};
use crate::store::names::{Literal, Quoted};

/// How the names of the triggers begin, which only this connection has.
const PREFIX: &str = "syncline_hard_deleted_";

/// Does `delete`, and lists whatever is deleted meanwhile in `P`'s tables as hard deleted, cascades included: so does
/// Morango's `delete(hard_delete=True)` (morango.md §3).
///
/// Triggers see it, as long as `delete` runs: which rows a cascade reaches is decided by the tables, not by the models. To be
/// called in a savepoint, which undoes the triggers too where `delete` fails.
pub(super) fn listing_all<P: Profile, T>(
    connection: &Connection,
    delete: impl FnOnce() -> Result<T, DatabaseError>,
) -> Result<T, DatabaseError> {
    const DOING: &str = "listing what is hard deleted";

    let tables = tables::<P>(connection)?;
    for table in &tables {
        let sql = format!(
            "CREATE TEMP TRIGGER {} AFTER DELETE ON main.{} WHEN NOT {} BEGIN \
             INSERT OR REPLACE INTO morango_harddeletedmodels (id, profile) VALUES (old.{}, {}); END",
            Quoted(&format!("{PREFIX}{table}")),
            Quoted(table),
            // A trigger of the app's own may insert, and a row without an id is removed where there is one like it.
            interim::is(&format!("old.{}", Quoted(ID))),
            Quoted(ID),
            Literal(P::NAME)
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

/// The tables of `P`'s models that are there, each once.
fn tables<P: Profile>(connection: &Connection) -> Result<Vec<&'static str>, DatabaseError> {
    let mut tables: Vec<&str> = P::MODELS.iter().map(|model| model.table).collect();
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
