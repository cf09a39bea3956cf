//! The values of a column, as read from a row and as bound to a statement, and the types a column is declared with.

use std::borrow::Cow;

use super::InvalidValue;

/// The value in one column of one row, borrowed from the row.
///
/// SQLite is loosely typed: a column declared `integer` may hold text. So this enum states the type of the value
/// itself, and a [`FieldValue`](crate::FieldValue) decides how to convert it.
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
    /// A text that is not UTF-8, as bytes. Most types reject it.
    NotUtf8(&'row [u8]),
    /// Bytes.
    Blob(&'row [u8]),
}

impl ColumnValue<'_> {
    /// The kind of this value, for messages: `null`, `an integer`, `text`, …
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
    /// Returns `self`, or an error if it is text that is not UTF-8.
    ///
    /// # Errors
    ///
    /// If the value is such text.
    pub fn in_utf8(self) -> Result<Self, InvalidValue> {
        match self {
            Self::NotUtf8(bytes) => Err(InvalidValue::not_utf8(bytes)),
            value => Ok(value),
        }
    }
}

/// The value that a field stores in its column, borrowed from the field or owned. A statement binds it without a
/// conversion.
#[derive(Debug, Clone, PartialEq)]
pub enum StoredValue<'field> {
    /// SQL's `NULL`.
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// A floating-point number, but never `NaN`: SQLite would store that as `NULL`.
    Real(f64),
    /// Text.
    Text(Cow<'field, str>),
    /// Bytes.
    Blob(Cow<'field, [u8]>),
}

impl StoredValue<'_> {
    /// The value as a row would return it.
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

    /// Copies borrowed text and bytes, so that the value owns all its data.
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

/// The declared type of a column in a table that is created from a model.
///
/// For SQLite the declared type decides only which conversions are tried on a value to store. For people and for Django
/// it describes the column.
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
    /// The name of the type in `CREATE TABLE`, as Django writes it.
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
