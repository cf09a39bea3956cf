//! `FieldValue` for [`JsonText`]: JSON in a text column.

use std::fmt;

use super::{
    Check, ColumnType, ColumnValue, EmptyValues, FieldValue, InvalidValue, NestedValue, StoredValue,
    write_as_stored,
};
use crate::json;
use crate::received::{ExceptionClass, FieldFault, JsonValue};

/// JSON text in a text column, as Kolibri's `JSONField` stores it.
///
/// It syncs as a string that contains the JSON text, so strings within it are escaped twice. `NULL` syncs as the string
/// `"null"`. A text that is not JSON counts as a string; so an empty text is an empty string and not a missing value.
/// With `#[syncable(nested)]` it syncs as a JSON value within the record, as Django's own `JSONField` does, and `NULL`
/// as `null`.
///
/// Integers keep all their digits. `serde_json::Value` and `Json<T>` have the same form in the database and when
/// synced.
///
/// JSON is converted to the form that Python writes: see [`json::recode`]. As in Python, JSON that nests more than 1000
/// deep or has an integer of more than 4300 digits is an error.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonText(String);

impl JsonText {
    /// Converts `text` to Python's form.
    ///
    /// # Errors
    ///
    /// If `text` is not JSON.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        let mut json = String::new();
        json::recode(text, &mut json).map_err(|error| InvalidValue::new(format!("not JSON: {error}")))?;
        Ok(Self(json))
    }

    /// The JSON text, in Python's form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON text, in Python's form.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// Appends the JSON value of a column. Text that is not JSON becomes a JSON string.
    pub(super) fn write(value: ColumnValue<'_>, out: &mut String) -> Result<(), InvalidValue> {
        match value {
            ColumnValue::Text(text) => match json::recode(text, out) {
                Err(error) if error.is_limit() => {
                    return Err(InvalidValue::new(format!("JSON beyond limits: {error}")));
                }
                Err(_) => json::write_string(out, text),
                Ok(()) => {}
            },
            // Morango takes bytes as a string, even if they contain JSON.
            ColumnValue::Blob(bytes) => {
                let text = std::str::from_utf8(bytes);
                json::write_string(out, text.map_err(|_| InvalidValue::expected("JSON", value))?);
            }
            other => write_as_stored(other, out)?,
        }
        Ok(())
    }
}

impl FieldValue for JsonText {
    const COLUMN_TYPE: ColumnType = ColumnType::Text;
    const CHECKS: &'static [Check] = &[Check::NoBlob];
    const EMPTY_VALUES: EmptyValues = EmptyValues::Nested;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        let mut text = String::new();
        Self::write(value, &mut text)?;
        Ok(Self(text))
    }

    /// Writing the JSON reads every value, and finds the same errors.
    fn check(_: ColumnValue<'_>) -> Result<(), InvalidValue> {
        Ok(())
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        // Fast path: most records have an empty object here.
        if value == ColumnValue::Text("{}") {
            json.push_str("\"{}\"");
            return Ok(());
        }
        let start = json.len();
        Self::write(value, json)?;
        json::quote_in_place(json, start);
        Ok(())
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        let Some(text) = value.as_str() else { return Self::from_nested_json(value) };
        let mut json = String::with_capacity(text.len());
        match json::recode(text, &mut json) {
            Ok(()) => {}
            // Python ends the record where the text nests too deep; an integer with too many digits is no JSON for it.
            Err(error) if error.is_limit() => {
                let class = ExceptionClass::RECURSION_ERROR;
                return Err(FieldFault::raised(class, format!("JSON beyond limits: {error}")));
            }
            Err(_) => json::write_string(&mut json, text),
        }
        Ok(StoredValue::Text(json.into()))
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Text(self.as_str().into()))
    }
}

impl NestedValue for JsonText {
    fn write_nested_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        Self::write(value, json)
    }

    fn from_nested_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        let mut json = String::new();
        value.write_json(&mut json);
        Ok(StoredValue::Text(json.into()))
    }
}

impl fmt::Display for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use super::super::testing::{check_fault, check_received, check_round_trip};

    #[track_caller]
    fn check(value: ColumnValue<'_>, inner: &str, expected: &str) {
        assert_eq!(JsonText::read(value).unwrap().as_str(), inner);
        let mut json = String::from("[");
        JsonText::write_json(value, &mut json).unwrap();
        assert_eq!(json, format!("[{expected}"));
    }

    #[test]
    fn it_comes_back() {
        for text in ["{}", "[1.5, \"\\u00e9\"]", "null", "123456789012345678901234567890"] {
            let quoted = json_string(text);
            check_round_trip(&[JsonText::new(text).unwrap()], |_| quoted.clone());
        }
        assert_eq!(
            JsonText::new("{'a': 1}").unwrap_err().to_string(),
            "not JSON: expected a key in double quotes at byte 1"
        );
    }

    fn json_string(text: &str) -> String {
        let mut json = String::new();
        json::write_string(&mut json, text);
        json
    }

    #[test]
    fn json_within_json() {
        for (value, expected) in [
            (ColumnValue::Text(r#"{"a":1.50}"#), r#"{"a": 1.5}"#),
            (ColumnValue::Text("not JSON"), r#""not JSON""#),
            (ColumnValue::Null, "null"),
        ] {
            let mut json = String::new();
            JsonText::write_nested_json(value, &mut json).unwrap();
            assert_eq!(json, expected);
        }
    }

    #[test]
    fn json_within_a_string() {
        check(ColumnValue::Text(r#"{"a":"é"}"#), r#"{"a": "\u00e9"}"#, r#""{\"a\": \"\\u00e9\"}""#);
        check(ColumnValue::Null, "null", r#""null""#);
    }

    #[test]
    fn what_is_not_json_is_a_string() {
        check(ColumnValue::Text(""), r#""""#, r#""\"\"""#);
        check(ColumnValue::Blob(b"{}"), r#""{}""#, r#""\"{}\"""#);
    }

    #[test]
    fn limits_are_refused() {
        let error = JsonText::read(ColumnValue::Text(&"[".repeat(1001))).unwrap_err();
        assert_eq!(error.to_string(), "JSON beyond limits: nested more than 1000 deep at byte 1000");
    }

    #[test]
    fn received_json_is_the_value_or_what_its_text_parses_to() {
        for (json, stored) in [
            ("\"{\\\"a\\\":1}\"", "{\"a\": 1}"),
            ("{\"a\":1.50}", "{\"a\": 1.5}"),
            ("\"soon\"", "\"soon\""),
            ("\"\"", "\"\""),
            ("5", "5"),
            ("\"\\ud800\"", "\"\\ud800\""),
            ("\"null\"", "null"),
            ("null", "null"),
        ] {
            check_received::<JsonText>(json, &StoredValue::Text(stored.into()));
        }
        for json in ["null", "\" null\\n\""] {
            check_received::<Option<JsonText>>(json, &StoredValue::Null);
        }
        let deep = format!("\"{}\"", "[".repeat(2000));
        let text = "JSON beyond limits: nested more than 1000 deep at byte 1000";
        check_fault::<JsonText>(&deep, &FieldFault::raised(ExceptionClass::RECURSION_ERROR, text));
        let nested = JsonText::from_nested_json(&JsonValue::from("{}"));
        assert_eq!(nested, Ok(StoredValue::Text("\"{}\"".into())));
    }
}
