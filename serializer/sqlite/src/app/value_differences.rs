//! Differences between a table's values and the types of its fields: rows that are older than a check, and defaults.

use rusqlite::Connection;
use rusqlite::types::Value;
use syncline_serializer::model::columns::{ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Column, ModelVisitor, Profile, Syncable};
use syncline_serializer::value::{Check, ColumnType, ColumnValue, first_failed};

use crate::app::field_checks::FieldCheck;
use crate::app::table::Table;
use crate::error::{Doing, SchemaError, SqliteError};
use crate::store::names::Quoted;

/// A column with values that its field cannot hold.
pub(super) struct WrongValues {
    pub(super) column: &'static str,
    pub(super) count: u64,
    /// The id of one of the rows, as an SQL literal.
    pub(super) record: String,
    pub(super) expected: String,
}

/// A column with a default that its field cannot hold.
pub(super) struct WrongDefault {
    pub(super) column: &'static str,
    /// The default, as SQL.
    pub(super) found: String,
    pub(super) expected: String,
}

/// The columns of `table` with values that their fields cannot hold. Reads the whole table.
pub(super) fn of_rows(connection: &Connection, table: &Table) -> Result<Vec<WrongValues>, SqliteError> {
    let fields = FieldCheck::of(table, |_| false);
    let constraints = table
        .constraints()
        .map(|constraint| (constraint.column, constraint.expected(), constraint.holds("")));
    let checks: Vec<_> = constraints
        .chain(fields.iter().map(|check| (check.column, check.expected(), check.holds(""))))
        .collect();
    let whens: Vec<_> = (0..)
        .zip(&checks)
        .map(|(index, (.., holds)): (usize, _)| format!("WHEN NOT ({holds}) THEN {index}"))
        .collect();
    let sql = format!(
        "SELECT wrong, count(*), min(record) FROM (SELECT quote({}) AS record, CASE {} END AS wrong FROM {}) \
         WHERE wrong IS NOT NULL GROUP BY wrong ORDER BY wrong",
        Quoted(ID),
        whens.join(" "),
        Quoted(table.name)
    );
    connection
        .prepare(&sql)
        .and_then(|mut statement| {
            let read = |row: &rusqlite::Row<'_>| {
                let (column, expected, _) = &checks[row.get::<_, usize>(0)?];
                Ok(WrongValues {
                    column,
                    count: row.get(1)?,
                    record: row.get(2)?,
                    expected: expected.clone(),
                })
            };
            statement.query_map([], read)?.collect()
        })
        .doing("looking for values that no field can hold")
}

/// The defaults of the existing `table` that their fields cannot hold.
pub(super) fn of_defaults(connection: &Connection, table: &Table) -> Result<Vec<WrongDefault>, SqliteError> {
    let defaults = connection
        .prepare_cached("SELECT name, dflt_value FROM pragma_table_info(?1) WHERE dflt_value IS NOT NULL")
        .and_then(|mut statement| {
            let rows = statement.query_map([table.name], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<(String, String)>>>()
        })
        .doing("reading the schema")?;
    let mut differences = Vec::new();
    for column in &table.columns {
        let name = column.declared.name;
        if [ID, SOURCE_ID, PARTITION].contains(&name) {
            continue;
        }
        let Some((_, found)) = defaults.iter().find(|(column, _)| column.eq_ignore_ascii_case(name)) else {
            continue;
        };
        let value = stored(evaluated(connection, found)?, column.declared.column_type);
        if let Some(check) = first_failed(checks(column.declared), as_column(&value)) {
            differences.push(WrongDefault {
                column: name,
                found: found.clone(),
                expected: check.to_string(),
            });
        }
    }
    Ok(differences)
}

fn checks(column: &Column) -> &'static [Check] {
    if column.references.is_empty() { column.checks } else { &[Check::Id] }
}

/// Checks the defaults that the models of `P` declare. The derive has checked most of them already.
pub(super) fn declared_defaults_fit<P: Profile>(connection: &Connection) -> Result<(), SchemaError> {
    (0..P::MODELS.len()).try_for_each(|index| P::visit(index, Declared(connection)).unwrap_or(Ok(())))
}

struct Declared<'c>(&'c Connection);

impl ModelVisitor for Declared<'_> {
    type Output = Result<(), SchemaError>;

    fn visit<M: Syncable>(self) -> Self::Output {
        for (index, column) in M::MODEL.all_columns().enumerate() {
            let Some(default) = column.default else { continue };
            let value = stored(evaluated(self.0, default)?, column.column_type);
            M::check_default(index, as_column(&value)).map_err(|reason| SchemaError::Default {
                model: M::NAME,
                column: column.name,
                default,
                reason,
            })?;
        }
        Ok(())
    }
}

/// The value of a default. SQLite takes a name as text.
fn evaluated(connection: &Connection, default: &str) -> Result<Value, SqliteError> {
    match connection.prepare(&format!("SELECT ({default})")) {
        Ok(mut statement) => statement.query_row([], |row| row.get(0)).doing("evaluating a default"),
        Err(_) => Ok(Value::Text(default.trim_matches('"').to_owned())),
    }
}

/// `value` as a column of this type stores it.
fn stored(value: Value, column_type: ColumnType) -> Value {
    let is_number = matches!(column_type, ColumnType::Integer | ColumnType::Real | ColumnType::Boolean);
    match value {
        Value::Text(text) if is_number => {
            let integer = text.trim().parse().map(Value::Integer);
            integer.or_else(|_| text.trim().parse().map(Value::Real)).unwrap_or(Value::Text(text))
        }
        Value::Integer(number) if !is_number && column_type != ColumnType::Blob => {
            Value::Text(number.to_string())
        }
        #[expect(clippy::cast_possible_truncation, reason = "it is an integer of few digits")]
        Value::Real(number)
            if column_type == ColumnType::Integer && number.fract() == 0.0 && number.abs() < 1e15 =>
        {
            Value::Integer(number as i64)
        }
        value => value,
    }
}

fn as_column(value: &Value) -> ColumnValue<'_> {
    match value {
        Value::Null => ColumnValue::Null,
        Value::Integer(number) => ColumnValue::Integer(*number),
        Value::Real(number) => ColumnValue::Real(*number),
        Value::Text(text) => ColumnValue::Text(text),
        Value::Blob(bytes) => ColumnValue::Blob(bytes),
    }
}
