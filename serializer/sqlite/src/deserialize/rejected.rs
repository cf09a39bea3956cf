//! The failures of rows that SQLite rejects.

use rusqlite::{Connection, ErrorCode};
use syncline_core::Failure;
use syncline_serializer::received::{self, ExceptionClass};

/// The failure of a record that SQLite rejected.
///
/// # Errors
///
/// If the error is not about one row: SQLite has rolled the transaction back, the disk is full, or the like.
pub(super) fn rejected(
    connection: &Connection,
    error: rusqlite::Error,
) -> Result<received::Failure, Failure> {
    let class = match error.sqlite_error_code() {
        _ if connection.is_autocommit() => return Err(error.into()),
        Some(ErrorCode::ConstraintViolation) => ExceptionClass::INTEGRITY_ERROR,
        Some(ErrorCode::TooBig | ErrorCode::TypeMismatch) => ExceptionClass::new("django.db.utils.DataError"),
        _ => return Err(error.into()),
    };
    let text = match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text,
        other => other.to_string(),
    };
    Ok(received::Failure::new(class, text))
}
