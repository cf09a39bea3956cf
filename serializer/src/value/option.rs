//! `FieldValue` for `Option<T>`: `None` is `NULL` in the column, and mostly `null` in JSON.

use super::{
    Check, ColumnType, ColumnValue, EmptyValues, FieldValue, InvalidValue, NestedValue, StoredValue,
    from_json,
};
use crate::received::{FieldFault, JsonValue};

/// An optional value: `None` is stored as `NULL`.
impl<T: FieldValue> FieldValue for Option<T> {
    const NULLABLE: bool = true;
    const COLUMN_TYPE: ColumnType = T::COLUMN_TYPE;
    const CHECKS: &'static [Check] = T::CHECKS;
    const EMPTY_VALUES: EmptyValues = T::EMPTY_VALUES;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Null => Ok(None),
            value => T::read(value).map(Some),
        }
    }

    fn check(value: ColumnValue<'_>) -> Result<(), InvalidValue> {
        if value == ColumnValue::Null { Ok(()) } else { T::check(value) }
    }

    // The inner type decides the JSON of `NULL`: Kolibri's JSON fields write the string "null".
    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        T::write_json(value, json)
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        match T::EMPTY_VALUES {
            EmptyValues::Boolean => from_json::boolean(value, true),
            EmptyValues::Nested if from_json::is_null_json(value) => Ok(StoredValue::Null),
            _ if value.is_null() => Ok(StoredValue::Null),
            _ => T::from_json(value),
        }
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        self.as_ref().map_or(Ok(StoredValue::Null), T::to_column)
    }
}

impl<T: NestedValue> NestedValue for Option<T> {
    fn write_nested_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        T::write_nested_json(value, json)
    }

    fn from_nested_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        if value.is_null() { Ok(StoredValue::Null) } else { T::from_nested_json(value) }
    }
}
