//! `Row` for a row of `SQLite`, and the conversion of its values.

use rusqlite::types::ValueRef;
use syncline_serializer::model::Row;
use syncline_serializer::value::{ColumnValue, InvalidValue};

/// A row of a query.
#[derive(Debug)]
pub(crate) struct SqliteRow<'a>(pub(crate) &'a rusqlite::Row<'a>);

impl Row for SqliteRow<'_> {
    #[inline]
    fn column(&self, index: usize) -> Result<ColumnValue<'_>, InvalidValue> {
        match self.0.get_ref(index) {
            Ok(value) => Ok(column_value(value)),
            Err(error) => Err(InvalidValue::new(error.to_string())),
        }
    }
}

/// Converts a value of `SQLite`.
#[inline]
pub(crate) fn column_value(value: ValueRef<'_>) -> ColumnValue<'_> {
    match value {
        ValueRef::Null => ColumnValue::Null,
        ValueRef::Integer(integer) => ColumnValue::Integer(integer),
        ValueRef::Real(real) => ColumnValue::Real(real),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => ColumnValue::Text(text),
            Err(_) => ColumnValue::NotUtf8(bytes),
        },
        ValueRef::Blob(bytes) => ColumnValue::Blob(bytes),
    }
}

/// The bytes of a text, or `None` for a value of another kind.
#[inline]
pub(crate) fn text_bytes(value: ValueRef<'_>) -> Option<&[u8]> {
    match value {
        ValueRef::Text(bytes) => Some(bytes),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => None,
    }
}
