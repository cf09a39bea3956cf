//! Columns that are declared otherwise than before, in a way that `ALTER TABLE` cannot follow.

use rusqlite::Connection;
use syncline_serializer::model::{Column, Model, ModelVisitor, Profile, Syncable};

use crate::app::columns::{read, select};
use crate::app::declared::declaration::Declaration;
use crate::app::declared::record::Record;
use crate::app::difference::Difference;
use crate::app::differences::{Found, compare_column};
use crate::app::table::{Table, TableColumn};
use crate::error::{Doing, EvolutionError, SchemaError, SqliteError};
use crate::store::names::Quoted;
use crate::store::schema::Columns;
use crate::store::selection::of_model;

/// Checks the columns of `tables` whose declarations changed since they were written down.
///
/// Columns that are declared as before are left alone, even if the table differs: `check` names these. So is an older version,
/// whose declarations were written down before.
///
/// # Errors
///
/// If the table must be made again for the change, or a retired column must be given in every `INSERT`.
pub(crate) fn check_columns(
    connection: &Connection,
    tables: &[Table],
    record: &Record,
) -> Result<(), SchemaError> {
    for table in tables {
        retired_columns_can_be_left_out(connection, table, record)?;
        let changed = table.columns.iter().filter(|column| is_changed(table, column, record));
        let changed: Vec<_> = changed.collect();
        if changed.is_empty() {
            continue;
        }
        let found = Found::of(connection, table.name)?;
        for column in changed {
            if let Some(error) = needs_another_table(table, column, &found) {
                return Err(error.into());
            }
        }
    }
    Ok(())
}

/// Returns `true` if a model declares `column` in a new way.
fn is_changed(table: &Table, column: &TableColumn, record: &Record) -> bool {
    let name = column.declared.name;
    table.models.iter().any(|model| {
        let Some(declared) = model.all_columns().find(|column| column.name == name) else { return false };
        let declared = Declaration::of_column(model, declared);
        !record.has(&declared)
            && record.column(model.name, name).is_some_and(|before| {
                before.kind != declared.kind
                    || before.nullable != declared.nullable
                    || before.refers_to != declared.refers_to
                    || before.on_delete != declared.on_delete
            })
    })
}

/// The difference between `column` and the table that only another table would settle.
pub(crate) fn needs_another_table(
    table: &Table,
    column: &TableColumn,
    found: &Found,
) -> Option<EvolutionError> {
    let name = column.declared.name;
    let present = found.column(name)?;
    let rebuild = |found: String, declared: String| EvolutionError::Rebuild {
        table: table.name.to_owned(),
        column: name.to_owned(),
        found,
        declared,
    };
    let mut differences = Vec::new();
    compare_column(table.name, column, present, found, &mut differences);
    let error = differences.into_iter().find_map(|difference| match difference {
        Difference::Type { found, expected, .. } => {
            Some(rebuild(format!("`{found}`"), format!("`{expected}`")))
        }
        Difference::NotNullable { .. } => Some(rebuild("NOT NULL".to_owned(), "as an Option".to_owned())),
        Difference::Reference { found, expected, .. } => {
            let found = found
                .map_or_else(|| "not a foreign key".to_owned(), |found| format!("a foreign key {found}"));
            Some(rebuild(found, format!("as one {expected}")))
        }
        _ => None,
    });
    let reference = found.reference_of(name).filter(|_| column.references.is_none());
    error.or_else(|| Some(rebuild(format!("a foreign key {}", reference?), "without a reference".to_owned())))
}

/// No model declares a retired column, so no `INSERT` of the program gives a value for it.
fn retired_columns_can_be_left_out(
    connection: &Connection,
    table: &Table,
    record: &Record,
) -> Result<(), SchemaError> {
    let retired: Vec<_> =
        record.retired(&table.models).into_iter().filter(|name| !table.declares(name)).collect();
    if retired.is_empty() {
        return Ok(());
    }
    let Some(present) = Columns::of(connection, table.name)? else { return Ok(()) };
    match retired.into_iter().find(|name| present.must_be_given(name)) {
        Some(column) => {
            let column = column.to_owned();
            Err(EvolutionError::RetiredButRequired { table: table.name, column }.into())
        }
        None => Ok(()),
    }
}

/// Checks that the rows of every model of `P` whose types changed can be read.
///
/// # Errors
///
/// If a row holds a value that its field cannot, such as `NULL` in a field that is no longer an `Option`.
pub(crate) fn check_rows<P: Profile>(
    connection: &Connection,
    tables: &[Table],
    record: &Record,
) -> Result<(), SchemaError> {
    for (index, &model) in P::MODELS.iter().enumerate() {
        let changes = || {
            model.all_columns().filter_map(|column| {
                let declared = Declaration::of_column(model, column);
                let before = record.column(model.name, column.name).filter(|_| !record.has(&declared))?;
                let is_required = before.nullable && !declared.nullable;
                (before.kind != declared.kind || is_required).then_some((column, is_required))
            })
        };
        for (column, _) in changes().filter(|(_, is_required)| *is_required) {
            holds_no_null(connection, tables, model, column)?;
        }
        if changes().next().is_some() {
            P::visit(index, ReadAll { connection }).transpose()?;
        }
    }
    Ok(())
}

/// Fails if rows of `model` hold `NULL` in `column`.
fn holds_no_null(
    connection: &Connection,
    tables: &[Table],
    model: &'static Model,
    column: &'static Column,
) -> Result<(), SchemaError> {
    let (table, name) = (model.table, column.name);
    let sql = format!(
        "SELECT count(*) FROM {} WHERE {} IS NULL AND {}",
        Quoted(table),
        Quoted(name),
        of_model(model, "")
    );
    let rows: u64 = connection.query_row(&sql, [], |row| row.get(0)).doing("reading the rows of a table")?;
    if rows == 0 {
        return Ok(());
    }
    // In a table of several models, `NULL` may be the value of another one, so a rebuild leaves it.
    let is_filled_in = |column: &TableColumn| column.declared.name == name && !column.nullable;
    let columns = tables.iter().filter(|found| found.name.eq_ignore_ascii_case(table));
    let is_filled_in = columns.flat_map(|table| &table.columns).any(is_filled_in);
    let default = column.default.filter(|_| is_filled_in);
    Err(EvolutionError::Null { table, column: name, rows, default }.into())
}

/// Reads all rows of a model.
struct ReadAll<'c> {
    connection: &'c Connection,
}

impl ModelVisitor for ReadAll<'_> {
    type Output = Result<(), SchemaError>;

    fn visit<M: Syncable>(self) -> Self::Output {
        const DOING: &str = "reading the rows of a table";

        let sql = format!("{} WHERE {}", select(M::MODEL), of_model(M::MODEL, ""));
        let failed = |source| SqliteError::new(DOING, source);
        let mut statement = self.connection.prepare(&sql).doing(DOING)?;
        let mut rows = statement.query([]).doing(DOING)?;
        while let Some(row) = rows.next().map_err(failed)? {
            read::<M>(row).map_err(EvolutionError::Row)?;
        }
        Ok(())
    }
}
