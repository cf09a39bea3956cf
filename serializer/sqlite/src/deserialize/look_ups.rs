//! The look-ups of the leg: targets of references, parents, the app's rows, and those of the app's rules.

use std::collections::HashMap;
use std::fmt::Write as _;

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params_from_iter};
use syncline_core::Failure;
use syncline_serializer::deserialize::{AppState, ParentState, Target, TargetState, Wanted};
use syncline_serializer::model::columns::{DIRTY_BIT, ID};
use syncline_serializer::model::{Model, Profile, StoreState};
use syncline_serializer::record_id::RecordId;
use syncline_serializer::value::StoredValue;

use super::leg::Leg;
use crate::sqlite_row::{column_value, text_bytes};
use crate::store::names::Quoted;

/// The largest number of rows that a look-up of a rule returns.
const MOST: usize = 100;

/// The table that a column refers to.
fn target_table<P: Profile>(model: &Model, column: usize) -> Option<&'static str> {
    let first = model.columns.get(column)?.references.first()?;
    P::MODELS.iter().find(|target| target.name == *first).map(|target| target.table)
}

pub(super) fn targets<P: Profile>(leg: &Leg<'_, P>, wanted: &[Wanted<'_>]) -> Result<Vec<Target>, Failure> {
    let mut in_app = leg.in_app.borrow_mut();
    in_app.clear();
    // The records of a chunk refer to few others.
    let mut known: HashMap<(Option<&str>, &str), Target> = HashMap::new();
    let mut targets = Vec::with_capacity(wanted.len());
    for Wanted { model, column, id } in wanted {
        let table = target_table::<P>(model, *column);
        let target = if let Some(target) = known.get(&(table, *id)) {
            *target
        } else {
            let is_in_app = match table {
                Some(table) => is_in_table(leg.connection, table, id)?,
                None => false,
            };
            let target = Target { state: target_state(leg.connection, id)?, is_in_app };
            known.insert((table, id), target);
            target
        };
        if target.is_in_app
            && let Some(table) = table
        {
            in_app.insert((table, (*id).to_owned()));
        }
        targets.push(target);
    }
    Ok(targets)
}

fn target_state(connection: &Connection, id: &str) -> Result<TargetState, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT deleted, hard_deleted, EXISTS (SELECT 1 FROM temp.syncline_failed AS failed \
         WHERE failed.id = ?1 AND failed.invalid), (SELECT hard FROM temp.syncline_passed AS passed WHERE passed.id = ?1) \
         FROM main.morango_store WHERE id = ?1",
    )?;
    let state = select.query_row([id], |row| {
        let (deleted, hard, failed) =
            (row.get::<_, bool>(0)?, row.get::<_, bool>(1)?, row.get::<_, bool>(2)?);
        Ok(match (deleted || hard, hard, row.get::<_, Option<bool>>(3)?) {
            (true, true, _) | (_, _, Some(true)) => TargetState::HardDeleted,
            (true, false, _) | (_, _, Some(false)) => TargetState::Deleted,
            _ if failed => TargetState::Failed,
            _ => TargetState::Alive,
        })
    });
    Ok(state.optional()?.unwrap_or(TargetState::Missing))
}

fn is_in_table(connection: &Connection, table: &str, id: &str) -> rusqlite::Result<bool> {
    let sql = format!("SELECT 1 FROM main.{} WHERE {} = ?1", Quoted(table), Quoted(ID));
    connection.prepare_cached(&sql)?.exists([id])
}

pub(super) fn missing_in_app<P: Profile>(
    leg: &Leg<'_, P>,
    model: &'static Model,
    references: &[(usize, String)],
) -> Result<Option<usize>, Failure> {
    for (index, (column, id)) in references.iter().enumerate() {
        let Some(table) = target_table::<P>(model, *column) else { continue };
        let is_known = leg.in_app.borrow().contains(&(table, id.clone()));
        if !is_known && !is_in_table(leg.connection, table, id)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// The names of the models among whose records a record of the tree `model` looks for its parent. Morango tries a record in the pass
/// of its own model and in that of each model whose parents are of its model; the candidates of a pass are its model and the
/// models of its parents.
fn candidates<P: Profile>(model: &'static Model) -> Vec<&'static str> {
    let of_pass = |model: &&'static Model| {
        let parents = model.self_reference.map_or(&[][..], |column| model.columns[column].references);
        let mut names = parents.to_vec();
        names.push(model.name);
        names
    };
    let trees = P::MODELS.iter().filter(|model| model.self_reference.is_some());
    trees.map(of_pass).filter(|names| names.contains(&model.name)).flatten().collect()
}

pub(super) fn parents<P: Profile>(
    leg: &Leg<'_, P>,
    model: &'static Model,
    ids: &[&str],
) -> Result<Vec<ParentState>, Failure> {
    let candidates = candidates::<P>(model);
    let mut select = leg.connection.prepare_cached(
        "SELECT dirty_bit, profile, model_name, partition, coalesce(deserialization_error, '') <> '', \
         EXISTS (SELECT 1 FROM temp.syncline_passed AS passed WHERE passed.id = ?1) \
         FROM main.morango_store WHERE id = ?1",
    )?;
    ids.iter()
        .map(|id| {
            if id.is_empty() {
                return Ok(ParentState::Clean);
            }
            let mut rows = select.query([id])?;
            let Some(row) = rows.next()? else { return Ok(ParentState::Missing) };
            let (profile, name) = (row.get_ref(1)?, row.get_ref(2)?);
            let name = text_bytes(name).unwrap_or_default();
            let is_of_tree = candidates.iter().any(|other| name == other.as_bytes());
            let is_left_out = leg.options.skip_erroring && leg.pass.get() == 0 && row.get::<_, bool>(4)?;
            if text_bytes(profile) != Some(P::NAME.as_bytes())
                || !is_of_tree
                || is_left_out
                || !leg.selects(text_bytes(row.get_ref(3)?))
            {
                return Ok(ParentState::Missing);
            }
            let (is_dirty, is_passed): (bool, bool) = (row.get(0)?, row.get(5)?);
            Ok(if is_dirty && !is_passed { ParentState::Dirty } else { ParentState::Clean })
        })
        .collect()
}

pub(super) fn app_states<P: Profile>(
    leg: &Leg<'_, P>,
    model: &'static Model,
    ids: &[&RecordId],
) -> Result<Vec<AppState>, Failure> {
    let sql =
        format!("SELECT {} FROM main.{} WHERE {} = ?1", Quoted(DIRTY_BIT), Quoted(model.table), Quoted(ID));
    let mut select = leg.connection.prepare_cached(&sql)?;
    let mut listed = leg
        .connection
        .prepare_cached("SELECT 1 FROM main.morango_deletedmodels WHERE id = ?1 AND profile = ?2")?;
    ids.iter()
        .map(|id| {
            Ok(match select.query_row([id.as_str()], |row| row.get::<_, bool>(0)).optional()? {
                Some(true) if !leg.options.overwrites_unsaved => AppState::Dirty,
                Some(_) => AppState::Clean,
                None if leg.has_listed
                    && !leg.options.overwrites_unsaved
                    && listed.exists((id.as_str(), P::NAME))? =>
                {
                    AppState::DeletedHere
                }
                None => AppState::Missing,
            })
        })
        .collect()
}

pub(super) fn store_state(connection: &Connection, id: &str) -> Result<StoreState, Failure> {
    let mut select =
        connection.prepare_cached("SELECT deleted, hard_deleted FROM main.morango_store WHERE id = ?1")?;
    let state = select.query_row([id], |row| {
        Ok(match (row.get::<_, bool>(0)?, row.get::<_, bool>(1)?) {
            (_, true) => StoreState::HardDeleted,
            (true, false) => StoreState::Deleted,
            (false, false) => StoreState::Alive,
        })
    });
    Ok(state.optional()?.unwrap_or(StoreState::Missing))
}

/// The look-up of a rule. A table or a column that does not exist has no rows.
pub(super) fn query(
    connection: &Connection,
    table: &str,
    conditions: &[(&str, StoredValue<'_>)],
    column: &str,
) -> Result<Vec<StoredValue<'static>>, Failure> {
    // Not in double quotes, in which SQLite would take an unknown name for a text.
    let name = |name: &str| format!("`{}`", name.replace('`', "``"));
    let mut sql = format!("SELECT {} FROM main.{}", name(column), name(table));
    for (index, (column, _)) in conditions.iter().enumerate() {
        let word = if index == 0 { "WHERE" } else { "AND" };
        let _ = write!(sql, " {word} {} IS ?{}", name(column), index + 1);
    }
    let _ = write!(sql, " LIMIT {MOST}");
    let mut select = match connection.prepare_cached(&sql) {
        Ok(select) => select,
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut rows = select.query(params_from_iter(conditions.iter().map(|(_, value)| value)))?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(super::values::stored(column_value(row.get_ref(0)?)));
    }
    Ok(values)
}
