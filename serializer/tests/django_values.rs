//! Every type of field reads stored values, odd ones too, as Morango does for Django's field of the same kind.
//!
//! The expected results in `tests/fixtures/app_values.json` are Morango's, recorded by `tests/peer/app_values.py`.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;
use syncline_serializer::{ColumnValue, FieldValue, InvalidValue, Json, JsonText, NestedValue};
use uuid::Uuid;

#[derive(Debug, Deserialize)]
struct Case {
    field: String,
    stored: Stored,
    /// The JSON that Morango writes, if it can.
    json: Option<String>,
    /// The Python exception at which Morango stops, otherwise.
    refused: Option<String>,
}

/// A stored value. Numbers are text and blobs are hex digits, so that no reader of the file changes them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Stored {
    Null(()),
    Integer(String),
    Real(String),
    Text(String),
    Blob(String),
}

type WriteJson = fn(ColumnValue<'_>, &mut String) -> Result<(), InvalidValue>;

/// All types that can be used for the field.
fn types(field: &str) -> Vec<WriteJson> {
    match field {
        "integer" => vec![i64::write_json, u8::write_json, Option::<i32>::write_json],
        "real" => vec![f64::write_json, f32::write_json],
        "boolean" => vec![bool::write_json],
        "text" => vec![String::write_json],
        "bytes" => vec![Vec::<u8>::write_json, <[u8; 4]>::write_json],
        "uuid" => vec![Uuid::write_json],
        "date" => vec![NaiveDate::write_json],
        "time" => vec![NaiveTime::write_json],
        "moment" => vec![DateTime::<Utc>::write_json],
        "naive" => vec![NaiveDateTime::write_json],
        "span" => vec![TimeDelta::write_json],
        "nested" => vec![
            JsonText::write_nested_json,
            Value::write_nested_json,
            Json::<u8>::write_nested_json,
            Option::<Value>::write_nested_json,
        ],
        other => panic!("no such kind of field: {other}"),
    }
}

#[test]
fn as_morango_makes_them() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../tests/fixtures/app_values.json")).unwrap();
    let mut wrong = Vec::new();
    let mut counts = BTreeMap::new();
    for case in &cases {
        for write_json in types(&case.field) {
            let written = write(case, write_json);
            let is_right = match (&case.json, &case.refused) {
                (Some(expected), None) => written.as_ref() == Ok(expected),
                (None, Some(_)) => written.is_err(),
                _ => false,
            };
            if !is_right {
                let expected = case.json.as_ref().or(case.refused.as_ref());
                wrong.push(format!(
                    "{}: {:?} is {expected:?} there, {written:?} here",
                    case.field, case.stored
                ));
            }
            *counts.entry(case.field.as_str()).or_insert(0) += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert_eq!(counts.len(), 12, "{counts:?}");
}

fn write(case: &Case, write_json: WriteJson) -> Result<String, InvalidValue> {
    let bytes;
    let value = match &case.stored {
        Stored::Null(()) => ColumnValue::Null,
        Stored::Integer(digits) => ColumnValue::Integer(digits.parse().expect("an integer")),
        Stored::Real(digits) => ColumnValue::Real(digits.parse().expect("a float")),
        Stored::Text(text) => ColumnValue::Text(text),
        Stored::Blob(digits) => {
            bytes = from_hex(digits);
            ColumnValue::Blob(&bytes)
        }
    };
    let mut json = String::new();
    write_json(value, &mut json).map(|()| json)
}

fn from_hex(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}
