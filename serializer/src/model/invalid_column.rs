//! The error for a column of a row that cannot be read or serialised.

use crate::model::row::Row;
use crate::value::{ColumnValue, InvalidValue, shortened};

/// The error for a column whose value cannot be read or serialised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column `{column}` of table `{table}`, record `{record}`")]
pub struct InvalidColumn {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The record's id, as the table has it.
    pub record: String,
    /// The reason.
    pub source: InvalidValue,
}

impl InvalidColumn {
    /// Creates the error `source` for `column` of `row`. `row` is a row of `table` with the record's id in column `id`.
    #[must_use]
    pub fn new(
        table: &'static str,
        column: &'static str,
        row: &impl Row,
        id: usize,
        source: InvalidValue,
    ) -> Self {
        let record = match row.column(id) {
            Ok(ColumnValue::Text(id)) => id.to_owned(),
            Ok(ColumnValue::NotUtf8(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            Ok(other) => format!("({})", other.kind()),
            Err(error) => format!("({error})"),
        };
        Self { table, column, record: shortened(record), source }
    }
}
