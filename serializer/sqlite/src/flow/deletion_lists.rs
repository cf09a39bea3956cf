//! The lists of deletions: removing the ids that are done, and ranges of ids.
//!
//! An id is done if nothing is lost without it: the store has no row of the record, the row is marked as the list
//! requires, or the app has the record again (quirk Q1). A hard deleted record that the app has again starts from
//! nothing: its id stays on the list of hard deletions until the record is serialised, which erases the former content
//! and removes the id. An id on both lists stays on the list of deletions until its row
//! is hard deleted as well, so that both get one counter. The transaction knows it of all ids if the built-in flow has
//! processed them. After any other flow each id is held against the store and the app's tables.

use std::fmt::Write as _;

use rusqlite::Connection;
use syncline_serializer::instance::Stamp;
use syncline_serializer::model::Profile;
use syncline_serializer::model::columns::DIRTY_BIT;
use syncline_serializer::serialize::DeletionList;
use syncline_serializer::serialize::backend::IdRange;

use crate::app::Newer;
use crate::app::check_sql::is_id;
use crate::store::names::{Literal, Quoted};
use crate::store::selection::of_model;

/// Removes the ids of `range` from `list` that belong to the profile `P` and are done. If `all_done`, every one is.
pub(super) fn remove_done<P: Profile>(
    connection: &Connection,
    newer: &Newer,
    list: DeletionList,
    range: &IdRange,
    all_done: bool,
    stamp: &Stamp,
) -> rusqlite::Result<()> {
    let table = list.table();
    if all_done {
        return remove(connection, table, range, P::NAME, "profile = ?1");
    }
    // An id in another spelling matches no store row, and stays on the list, as with Morango.
    let done = format!(
        "profile = ?1 AND {is_id} \
         AND NOT EXISTS (SELECT 1 FROM morango_store AS stored WHERE stored.id = {table}.id \
         AND (NOT ifnull(stored.{mark}, 0) OR {waits}) AND NOT {alive} AND NOT {saved})",
        is_id = is_id("id"),
        mark = list.mark(),
        waits = match list {
            DeletionList::Deleted => format!(
                "NOT ifnull(stored.hard_deleted, 0) AND EXISTS (SELECT 1 FROM morango_harddeletedmodels AS hard \
                 WHERE hard.id = {table}.id AND hard.profile = ?1)"
            ),
            DeletionList::HardDeleted => "0".to_owned(),
        },
        alive = is_alive::<P>(newer, &format!("{table}.id"), list),
        // A row that the transaction has written, and not marked: the app has it, perhaps in another spelling of the id.
        saved = format_args!(
            "(stored.last_saved_counter IS {} AND stored.last_saved_instance IS {} \
             AND stored.deleted IS 0 AND stored.hard_deleted IS 0)",
            stamp.counter,
            Literal(&stamp.instance)
        ),
    );
    remove(connection, table, range, P::NAME, &done)
}

/// Removes the ids of `range` that meet the condition `done`, whose parameter is the profile.
fn remove(
    connection: &Connection,
    table: &str,
    range: &IdRange,
    profile: &str,
    done: &str,
) -> rusqlite::Result<()> {
    if !range.is_all() {
        let sql = format!(
            "DELETE FROM {table} WHERE (?2 IS NULL OR id > ?2) AND (?3 IS NULL OR id <= ?3) AND {done}"
        );
        connection.execute(&sql, (profile, &range.after, &range.up_to))?;
    } else if connection.prepare(&format!("SELECT 1 FROM {table} WHERE NOT ({done})"))?.exists([profile])? {
        connection.execute(&format!("DELETE FROM {table} WHERE {done}"), [profile])?;
    } else {
        // Without a condition SQLite frees whole pages and does not read their rows.
        connection.execute(&format!("DELETE FROM {table}"), [])?;
    }
    Ok(())
}

/// The condition that the app has the record `id`, of the model that the row `stored` names, and that its id on `list`
/// need not wait until the record is serialised.
fn is_alive<P: Profile>(newer: &Newer, id: &str, list: DeletionList) -> String {
    let waits = |has_dirty_bit: bool| match list {
        DeletionList::Deleted => String::new(),
        DeletionList::HardDeleted if has_dirty_bit => {
            format!(" AND NOT ifnull(alive.{}, 0)", Quoted(DIRTY_BIT))
        }
        DeletionList::HardDeleted => " AND 0".to_owned(),
    };
    let mut cases = String::new();
    let known = P::MODELS.iter().map(|model| (model.name, model.table, of_model(model, ""), true));
    let unknown = newer
        .models
        .iter()
        .map(|model| (&*model.name, &*model.table, model.of_model.clone(), model.has_dirty_bit));
    for (name, table, of_model, has_dirty_bit) in known.chain(unknown) {
        let (name, table, waits) = (Literal(name), Quoted(table), waits(has_dirty_bit));
        let _ = write!(
            cases,
            " WHEN {name} THEN EXISTS (SELECT 1 FROM {table} AS alive WHERE alive.id = {id} AND {of_model}{waits})"
        );
    }
    if cases.is_empty() { "0".to_owned() } else { format!("CASE stored.model_name{cases} ELSE 0 END") }
}

/// Returns `true` if the list of hard deletions has ids of `profile`.
pub(super) fn has_hard_deletions(connection: &Connection, profile: &str) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM morango_harddeletedmodels WHERE profile = ?1")?.exists([profile])
}

/// Computes the range of the next `count` ids of either list behind `before`, or of all remaining ids. If `before` is
/// `None`, it starts with the first id.
pub(super) fn next_range(
    connection: &Connection,
    profile: &str,
    before: Option<IdRange>,
    count: usize,
) -> rusqlite::Result<IdRange> {
    let after = before.and_then(|before| before.up_to);
    let mut up_to: Option<String> = None;
    for list in [DeletionList::Deleted, DeletionList::HardDeleted] {
        let sql = format!(
            "SELECT id FROM {} WHERE id > ?1 AND profile = ?2 AND typeof(id) = 'text' \
             ORDER BY id LIMIT 2 OFFSET ?3",
            list.table()
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let others = i64::try_from(count - 1).unwrap_or(i64::MAX);
        let mut rows = statement.query((after.as_deref().unwrap_or_default(), profile, others))?;
        let Some(last) = rows.next()?.map(|row| row.get::<_, String>(0)).transpose()? else { continue };
        // If it is the last id of the list, no further range is needed.
        if rows.next()?.is_some() {
            up_to = Some(up_to.map_or(last.clone(), |other| other.min(last)));
        }
    }
    Ok(IdRange { after, up_to })
}
