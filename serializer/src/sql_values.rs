//! Conversions between the types of this crate and SQLite's, with the feature `rusqlite`.
//!
//! They are in this crate and not in the backend, because the impl of a foreign trait must be in the crate of the type.

#![cfg(feature = "rusqlite")]

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};

use crate::record_id::RecordId;
use crate::value::StoredValue;

/// Binds the 32 digits as text.
impl ToSql for RecordId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.as_str().as_bytes())))
    }
}

/// Parses text with [`RecordId::parse`].
impl FromSql for RecordId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).map_err(|error| FromSqlError::Other(error.into()))
    }
}

/// Binds the value unchanged.
impl ToSql for StoredValue<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Integer(integer) => ToSqlOutput::Owned(Value::Integer(*integer)),
            Self::Real(real) => ToSqlOutput::Owned(Value::Real(*real)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_takes_and_gives_it() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let id = RecordId::random();
        let read =
            |text: &dyn ToSql| connection.query_row("SELECT ?1", [text], |row| row.get::<_, RecordId>(0));
        assert_eq!(read(&id), Ok(id));
        assert_eq!(read(&id.to_string().to_uppercase()), Ok(id));
        assert_eq!(
            read(&"x").unwrap_err().to_string(),
            "Conversion error from type Text at index: 0, `x` is not a UUID"
        );
        assert!(read(&7).is_err());
    }
}
