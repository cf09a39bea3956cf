//! What serde reads and writes, as JSON in a text column.

use std::any::type_name;
use std::ops::{Deref, DerefMut};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{ColumnType, ColumnValue, FieldValue, InvalidValue, JsonText, NestedValue, StoredValue};
use crate::json;

/// Any type that serde reads and writes, as a field: JSON in a text column. It syncs like a [`JsonText`].
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
/// What cannot be read again is not stored: a `NaN` in the value, for instance, which JSON does not have.
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

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        read(value).map(Self)
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        JsonText::write_json(value, json)
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
}

/// Any JSON, in a text column. It syncs like a [`JsonText`].
///
/// A stored text that is not JSON, or has an integer that a `Value` has no room for, cannot be read. Python's `NaN` and
/// `Infinity` are such texts: a [`JsonText`] takes them.
impl FieldValue for Value {
    const COLUMN_TYPE: ColumnType = ColumnType::Text;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        let read = read(value)?;
        if let ColumnValue::Text(text) = value {
            integers_fit(text)?;
        }
        Ok(read)
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        JsonText::write_json(value, json)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Text(to_text(self)?.into()))
    }
}

impl NestedValue for Value {
    fn write_nested_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        JsonText::write(value, json)
    }
}

fn read<T: DeserializeOwned>(value: ColumnValue<'_>) -> Result<T, InvalidValue> {
    match value {
        ColumnValue::Text(text) => serde_json::from_str(text)
            .map_err(|error| InvalidValue::new(format!("not the JSON of a `{}`: {error}", type_name::<T>()))),
        other => Err(InvalidValue::expected("JSON text", other)),
    }
}

/// In Python's form, as Kolibri would store it.
fn to_text(value: &impl Serialize) -> Result<String, InvalidValue> {
    let text = serde_json::to_string(value)
        .map_err(|error| InvalidValue::new(format!("it has no form as JSON: {error}")))?;
    let mut recoded = String::with_capacity(text.len());
    json::recode(&text, &mut recoded)
        .map_err(|error| InvalidValue::new(format!("JSON beyond limits: {error}")))?;
    Ok(recoded)
}

/// Refuses JSON with integers of more than 64 bits, of which a `Value` would keep 53. `text` is JSON.
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

/// What is behind the string whose inside `text` begins with.
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
        // What serde_json reads by its faster way is one off here.
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
