//! Checks that the tests of all field types share.

use std::fmt::Debug;

use rusqlite::Connection;

use super::{ColumnValue, FieldValue};
use crate::model::Row as _;
use crate::sqlite_row::SqliteRow;

/// Checks that each of `values` survives a round trip through a column of its type, and that its JSON is `json(value)`.
#[track_caller]
pub(super) fn check_round_trip<T: FieldValue + PartialEq + Debug>(values: &[T], json: impl Fn(&T) -> String) {
    let connection = Connection::open_in_memory().unwrap();
    let not_null = if T::NULLABLE { "" } else { "NOT NULL" };
    connection
        .execute_batch(&format!("CREATE TABLE t (value {} {not_null})", T::COLUMN_TYPE.as_sql()))
        .unwrap();
    for value in values {
        let column = value.to_column().unwrap();
        connection.execute("DELETE FROM t", []).unwrap();
        connection.execute("INSERT INTO t VALUES (?1)", [&column]).unwrap();
        let mut statement = connection.prepare("SELECT value FROM t").unwrap();
        let mut rows = statement.query([]).unwrap();
        let row = SqliteRow(rows.next().unwrap().unwrap());
        let stored = row.column(0).unwrap();
        assert_eq!(stored, column.as_column(), "the column's type changes nothing");
        assert_eq!(&T::read(stored).unwrap(), value);
        let mut written = String::new();
        T::write_json(stored, &mut written).unwrap();
        assert_eq!(written, json(value));
    }
}

/// Checks the JSON that is written for a column with `value`.
#[track_caller]
pub(super) fn check<T: FieldValue>(value: ColumnValue<'_>, expected: &str) {
    let mut json = String::from("[");
    T::write_json(value, &mut json).unwrap();
    assert_eq!(json, format!("[{expected}"));
}

/// Checks the error of reading a column with `value`.
#[track_caller]
pub(super) fn check_read_error<T: FieldValue + Debug>(value: ColumnValue<'_>, expected: &str) {
    assert_eq!(T::read(value).unwrap_err().to_string(), expected);
}

/// Checks the error of writing JSON for a column with `value`.
#[track_caller]
pub(super) fn check_write_error<T: FieldValue>(value: ColumnValue<'_>, expected: &str) {
    assert_eq!(T::write_json(value, &mut String::new()).unwrap_err().to_string(), expected);
}

/// Checks the error of storing `value`.
#[track_caller]
pub(super) fn check_store_error<T: FieldValue>(value: &T, expected: &str) {
    assert_eq!(value.to_column().unwrap_err().to_string(), expected);
}
