//! Checks that the tests of all field types share.

use std::fmt::Debug;

use super::{ColumnValue, FieldValue, StoredValue};
use crate::received::{FieldFault, parse};

/// Checks that each of `values` survives a round trip through its column's value, and that its JSON is `json(value)`.
///
/// The tests of the backends cover the conversions that a database makes for the type of a column.
#[track_caller]
pub(super) fn check_round_trip<T: FieldValue + PartialEq + Debug>(values: &[T], json: impl Fn(&T) -> String) {
    for value in values {
        let stored = value.to_column().unwrap();
        assert_eq!(&T::read(stored.as_column()).unwrap(), value);
        let mut written = String::new();
        T::write_json(stored.as_column(), &mut written).unwrap();
        assert_eq!(written, json(value));
        let received = T::from_json(&parse(&written).unwrap()).unwrap();
        let mut again = String::new();
        T::write_json(received.as_column(), &mut again).unwrap();
        // Less than a millisecond is written as `.000`, and Django reads that as no fraction.
        assert_eq!(
            again,
            written.replace(".000\"", "\"").replace(".000Z", "Z"),
            "it is received as it was written"
        );
    }
}

/// Checks the column's value that the received `json` becomes.
#[track_caller]
pub(super) fn check_received<T: FieldValue>(json: &str, expected: &StoredValue<'_>) {
    assert_eq!(T::from_json(&parse(json).unwrap()).as_ref(), Ok(expected), "{json}");
}

/// Checks the fault of the received `json`.
#[track_caller]
pub(super) fn check_fault<T: FieldValue>(json: &str, expected: &FieldFault) {
    assert_eq!(T::from_json(&parse(json).unwrap()).as_ref(), Err(expected), "{json}");
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
