//! The JSON of columns' defaults: the values that an added column gives to the rows that are there.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _};
use syncline_serializer::json::{members, write_string};
use syncline_serializer::model::{Model, Row, Syncable};
use syncline_serializer::value::{ColumnValue, InvalidValue};

use crate::error::{Doing, SqliteError};
use crate::sqlite_row::SqliteRow;
use crate::store::names::Quoted;

/// The defaults of a model's columns, computed when they are needed.
#[derive(Debug)]
pub(super) struct Defaults {
    /// The JSON texts of each column's defaults: that of the table, and the declared one.
    columns: Vec<Option<Vec<String>>>,
}

impl Defaults {
    pub(super) fn of(model: &Model) -> Self {
        Self { columns: model.columns.iter().map(|_| None).collect() }
    }

    /// Returns `true` if each of the members `added` has the default of its column. `row` is the row that they belong to.
    pub(super) fn are<M: Syncable>(
        &mut self,
        connection: &Connection,
        row: &SqliteRow<'_>,
        added: &[(String, String)],
    ) -> Result<bool, SqliteError> {
        for (key, value) in added {
            let Some(index) = M::MODEL.columns.iter().position(|column| quoted(column.key) == *key) else {
                return Ok(false);
            };
            if self.columns[index].is_none() {
                let values = values(connection, M::MODEL, index)?;
                let json = |value| json_of::<M>(row, index, value, key);
                self.columns[index] = Some(values.into_iter().filter_map(json).collect());
            }
            let defaults = self.columns[index].as_deref().unwrap_or_default();
            if !defaults.contains(value) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn quoted(key: &str) -> String {
    let mut quoted = String::new();
    write_string(&mut quoted, key);
    quoted
}

/// The defaults of a column: that of the table, or `NULL`, and the declared one.
fn values(connection: &Connection, model: &Model, index: usize) -> Result<Vec<Value>, SqliteError> {
    let column = &model.columns[index];
    let of_table: Option<(String, Option<String>)> = connection
        .prepare_cached("SELECT type, dflt_value FROM pragma_table_info(?1) WHERE name = ?2 COLLATE NOCASE")
        .and_then(|mut statement| {
            statement.query_row((model.table, column.name), |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })
        .doing("reading the table's defaults")?;
    let (kind, of_table) = of_table.unwrap_or_default();
    let mut values = vec![match of_table {
        Some(sql) => evaluate(&kind, &sql),
        None => Some(Value::Null),
    }];
    values.extend(column.default.map(|sql| evaluate(&kind, sql)));
    Ok(values.into_iter().flatten().collect())
}

/// The value that a column of the type `kind` gets from `DEFAULT sql`. `None` if it cannot be computed apart from the
/// table.
fn evaluate(kind: &str, sql: &str) -> Option<Value> {
    // A database of its own: storing the value converts it as the column does, and the app's database may be read-only.
    let connection = Connection::open_in_memory().ok()?;
    let kind = if kind.is_empty() { String::new() } else { Quoted(kind).to_string() };
    connection
        .execute_batch(&format!("CREATE TABLE t (c {kind} DEFAULT ({sql})); INSERT INTO t DEFAULT VALUES"))
        .and_then(|()| connection.query_row("SELECT c FROM t", [], |row| row.get(0)))
        .ok()
}

/// The JSON of the member `key` if column `index` of `row` had `value`. `None` if the field refuses it.
fn json_of<M: Syncable>(row: &SqliteRow<'_>, index: usize, value: Value, key: &str) -> Option<String> {
    let mut json = String::new();
    M::write_serialized(&WithColumn { row, index, value }, &mut json).ok()?;
    members(&json).ok()??.into_iter().find_map(|(other, value)| (other == key).then_some(value))
}

/// A row with another value in one column.
struct WithColumn<'r, 's> {
    row: &'r SqliteRow<'s>,
    index: usize,
    value: Value,
}

impl Row for WithColumn<'_, '_> {
    fn column(&self, index: usize) -> Result<ColumnValue<'_>, InvalidValue> {
        if index != self.index {
            return self.row.column(index);
        }
        Ok(match &self.value {
            Value::Null => ColumnValue::Null,
            Value::Integer(integer) => ColumnValue::Integer(*integer),
            Value::Real(real) => ColumnValue::Real(*real),
            Value::Text(text) => ColumnValue::Text(text),
            Value::Blob(bytes) => ColumnValue::Blob(bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::types::Value;

    use super::evaluate;

    #[test]
    fn defaults_are_converted_by_their_columns() {
        for (kind, sql, expected) in [
            ("integer", "'5'", Some(Value::Integer(5))),
            ("varchar(30)", "5", Some(Value::Text("5".to_owned()))),
            ("datetime", "'2020-01-01'", Some(Value::Text("2020-01-01".to_owned()))),
            ("", "x'00'", Some(Value::Blob(vec![0]))),
            ("bool", "TRUE", Some(Value::Integer(1))),
            ("text", "no_function()", None),
        ] {
            assert_eq!(evaluate(kind, sql), expected, "{kind} {sql}");
        }
    }
}
