//! The rows that a run has changed, in the form of the cases.

use std::collections::BTreeMap;

use rusqlite::types::Value as SqlValue;
use serde_json::Value;

use crate::cases::INFINITY;

/// A row: its columns and their values.
pub(crate) type Row = BTreeMap<String, SqlValue>;

/// The changed rows of all tables, by table and key: the columns with new values, or `None` for a row that is gone.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Changes(BTreeMap<(String, String), Option<Row>>);

impl Changes {
    /// The changes as a case has them: `{table: {key: {column: value}}}`, with null for a row that is gone.
    pub(crate) fn parse(given: &Value) -> Self {
        let tables = given.as_object().into_iter().flatten();
        let rows = tables.flat_map(|(table, rows)| {
            let rows = rows.as_object().unwrap();
            rows.iter().map(|(key, row)| ((table.clone(), key.clone()), parse_row(row)))
        });
        Self(rows.collect())
    }

    pub(crate) fn insert(&mut self, table: &str, key: &str, row: Option<Row>) {
        self.0.insert((table.to_owned(), key.to_owned()), row);
    }

    pub(crate) fn get(&self, table: &str, key: &str) -> Option<&Option<Row>> {
        self.0.get(&(table.to_owned(), key.to_owned()))
    }

    pub(crate) fn remove(&mut self, table: &str, key: &str) {
        self.0.remove(&(table.to_owned(), key.to_owned()));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str, Option<&Row>)> {
        self.0.iter().map(|((table, key), row)| (&**table, &**key, row.as_ref()))
    }

    /// The keys of the changed rows of `table`.
    pub(crate) fn keys(&self, table: &str) -> Vec<String> {
        self.iter().filter(|(name, ..)| *name == table).map(|(_, key, _)| key.to_owned()).collect()
    }

    /// Sets the value that a column of an existing row has in the end. `before` is the row before the run.
    pub(crate) fn set(&mut self, table: &str, key: &str, before: &Row, column: &str, value: SqlValue) {
        let changed = self.0.entry((table.to_owned(), key.to_owned())).or_insert_with(|| Some(Row::new()));
        let Some(row) = changed else { return };
        if before[column] == value {
            row.remove(column);
        } else {
            row.insert(column.to_owned(), value);
        }
        if row.is_empty() {
            self.remove(table, key);
        }
    }

    /// The rows that differ, a line each.
    pub(crate) fn differences(&self, ours: &Self) -> Vec<String> {
        let mut keys: Vec<_> = self.0.keys().chain(ours.0.keys()).collect();
        keys.sort();
        keys.dedup();
        let different = keys.into_iter().filter(|key| self.0.get(key) != ours.0.get(key));
        different
            .map(|key| {
                let show = |changes: &Self| {
                    changes.0.get(key).map_or("unchanged".to_owned(), |row| show_row(row.as_ref()))
                };
                format!("  {} {}\n    expected {}\n        ours {}", key.0, key.1, show(self), show(ours))
            })
            .collect()
    }
}

fn show_row(row: Option<&Row>) -> String {
    row.map_or("gone".to_owned(), |row| format!("{row:?}"))
}

pub(crate) fn parse_row(row: &Value) -> Option<Row> {
    let columns = row.as_object()?;
    Some(columns.iter().map(|(column, value)| (column.clone(), parse_value(value))).collect())
}

pub(crate) fn parse_value(value: &Value) -> SqlValue {
    match value {
        Value::Null => SqlValue::Null,
        Value::Bool(bit) => SqlValue::Integer(i64::from(*bit)),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => SqlValue::Integer(integer),
            None => SqlValue::Real(number.as_f64().unwrap()),
        },
        Value::String(text) if text == INFINITY => SqlValue::Real(f64::INFINITY),
        Value::String(text) => SqlValue::Text(text.clone()),
        Value::Object(blob) => SqlValue::Blob(bytes(blob["$blob"].as_str().unwrap())),
        Value::Array(_) => unreachable!("no column holds {value}"),
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
