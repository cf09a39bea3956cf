//! What a column holds.

use std::borrow::Cow;

use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};

use super::InvalidValue;

/// What one column of one row holds, borrowed from the row.
///
/// SQLite is loosely typed: a column declared `integer` may hold text. So a value says what it *is*, and a
/// [`FieldValue`](crate::FieldValue) decides what to make of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ColumnValue<'row> {
    /// SQL's `NULL`.
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(&'row str),
    /// The bytes of what is stored as text and is not UTF-8: most types refuse it.
    NotUtf8(&'row [u8]),
    /// Bytes.
    Blob(&'row [u8]),
}

impl ColumnValue<'_> {
    /// The name of what this is, for a message: `null`, `an integer`, `text`, …
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Integer(_) => "an integer",
            Self::Real(_) => "a floating-point number",
            Self::Text(_) => "text",
            Self::NotUtf8(_) => "text that is not UTF-8",
            Self::Blob(_) => "a blob",
        }
    }
}

impl ColumnValue<'_> {
    /// The same, unless it is text that is not UTF-8.
    pub(crate) fn in_utf8(self) -> Result<Self, InvalidValue> {
        match self {
            Self::NotUtf8(bytes) => Err(InvalidValue::not_utf8(bytes)),
            value => Ok(value),
        }
    }
}

/// What a field puts into its column: borrowed from the field, or made for it.
///
/// It is bound to a statement as it is.
#[derive(Debug, Clone, PartialEq)]
pub enum StoredValue<'field> {
    /// SQL's `NULL`.
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// A floating-point number; never `NaN`, which SQLite stores as `NULL`.
    Real(f64),
    /// Text.
    Text(Cow<'field, str>),
    /// Bytes.
    Blob(Cow<'field, [u8]>),
}

impl StoredValue<'_> {
    /// The value as a row would have it, when it is read again.
    #[must_use]
    pub fn as_column(&self) -> ColumnValue<'_> {
        match self {
            Self::Null => ColumnValue::Null,
            Self::Integer(integer) => ColumnValue::Integer(*integer),
            Self::Real(real) => ColumnValue::Real(*real),
            Self::Text(text) => ColumnValue::Text(text),
            Self::Blob(bytes) => ColumnValue::Blob(bytes),
        }
    }

    /// The same, of which nothing is borrowed.
    #[must_use]
    pub fn into_owned(self) -> StoredValue<'static> {
        match self {
            Self::Null => StoredValue::Null,
            Self::Integer(integer) => StoredValue::Integer(integer),
            Self::Real(real) => StoredValue::Real(real),
            Self::Text(text) => StoredValue::Text(Cow::Owned(text.into_owned())),
            Self::Blob(bytes) => StoredValue::Blob(Cow::Owned(bytes.into_owned())),
        }
    }
}

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

/// The type that a column is declared with, where the table is made from the models.
///
/// To SQLite it says no more than which conversions are tried when a value is stored; to people, and to Django, it says
/// what the column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnType {
    /// A 64-bit integer.
    Integer,
    /// A floating-point number.
    Real,
    /// 0 or 1.
    Boolean,
    /// Text.
    Text,
    /// Bytes.
    Blob,
    /// 32 hex digits, as text.
    Uuid,
    /// `2025-01-02`, as text.
    Date,
    /// `03:04:05.678901`, as text.
    Time,
    /// `2025-01-02 03:04:05.678901`, as text.
    DateTime,
}

impl ColumnType {
    /// The name of the type in `CREATE TABLE`, as Django has it.
    #[must_use]
    pub const fn as_sql(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Real => "real",
            Self::Boolean => "bool",
            Self::Text => "text",
            Self::Blob => "BLOB",
            Self::Uuid => "char(32)",
            Self::Date => "date",
            Self::Time => "time",
            Self::DateTime => "datetime",
        }
    }
}
