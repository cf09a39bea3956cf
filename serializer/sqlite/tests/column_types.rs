//! Every type of field: SQLite stores its values unchanged in a column of the type that the field declares.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::fmt::Debug;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::json;
use syncline_serializer::{ColumnValue, FieldValue, JsonText, RecordId};
use uuid::Uuid;

/// Stores each of `values` in a column of its declared type, and reads it back.
#[track_caller]
fn check<T: FieldValue + PartialEq + Debug>(values: &[T]) {
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
        let stored = match rows.next().unwrap().unwrap().get_ref(0).unwrap() {
            ValueRef::Null => ColumnValue::Null,
            ValueRef::Integer(integer) => ColumnValue::Integer(integer),
            ValueRef::Real(real) => ColumnValue::Real(real),
            ValueRef::Text(text) => ColumnValue::Text(std::str::from_utf8(text).unwrap()),
            ValueRef::Blob(bytes) => ColumnValue::Blob(bytes),
        };
        assert_eq!(stored, column.as_column(), "the type of the column changes the value");
        assert_eq!(&T::read(stored).unwrap(), value);
    }
}

fn at(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

#[test]
fn numbers_are_stored_unchanged() {
    check(&[i8::MIN, i8::MAX]);
    check(&[i16::MIN, i16::MAX]);
    check(&[i32::MIN, i32::MAX]);
    check(&[i64::MIN, i64::MAX]);
    check(&[u8::MIN, u8::MAX]);
    check(&[u16::MIN, u16::MAX]);
    check(&[u32::MIN, u32::MAX]);
    check(&[0, 1_u64 << 53 | 1, i64::MAX.unsigned_abs()]);
    check(&[0.0, 0.1, 1e-5, 1e16, f64::MAX, f64::MIN_POSITIVE, 5e-324, f64::INFINITY]);
    check(&[0.5_f32, 0.1, f32::MAX]);
    check(&[Some(true), Some(false), None]);
}

#[test]
fn texts_and_bytes_are_stored_unchanged() {
    check(&[String::new(), "7".to_owned(), "1e3".to_owned(), "na\u{ef}ve".to_owned(), "a\0b".to_owned()]);
    check(&[Vec::new(), b"\0\xff\xfe".to_vec(), b"four".to_vec()]);
    check(&[*b"four"]);
    check(&[None::<Vec<u8>>, None]);
    check(&[RecordId::parse("00000000000000000000000000000007").unwrap(), RecordId::random()]);
    check(&[Uuid::from_u128(7), Uuid::from_u128(u128::MAX)]);
    check(&[JsonText::new("{\"a\": 1}").unwrap(), JsonText::new("7").unwrap()]);
    check(&[json!({"a": [1, 2.5, null]}), json!("text"), json!(7)]);
}

#[test]
fn dates_and_times_are_stored_unchanged() {
    let moments = ["2025-01-02T03:04:05", "2025-01-02T03:04:05.678901", "0099-12-31T00:00:00"].map(at);
    check(&moments);
    check::<DateTime<Utc>>(&moments.map(|moment| moment.and_utc()));
    check::<NaiveDate>(&moments.map(|moment| moment.date()));
    check::<NaiveTime>(&moments.map(|moment| moment.time()));
    check(&[TimeDelta::zero(), TimeDelta::microseconds(-1), TimeDelta::seconds(93_784)]);
    check(&[None::<DateTime<Utc>>]);
}
