//! Functions that derived code calls for the rules of a declaration. Those for a constant panic where a rule does not fit:
//! there a panic is a compile error.

use crate::const_message::Message;
use crate::model::Syncable;
use crate::model::row::Row;
use crate::received::{Failure, Faults, FieldFault, ValidationErrors};
use crate::value::ColumnType;

/// Checks that the rule `key` is at a field of text.
///
/// # Panics
///
/// If the column is of another type.
#[track_caller]
pub const fn takes_text(field: &str, key: &str, column_type: ColumnType) {
    if !matches!(column_type, ColumnType::Text) {
        misfit(field, key, "text", column_type);
    }
}

/// Checks that the rule `key` is at a field of numbers.
///
/// # Panics
///
/// If the column is of another type.
#[track_caller]
pub const fn takes_numbers(field: &str, key: &str, column_type: ColumnType) {
    if !matches!(column_type, ColumnType::Integer | ColumnType::Real) {
        misfit(field, key, "numbers", column_type);
    }
}

/// Checks that the rule `key` is at a field of integers.
///
/// # Panics
///
/// If the column is of another type.
#[track_caller]
pub const fn takes_integers(field: &str, key: &str, column_type: ColumnType) {
    if !matches!(column_type, ColumnType::Integer) {
        misfit(field, key, "integers", column_type);
    }
}

#[track_caller]
const fn misfit(field: &str, key: &str, wanted: &str, column_type: ColumnType) -> ! {
    let message = Message::new().text("this `").text(key).text("` is for ").text(wanted);
    message.text(", but ").quoted(field).text(" is a column of type ").quoted(column_type.as_sql()).panic()
}

/// Converts the error of a function that checks a field.
///
/// # Errors
///
/// The fault, if `checked` is an error.
pub fn into_fault(checked: Result<(), impl Into<FieldFault>>) -> Result<(), FieldFault> {
    checked.map_err(Into::into)
}

/// Converts the error of a function that checks a record.
///
/// # Errors
///
/// The failure, if `checked` is an error.
pub fn into_failure(checked: Result<(), impl Into<ValidationErrors>>) -> Result<(), Failure> {
    checked.map_err(|errors| errors.into().into())
}

/// Reads a received record, and applies the rule of the whole record.
///
/// # Errors
///
/// If the rule refuses it. A row that cannot be read passes.
pub fn check_received<M: Syncable>(row: &impl Row) -> Result<(), Failure> {
    M::read(row).map_or(Ok(()), |record| record.check_record())
}

/// Applies the declared rules to `record`, which the app writes: those of the synced columns for which `is_written` returns
/// `true`, by their positions, and the rule of the whole record. The texts are those of received records.
///
/// # Errors
///
/// If a rule refuses a value or the record.
pub fn check_rules<M: Syncable>(record: &M, is_written: impl Fn(usize) -> bool) -> Result<(), Failure> {
    let mut faults = Faults::default();
    for (index, column) in M::MODEL.columns.iter().enumerate() {
        if let Err(fault) = record.check_rules(index)
            && is_written(index)
        {
            faults.add(column.error_key(), fault)?;
        }
    }
    faults.finish()?;
    record.check_record()
}
