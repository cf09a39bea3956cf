//! What a column holds, and how the types of a model's fields read it and write it as JSON.

mod column;

use std::fmt;

use crate::json;

pub use column::{ColumnType, ColumnValue, StoredValue};

/// A stored value that a field cannot take. The caller adds table, column and record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidValue {
    message: String,
}

impl InvalidValue {
    /// `message` says what is wrong with the value, as in ``` `abc` is not a UUID ```.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// A value of another kind than `wanted`, such as `text`.
    #[must_use]
    pub fn expected(wanted: &str, found: ColumnValue<'_>) -> Self {
        Self::new(format!("expected {wanted}, found {}", found.kind()))
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for InvalidValue {}

/// A type that a field of a [`Syncable`](crate::Syncable) model may have.
///
/// Implement it for a type of your own to store that type in a column.
///
/// `write_json` is what the serialise flow calls: it goes from the row straight to the text, without an owned value
/// between. `read` is what typed streams call, and `to_column` what inserting and updating a record call: `read` takes what
/// `to_column` gives. `read` and `write_json` must agree on what they refuse only as far as the type can hold
/// the value: `write_json` of an `i64` writes the text `"abc"` that a loosely typed column holds, as Morango does
/// (`spec: kolibri-format §3`), and `read` refuses it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a syncable model",
    label = "this type has no column format",
    note = "implement `syncline::FieldValue` for it"
)]
pub trait FieldValue: Sized {
    /// Whether the column may be `NULL`.
    const NULLABLE: bool = false;

    /// The type of the column, where the table is made from its model.
    const COLUMN_TYPE: ColumnType;

    /// Reads the column as this type.
    ///
    /// # Errors
    ///
    /// When this type cannot hold what is stored.
    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue>;

    /// What the column is to hold of this value. [`read`](Self::read) makes an equal value of it.
    ///
    /// # Errors
    ///
    /// When a column cannot hold it.
    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue>;

    /// Appends what the column holds to `json`, as one JSON value.
    ///
    /// # Errors
    ///
    /// When Morango would refuse to serialise what is stored.
    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue>;
}

/// Writes a value as it is stored, whatever the type of its column: numbers as numbers, text as a string.
///
/// # Errors
///
/// A blob has no JSON form.
pub fn write_as_stored(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
    match value {
        ColumnValue::Null => json.push_str("null"),
        ColumnValue::Integer(integer) => json::write_integer(json, integer),
        ColumnValue::Real(real) => json::write_float(json, real),
        ColumnValue::Text(text) => json::write_string(json, text),
        ColumnValue::Blob(_) => return Err(InvalidValue::new("a blob has no JSON form")),
    }
    Ok(())
}

impl FieldValue for String {
    const COLUMN_TYPE: ColumnType = ColumnType::Text;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Text(text) => Ok(text.to_owned()),
            other => Err(InvalidValue::expected("text", other)),
        }
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Text(self.as_str().into()))
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        write_as_stored(value, json)
    }
}

impl FieldValue for i64 {
    const COLUMN_TYPE: ColumnType = ColumnType::Integer;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Integer(integer) => Ok(integer),
            other => Err(InvalidValue::expected("an integer", other)),
        }
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Integer(*self))
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        write_as_stored(value, json)
    }
}

impl FieldValue for f64 {
    const COLUMN_TYPE: ColumnType = ColumnType::Real;

    #[expect(clippy::cast_precision_loss, reason = "SQLite itself widens an integer in a real column")]
    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Real(real) => Ok(real),
            ColumnValue::Integer(integer) => Ok(integer as f64),
            other => Err(InvalidValue::expected("a floating-point number", other)),
        }
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Real(*self))
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        write_as_stored(value, json)
    }
}

/// Stored as 1 for true and 0 for false.
///
/// Morango sees the column as bytes: what reads `1` is true, be it a number, text or a blob, nothing at all is null, and
/// anything else is false (kolibri-format §3). Only 0 and 1 are read as a `bool`.
impl FieldValue for bool {
    const COLUMN_TYPE: ColumnType = ColumnType::Boolean;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Integer(0) => Ok(false),
            ColumnValue::Integer(1) => Ok(true),
            ColumnValue::Integer(other) => Err(InvalidValue::new(format!("expected 0 or 1, found {other}"))),
            other => Err(InvalidValue::expected("0 or 1", other)),
        }
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Integer(i64::from(*self)))
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        json.push_str(match value {
            ColumnValue::Null | ColumnValue::Text("") | ColumnValue::Blob(b"") => "null",
            ColumnValue::Integer(1) | ColumnValue::Text("1") | ColumnValue::Blob(b"1") => "true",
            _ => "false",
        });
        Ok(())
    }
}

impl<T: FieldValue> FieldValue for Option<T> {
    const NULLABLE: bool = true;
    const COLUMN_TYPE: ColumnType = T::COLUMN_TYPE;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Null => Ok(None),
            value => T::read(value).map(Some),
        }
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        self.as_ref().map_or(Ok(StoredValue::Null), T::to_column)
    }

    // What a type makes of `NULL` is its own affair: Kolibri's JSON fields write the string "null".
    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        T::write_json(value, json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: FieldValue>(value: ColumnValue<'_>, expected: &str) {
        let mut json = String::new();
        T::write_json(value, &mut json).unwrap();
        assert_eq!(json, expected);
    }

    #[test]
    fn a_loosely_typed_column_is_written_as_it_is() {
        check::<i64>(ColumnValue::Text("abc"), "\"abc\"");
        check::<i64>(ColumnValue::Real(1.5), "1.5");
        check::<f64>(ColumnValue::Integer(5), "5");
        check::<String>(ColumnValue::Null, "null");
        assert!(i64::read(ColumnValue::Text("abc")).is_err());
    }

    #[test]
    fn what_is_stored_is_read_again() {
        fn check<T: FieldValue + PartialEq + std::fmt::Debug>(value: T) {
            assert_eq!(T::read(value.to_column().unwrap().as_column()), Ok(value));
        }
        check(String::from("naïve"));
        check(-5_i64);
        check(0.5_f64);
        check([true, false].map(Some)[0]);
        check(None::<String>);
        check(crate::RecordId::random());
    }

    #[test]
    fn a_blob_has_no_json_form() {
        let error = String::write_json(ColumnValue::Blob(b"x"), &mut String::new()).unwrap_err();
        assert_eq!(error.to_string(), "a blob has no JSON form");
    }

    #[test]
    fn only_what_reads_1_is_true() {
        for value in [ColumnValue::Integer(1), ColumnValue::Text("1"), ColumnValue::Blob(b"1")] {
            check::<bool>(value, "true");
        }
        for value in [ColumnValue::Integer(2), ColumnValue::Real(1.0), ColumnValue::Text("true")] {
            check::<bool>(value, "false");
        }
        check::<Option<bool>>(ColumnValue::Text(""), "null");
        assert!(bool::read(ColumnValue::Integer(2)).is_err());
    }
}
