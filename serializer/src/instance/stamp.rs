//! `Stamp`: the instance and the counter with which a transaction saves records.

use crate::model::{InvalidColumn, Row};
use crate::record_id::RecordId;
use crate::value::{ColumnValue, FieldValue as _, InvalidValue};

/// An instance and its counter. Every record gets them when it is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The id of the instance.
    pub instance: String,
    /// The counter of the instance.
    pub counter: i64,
}

impl Stamp {
    /// Computes the stamp that follows the last one of an instance. Column 0 of `row` is the id of the instance, column
    /// 1 its counter.
    ///
    /// # Errors
    ///
    /// If the id is not a UUID, or the counter is not a number or is the largest number.
    pub fn after(row: &impl Row) -> Result<Self, InvalidColumn> {
        let invalid = |column, source| InvalidColumn::new("morango_instanceidmodel", column, row, 0, source);
        let id = row.column(0).and_then(RecordId::read).map_err(|source| invalid("id", source))?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "its fraction is dropped, as Python's `int` does"
        )]
        let counter = row.column(1).and_then(|value| match value {
            ColumnValue::Integer(counter) => counter
                .checked_add(1)
                .ok_or_else(|| InvalidValue::new(format!("nothing comes after {counter}"))),
            ColumnValue::Real(counter) if counter.abs() < LARGEST_EXACT => Ok(counter.trunc() as i64 + 1),
            other => Err(InvalidValue::expected("an integer", other)),
        });
        let counter = counter.map_err(|source| invalid("counter", source))?;
        Ok(Self { instance: id.to_string(), counter })
    }
}

/// The limit below which every integer is exact as a floating-point number.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
