//! What a column holds, and how the types of a model's fields read it and write it as JSON.
//!
//! A `FieldValue` says four things of a type: how its column is declared, what the column holds of a value, how that
//! is read again, and what text it syncs as. The last goes from the column, not from the value: what other programs
//! stored oddly syncs as Morango would have it, although no Rust type holds it. Reading and storing refuse what would
//! lose a digit; what syncs has Django's precision. `nested` is a trait of its own, so that it fits JSON only. The
//! expected texts are Morango's: for Kolibri's own fields in `tests/fixtures/field_values.json`, for Django's in
//! `app_values.json`.

mod boolean;
mod bytes;
#[cfg(feature = "chrono")]
mod chrono;
mod column;
#[cfg(feature = "chrono")]
mod django;
mod float;
mod integer;
#[cfg(feature = "json")]
mod json;
mod json_text;
mod option;
#[cfg(test)]
mod testing;
mod text;
mod uuid;

use std::fmt;

use crate::json::{write_float, write_integer, write_string};

pub use column::{ColumnType, ColumnValue, StoredValue};
#[cfg(feature = "json")]
pub use json::Json;
pub use json_text::JsonText;

/// A stored value that a field cannot take. The caller adds table, column and record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidValue {
    message: String,
}

impl InvalidValue {
    /// `message` says what is wrong with the value, as in ``` `abc` is not a UUID ```.
    ///
    /// A message that quotes megabytes is nobody's help: the middle of a long one is left out.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: shortened(message.into()) }
    }

    /// A value of another kind than `wanted`, such as `text`.
    #[must_use]
    pub fn expected(wanted: &str, found: ColumnValue<'_>) -> Self {
        match found {
            ColumnValue::NotUtf8(bytes) => Self::not_utf8(bytes),
            found => Self::new(format!("expected {wanted}, found {}", found.kind())),
        }
    }

    pub(crate) fn not_utf8(bytes: &[u8]) -> Self {
        Self::new(format!("`{}` is text that is not UTF-8", String::from_utf8_lossy(bytes)))
    }
}

/// Text to show, without its middle when it is long.
pub(crate) fn shortened(text: String) -> String {
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

/// A type that a field of a [`Syncable`](crate::Syncable) model may have.
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
/// | [`JsonText`]; with the feature `json`: `serde_json::Value`, `Json<T>` | JSON, as text | the text, in a string; with `#[syncable(nested)]` as what it is |
/// | with the feature `chrono`: `DateTime<Utc>`, `NaiveDateTime` | `2025-01-02 03:04:05.678901` | `2025-01-02T03:04:05.678Z`, in a string; without the `Z` |
/// | `NaiveDate`, `NaiveTime` of the same | `2025-01-02`, `03:04:05.678901` | `2025-01-02`, `03:04:05.678`, in a string |
/// | `TimeDelta` of the same | microseconds, as an integer | `P1DT02H03M04S`, in a string |
/// | `Option<T>` | as a `T`, or `NULL` | as a `T`; what a `NULL` is, `T` decides: mostly `null` |
///
/// No type loses precision on the way to the column and back: what has no room is refused.
///
/// Implement it for a type of your own to store that type in a column. For a struct that wraps one of these, and for an
/// `enum` without fields, `#[derive(FieldValue)]` does so.
///
/// `write_json` is what the serialise flow calls: it goes from the row straight to the text, without an owned value
/// between. `read` is what typed streams call. The two must agree on what they refuse only as far as the type can hold
/// the value: `write_json` of an `i64` writes the text `"abc"` that a loosely typed column holds, as Morango does
/// (`spec: kolibri-format §3`), and `read` refuses it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a syncable model",
    label = "this type has no column format",
    note = "an `enum` without fields, or a struct that wraps one value: add `#[derive(FieldValue)]` to it",
    note = "any type of serde's: let the field be a `syncline::Json<..>`, with the feature `json`",
    note = "otherwise implement `syncline::FieldValue` for it"
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

    /// Appends what the column holds to `json`, as one JSON value, in the form that [`json::recode`](crate::json::recode) gives
    /// it: what is written is stored as it is.
    ///
    /// # Errors
    ///
    /// When Morango would refuse to serialise what is stored.
    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue>;

    /// What the column is to hold of this value. [`read`](Self::read) makes an equal value of it.
    ///
    /// # Errors
    ///
    /// When a column cannot hold it.
    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue>;
}

/// What is wrong with `value`, which is none of `texts`. Called by derived code.
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

/// What is wrong with `value`, which is none of `numbers`. Called by derived code.
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

/// A [`FieldValue`] whose column holds JSON as text, which can therefore be nested in a record's JSON:
/// `#[syncable(nested)]` on a field asks for that.
#[diagnostic::on_unimplemented(
    message = "`nested` is for fields that hold JSON, and `{Self}` is none",
    label = "this is not JSON",
    note = "`nested` fits `syncline::JsonText`, and with the feature `json` `syncline::Json<T>` and `serde_json::Value`"
)]
pub trait NestedValue: FieldValue {
    /// Appends what the column holds to `json`, as the JSON that it is.
    ///
    /// # Errors
    ///
    /// When Django would refuse to serialise what is stored.
    fn write_nested_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue>;
}

/// Writes a value as it is stored, whatever the type of its column: numbers as numbers, text as a string.
///
/// # Errors
///
/// A blob has no JSON form, nor has text that is not UTF-8.
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
