//! The error for a column of a row that cannot be read or serialised.

use crate::model::row::Row;
use crate::value::{ColumnValue, InvalidValue, shortened};

/// A column of a record holds a value that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column `{column}` of table `{table}`, record `{record}`")]
pub struct InvalidColumn {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The record's id, as the table has it.
    pub record: String,
    /// What is wrong.
    pub source: InvalidValue,
}

impl InvalidColumn {
    /// The error `source` about `column` of `row`, a row of `table` whose record id is in column `id`.
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
