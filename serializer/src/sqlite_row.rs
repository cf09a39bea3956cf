//! A row of `SQLite`'s, as models read it.

use rusqlite::types::ValueRef;

use crate::model::Row;
use crate::value::{ColumnValue, InvalidValue};

/// Its columns, by position.
#[derive(Debug)]
pub(crate) struct SqliteRow<'a>(pub(crate) &'a rusqlite::Row<'a>);

impl Row for SqliteRow<'_> {
    #[inline]
    fn column(&self, index: usize) -> Result<ColumnValue<'_>, InvalidValue> {
        match self.0.get_ref(index) {
            Ok(value) => column_value(value),
            Err(error) => Err(InvalidValue::new(error.to_string())),
        }
    }
}

/// `value`, its text checked to be UTF-8.
#[inline]
pub(crate) fn column_value(value: ValueRef<'_>) -> Result<ColumnValue<'_>, InvalidValue> {
    match value {
        ValueRef::Null => Ok(ColumnValue::Null),
        ValueRef::Integer(integer) => Ok(ColumnValue::Integer(integer)),
        ValueRef::Real(real) => Ok(ColumnValue::Real(real)),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(ColumnValue::Text(text)),
            Err(_) => Err(InvalidValue::new(format!(
                "`{}` is text that is not UTF-8",
                String::from_utf8_lossy(bytes)
            ))),
        },
        ValueRef::Blob(bytes) => Ok(ColumnValue::Blob(bytes)),
    }
}
