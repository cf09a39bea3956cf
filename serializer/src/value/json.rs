//! `FieldValue` for `Json<T>` and `serde_json::Value`: JSON in a text column, by way of serde.

use std::any::type_name;
use std::ops::{Deref, DerefMut};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    Check, ColumnType, ColumnValue, EmptyValues, FieldValue, InvalidValue, JsonText, NestedValue, StoredValue,
};
use crate::json;
use crate::received::{FieldFault, JsonValue};

/// A field of any type that serde can serialize and deserialize, stored as JSON in a text column. It syncs like a
/// [`JsonText`].
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use syncline_serializer::{ColumnValue, FieldValue, Json};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Settings {
///     font_size: u8,
///     tags: Vec<String>,
/// }
///
/// let settings = Json(Settings { font_size: 12, tags: vec!["home".to_owned()] });
/// let column = settings.to_column()?;
/// assert_eq!(column.as_column(), ColumnValue::Text(r#"{"font_size": 12, "tags": ["home"]}"#));
/// assert_eq!(Json::read(column.as_column())?, settings);
/// # Ok::<(), syncline_serializer::InvalidValue>(())
/// ```
///
/// A value that could not be read back is not stored, for example one with a `NaN`, which JSON does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Serialize + DeserializeOwned> FieldValue for Json<T> {
    const COLUMN_TYPE: ColumnType = ColumnType::Text;
    const CHECKS: &'static [Check] = &[Check::Text];
    const EMPTY_VALUES: EmptyValues = EmptyValues::Nested;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        read(value).map(Self)
    }

    fn check(value: ColumnValue<'_>) -> Result<(), InvalidValue> {
        is_text(value)
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        JsonText::write_json(value, json)
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        JsonText::from_json(value)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        let text = to_text(&self.0)?;
        read::<T>(ColumnValue::Text(&text))
            .map_err(|error| InvalidValue::new(format!("could not be read again: {error}")))?;
        Ok(StoredValue::Text(text.into()))
    }
}

impl<T: Serialize + DeserializeOwned> NestedValue for Json<T> {
    fn write_nested_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        JsonText::write(value, json)
    }

    fn from_nested_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        JsonText::from_nested_json(value)
    }
}

/// Any JSON value, stored in a text column. It syncs like a [`JsonText`].
///
/// A stored text cannot be read if it is not JSON or has an integer too large for a `Value`. Python's `NaN` and
/// `Infinity` are not JSON either: use a [`JsonText`] for them.
impl FieldValue for Value {
    const COLUMN_TYPE: ColumnType = ColumnType::Text;
    const CHECKS: &'static [Check] = &[Check::Text];
    const EMPTY_VALUES: EmptyValues = EmptyValues::Nested;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        let read = read(value)?;
        if let ColumnValue::Text(text) = value {
            integers_fit(text)?;
        }
        Ok(read)
    }

    fn check(value: ColumnValue<'_>) -> Result<(), InvalidValue> {
        is_text(value)
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        JsonText::write_json(value, json)
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        JsonText::from_json(value)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Text(to_text(self)?.into()))
    }
}

impl NestedValue for Value {
    fn write_nested_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        JsonText::write(value, json)
    }

    fn from_nested_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        JsonText::from_nested_json(value)
    }
}

/// A newer version of the app may have stored another shape, so the JSON itself is not read.
fn is_text(value: ColumnValue<'_>) -> Result<(), InvalidValue> {
    match value {
        ColumnValue::Text(_) => Ok(()),
        other => Err(InvalidValue::expected("JSON text", other)),
    }
}

fn read<T: DeserializeOwned>(value: ColumnValue<'_>) -> Result<T, InvalidValue> {
    match value {
        ColumnValue::Text(text) => serde_json::from_str(text)
            .map_err(|error| InvalidValue::new(format!("not the JSON of a `{}`: {error}", type_name::<T>()))),
        other => Err(InvalidValue::expected("JSON text", other)),
    }
}

/// The JSON text of `value` in Python's form, as Kolibri would store it.
fn to_text(value: &impl Serialize) -> Result<String, InvalidValue> {
    let text = serde_json::to_string(value)
        .map_err(|error| InvalidValue::new(format!("it has no form as JSON: {error}")))?;
    let mut recoded = String::with_capacity(text.len());
    json::recode(&text, &mut recoded)
        .map_err(|error| InvalidValue::new(format!("JSON beyond limits: {error}")))?;
    Ok(recoded)
}

/// Checks that every integer in `text`, which is JSON, fits into 64 bits. A `Value` would keep only 53 bits of a larger
/// one.
fn integers_fit(text: &str) -> Result<(), InvalidValue> {
    let mut rest = text;
    while let Some(start) =
        rest.find(|character: char| character == '"' || character == '-' || character.is_ascii_digit())
    {
        rest = &rest[start..];
        if let Some(string) = rest.strip_prefix('"') {
            rest = behind_string(string);
            continue;
        }
        let end = rest.find(|character: char| !(character.is_ascii_digit() || "+-.eE".contains(character)));
        let (number, behind) = rest.split_at(end.unwrap_or(rest.len()));
        let is_integer = !number.contains(['.', 'e', 'E']);
        if is_integer && number.parse::<i64>().is_err() && number.parse::<u64>().is_err() {
            return Err(InvalidValue::new(format!(
                "{number} has more digits than a `serde_json::Value` holds"
            )));
        }
        rest = behind;
    }
    Ok(())
}

/// The text behind a string literal. `text` begins behind the literal's first quote.
fn behind_string(text: &str) -> &str {
    let mut escaped = false;
    let end = text.find(|character| {
        let is_end = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        is_end
    });
    end.map_or("", |end| &text[end + 1..])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::super::testing::{check, check_read_error, check_round_trip, check_store_error};
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Shape {
        corners: u32,
        area: f64,
    }

    #[test]
    fn values_come_back() {
        let values = [
            json!({"a": [1, 1.5, -0.1, 1e300, null, true], "é": "\u{1f600}\"\\\n"}),
            json!(null),
            json!("text"),
            json!(u64::MAX),
            json!(i64::MIN),
            json!({"digits in text": "123456789012345678901234567890\\"}),
        ];
        for value in values {
            let text = to_text(&value).unwrap();
            check_round_trip(std::slice::from_ref(&value), |_| serde_json::to_string(&text).unwrap());
            check_round_trip(&[Some(value)], |_| serde_json::to_string(&text).unwrap());
        }
        check_round_trip(&[None::<Value>], |_| "\"null\"".to_owned());
        check_round_trip(&[Json(Shape { corners: 3, area: 0.1 + 0.2 })], |_| {
            r#""{\"corners\": 3, \"area\": 0.30000000000000004}""#.to_owned()
        });
    }

    #[test]
    fn floats_are_read_to_the_last_digit() {
        // serde_json's fast parser is off by one unit in the last place here.
        for text in ["[2.2250738585072014e-308]", "[51.24817837550540]", "[-93.3113703768803]"] {
            let expected: f64 = text[1..text.len() - 1].parse().unwrap();
            let Json(read) = Json::<[f64; 1]>::read(ColumnValue::Text(text)).unwrap();
            assert_eq!(read[0].to_bits(), expected.to_bits(), "{text}");
        }
    }

    #[test]
    fn what_another_wrote_syncs_as_kolibris() {
        check::<Json<Shape>>(ColumnValue::Text(r#"{"corners":"many"}"#), r#""{\"corners\": \"many\"}""#);
        check::<Value>(ColumnValue::Text("soon"), r#""\"soon\"""#);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        check_read_error::<Value>(
            ColumnValue::Text("soon"),
            "not the JSON of a `serde_json::value::Value`: expected value at line 1 column 1",
        );
        check_read_error::<Value>(ColumnValue::Integer(5), "expected JSON text, found an integer");
        check_read_error::<Value>(
            ColumnValue::Text(r#"{"5": [1, -123456789012345678901234567890]}"#),
            "-123456789012345678901234567890 has more digits than a `serde_json::Value` holds",
        );
        let error = Json::<Shape>::read(ColumnValue::Text(r#"{"corners": 3}"#)).unwrap_err();
        assert!(error.to_string().ends_with("Shape`: missing field `area` at line 1 column 14"), "{error}");
    }

    #[test]
    fn what_cannot_be_stored_is_named() {
        let nan = Json(Shape { corners: 3, area: f64::NAN });
        let error = nan.to_column().unwrap_err().to_string();
        assert!(error.starts_with("could not be read again: "), "{error}");
        check_store_error(
            &Json(BTreeMap::from([([1_u8, 2], "x".to_owned())])),
            "it has no form as JSON: key must be a string",
        );
    }
}
