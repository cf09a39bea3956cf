//! One row of a query, as models read it.

use std::fmt;

use crate::value::{ColumnValue, InvalidValue};

/// One row of a query, with columns by position.
pub trait Row {
    /// The value of column `index`.
    ///
    /// # Errors
    ///
    /// If the row has no such column.
    fn column(&self, index: usize) -> Result<ColumnValue<'_>, InvalidValue>;
}

/// The error for a row with a value that a field cannot hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    column: usize,
    source: InvalidValue,
}

impl FieldError {
    /// An error with the cause `source`, in the column at index `column` as in [`Syncable::read`](crate::model::Syncable::read).
    #[must_use]
    pub fn new(column: usize, source: InvalidValue) -> Self {
        Self { column, source }
    }

    /// The index of the column, as in [`Syncable::read`](crate::model::Syncable::read).
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// Returns the cause.
    #[must_use]
    pub fn into_invalid_value(self) -> InvalidValue {
        self.source
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {} cannot be taken", self.column)
    }
}

impl std::error::Error for FieldError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Returns column `index` of `row`. Called by derived code.
#[doc(hidden)]
#[inline]
pub fn column(row: &impl Row, index: usize) -> Result<ColumnValue<'_>, FieldError> {
    row.column(index).map_err(in_column(index))
}

/// Returns a function that adds the column's index to an error. Called by derived code.
#[doc(hidden)]
#[inline]
pub fn in_column(index: usize) -> impl FnOnce(InvalidValue) -> FieldError {
    move |source| FieldError::new(index, source)
}
