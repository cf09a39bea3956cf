//! The pass over the store: live records without a row in the app's tables.

use std::fmt::Write as _;

use rusqlite::Connection;
use syncline_serializer::model::columns::ID;
use syncline_serializer::model::{Model, Profile, Syncable};

use crate::app::comparison::ModelComparison;
use crate::app::last_tracked;
use crate::error::{Doing, SqliteError};
use crate::store::names::{Literal, Quoted};
use crate::store::schema::is_of_django;
use crate::store::selection::of_model;

const DOING: &str = "looking for records that only the store has";

/// The condition for a live record `stored` of the profile `?1` that does not wait for the app and is on no list of
/// deletions.
const IS_SETTLED: &str = "stored.profile = ?1 AND NOT ifnull(stored.deleted, 0) AND NOT ifnull(stored.hard_deleted, 0) \
     AND NOT ifnull(stored.dirty_bit, 0) \
     AND NOT EXISTS (SELECT 1 FROM morango_deletedmodels AS listed WHERE listed.id = stored.id) \
     AND NOT EXISTS (SELECT 1 FROM morango_harddeletedmodels AS listed WHERE listed.id = stored.id)";

/// Adds the records that only the store has to `models`, which are some or all of `P`'s.
pub(super) fn find<P: Profile>(
    connection: &Connection,
    models: &mut [ModelComparison],
) -> Result<(), SqliteError> {
    let mut is_missing = String::new();
    for model in P::MODELS.iter().filter(|model| models.iter().any(|found| found.model == model.name)) {
        let _ =
            write!(is_missing, " WHEN {} THEN {}", Literal(model.name), is_not_in_app(connection, model)?);
    }
    if is_missing.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT stored.model_name, stored.id FROM morango_store AS stored \
         WHERE {IS_SETTLED} AND CASE stored.model_name{is_missing} ELSE 0 END ORDER BY stored.id"
    );
    let mut statement = connection.prepare(&sql).doing(DOING)?;
    let mut rows = statement.query([P::NAME]).doing(DOING)?;
    while let Some(row) = rows.next().doing(DOING)? {
        let model: String = row.get(0).doing(DOING)?;
        let id: String = row.get(1).doing(DOING)?;
        if let Some(found) = models.iter_mut().find(|found| found.model == model) {
            found.only_in_store.add(|| id);
        }
    }
    Ok(())
}

/// The condition that the table of `model` has no row of the record `stored`.
fn is_not_in_app(connection: &Connection, model: &Model) -> Result<String, SqliteError> {
    let (table, id, of_model) = (Quoted(model.table), Quoted(ID), of_model(model, "alive."));
    // A database of this library refuses other spellings of an id.
    let is_respelt = is_of_django(connection)? && {
        let sql = format!("SELECT 1 FROM {table} WHERE length({id}) <> 32 OR {id} GLOB '*[^0-9a-f]*'");
        let mut statement = connection.prepare(&sql).doing(DOING)?;
        statement.exists([]).doing(DOING)?
    };
    let spelt =
        if is_respelt { format!("lower(replace(alive.{id}, '-', ''))") } else { format!("alive.{id}") };
    Ok(format!("NOT EXISTS (SELECT 1 FROM {table} AS alive WHERE {spelt} = stored.id AND {of_model})"))
}

/// Lists the records of `M` that only the store has as deleted. Returns their number.
pub(crate) fn list_as_deleted<M: Syncable>(connection: &Connection) -> Result<u64, SqliteError> {
    const DOING: &str = "listing the records that only the store has as deleted";

    let is_missing = is_not_in_app(connection, M::MODEL)?;
    let sql = format!(
        "INSERT INTO morango_deletedmodels (id, profile) SELECT stored.id, stored.profile FROM morango_store AS stored \
         WHERE stored.model_name = ?2 AND {IS_SETTLED} AND {is_missing}"
    );
    let listed = connection.execute(&sql, (<M::Profile as Profile>::NAME, M::NAME)).doing(DOING)?;
    last_tracked::set_only_in_store(connection, <M::Profile as Profile>::NAME, M::NAME, 0)?;
    Ok(listed as u64)
}

/// Makes the store rows of the records of `M` dirty that only the store has, so that they wait for the app like received ones.
/// Returns their number.
pub(crate) fn mark_for_app<M: Syncable>(connection: &Connection) -> Result<u64, SqliteError> {
    const DOING: &str = "giving the records that only the store has to the app";

    let is_missing = is_not_in_app(connection, M::MODEL)?;
    let sql = format!(
        "UPDATE morango_store AS stored SET dirty_bit = 1, deserialization_error = NULL, deserialization_exception = NULL \
         WHERE stored.model_name = ?2 AND {IS_SETTLED} AND {is_missing}"
    );
    let marked = connection.execute(&sql, (<M::Profile as Profile>::NAME, M::NAME)).doing(DOING)?;
    last_tracked::set_only_in_store(connection, <M::Profile as Profile>::NAME, M::NAME, 0)?;
    Ok(marked as u64)
}

/// The deletion of a record that only the store has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The record becomes a deleted one.
    Delete,
    /// The text of a live or deleted record is wiped.
    HardDelete,
}

/// Lists the record `id` of `M` as deleted, if the store has it and it does not wait for the app. Returns `false` if it
/// has not, if the record is listed already, or if the app's table has it: a trigger of the app may have kept the row.
pub(crate) fn end<M: Syncable>(
    connection: &Connection,
    id: &str,
    ending: Ending,
) -> Result<bool, SqliteError> {
    const DOING: &str = "deleting a record that only the store has";

    let (ended, list) = match ending {
        Ending::Delete => ("deleted", "morango_deletedmodels"),
        Ending::HardDelete => ("hard_deleted", "morango_harddeletedmodels"),
    };
    let sql = format!(
        "INSERT INTO {list} (id, profile) SELECT stored.id, stored.profile FROM morango_store AS stored \
         WHERE stored.id = ?1 AND stored.profile = ?2 AND stored.model_name = ?3 AND NOT ifnull(stored.dirty_bit, 0) \
         AND NOT ifnull(stored.{ended}, 0) \
         AND NOT EXISTS (SELECT 1 FROM {list} AS listed WHERE listed.id = stored.id) AND {}",
        is_not_in_app(connection, M::MODEL)?
    );
    let listed = connection
        .prepare_cached(&sql)
        .and_then(|mut list| list.execute((id, <M::Profile as Profile>::NAME, M::NAME)))
        .doing(DOING)?;
    if listed > 0 {
        last_tracked::is_no_more_only_in_store::<M>(connection)?;
    }
    Ok(listed > 0)
}
