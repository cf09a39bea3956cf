//! `FieldValue` for `bool`.

use super::{Check, ColumnType, ColumnValue, EmptyValues, FieldValue, InvalidValue, StoredValue, from_json};
use crate::received::{FieldFault, JsonValue};

/// A `bool`, stored as 1 or 0.
///
/// Only the integers 0 and 1 are read. JSON follows Morango, which takes the column's bytes (kolibri-format §3): `1` as
/// a number, text or blob is `true`, `NULL` and an empty value are `null`, and any other value is `false`.
impl FieldValue for bool {
    const COLUMN_TYPE: ColumnType = ColumnType::Boolean;
    const CHECKS: &'static [Check] = &[Check::Boolean];
    const EMPTY_VALUES: EmptyValues = EmptyValues::Boolean;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Integer(0) => Ok(false),
            ColumnValue::Integer(1) => Ok(true),
            ColumnValue::Integer(_) => Err(InvalidValue::failed(Check::Boolean, value)),
            other => Err(InvalidValue::expected("0 or 1", other)),
        }
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        json.push_str(match value {
            ColumnValue::Null | ColumnValue::Text("") | ColumnValue::Blob(b"") => "null",
            ColumnValue::Integer(1) | ColumnValue::Text("1") | ColumnValue::Blob(b"1") => "true",
            _ => "false",
        });
        Ok(())
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        from_json::boolean(value, false)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Integer((*self).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_fault, check_read_error, check_received, check_round_trip};
    use super::*;

    #[test]
    fn both_come_back() {
        check_round_trip(&[true, false], ToString::to_string);
        check_round_trip(&[Some(true), None], |truth| {
            truth.map_or("null".to_owned(), |truth| truth.to_string())
        });
    }

    #[test]
    fn only_what_reads_1_is_true() {
        for value in [ColumnValue::Integer(1), ColumnValue::Text("1"), ColumnValue::Blob(b"1")] {
            check::<bool>(value, "true");
        }
        for value in [
            ColumnValue::Integer(2),
            ColumnValue::Real(1.0),
            ColumnValue::Text("true"),
            ColumnValue::NotUtf8(b"1\xff"),
        ] {
            check::<bool>(value, "false");
        }
        check::<Option<bool>>(ColumnValue::Text(""), "null");
        check_read_error::<bool>(ColumnValue::Integer(2), "expected 0 or 1, found 2");
    }

    #[test]
    fn a_received_boolean_is_read_as_django_does() {
        for json in ["true", "1", "1.0", "\"t\"", "\"True\"", "\"1\""] {
            check_received::<bool>(json, &StoredValue::Integer(1));
        }
        for json in ["false", "0", "-0.0", "\"f\"", "\"False\"", "\"0\""] {
            check_received::<Option<bool>>(json, &StoredValue::Integer(0));
        }
        for json in ["null", "\"\"", "[]", "{}"] {
            check_received::<Option<bool>>(json, &StoredValue::Null);
        }
        for (json, shown) in
            [("null", "None"), ("2", "2"), ("\"true\"", "true"), ("[1]", "[1]"), ("\"\"", "")]
        {
            let fault = FieldFault::invalid(format!("“{shown}” value must be either True or False."));
            check_fault::<bool>(json, &fault);
        }
        let fault = FieldFault::invalid("“x” value must be either True, False, or None.");
        check_fault::<Option<bool>>("\"x\"", &fault);
    }
}
