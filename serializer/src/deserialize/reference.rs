//! The references of a received record.

use crate::received::{ExceptionClass, Failure, FieldFault, JsonValue};
use crate::record_id::RecordId;

/// A reference that is not null.
#[derive(Debug)]
pub(super) struct Reference {
    /// The index of its column.
    pub(super) column: usize,
    /// The id, as the store compares it.
    pub(super) id: String,
    /// The id, as the text of the record spells it.
    pub(super) spelt: String,
}

impl Reference {
    /// The reference of `column` to the record that `value` names. A reference of a tree is an id in any spelling that Python reads;
    /// others are compared as they are.
    ///
    /// # Errors
    ///
    /// [`Raised`](FieldFault::Raised) for a reference of a tree that is no id. The inner error is that of a value that no query
    /// can bind, which counts behind the faults of the fields.
    pub(super) fn read(
        column: usize,
        value: &JsonValue<'_>,
        is_of_tree: bool,
    ) -> Result<Result<Self, Failure>, FieldFault> {
        if !is_of_tree {
            return Ok(text_of(value).map(|id| Self { column, spelt: id.clone(), id }));
        }
        let JsonValue::Text(text) = value else {
            let text = format!("the reference {} is no text", value.python_str());
            return Err(FieldFault::raised(ExceptionClass::KEY_ERROR, text));
        };
        match text.as_str().and_then(|text| Some((text, RecordId::parse(text).ok()?))) {
            Some((spelt, id)) => Ok(Ok(Self { column, id: id.to_string(), spelt: spelt.to_owned() })),
            None => {
                Err(FieldFault::raised(ExceptionClass::VALUE_ERROR, "badly formed hexadecimal UUID string"))
            }
        }
    }
}

/// The text by which a reference is looked up: a string as it is, and a number or a boolean as SQLite converts it to text.
///
/// # Errors
///
/// For a value that no query can bind.
fn text_of(value: &JsonValue<'_>) -> Result<String, Failure> {
    let refuse = |class, why: &str| {
        Err(Failure::new(class, format!("the reference {} is {why}, and not an id", value.python_str())))
    };
    match value {
        JsonValue::Text(text) => match text.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => refuse(ExceptionClass::UNICODE_ENCODE_ERROR, "text with an unpaired surrogate"),
        },
        JsonValue::Bool(is) => Ok(i64::from(*is).to_string()),
        JsonValue::Integer(number) => Ok(number.to_string()),
        JsonValue::Float(number) if number.is_nan() => {
            refuse(ExceptionClass::INTEGRITY_ERROR, "not a number")
        }
        JsonValue::Float(number) => Ok(as_sqlite_prints(*number)),
        JsonValue::BigInteger(_) => refuse(ExceptionClass::OVERFLOW_ERROR, "beyond 64 bits"),
        JsonValue::Null => refuse(ExceptionClass::INTEGRITY_ERROR, "null"),
        JsonValue::Array(_) => refuse(ExceptionClass::PROGRAMMING_ERROR, "a list"),
        JsonValue::Object(_) => refuse(ExceptionClass::PROGRAMMING_ERROR, "an object"),
    }
}

/// A number as SQLite converts it to text: `%!.15g`, so with a point always.
fn as_sqlite_prints(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "Inf".to_owned() } else { "-Inf".to_owned() };
    }
    if number == 0.0 {
        return "0.0".to_owned();
    }
    let scientific = format!("{number:.14e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let with_point = |text: String| if text.contains('.') { text } else { text + ".0" };
    let trimmed = |text: &str| text.trim_end_matches('0').trim_end_matches('.').to_owned();
    if (-4..15).contains(&exponent) {
        let decimals = usize::try_from(14 - exponent).unwrap_or_default();
        let text = format!("{number:.decimals$}");
        return with_point(if text.contains('.') { trimmed(&text) } else { text });
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", with_point(trimmed(digits)), exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::{as_sqlite_prints, text_of};
    use crate::received::{ExceptionClass, JsonValue};

    #[test]
    fn numbers_are_printed_as_sqlite_does() {
        for (number, expected) in [
            (1.5, "1.5"),
            (1.0, "1.0"),
            (0.0, "0.0"),
            (-2.25, "-2.25"),
            (1e308, "1.0e+308"),
            (1e15, "1.0e+15"),
            (123_456_789_012_345.0, "123456789012345.0"),
            (0.000_01, "1.0e-05"),
            (0.000_1, "0.0001"),
            (f64::INFINITY, "Inf"),
            (0.1, "0.1"),
        ] {
            assert_eq!(as_sqlite_prints(number), expected);
        }
    }

    #[test]
    fn a_value_that_cannot_be_bound_is_a_failure() {
        assert_eq!(text_of(&JsonValue::Bool(true)), Ok("1".to_owned()));
        assert_eq!(
            text_of(&JsonValue::Array(Vec::new())).unwrap_err().class,
            ExceptionClass::PROGRAMMING_ERROR
        );
    }
}
