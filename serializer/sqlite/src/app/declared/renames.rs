//! Tables and columns whose names changed from one version of the app to the next.

use rusqlite::{Connection, OptionalExtension as _};
use syncline_serializer::model::{Column, Model};

use crate::app::declared::declaration::{Declaration, is_implied};
use crate::app::declared::record::Record;
use crate::app::table::Table;
use crate::app::triggers;
use crate::error::{Doing, EvolutionError, SchemaError, SqliteError};
use crate::store::names::Quoted;
use crate::store::schema::Columns;

const DOING: &str = "renaming";

/// Renames the tables and columns of `tables` whose declarations say `renamed_from`.
///
/// The tracking triggers of such a table are dropped; the caller makes them again.
pub(crate) fn rename(connection: &Connection, tables: &[Table], record: &Record) -> Result<(), SchemaError> {
    for table in tables {
        rename_table(connection, table, record)?;
        if Columns::of(connection, table.name)?.is_some() {
            for model in &table.models {
                rename_columns(connection, table, model, record)?;
            }
        }
    }
    Ok(())
}

fn rename_table(connection: &Connection, table: &Table, record: &Record) -> Result<(), SchemaError> {
    let Some(old) = former_table(connection, table, record)? else { return Ok(()) };
    if Columns::of(connection, table.name)?.is_some() {
        let place = "the database".to_owned();
        return Err(EvolutionError::BothExist { place, old: old.to_owned(), new: table.name }.into());
    }
    triggers::drop_all(connection, old)?;
    drop_indexes(connection, old)?;
    let sql = format!("ALTER TABLE {} RENAME TO {}", Quoted(old), Quoted(table.name));
    Ok(connection.execute_batch(&sql).doing(DOING)?)
}

/// The table of another name that the declaration of `table` renames, if it exists.
pub(crate) fn former_table<'r>(
    connection: &Connection,
    table: &Table,
    record: &'r Record,
) -> Result<Option<&'r str>, SchemaError> {
    let Some(declared) = table.models.iter().find_map(|model| model.renamed_from) else { return Ok(None) };
    // The table may be several versions old, and have had another name then.
    let recorded = table.models.iter().find_map(|model| record.table_of(model.name));
    let recorded = recorded.filter(|name| !name.eq_ignore_ascii_case(table.name));
    // An older version must not take back the name that a newer one gave.
    if recorded.is_some() && table.models.iter().any(|model| record.has_table(model.name, table.name)) {
        return Ok(None);
    }
    for name in recorded.into_iter().chain([declared]) {
        if Columns::of(connection, name)?.is_some() {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Drops the indexes that `create` made for the table `old`. They have its name.
fn drop_indexes(connection: &Connection, old: &str) -> Result<(), SqliteError> {
    let prefix = format!("syncline_{old}.");
    let names: Vec<String> = connection
        .prepare_cached(
            "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 COLLATE NOCASE",
        )
        .and_then(|mut statement| statement.query_map([old], |row| row.get(0))?.collect())
        .doing(DOING)?;
    for name in names.iter().filter(|name| name.starts_with(&prefix)) {
        connection.execute_batch(&format!("DROP INDEX {}", Quoted(name))).doing(DOING)?;
    }
    Ok(())
}

fn rename_columns(
    connection: &Connection,
    table: &Table,
    model: &'static Model,
    record: &Record,
) -> Result<(), SchemaError> {
    for column in model.all_columns().filter(|column| column.renamed_from.is_some()) {
        let present = Columns::of(connection, table.name)?.unwrap_or_default();
        let Some(old) = former_column(table, model, column, &present, record) else { continue };
        if present.has(column.name) {
            let place = format!("table `{}`", table.name);
            return Err(EvolutionError::BothExist { place, old: old.to_owned(), new: column.name }.into());
        }
        triggers::drop_all(connection, table.name)?;
        let sql = format!(
            "ALTER TABLE {} RENAME COLUMN {} TO {}",
            Quoted(table.name),
            Quoted(old),
            Quoted(column.name)
        );
        connection.execute_batch(&sql).doing(DOING)?;
    }
    Ok(())
}

/// The column of another name that the declaration of `column` renames, if it is one of those that are `present`.
fn former_column<'r>(
    table: &Table,
    model: &Model,
    column: &Column,
    present: &Columns,
    record: &'r Record,
) -> Option<&'r str> {
    let declared = column.renamed_from?;
    let recorded = recorded_column(record, model, column);
    // An older version must not take back the name that a newer one gave.
    if recorded.is_some() && record.has(&Declaration::of_column(model, column)) {
        return None;
    }
    let old = recorded.into_iter().chain([declared]).find(|name| present.has(name))?;
    // Another model or field may have a column of the former name by now.
    (!old.eq_ignore_ascii_case(column.name) && !table.declares(old)).then_some(old)
}

/// The column that `create` would rename to the column `name` of `table`.
pub(crate) fn former_name<'r>(
    table: &Table,
    name: &str,
    present: &Columns,
    record: &'r Record,
) -> Option<&'r str> {
    table.models.iter().find_map(|model| {
        let column = model.all_columns().find(|column| column.name == name)?;
        former_column(table, model, column, present, record)
    })
}

/// The column in which another version keeps the field with the key of `column`.
fn recorded_column<'r>(record: &'r Record, model: &Model, column: &Column) -> Option<&'r str> {
    let synced = record.synced(model.name);
    let known = synced.into_iter().find(|known| known.key() == Some(column.key))?;
    (!known.column.eq_ignore_ascii_case(column.name)).then_some(&known.column)
}

/// Checks that the models and fields of `tables` are where the record says, after [`rename`].
///
/// # Errors
///
/// If a model has another table, a field another column or key, or a table another model. An older version of the app, whose
/// names were changed by a newer one, gets an error that says so.
pub(crate) fn check_names(
    connection: &Connection,
    tables: &[Table],
    record: &Record,
) -> Result<(), SchemaError> {
    for table in tables {
        let present = Columns::of(connection, table.name)?;
        for model in &table.models {
            check_table(connection, model, present.is_some(), record)?;
            let Some(present) = &present else { continue };
            check_model(connection, table, model, record)?;
            for column in model.columns.iter().filter(|column| !is_implied(column.name)) {
                check_column(model, column, present, record)?;
            }
        }
    }
    Ok(())
}

fn check_table(
    connection: &Connection,
    model: &'static Model,
    is_present: bool,
    record: &Record,
) -> Result<(), SchemaError> {
    let Some(found) = record.table_of(model.name).filter(|found| !found.eq_ignore_ascii_case(model.table))
    else {
        return Ok(());
    };
    if is_present || Columns::of(connection, found)?.is_none() {
        return Ok(());
    }
    let (model, table, found) = (model.name, model.table, found.to_owned());
    Err(if record.has_table(model, table) || record.was_renamed_from(model, table) {
        EvolutionError::TableWasRenamed { model, table, renamed: found }
    } else {
        EvolutionError::MovedTable { model, table, found }
    }
    .into())
}

/// Checks that the table does not hold the records of a model that has gone, if `model` is new.
fn check_model(
    connection: &Connection,
    table: &Table,
    model: &'static Model,
    record: &Record,
) -> Result<(), SchemaError> {
    if record.table_of(model.name).is_some() || model.discriminator.is_some() {
        return Ok(());
    }
    let is_here = |name: &str| {
        name.eq_ignore_ascii_case(table.name)
            || model.renamed_from.is_some_and(|old| name.eq_ignore_ascii_case(old))
    };
    let gone = record
        .models()
        .into_iter()
        .find(|(known, of)| is_here(of) && !table.models.iter().any(|model| model.name == *known));
    let Some((found, _)) = gone else { return Ok(()) };
    let sql = format!("SELECT 1 FROM {} LIMIT 1", Quoted(table.name));
    let has_rows = connection.query_row(&sql, [], |_| Ok(())).optional().doing("reading a table")?.is_some();
    if has_rows {
        let found = found.to_owned();
        return Err(EvolutionError::OtherModel { table: table.name, model: model.name, found }.into());
    }
    Ok(())
}

fn check_column(
    model: &'static Model,
    column: &'static Column,
    present: &Columns,
    record: &Record,
) -> Result<(), SchemaError> {
    let (table, synced) = (model.table, record.synced(model.name));
    if let Some(known) = synced.iter().find(|known| known.column.eq_ignore_ascii_case(column.name))
        && let Some(key) = known.key().filter(|key| *key != column.key)
        && !model.retired.iter().any(|name| known.is_named(name))
    {
        return Err(EvolutionError::OtherKey {
            table,
            column: column.name,
            key: column.key,
            known: key.to_owned(),
        }
        .into());
    }
    let known = synced.iter().find(|known| known.key() == Some(column.key));
    let Some(known) = known.filter(|known| !known.column.eq_ignore_ascii_case(column.name)) else {
        return Ok(());
    };
    if present.has(column.name) || !present.has(&known.column) {
        return Ok(());
    }
    let renamed = known.column.clone();
    let is_older = known.renamed_from.as_deref() == Some(column.name)
        || record.has(&Declaration::of_column(model, column));
    Err(if is_older {
        EvolutionError::ColumnWasRenamed { table, column: column.name, renamed }
    } else {
        EvolutionError::MovedColumn { table, key: column.key, column: column.name, found: renamed }
    }
    .into())
}
