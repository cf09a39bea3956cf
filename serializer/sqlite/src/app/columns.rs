//! SQL that reads one record, and the binding of a record's columns.

use rusqlite::{Connection, Row, Statement};
use syncline_serializer::invalid_record::InvalidRecord;
use syncline_serializer::model::columns::ID;
use syncline_serializer::model::{InvalidColumn, Model, Syncable};

use crate::error::{Doing, RecordError};
use crate::sqlite_row::SqliteRow;
use crate::store::names::Quoted;
use crate::store::selection::of_model;

/// The `SELECT` of all columns of a model, in the order of [`Syncable::read`], without a condition.
pub(crate) fn select(model: &Model) -> String {
    let columns: Vec<_> = model.all_columns().map(|column| Quoted(column.name).to_string()).collect();
    format!("SELECT {} FROM {}", columns.join(", "), Quoted(model.table))
}

/// The condition for the record of `model` with the id `?1`.
pub(crate) fn is_record(model: &Model) -> String {
    format!("{} = ?1 AND {}", Quoted(ID), of_model(model, ""))
}

/// The index of the id in the columns of `M`.
pub(crate) fn id_of<M: Syncable>() -> usize {
    M::MODEL.all_columns().position(|column| column.name == ID).expect("a derived model has an id")
}

/// Reads the record in `row`, which is a result of [`select`].
pub(crate) fn read<M: Syncable>(row: &Row<'_>) -> Result<M, InvalidColumn> {
    let row = SqliteRow(row);
    M::read(&row).map_err(|error| {
        let column = M::MODEL.all_columns().nth(error.column()).map_or("?", |column| column.name);
        InvalidColumn::new(M::MODEL.table, column, &row, id_of::<M>(), error.into_invalid_value())
    })
}

/// Returns the record `id` of model `M`, or `None` if it does not exist.
pub(crate) fn find<M: Syncable>(connection: &Connection, id: &str) -> Result<Option<M>, RecordError> {
    const DOING: &str = "reading a record";

    let sql = format!("{} WHERE {}", select(M::MODEL), is_record(M::MODEL));
    let mut statement = connection.prepare_cached(&sql).doing(DOING)?;
    let mut rows = statement.query([id]).doing(DOING)?;
    match rows.next().doing(DOING)? {
        Some(row) => Ok(Some(read(row)?)),
        None => Ok(None),
    }
}

/// Binds the columns of `record` at `positions` to the parameters of `statement`, starting with parameter `first`.
pub(crate) fn bind<M: Syncable>(
    record: &M,
    positions: impl IntoIterator<Item = usize>,
    statement: &mut Statement<'_>,
    first: usize,
) -> Result<(), RecordError> {
    for (index, position) in positions.into_iter().enumerate() {
        let Some(value) = record.stored(position) else { continue };
        let value = value.map_err(|source| {
            let column = M::MODEL.all_columns().nth(position).map_or("?", |column| column.name);
            RecordError::invalid(InvalidRecord::Field { column, source }, record)
        })?;
        statement.raw_bind_parameter(first + index, value).doing("binding a record's columns")?;
    }
    Ok(())
}
