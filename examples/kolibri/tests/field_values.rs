//! Odd stored values of every kind of field serialise as Morango serialises them.
//!
//! The expected texts in `tests/fixtures/field_values.json` are Morango's. `tests/peer/field_values.py` generates them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use syncline::value::{InvalidValue, JsonText, StoredValue};
use syncline::{FieldValue, RecordId};
use syncline_kolibri::fields::DateTimeTz;
use uuid::Uuid;

#[derive(Debug, Deserialize)]
struct Case {
    field: String,
    column: String,
    stored: Stored,
    /// The text that Morango writes.
    json: Option<String>,
    /// The Python exception that Morango stops with, if it writes none.
    refused: Option<String>,
}

/// A stored value. Numbers are strings and blobs hexadecimal digits, so that no JSON parser changes them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Stored {
    Null(()),
    Integer(String),
    Real(String),
    Text(String),
    Blob(String),
}

#[test]
fn as_morango_makes_them() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../../tests/fixtures/field_values.json")).unwrap();
    let mut wrong = Vec::new();
    let mut counts = BTreeMap::new();
    for case in &cases {
        let written = write(case);
        let is_right = match (&case.json, &case.refused) {
            (Some(expected), None) => written.as_ref() == Ok(expected),
            (None, Some(_)) => written.is_err(),
            _ => false,
        };
        if !is_right {
            let Case { field, column, stored, json, refused } = case;
            let expected = json.as_ref().or(refused.as_ref());
            wrong.push(format!("{field} in {column}: {stored:?} is {expected:?} there, {written:?} here"));
        }
        *counts.entry(case.field.as_str()).or_insert(0) += 1;
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    println!("{} cases: {counts:?}", cases.len());
}

#[test]
fn what_is_read_and_stored_again_syncs_the_same() {
    fn check<T: FieldValue>(case: &Case) -> bool {
        let stored = case.stored.value();
        let Ok(value) = T::read(stored.as_column()) else { return false };
        let (mut before, mut after) = (String::new(), String::new());
        T::write_json(stored.as_column(), &mut before).unwrap();
        T::write_json(value.to_column().unwrap().as_column(), &mut after).unwrap();
        // Python writes whole numbers in float columns, and moments with an offset, as they are stored.
        let is_same = before == after || format!("{before}.0") == after || same_moment(&before, &after);
        assert!(is_same, "{case:?}: {before}, then {after}");
        true
    }
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../../tests/fixtures/field_values.json")).unwrap();
    let mut checked = BTreeMap::new();
    for case in &cases {
        let is_read = match case.field.as_str() {
            "String" => check::<String>(case),
            "RecordId" => check::<RecordId>(case),
            "HyphenatedUuid" => check::<Uuid>(case),
            "bool" => check::<bool>(case),
            "i64" => check::<i64>(case),
            "f64" => check::<f64>(case),
            "DateTime" => check::<DateTime<Utc>>(case),
            "DateTimeTz" => check::<DateTimeTz>(case),
            "JsonText" => check::<JsonText>(case),
            other => panic!("no such kind of field: {other}"),
        };
        *checked.entry(case.field.as_str()).or_insert(0) += usize::from(is_read);
    }
    assert!(checked.values().all(|checked| *checked > 0), "some kinds were never read: {checked:?}");
}

fn same_moment(before: &str, after: &str) -> bool {
    let parse = |json: &str| DateTime::parse_from_rfc3339(json.trim_matches('"'));
    parse(before).is_ok_and(|before| parse(after) == Ok(before))
}

impl Stored {
    fn value(&self) -> StoredValue<'_> {
        match self {
            Self::Null(()) => StoredValue::Null,
            Self::Integer(digits) => StoredValue::Integer(digits.parse().expect("an integer")),
            Self::Real(digits) => StoredValue::Real(digits.parse().expect("a float")),
            Self::Text(text) => StoredValue::Text(text.as_str().into()),
            Self::Blob(digits) => StoredValue::Blob(from_hex(digits).into()),
        }
    }
}

fn write(case: &Case) -> Result<String, InvalidValue> {
    let stored = case.stored.value();
    let value = stored.as_column();
    let write_json = match case.field.as_str() {
        "String" => String::write_json,
        "RecordId" => RecordId::write_json,
        "HyphenatedUuid" => Uuid::write_json,
        "bool" => bool::write_json,
        "i64" => i64::write_json,
        "f64" => f64::write_json,
        "DateTime" => DateTime::<Utc>::write_json,
        "DateTimeTz" => DateTimeTz::write_json,
        "JsonText" => JsonText::write_json,
        other => panic!("no such kind of field: {other}"),
    };
    let mut json = String::new();
    write_json(value, &mut json).map(|()| json)
}

fn from_hex(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}
