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
            Ok(ValueRef::Null) => Ok(ColumnValue::Null),
            Ok(ValueRef::Integer(integer)) => Ok(ColumnValue::Integer(integer)),
            Ok(ValueRef::Real(real)) => Ok(ColumnValue::Real(real)),
            Ok(ValueRef::Text(bytes)) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(ColumnValue::Text(text)),
                Err(_) => Err(InvalidValue::new(format!(
                    "`{}` is text that is not UTF-8",
                    String::from_utf8_lossy(bytes)
                ))),
            },
            Ok(ValueRef::Blob(bytes)) => Ok(ColumnValue::Blob(bytes)),
            Err(error) => Err(InvalidValue::new(error.to_string())),
        }
    }
}
