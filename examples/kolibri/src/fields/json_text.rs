//! Kolibri's `JSONField`.

use std::fmt;

use syncline::{ColumnType, ColumnValue, FieldValue, InvalidValue, StoredValue, json};

/// JSON, as Kolibri's `JSONField` stores it: as text.
///
/// It syncs as a string that holds JSON, so what is text in it is escaped twice. `NULL` syncs as the string `"null"`.
/// A text that is not JSON counts as a string; so `""` is a string without characters, and not nothing.
///
/// What is JSON gets the form that Python writes it in: see [`json::recode`]. Nested more than 1000 deep, or with an
/// integer of more than 4300 digits, it is refused, as by Python.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonText(String);

impl JsonText {
    /// The JSON, in Python's form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON, in Python's form.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// Appends the inner text.
    fn write(value: ColumnValue<'_>, out: &mut String) -> Result<(), InvalidValue> {
        match value {
            ColumnValue::Text(text) => match json::recode(text, out) {
                Err(error) if error.is_limit() => {
                    return Err(InvalidValue::new(format!("JSON beyond limits: {error}")));
                }
                Err(_) => json::write_string(out, text),
                Ok(()) => {}
            },
            // Bytes are taken for a string, whatever they spell.
            ColumnValue::Blob(bytes) => {
                let text = std::str::from_utf8(bytes);
                json::write_string(out, text.map_err(|_| InvalidValue::expected("JSON", value))?);
            }
            other => syncline::write_as_stored(other, out)?,
        }
        Ok(())
    }
}

impl FieldValue for JsonText {
    const COLUMN_TYPE: ColumnType = ColumnType::Text;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        let mut text = String::new();
        Self::write(value, &mut text)?;
        Ok(Self(text))
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Text(self.as_str().into()))
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        // An empty object, which most records have here, is what it was.
        if value == ColumnValue::Text("{}") {
            json.push_str("\"{}\"");
            return Ok(());
        }
        let start = json.len();
        Self::write(value, json)?;
        json::quote_in_place(json, start);
        Ok(())
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

    #[track_caller]
    fn check(value: ColumnValue<'_>, inner: &str, expected: &str) {
        assert_eq!(JsonText::read(value).unwrap().as_str(), inner);
        let mut json = String::from("[");
        JsonText::write_json(value, &mut json).unwrap();
        assert_eq!(json, format!("[{expected}"));
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
}
