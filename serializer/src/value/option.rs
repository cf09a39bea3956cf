//! `FieldValue` for `Option<T>`: `None` is `NULL` in the column, and mostly `null` in JSON.

use super::{Check, ColumnType, ColumnValue, FieldValue, InvalidValue, NestedValue, StoredValue};

/// An optional value: `None` is stored as `NULL`.
impl<T: FieldValue> FieldValue for Option<T> {
    const NULLABLE: bool = true;
    const COLUMN_TYPE: ColumnType = T::COLUMN_TYPE;
    const CHECKS: &'static [Check] = T::CHECKS;

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

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        self.as_ref().map_or(Ok(StoredValue::Null), T::to_column)
    }
}

impl<T: NestedValue> NestedValue for Option<T> {
    fn write_nested_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        T::write_nested_json(value, json)
    }
}
