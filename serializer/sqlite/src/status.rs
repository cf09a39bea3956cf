//! How things stand between the app's tables and the store.

use std::collections::HashMap;

use rusqlite::Connection;
use syncline_serializer::model::columns::DIRTY_BIT;
use syncline_serializer::model::{Model, Profile};

use crate::error::{DatabaseError, Doing};
use crate::store::names::Quoted;
use crate::store::schema::{SyncSchema, check_models};
use crate::store::selection::of_model;

/// How things stand with one model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelStatus {
    /// Its name.
    pub model: &'static str,
    /// Rows in the app's table.
    pub rows: u64,
    /// Those of them that are dirty.
    pub dirty: u64,
    /// Rows in the store, deleted ones included.
    pub stored: u64,
    /// Those of them that are deleted.
    pub deleted: u64,
    /// Those of them that keep texts which they conflicted with.
    pub in_conflict: u64,
}

/// What the store has of one model.
#[derive(Debug, Clone, Copy, Default)]
struct StoreRows {
    rows: u64,
    deleted: u64,
    in_conflict: u64,
}

pub(crate) fn status<P: Profile>(connection: &Connection) -> Result<Vec<ModelStatus>, DatabaseError> {
    SyncSchema::read(connection)?;
    check_models::<P>(connection)?;
    let stored = stored(connection, P::NAME).doing("reading the store")?;
    P::MODELS
        .iter()
        .map(|model| {
            let (rows, dirty) = app_rows(connection, model).doing("counting rows")?;
            let StoreRows { rows: stored, deleted, in_conflict } =
                stored.get(model.name).copied().unwrap_or_default();
            Ok(ModelStatus { model: model.name, rows, dirty, stored, deleted, in_conflict })
        })
        .collect()
}

fn stored(connection: &Connection, profile: &str) -> rusqlite::Result<HashMap<String, StoreRows>> {
    connection
        .prepare(
            "SELECT model_name, count(*), count(CASE WHEN deleted THEN 1 END), \
             count(CASE WHEN conflicting_serialized_data <> '' THEN 1 END) \
             FROM morango_store WHERE profile = ?1 GROUP BY model_name",
        )?
        .query_map([profile], |row| {
            let rows = StoreRows { rows: row.get(1)?, deleted: row.get(2)?, in_conflict: row.get(3)? };
            Ok((row.get(0)?, rows))
        })?
        .collect()
}

fn app_rows(connection: &Connection, model: &Model) -> rusqlite::Result<(u64, u64)> {
    let sql = format!(
        "SELECT count(*), count(CASE WHEN {dirty} THEN 1 END) FROM {table} WHERE {of_model}",
        dirty = Quoted(DIRTY_BIT),
        table = Quoted(model.table),
        of_model = of_model(model, ""),
    );
    connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
}
