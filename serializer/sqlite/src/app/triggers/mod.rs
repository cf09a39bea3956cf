//! The triggers that track changes in a table, by any program.
//!
//! They are plain SQL, so every program that writes to the file runs them:
//!
//! * An inserted row becomes dirty, and so does a row with an update of a synced column. Values are not compared: an
//!   update that writes the same value marks the row, as saving does in Morango. An update of local columns does not,
//!   nor does an update of the dirty bit, which serialising makes.
//! * A deleted row is listed in `morango_deletedmodels`. So are a row that a cascade deletes, and the old id of a row
//!   whose id changes. `AFTER DELETE` does not fire for a row that `REPLACE` displaces, unless `recursive_triggers` is
//!   on. So for every unique key a trigger runs before each insert and update, and lists the other row with that key.
//!   If that row stays after all (`OR IGNORE`, for example), the entry is harmless: a record that is listed and exists
//!   is alive (quirk Q1).
//! * A row that is inserted without a source id or partition gets them here. A row without an id gets its hash
//!   (`computed_ids`). A value that could never sync is rejected with a message: by a `CHECK` if the table was
//!   created with it ([`Constraint`](crate::app::constraints::Constraint)), by a trigger in other tables, and by a trigger where a failed `CHECK` would leave a
//!   row incomplete.
//! * The store never changes a record's partition, source id or model (morango.md §6.3). So a row that contradicts the
//!   store about the record of its id is rejected, whoever wrote it: otherwise the record would be in one partition
//!   here and in another for every peer. The check runs after the row is written, so an `OR IGNORE` or an upsert that
//!   leaves the table's row as it was is not a move. No peer knows a record that was never serialised. A program that
//!   replaces it sets its identity anew.
//!
//! A program that writes records received from another machine clears their dirty bits with an update of its own.
//!
//! The app's own triggers must run first. For example, a trigger that maintains a search index must see the insert
//! before the update that completes the row, or it removes an entry that it has not added yet. SQLite does not define
//! an order, but all versions run the most recently created trigger first. So if the triggers of this module are newer,
//! the app's are dropped and created again, with the same SQL. An app trigger with `RAISE(IGNORE)`, `RAISE(FAIL)` or `OR FAIL` after a change is an
//! error: no trigger behind it would run. So is one that fails or ignores the updates that mark and identify rows. The
//! output of `EXPLAIN` shows which triggers do so (`program`, `others`), since the text of a trigger does not show it
//! reliably.
//!
//! Inside a trigger, the conflict clause of the outer statement replaces the inner statement's clause. So the triggers
//! query before they list an id. They use no feature of newer `SQLite` versions: an older version could not open the
//! file at all.

mod others;
mod program;
pub(crate) mod trigger;
pub(crate) mod writer;

use rusqlite::Connection;
use syncline_serializer::model::columns::ID;

use self::others::warn_of_those_run_too_often;
pub(crate) use self::others::{Hindrance, hindrances, own_columns};
use self::writer::Writer;
use crate::app::field_checks::FieldCheck;
use crate::app::table::Table;
use crate::app::triggers::trigger::{PREFIX, Trigger};
use crate::app::unique_keys;
use crate::error::{Doing, SchemaError, SqliteError};
use crate::store::names::Quoted;
use crate::store::schema::Columns;

/// The names of the triggers that check values, without the table's name.
const CHECKS: [&str; 2] = ["checked", "checked_again"];

/// Creates the triggers of `table`, and drops the triggers of an earlier declaration.
pub(crate) fn make(connection: &Connection, profile: &str, table: &Table) -> Result<(), SchemaError> {
    const DOING: &str = "making the triggers that track changes";

    let (wanted, present) = wanted_and_present(connection, profile, table)?;
    for Trigger { name, .. } in present.iter().filter(|trigger| !wanted.contains(trigger)) {
        connection.execute_batch(&format!("DROP TRIGGER {}", Quoted(name))).doing(DOING)?;
    }
    for Trigger { name, sql } in wanted.iter().filter(|trigger| !present.contains(trigger)) {
        // Another table may have a trigger of this name: a renamed table keeps its triggers.
        connection.execute_batch(&format!("DROP TRIGGER IF EXISTS {}; {sql}", Quoted(name))).doing(DOING)?;
    }
    if !others_come_first(connection, table.name)? {
        for Trigger { name, sql } in others(connection, table.name)? {
            connection.execute_batch(&format!("DROP TRIGGER main.{}; {sql}", Quoted(&name))).doing(DOING)?;
        }
    }
    Ok(())
}

/// Drops the triggers of this module on `table`.
pub(crate) fn drop_all(connection: &Connection, table: &str) -> Result<(), SqliteError> {
    for Trigger { name, .. } in present(connection, table)? {
        connection.execute_batch(&format!("DROP TRIGGER {}", Quoted(&name))).doing("dropping triggers")?;
    }
    Ok(())
}

/// Returns `true` if the triggers of `table` are exactly the wanted ones, behind the app's own.
///
/// If a model of the table is unknown to this program, its triggers were made by another version of the app. They are right if
/// they track the columns of both.
pub(crate) fn are_made(connection: &Connection, profile: &str, table: &Table) -> Result<bool, SchemaError> {
    if !table.other_models.is_empty() {
        let row = unique_keys::rowid_name(connection, table.name)?;
        let row = row.map_or_else(|| Quoted(ID).to_string(), str::to_owned);
        let updated = Writer::new(table, profile, row).updated();
        return Ok(
            present(connection, table.name)?.contains(&updated) && others_come_first(connection, table.name)?
        );
    }
    let (wanted, present) = wanted_and_present(connection, profile, table)?;
    Ok(wanted.len() == present.len()
        && wanted.iter().all(|trigger| present.contains(trigger))
        && others_come_first(connection, table.name)?)
}

/// The triggers that `table` needs, and those that exist. If another version of the app declares columns of the table, its triggers
/// that check values are in neither: they check these columns as well.
fn wanted_and_present(
    connection: &Connection,
    profile: &str,
    table: &Table,
) -> Result<(Vec<Trigger>, Vec<Trigger>), SchemaError> {
    let (mut wanted, mut present) = (wanted(connection, profile, table)?, present(connection, table.name)?);
    if !table.other_columns.is_empty() {
        let checks = CHECKS.map(|name| format!("{PREFIX}{}_{name}", table.name));
        wanted.retain(|trigger| {
            !checks.contains(&trigger.name) || !present.iter().any(|other| other.name == trigger.name)
        });
        present.retain(|trigger| !checks.contains(&trigger.name));
    }
    Ok((wanted, present))
}

/// Fails if an app's own trigger would prevent the tracking of changes. Warns of one that runs more
/// often because of them.
pub(crate) fn others_let_them_run(connection: &Connection, table: &Table) -> Result<(), SchemaError> {
    match hindrances(connection, table)?.into_iter().next() {
        Some(hindrance) => Err(hindrance.into_error(table)),
        None => warn_of_those_run_too_often(connection, table),
    }
}

/// Returns `true` if this connection has temporary triggers, on any table.
pub(crate) fn are_temporary(connection: &Connection) -> Result<bool, SqliteError> {
    connection
        .prepare_cached("SELECT 1 FROM temp.sqlite_schema WHERE type = 'trigger'")
        .and_then(|mut statement| statement.exists([]))
        .doing("reading the temporary triggers")
}

/// The existing triggers of this module on `table`.
fn present(connection: &Connection, table: &str) -> Result<Vec<Trigger>, SqliteError> {
    read(connection, table, "name GLOB ?2 || '*'")
}

/// The app's own triggers on `table`, the oldest first.
fn others(connection: &Connection, table: &str) -> Result<Vec<Trigger>, SqliteError> {
    read(connection, table, "name NOT GLOB ?2 || '*'")
}

fn read(connection: &Connection, table: &str, which: &str) -> Result<Vec<Trigger>, SqliteError> {
    connection
        .prepare_cached(&format!(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE \
             AND {which} ORDER BY rowid"
        ))
        .and_then(|mut statement| {
            statement
                .query_map((table, PREFIX), |row| Ok(Trigger { name: row.get(0)?, sql: row.get(1)? }))?
                .collect()
        })
        .doing("reading the triggers")
}

/// Returns `true` if the app's own triggers on `table` are all newer than those of this module. The newest runs first.
fn others_come_first(connection: &Connection, table: &str) -> Result<bool, SqliteError> {
    connection
        .prepare_cached(
            "SELECT ifnull(min(CASE WHEN name NOT GLOB ?2 || '*' THEN rowid END) \
             > max(CASE WHEN name GLOB ?2 || '*' THEN rowid END), 1) \
             FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE",
        )
        .and_then(|mut statement| statement.query_row((table, PREFIX), |row| row.get(0)))
        .doing("reading the triggers")
}

/// The triggers that `table` needs.
fn wanted(connection: &Connection, profile: &str, table: &Table) -> Result<Vec<Trigger>, SchemaError> {
    let row = unique_keys::rowid_name(connection, table.name)?;
    let row = row.map_or_else(|| Quoted(ID).to_string(), str::to_owned);
    let writer = Writer::new(table, profile, row);
    let mut triggers = vec![writer.updated(), writer.deleted(), writer.renamed()];
    let present = Columns::of(connection, table.name)?.unwrap_or_default();
    let field_checks = FieldCheck::of(table, |column| present.is_not_null(column));
    triggers.extend(writer.checked(&table.missing_constraints(connection)?, &field_checks));
    for model in &table.models {
        triggers.push(writer.inserted(model));
        triggers.extend(writer.stays_in_its_partition(model));
        triggers.extend(writer.stays_of_its_model(model));
        triggers.extend(writer.joined(model));
    }
    triggers.extend(writer.no_record_where_one_was());
    triggers.extend(writer.works_out_ids());
    triggers.push(writer.keeps_its_identity());
    triggers.push(writer.is_who_it_was());
    for key in unique_keys::of(connection, table.name)? {
        triggers.extend(writer.displaced(&key));
    }
    Ok(triggers)
}
