//! Field types: the trait `FieldValue`, with an impl in a file for each type.
//!
//! A `FieldValue` defines four things for a Rust type: the declared type of its column, the conversion to a column's
//! value, the conversion back, and the JSON text that is synced. The JSON is made from the column's value, not from the
//! Rust value. So a value that another program stored in an unusual form syncs as Morango would sync it, even if the
//! Rust type cannot hold it.
//!
//! Reading and storing never lose digits: a value that does not fit is an error. Synced text has the precision of
//! Django's. `NestedValue` is a trait of its own, so that only JSON types can be `nested`.
//!
//! The tests compare with texts that Morango wrote: `tests/fixtures/field_values.json` for Kolibri's own fields,
//! `app_values.json` for Django's.

mod boolean;
mod bytes;
mod check;
#[cfg(feature = "chrono")]
mod chrono;
mod column;
#[cfg(feature = "chrono")]
mod django;
mod float;
mod from_json;
mod integer;
#[cfg(feature = "json")]
mod json;
mod json_text;
mod limit;
mod option;
mod receive;
mod rules;
#[cfg(test)]
mod testing;
mod text;
mod uuid;

use std::fmt;

use crate::json::{write_float, write_integer, write_string};
use crate::received::{FieldFault, JsonValue};

pub use check::{Check, first_failed};
pub use column::{ColumnType, ColumnValue, StoredValue};
pub use from_json::EmptyValues;
#[doc(hidden)]
pub use from_json::{integer_of, text_of};
#[cfg(feature = "json")]
pub use json::Json;
pub use json_text::JsonText;
pub use limit::Limit;
#[doc(hidden)]
pub use receive::{Declared, receive_id, receive_reference};
pub use rules::{Blank, Rules};

/// The error for a value that a field cannot read, store or sync. The caller adds table, column and record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidValue {
    message: String,
}

impl InvalidValue {
    /// Creates the error. `message` states what is wrong with the value: ``` `abc` is not a UUID ```.
    ///
    /// The middle of a long message is left out.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: shortened(message.into()) }
    }

    /// The error for a value of another kind than `wanted`, for example `text`.
    #[must_use]
    pub fn expected(wanted: &str, found: ColumnValue<'_>) -> Self {
        match found {
            ColumnValue::NotUtf8(bytes) => Self::not_utf8(bytes),
            found => Self::new(format!("expected {wanted}, found {}", found.kind())),
        }
    }

    /// The error for a value that does not pass `check`.
    #[must_use]
    pub fn failed(check: Check, found: ColumnValue<'_>) -> Self {
        match found {
            ColumnValue::NotUtf8(bytes) => Self::not_utf8(bytes),
            ColumnValue::Integer(number) => Self::new(format!("expected {check}, found {number}")),
            ColumnValue::Real(number) => Self::new(format!("expected {check}, found {number}")),
            ColumnValue::Text(text) => Self::new(format!("expected {check}, found `{text}`")),
            ColumnValue::Null | ColumnValue::Blob(_) => {
                Self::new(format!("expected {check}, found {}", found.kind()))
            }
        }
    }

    /// Text whose bytes are not UTF-8.
    #[must_use]
    pub fn not_utf8(bytes: &[u8]) -> Self {
        Self::new(format!("`{}` is text that is not UTF-8", String::from_utf8_lossy(bytes)))
    }
}

/// Returns `text` without its middle if it is long.
#[must_use]
pub fn shortened(text: String) -> String {
    const SHOWN: usize = 500;
    if text.len() <= SHOWN {
        return text;
    }
    let (first, last) =
        (text.floor_char_boundary(SHOWN / 2), text.ceil_char_boundary(text.len() - SHOWN / 2));
    format!("{} [...] {}", &text[..first], &text[last..])
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for InvalidValue {}

/// The type of a field in a [`Syncable`](crate::Syncable) model.
///
/// | Type | Stored as | Synced as |
/// |---|---|---|
/// | `i8` to `i64`, `u8` to `u64` | an integer | a number |
/// | `f64`, `f32` | a real | a number, as Python writes it; `Infinity` |
/// | `bool` | 0 or 1 | `true` or `false` |
/// | `String` | text | a string |
/// | `Vec<u8>`, `[u8; N]` | a blob | Base64, in a string |
/// | [`RecordId`](crate::RecordId) | 32 hex digits | the same, in a string |
/// | `uuid::Uuid` | 32 hex digits | with hyphens, in a string |
/// | [`JsonText`]; with the feature `json`: `serde_json::Value`, `Json<T>` | JSON, as text | the text, in a string; with `#[syncable(nested)]` as JSON |
/// | with the feature `chrono`: `DateTime<Utc>`, `NaiveDateTime` | `2025-01-02 03:04:05.678901` | `2025-01-02T03:04:05.678Z`, in a string; without the `Z` |
/// | `NaiveDate`, `NaiveTime` of the same | `2025-01-02`, `03:04:05.678901` | `2025-01-02`, `03:04:05.678`, in a string |
/// | `TimeDelta` of the same | microseconds, as an integer | `P1DT02H03M04S`, in a string |
/// | `Option<T>` | as a `T`, or `NULL` | as a `T`; `T` decides the JSON of `NULL`, mostly `null` |
///
/// No type loses precision on the way to the column and back: a value that does not fit is an error.
///
/// Implement this trait to store a type of your own in a column. `#[derive(FieldValue)]` implements it for a struct
/// that wraps one of these types, and for an `enum` without fields.
///
/// The serialise pipeline calls `write_json`, which writes JSON straight from the row, without an owned value. Typed
/// streams call `read`. `write_json` may accept values that the type cannot hold and `read` rejects: a loosely typed
/// column of an `i64` may hold the text `"abc"`, which `write_json` writes as Morango does (kolibri-format §3).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a syncable model",
    label = "this type has no column format",
    note = "an `enum` without fields, or a struct that wraps one value: add `#[derive(FieldValue)]` to it",
    note = "any type of serde's: let the field be a `syncline::Json<..>`, with the feature `json`",
    note = "otherwise implement `syncline::FieldValue` for it"
)]
pub trait FieldValue: Sized {
    /// `true` if the column may be `NULL`.
    const NULLABLE: bool = false;

    /// The type of the column in a table that is created from the model.
    const COLUMN_TYPE: ColumnType;

    /// The checks on the column's values. Every value of [`to_column`](Self::to_column) passes them, and a value that
    /// fails one of them cannot be read. The table refuses such a value, whichever program writes it, and a `default`
    /// that fails is a compile error.
    const CHECKS: &'static [Check] = &[];

    /// The values that count as missing when a record is received.
    const EMPTY_VALUES: EmptyValues = EmptyValues::Null;

    /// Converts the column's value to this type.
    ///
    /// # Errors
    ///
    /// If this type cannot hold the value.
    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue>;

    /// Checks a column's value before it is serialised from a table of the app. Unlike [`read`](Self::read), it accepts
    /// a value that only a newer version of the app can read, such as a new variant of an `enum`.
    ///
    /// # Errors
    ///
    /// If no version of the app could read the value.
    fn check(value: ColumnValue<'_>) -> Result<(), InvalidValue> {
        Self::read(value).map(drop)
    }

    /// Appends the column's value to `json`, as one JSON value in the form of [`json::recode`](crate::json::recode).
    /// The text is stored without further conversion.
    ///
    /// # Errors
    ///
    /// If Morango would refuse to serialise the value.
    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue>;

    /// Converts a received JSON value to the column's value: the inverse of [`write_json`](Self::write_json). It accepts
    /// what Django's field accepts, so `"5"` is an integer and `5` is text, and refuses it with Django's texts. `null`
    /// becomes `NULL`, which the caller refuses where the field cannot be missing.
    ///
    /// JSON that `write_json` wrote is written again as the same text, and the value itself is the same, with these
    /// exceptions: fractions of a second have three digits in JSON, and one of less than a millisecond is lost, with its
    /// `.000`; `Some` of the JSON `null` becomes `None`; `NaN`, which another program can store in JSON, becomes `NULL`
    /// in a column of numbers.
    ///
    /// # Errors
    ///
    /// If the field refuses the value, or no database stores it.
    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault>;

    /// The value of a field of this type in a received record. `validate` is a function of the app. Called by derived code.
    #[doc(hidden)]
    fn receive(
        declared: Declared,
        value: Option<&JsonValue<'_>>,
        validate: impl FnOnce(&Self) -> Result<(), FieldFault>,
    ) -> Result<StoredValue<'static>, FieldFault> {
        receive::receive(declared, value, validate)
    }

    /// Applies the rules of a field of this type to its value. Called by derived code.
    #[doc(hidden)]
    fn check_rules(
        &self,
        declared: Declared,
        validate: impl FnOnce(&Self) -> Result<(), FieldFault>,
    ) -> Result<(), FieldFault> {
        receive::check_rules(self, declared, validate)
    }

    /// Converts this value to the column's value. [`read`](Self::read) converts it back to an equal value.
    ///
    /// # Errors
    ///
    /// If a column cannot hold the value.
    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue>;
}

/// The error for a `value` that is not one of `texts`. Called by derived code.
#[doc(hidden)]
#[must_use]
pub fn none_of(value: ColumnValue<'_>, texts: &[&str]) -> InvalidValue {
    match value {
        ColumnValue::Text(text) => {
            let texts: Vec<_> = texts.iter().map(|text| format!("`{text}`")).collect();
            InvalidValue::new(format!("`{text}` is none of {}", texts.join(", ")))
        }
        other => InvalidValue::expected("text", other),
    }
}

/// The error for a `value` that is not one of `numbers`. Called by derived code.
#[doc(hidden)]
#[must_use]
pub fn no_number_of(value: ColumnValue<'_>, numbers: &[i64]) -> InvalidValue {
    match value {
        ColumnValue::Integer(number) => {
            let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
            InvalidValue::new(format!("{number} is none of {}", numbers.join(", ")))
        }
        other => InvalidValue::expected("an integer", other),
    }
}

/// Checks that `value` is of the kind that `checks`, those of an enum, ask for. Its text or number may be one of a newer
/// version of the app. Called by derived code.
#[doc(hidden)]
pub fn is_of_a_kind(value: ColumnValue<'_>, checks: &[Check]) -> Result<(), InvalidValue> {
    match (checks, value) {
        ([Check::TextOf(_), ..], ColumnValue::Text(_))
        | ([Check::IntegerOf(_), ..], ColumnValue::Integer(_)) => Ok(()),
        ([Check::IntegerOf(_), ..], other) => Err(InvalidValue::expected("an integer", other)),
        (_, other) => Err(InvalidValue::expected("text", other)),
    }
}

/// A [`FieldValue`] whose column holds JSON text. With `#[syncable(nested)]` the field becomes a JSON value within the
/// record's JSON, instead of a string.
#[diagnostic::on_unimplemented(
    message = "`nested` is for fields that hold JSON, and `{Self}` is none",
    label = "this is not JSON",
    note = "`nested` fits `syncline::JsonText`, and with the feature `json` `syncline::Json<T>` and `serde_json::Value`"
)]
pub trait NestedValue: FieldValue {
    /// Appends the column's value to `json` as a JSON value.
    ///
    /// # Errors
    ///
    /// If Django would refuse to serialise the value.
    fn write_nested_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue>;

    /// Converts a received JSON value, which is the field's value itself, to the column's value.
    ///
    /// # Errors
    ///
    /// If the field refuses the value.
    fn from_nested_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault>;

    /// The value of a `nested` field of this type in a received record. Called by derived code.
    #[doc(hidden)]
    fn receive_nested(
        declared: Declared,
        value: Option<&JsonValue<'_>>,
        validate: impl FnOnce(&Self) -> Result<(), FieldFault>,
    ) -> Result<StoredValue<'static>, FieldFault> {
        receive::receive_nested(declared, value, validate)
    }
}

/// Writes a value by its own type, whatever the column's type: a number as a number, text as a string.
///
/// # Errors
///
/// If the value is a blob or text that is not UTF-8: they have no JSON form.
pub fn write_as_stored(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
    match value {
        ColumnValue::Null => json.push_str("null"),
        ColumnValue::Integer(integer) => write_integer(json, integer),
        ColumnValue::Real(real) => write_float(json, real),
        ColumnValue::Text(text) => write_string(json, text),
        ColumnValue::NotUtf8(bytes) => return Err(InvalidValue::not_utf8(bytes)),
        ColumnValue::Blob(_) => return Err(InvalidValue::new("a blob has no JSON form")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::InvalidValue;

    #[test]
    fn a_long_message_loses_its_middle() {
        let message = |text: &str| InvalidValue::new(format!("`{text}` is not a UUID")).to_string();
        assert_eq!(message("abc"), "`abc` is not a UUID");
        let long = message(&"\u{e9}".repeat(1_000_000));
        assert!(long.starts_with("`\u{e9}\u{e9}") && long.ends_with("\u{e9}` is not a UUID"), "{long}");
        assert!(long.len() < 520, "{long}");
    }
}
