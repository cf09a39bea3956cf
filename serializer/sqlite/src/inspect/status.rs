//! Per-model counts: rows, dirty rows, stored, deleted and conflicting records, and records that only the store has.

use std::collections::HashMap;

use rusqlite::Connection;
use syncline_serializer::model::columns::DIRTY_BIT;
use syncline_serializer::model::{Model, Profile};

use crate::app::last_tracked;
use crate::error::{DatabaseError, Doing};
use crate::store::names::Quoted;
use crate::store::schema::{SyncSchema, check_models};
use crate::store::selection::of_model;

/// The counts of one model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelStatus {
    /// The model's name.
    pub model: &'static str,
    /// The number of rows in the app's table.
    pub rows: u64,
    /// The number of dirty rows in the app's table.
    pub dirty: u64,
    /// The number of rows in the store, including deleted records.
    pub stored: u64,
    /// The number of deleted records in the store.
    pub deleted: u64,
    /// The number of records in the store with conflicting texts.
    pub in_conflict: u64,
    /// The number of live records that only the store had when the tables were last compared with it
    /// ([`Database::create`](crate::Database::create)), without those that were deleted since.
    pub only_in_store: u64,
}

/// The counts of one model's rows in the store.
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
            let only_in_store = last_tracked::only_in_store(connection, P::NAME, model.name)?;
            Ok(ModelStatus { model: model.name, rows, dirty, stored, deleted, in_conflict, only_in_store })
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
