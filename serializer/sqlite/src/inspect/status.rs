//! Per-model counts: rows, dirty rows, stored, deleted and conflicting records, and records that only the store has.

use std::collections::HashMap;

use rusqlite::Connection;
use syncline_serializer::model::Profile;
use syncline_serializer::model::columns::DIRTY_BIT;

use crate::app::{Newer, last_tracked};
use crate::error::{DatabaseError, Doing, SqliteError};
use crate::store::names::Quoted;
use crate::store::schema::{SyncSchema, check_models};
use crate::store::selection::of_model;

/// The counts of one model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelStatus {
    /// The model's name.
    pub model: String,
    /// `true` for a model of the profile. `false` for a model that another version of the app declares, or that only the store
    /// knows.
    pub is_declared: bool,
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
    /// The number of rows in the store that wait for the app: received records, and answers to conflicts.
    pub waiting: u64,
    /// The number of those that could not be written to the app's table. [`Database::failures`](crate::Database::failures) has
    /// their errors.
    pub failed: u64,
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
    waiting: u64,
    failed: u64,
}

pub(crate) fn status<P: Profile>(connection: &Connection) -> Result<Vec<ModelStatus>, DatabaseError> {
    SyncSchema::read(connection)?;
    check_models::<P>(connection)?;
    let mut stored = stored(connection, P::NAME).doing("reading the store")?;
    let mut status = Vec::with_capacity(P::MODELS.len());
    let mut add = |model: &str, is_declared, (rows, dirty)| {
        let StoreRows { rows: stored, deleted, in_conflict, waiting, failed } =
            stored.remove(model).unwrap_or_default();
        let only_in_store = last_tracked::only_in_store(connection, P::NAME, model)?;
        let model = model.to_owned();
        status.push(ModelStatus {
            model,
            is_declared,
            rows,
            dirty,
            stored,
            deleted,
            in_conflict,
            waiting,
            failed,
            only_in_store,
        });
        Ok::<_, SqliteError>(())
    };
    for model in P::MODELS {
        let rows = app_rows(connection, model.table, &of_model(model, "")).doing("counting rows")?;
        add(model.name, true, rows)?;
    }
    for model in Newer::read::<P>(connection)?.models.iter().filter(|model| model.has_dirty_bit) {
        let rows = app_rows(connection, &model.table, &model.of_model).doing("counting rows")?;
        add(&model.name, false, rows)?;
    }
    let mut only_stored: Vec<_> = stored.into_iter().collect();
    only_stored.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    for (model, StoreRows { rows: stored, deleted, in_conflict, waiting, failed }) in only_stored {
        // Records of a model that has ended are all deleted, and need no attention.
        if stored > deleted {
            status.push(ModelStatus {
                model,
                is_declared: false,
                rows: 0,
                dirty: 0,
                stored,
                deleted,
                in_conflict,
                waiting,
                failed,
                only_in_store: 0,
            });
        }
    }
    Ok(status)
}

fn stored(connection: &Connection, profile: &str) -> rusqlite::Result<HashMap<String, StoreRows>> {
    connection
        .prepare(
            "SELECT model_name, count(*), count(CASE WHEN deleted THEN 1 END), \
             count(CASE WHEN conflicting_serialized_data <> '' THEN 1 END), count(CASE WHEN dirty_bit THEN 1 END), \
             count(CASE WHEN dirty_bit AND deserialization_error <> '' THEN 1 END) \
             FROM morango_store WHERE profile = ?1 GROUP BY model_name",
        )?
        .query_map([profile], |row| {
            let rows = StoreRows {
                rows: row.get(1)?,
                deleted: row.get(2)?,
                in_conflict: row.get(3)?,
                waiting: row.get(4)?,
                failed: row.get(5)?,
            };
            Ok((row.get(0)?, rows))
        })?
        .collect()
}

fn app_rows(connection: &Connection, table: &str, of_model: &str) -> rusqlite::Result<(u64, u64)> {
    let sql = format!(
        "SELECT count(*), count(CASE WHEN {dirty} THEN 1 END) FROM {table} WHERE {of_model}",
        dirty = Quoted(DIRTY_BIT),
        table = Quoted(table),
    );
    connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
}
