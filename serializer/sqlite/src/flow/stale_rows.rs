//! The store rows of deleted records: looking them up, and marking them.

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use syncline_core::Failure;
use syncline_serializer::instance::Stamp;
use syncline_serializer::model::Profile;
use syncline_serializer::model::columns::DIRTY_BIT;
use syncline_serializer::serialize::backend::Leg;
use syncline_serializer::serialize::{DeletionList, ListedId, Stale, TransactionState};

use crate::app::Newer;
use crate::store::counters::RecordCounters;
use crate::store::names::Quoted;
use crate::store::prepared::Prepared;
use crate::store::selection::of_model;

/// The query for the dirty bit of a record of a model by its id, in the app's table.
#[derive(Debug)]
pub(super) struct AliveQuery {
    model: String,
    sql: String,
}

/// The queries for the records of `P`'s models, and of the models that only another version of the app declares.
pub(super) fn alive_queries<P: Profile>(newer: &Newer) -> Vec<AliveQuery> {
    let dirty_bit = Quoted(DIRTY_BIT).to_string();
    let query = |model: &str, table, of_model: &str, dirty: &str| AliveQuery {
        model: model.to_owned(),
        sql: format!("SELECT {dirty} FROM {} WHERE id = ?1 AND {of_model}", Quoted(table)),
    };
    let known =
        P::MODELS.iter().map(|model| query(model.name, model.table, &of_model(model, ""), &dirty_bit));
    // A row without a dirty bit was never serialised.
    let unknown = newer.models.iter().map(|model| {
        let dirty = if model.has_dirty_bit { &*dirty_bit } else { "1" };
        query(&model.name, &model.table, &model.of_model, dirty)
    });
    known.chain(unknown).collect()
}

/// Looks up the store rows of the records `ids` that the app does not have.
pub(super) fn find(
    leg: Leg,
    connection: &Connection,
    alive_queries: &[AliveQuery],
    state: &TransactionState<'_>,
    ids: &[ListedId],
) -> Result<Vec<Stale>, Failure> {
    let stored = "SELECT rowid, model_name, dirty_bit IS NOT 0, \
                  CASE WHEN last_saved_counter = ?2 AND last_saved_instance = ?3 \
                  THEN deleted IS NOT 0 OR hard_deleted IS NOT 0 END \
                  FROM morango_store WHERE id = ?1";
    let mut stored = connection.prepare_cached(stored)?;
    let stamp = state.stamp();
    stored.raw_bind_parameter(2, stamp.counter)?;
    stored.raw_bind_parameter(3, &stamp.instance)?;
    // For each model a query for the app's record, prepared at its first use.
    let mut alive: Vec<Option<Prepared<'_>>> = alive_queries.iter().map(|_| None).collect();
    let mut find = |listed: &ListedId| -> Result<Option<Stale>, Failure> {
        let id = listed.id();
        stored.raw_bind_parameter(1, id.as_str())?;
        let mut rows = stored.raw_query();
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        // `None` if this transaction has not saved the row.
        let is_marked: Option<bool> = row.get(3)?;
        if is_marked == Some(false) {
            // The record was written in this transaction, so the app has it, perhaps in another spelling of the id.
            return Ok(None);
        }
        // A value other than text names no model.
        let model = row.get_ref(1)?.as_str().unwrap_or_default();
        if let Some(index) = alive_queries.iter().position(|known| known.model == model) {
            let alive = alive[index]
                .get_or_insert_with(|| Prepared::new(connection, alive_queries[index].sql.as_str()));
            let mut alive = alive.get()?.query([id.as_str()])?;
            if let Some(record) = alive.next()? {
                let waits = state.is_hard(listed) && !matches!(record.get_ref(0)?, ValueRef::Integer(0));
                let rowid = row.get(0)?;
                return Ok(waits.then(|| Stale::waiting(leg, rowid, listed, state.id())));
            }
        }
        Ok(Some(Stale::new(leg, row.get(0)?, listed, row.get(2)?, is_marked.is_some(), state.id())))
    };
    let mut found = Vec::with_capacity(ids.len());
    for listed in ids {
        found.extend(find(listed).map_err(|failure| failure.at(listed.id()))?);
    }
    Ok(found)
}

/// Marks rows as deleted, with the counter of `stamp`, or as hard deleted. A record that is hard deleted is on the list of
/// deletions as well, so its row has that counter already if both lists are processed. Otherwise it gets the counter here.
/// As with Morango, an id on the list of hard deletions alone changes no counter.
pub(super) fn mark(
    connection: &Connection,
    profile: &str,
    stamp: &Stamp,
    list: DeletionList,
    rows: &[Stale],
) -> Result<(), Failure> {
    // An indexed column that does not change is left out of the statement: only received rows have a dirty bit to
    // clear.
    let (mark, mark_received) = match list {
        DeletionList::Deleted => (
            "UPDATE morango_store SET deleted = 1, last_saved_instance = ?2, last_saved_counter = ?3 WHERE rowid = ?1",
            "UPDATE morango_store SET deleted = 1, last_saved_instance = ?2, last_saved_counter = ?3, dirty_bit = 0 \
             WHERE rowid = ?1",
        ),
        DeletionList::HardDeleted => {
            let wipe = "UPDATE morango_store SET hard_deleted = 1, serialized = ?2, conflicting_serialized_data = ?3 \
                        WHERE rowid = ?1";
            (wipe, wipe)
        }
    };
    let save = "UPDATE morango_store SET last_saved_instance = ?2, last_saved_counter = ?3 WHERE rowid = ?1";
    let mut save = Prepared::new(connection, save);
    let is_listed = "SELECT 1 FROM morango_deletedmodels WHERE id = ?1 AND profile = ?2";
    let mut is_listed = Prepared::new(connection, is_listed);
    let mut to_count = Vec::with_capacity(rows.len());
    let (mut mark, mut mark_received) =
        (Prepared::new(connection, mark), Prepared::new(connection, mark_received));
    for row in rows {
        let mark = if row.is_dirty() { &mut mark_received } else { &mut mark };
        let mark = mark.get_bound(|mark| match list {
            DeletionList::Deleted => {
                mark.raw_bind_parameter(2, &stamp.instance)?;
                mark.raw_bind_parameter(3, stamp.counter)
            }
            DeletionList::HardDeleted => {
                mark.raw_bind_parameter(2, "{}")?;
                mark.raw_bind_parameter(3, "")
            }
        })?;
        mark.raw_bind_parameter(1, row.rowid())?;
        let mut changed = mark.raw_execute().map_err(|error| Failure::new(error).at(row.id()))?;
        let is_without_counter = list == DeletionList::HardDeleted
            && !row.is_stamped()
            && is_listed.get()?.exists((row.id().as_str(), profile))?;
        if changed == 1 && is_without_counter {
            let saved = save.get()?.execute((row.rowid(), &stamp.instance, stamp.counter));
            changed = saved.map_err(|error| Failure::new(error).at(row.id()))?;
        }
        if list == DeletionList::Deleted || is_without_counter {
            to_count.push(row.id());
        }
        if changed != 1 {
            return Err(Failure::new(NOT_MARKED).at(row.id()));
        }
    }
    if !to_count.is_empty() {
        RecordCounters::new(connection, stamp).overwrite(&to_count)?;
    }
    Ok(())
}

/// The error of a statement that changed no row.
const NOT_MARKED: &str = "the store row was not marked: a trigger of `morango_store` ignored the statement, or the row was \
                          deleted; remove the trigger, and serialise again";
