//! `FieldValue` for `String`.

use std::borrow::Cow;

use super::{
    Check, ColumnType, ColumnValue, EmptyValues, FieldValue, InvalidValue, StoredValue, from_json,
    write_as_stored,
};
use crate::received::{FieldFault, JsonValue};

/// Text, stored and synced unchanged.
impl FieldValue for String {
    const COLUMN_TYPE: ColumnType = ColumnType::Text;
    const CHECKS: &'static [Check] = &[Check::Text];
    const EMPTY_VALUES: EmptyValues = EmptyValues::Text;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Text(text) => Ok(text.to_owned()),
            other => Err(InvalidValue::expected("text", other)),
        }
    }

    fn check(value: ColumnValue<'_>) -> Result<(), InvalidValue> {
        match value {
            ColumnValue::Text(_) => Ok(()),
            other => Err(InvalidValue::expected("text", other)),
        }
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        write_as_stored(value, json)
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        from_json::text(value)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Text(Cow::Borrowed(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_fault, check_received, check_round_trip};
    use super::*;
    use crate::received::ExceptionClass;

    #[test]
    fn text_comes_back() {
        let texts = ["", "plain", "NULL", "5", " a\0b ", "李小龙 \u{1f600}"].map(str::to_owned);
        check_round_trip(&texts, |text| {
            let mut json = String::new();
            crate::json::write_string(&mut json, text);
            json
        });
        check_round_trip(&[Some(String::new()), None], |text| match text {
            Some(_) => "\"\"".to_owned(),
            None => "null".to_owned(),
        });
    }

    #[test]
    fn a_loosely_typed_column_is_written_as_it_is() {
        check::<String>(ColumnValue::Integer(7), "7");
        check::<String>(ColumnValue::Null, "null");
    }

    #[test]
    fn a_blob_has_no_json_form() {
        let error = String::write_json(ColumnValue::Blob(b"x"), &mut String::new()).unwrap_err();
        assert_eq!(error.to_string(), "a blob has no JSON form");
    }

    #[test]
    fn a_received_value_is_printed_as_python_does() {
        for (json, text) in [
            ("\"a\\u0000\\u00e9\"", "a\0\u{e9}"),
            ("\"\"", ""),
            ("5", "5"),
            ("1.50", "1.5"),
            ("true", "True"),
            ("NaN", "nan"),
            ("[1, \"a\"]", "[1, 'a']"),
            ("{}", "{}"),
        ] {
            check_received::<String>(json, &StoredValue::Text(text.into()));
        }
        check_received::<String>("null", &StoredValue::Null);
        let text = "'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed";
        check_fault::<String>(
            "\"a\\ud800\"",
            &FieldFault::at_save(ExceptionClass::UNICODE_ENCODE_ERROR, text),
        );
    }
}
