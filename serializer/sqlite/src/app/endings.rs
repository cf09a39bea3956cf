//! The end of columns and models: calls that drop or delete, which `create` never does.

use rusqlite::{Connection, TransactionBehavior};
use syncline_serializer::model::{PartitionedProfile, Profile};

use crate::app::create::{in_own_database, make_tables};
use crate::app::declared::Record;
use crate::app::last_tracked::{self, SchemaState};
use crate::app::triggers;
use crate::error::{Doing, EvolutionError, SchemaError, SqliteError};
use crate::store::names::Quoted;
use crate::store::schema::{Columns, SyncSchema, is_of_django};

/// Drops the columns that the models of `P` declare as retired and that no field has. Then does what `create` does. Returns the
/// columns as `table.column`.
pub(crate) fn drop_retired<P: PartitionedProfile>(
    connection: &mut Connection,
) -> Result<Vec<String>, SchemaError> {
    let (dropped, _) = in_own_database::<P, _>(connection, |connection, tables, record| {
        let mut dropped = Vec::new();
        for table in tables {
            let Some(present) = Columns::of(connection, table.name)? else { continue };
            let mut retired = record.retired(&table.models);
            retired.retain(|name| present.has(name) && !table.declares(name));
            retired.sort_unstable();
            retired.dedup();
            if retired.is_empty() {
                continue;
            }
            // They name the columns. They are made again below.
            triggers::drop_all(connection, table.name)?;
            for name in retired {
                let sql = format!("ALTER TABLE {} DROP COLUMN {}", Quoted(table.name), Quoted(name));
                connection.execute_batch(&sql).doing("dropping a retired column")?;
                dropped.push(format!("{}.{name}", table.name));
            }
        }
        make_tables(connection, tables, record)?;
        Ok(dropped)
    })?;
    Ok(dropped)
}

/// Lists the live records of `model` as deleted, and forgets that it was declared. Returns their number.
pub(crate) fn end_model<P: Profile>(connection: &mut Connection, model: &str) -> Result<u64, SchemaError> {
    const DOING: &str = "ending a model";

    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).doing(DOING)?;
    if is_of_django(&transaction)? {
        return Err(SchemaError::NotOurs);
    }
    SyncSchema::read(&transaction)?;
    if P::MODELS.iter().any(|declared| declared.name == model) {
        return Err(EvolutionError::StillDeclared { model: model.to_owned() }.into());
    }
    let before = SchemaState::of(&transaction)?;
    let record = Record::read(&transaction, P::NAME)?;
    let stored = stored_models(&transaction, P::NAME)?;
    let table = record.table_of(model);
    if table.is_none() && !stored.iter().any(|stored| stored == model) {
        return Err(no_model::<P>(model, &record, &stored).into());
    }
    let listed = transaction
        .execute(
            "INSERT OR IGNORE INTO morango_deletedmodels (id, profile) \
             SELECT id, profile FROM morango_store WHERE profile = ?1 AND model_name = ?2 AND NOT deleted AND NOT hard_deleted",
            (P::NAME, model),
        )
        .doing(DOING)?;
    if let Some(table) = table {
        let is_shared = P::MODELS.iter().any(|declared| declared.table.eq_ignore_ascii_case(table))
            || record.models().iter().any(|(other, of)| *other != model && of.eq_ignore_ascii_case(table));
        if !is_shared {
            triggers::drop_all(&transaction, table)?;
        }
    }
    Record::forget(&transaction, P::NAME, model)?;
    // The triggers of the declared models are as they were.
    last_tracked::renew(&transaction, &before)?;
    transaction.commit().doing(DOING)?;
    Ok(listed as u64)
}

fn stored_models(connection: &Connection, profile: &str) -> Result<Vec<String>, SqliteError> {
    connection
        .prepare("SELECT DISTINCT model_name FROM morango_store WHERE profile = ?1 ORDER BY model_name")
        .and_then(|mut statement| statement.query_map([profile], |row| row.get(0))?.collect())
        .doing("reading the models of the store")
}

fn no_model<P: Profile>(model: &str, record: &Record, stored: &[String]) -> EvolutionError {
    let recorded = record.models().into_iter().map(|(name, _)| name.to_owned());
    let mut known: Vec<_> = recorded.chain(stored.iter().cloned()).collect();
    known.retain(|name| !P::MODELS.iter().any(|declared| declared.name == name));
    known.sort_unstable();
    known.dedup();
    let known = if known.is_empty() {
        "every model that it knows is declared".to_owned()
    } else {
        format!("the models that are not declared are {}", known.join(", "))
    };
    EvolutionError::NoModel { model: model.to_owned(), known }
}
