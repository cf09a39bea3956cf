//! Conversions of received JSON values that several field types share, with Django's texts.

use std::borrow::Cow;

use super::check::{Check, first_failed};
use super::column::StoredValue;
use crate::python::{ParsedInt, parse_float, parse_int};
use crate::received::{ExceptionClass, FieldFault, JsonString, JsonValue};

/// The values that count as missing when a record is received, and the value of an absent key: the `empty_values` and
/// `empty_strings_allowed` of Django's field classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmptyValues {
    /// `null`. An absent key is `null`.
    Null,
    /// `null`; only for a field that may be missing. Otherwise it is a value that the type refuses.
    Boolean,
    /// `null` and `""`. An absent key is `""`, or `null` in a field that may be missing.
    Text,
    /// `null`; but an absent key is `""`, or `null` in a field that may be missing.
    AbsentText,
    /// `null`, `""`, `[]` and `{}`. An absent key is as for [`Text`](Self::Text).
    Any,
    /// `null`, `""`, `[]` and `{}`, and the strings with this JSON. `null` is a value, too: it is stored in a column that
    /// is not nullable. An absent key is `null`.
    Nested,
}

impl EmptyValues {
    /// Returns `true` if `value` counts as missing.
    #[must_use]
    pub fn contain(self, value: &JsonValue<'_>) -> bool {
        match self {
            Self::Null | Self::Boolean | Self::AbsentText => value.is_null(),
            Self::Text => value.is_null() || value.as_str() == Some(""),
            Self::Any => value.is_empty(),
            Self::Nested => value.is_empty() || value.as_str().is_some_and(is_empty_json),
        }
    }

    /// The value of an absent key.
    #[must_use]
    pub fn absent(self, nullable: bool) -> JsonValue<'static> {
        match self {
            Self::Text | Self::AbsentText | Self::Any if !nullable => JsonValue::from(""),
            _ => JsonValue::Null,
        }
    }
}

/// Returns `true` for the JSON texts `null`, `""`, `[]` and `{}`, with any white space.
fn is_empty_json(text: &str) -> bool {
    let text = trimmed(text);
    let inner = |[open, close]: [char; 2]| text.strip_prefix(open)?.strip_suffix(close);
    matches!(text, "null" | "\"\"")
        || [['[', ']'], ['{', '}']].into_iter().filter_map(inner).any(|inner| trimmed(inner).is_empty())
}

/// Returns `true` for the JSON text `null`.
pub(super) fn is_null_json(value: &JsonValue<'_>) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| trimmed(text) == "null")
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

/// Django's `CharField`: any value as Python prints it.
pub(super) fn text(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
    match value {
        JsonValue::Null => Ok(StoredValue::Null),
        JsonValue::Text(JsonString::Text(text)) => Ok(stored(text)),
        JsonValue::Text(JsonString::Surrogates(points)) => Err(unencodable(points)),
        other => Ok(StoredValue::Text(other.python_str().into())),
    }
}

pub(super) fn stored(text: &str) -> StoredValue<'static> {
    StoredValue::Text(Cow::Owned(text.to_owned()))
}

/// The fault of a text with an unpaired surrogate, which is found when it is saved.
pub(super) fn unencodable(points: &[u32]) -> FieldFault {
    let first = points.iter().position(|point| char::from_u32(*point).is_none()).unwrap_or(0);
    let point = points.get(first).copied().unwrap_or_default();
    FieldFault::at_save(
        ExceptionClass::UNICODE_ENCODE_ERROR,
        format!(
            "'utf-8' codec can't encode character '\\u{point:04x}' in position {first}: surrogates not allowed"
        ),
    )
}

/// Django's `BooleanField`.
pub(super) fn boolean(value: &JsonValue<'_>, nullable: bool) -> Result<StoredValue<'static>, FieldFault> {
    let truth = match value {
        JsonValue::Bool(truth) => Some(*truth),
        JsonValue::Integer(1) | JsonValue::Float(1.0) => Some(true),
        JsonValue::Integer(0) | JsonValue::Float(0.0) => Some(false),
        JsonValue::Text(text) => match text.as_str() {
            Some("t" | "True" | "1") => Some(true),
            Some("f" | "False" | "0") => Some(false),
            _ => None,
        },
        _ => None,
    };
    match truth {
        Some(truth) => Ok(StoredValue::Integer(truth.into())),
        None if nullable && value.is_empty() => Ok(StoredValue::Null),
        None => {
            let wanted = if nullable { "True, False, or None" } else { "True or False" };
            Err(refused(value, format_args!("value must be either {wanted}.")))
        }
    }
}

/// Django's `IntegerField`, with a number of 64 bits.
pub(super) fn integer(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
    const END: f64 = 9_223_372_036_854_775_808.0;

    let too_large = || {
        FieldFault::at_save(
            ExceptionClass::OVERFLOW_ERROR,
            "Python int too large to convert to SQLite INTEGER",
        )
    };
    let integer = match value {
        JsonValue::Null => return Ok(StoredValue::Null),
        JsonValue::Bool(truth) => Some(i64::from(*truth)),
        JsonValue::Integer(integer) => Some(*integer),
        JsonValue::BigInteger(_) => return Err(too_large()),
        JsonValue::Float(float) if float.is_infinite() => {
            return Err(FieldFault::raised(
                ExceptionClass::OVERFLOW_ERROR,
                "cannot convert float infinity to integer",
            ));
        }
        JsonValue::Float(float) if float.is_nan() => None,
        JsonValue::Float(float) if !(-END..END).contains(&float.trunc()) => return Err(too_large()),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the fraction is cut off, as Python's `int` does"
        )]
        JsonValue::Float(float) => Some(float.trunc() as i64),
        JsonValue::Text(text) => match text.as_str().and_then(parse_int) {
            Some(ParsedInt::Fits(integer)) => Some(integer),
            Some(ParsedInt::TooLarge) => return Err(too_large()),
            None => None,
        },
        JsonValue::Array(_) | JsonValue::Object(_) => None,
    };
    integer.map(StoredValue::Integer).ok_or_else(|| refused(value, format_args!("value must be an integer.")))
}

/// Django's `FloatField`. The result may be `NaN`, which a database stores as `NULL`.
pub(super) fn float(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
    let float = match value {
        JsonValue::Null => return Ok(StoredValue::Null),
        JsonValue::Bool(truth) => Some(f64::from(u8::from(*truth))),
        #[expect(clippy::cast_precision_loss, reason = "Python's `float` rounds as well")]
        JsonValue::Integer(integer) => Some(*integer as f64),
        JsonValue::BigInteger(digits) => match digits.parse::<f64>() {
            Ok(float) if float.is_finite() => Some(float),
            _ => {
                return Err(FieldFault::raised(
                    ExceptionClass::OVERFLOW_ERROR,
                    "int too large to convert to float",
                ));
            }
        },
        JsonValue::Float(float) => Some(*float),
        JsonValue::Text(text) => text.as_str().and_then(parse_float),
        JsonValue::Array(_) | JsonValue::Object(_) => None,
    };
    float.map(StoredValue::Real).ok_or_else(|| refused(value, format_args!("value must be a float.")))
}

/// A text about `value`: `“V” value must be ..`.
pub(super) fn refused(value: &JsonValue<'_>, why: std::fmt::Arguments<'_>) -> FieldFault {
    FieldFault::invalid(format!("“{}” {why}", value.python_str()))
}

/// The fault of a value whose type Python's function does not take. It ends the record.
pub(super) fn wrong_type(value: &JsonValue<'_>, wanted: &str) -> FieldFault {
    FieldFault::raised(
        ExceptionClass::TYPE_ERROR,
        format!("expected {wanted}, found {}", value.python_type()),
    )
}

/// A text that passes `checks`, those of an enum. Called by derived code.
#[doc(hidden)]
pub fn text_of(value: &JsonValue<'_>, checks: &[Check]) -> Result<StoredValue<'static>, FieldFault> {
    one_of(text(value)?, checks)
}

/// An integer that passes `checks`, those of an enum. Called by derived code.
#[doc(hidden)]
pub fn integer_of(value: &JsonValue<'_>, checks: &[Check]) -> Result<StoredValue<'static>, FieldFault> {
    one_of(integer(value)?, checks)
}

fn one_of(stored: StoredValue<'static>, checks: &[Check]) -> Result<StoredValue<'static>, FieldFault> {
    if first_failed(checks, stored.as_column()).is_some() { Err(no_choice(&stored)) } else { Ok(stored) }
}

/// The fault of a value that is none of a field's choices.
pub(super) fn no_choice(stored: &StoredValue<'_>) -> FieldFault {
    let value = match stored {
        StoredValue::Integer(integer) => JsonValue::Integer(*integer),
        StoredValue::Real(real) => JsonValue::Float(*real),
        StoredValue::Text(text) => JsonValue::from(&**text),
        StoredValue::Null | StoredValue::Blob(_) => JsonValue::Null,
    };
    FieldFault::invalid(format!("Value {} is not a valid choice.", value.python_repr()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::received::parse;

    #[test]
    fn a_choice_is_checked_after_the_conversion() {
        let numbers = [Check::IntegerOf(&[1, -1])];
        let integer = |json| integer_of(&parse(json).unwrap(), &numbers);
        assert_eq!(integer("\" 1\""), Ok(StoredValue::Integer(1)));
        assert_eq!(integer("null"), Ok(StoredValue::Null));
        assert_eq!(integer("0.5"), Err(FieldFault::invalid("Value 0 is not a valid choice.")));
        let texts = [Check::TextOf(&["a", "5"])];
        let text = |json| text_of(&parse(json).unwrap(), &texts);
        assert_eq!(text("5"), Ok(StoredValue::Text("5".into())));
        assert_eq!(text("\"it's\""), Err(FieldFault::invalid("Value \"it's\" is not a valid choice.")));
        assert_eq!(text("[]"), Err(FieldFault::invalid("Value '[]' is not a valid choice.")));
    }

    #[test]
    fn values_that_count_as_missing() {
        let contains = |values: EmptyValues, json| values.contain(&parse(json).unwrap());
        for json in ["null", "\"\"", "[]", "{}", "\"[ ]\"", "\" {\\n}\"", "\"null\"", "\"\\\"\\\"\""] {
            assert!(contains(EmptyValues::Nested, json), "{json}");
        }
        for json in ["0", "false", "\"[1]\"", "\"\\\" \\\"\"", "\"{} {}\"", "\" \\u000b\""] {
            assert!(!contains(EmptyValues::Nested, json), "{json}");
        }
        assert!(contains(EmptyValues::Any, "[]") && !contains(EmptyValues::Text, "[]"));
        assert!(contains(EmptyValues::Text, "\"\"") && !contains(EmptyValues::Null, "\"\""));
        assert_eq!(EmptyValues::Text.absent(false), JsonValue::from(""));
        assert_eq!(EmptyValues::Text.absent(true), JsonValue::Null);
        assert_eq!(EmptyValues::Nested.absent(false), JsonValue::Null);
    }
}
