//! Attendance sessions and records.

use syncline::model::{AppTables, Effects, ReceiveContext, ReceivedRow};
use syncline::received::{Failure, JsonObject};

use super::dataset::{self, ATTENDANCE_SESSION, COLLECTION, integrity};
use super::{author, now};

/// Infers the dataset from the collection, and sets the times that are missing.
///
/// # Errors
///
/// If the dataset cannot be inferred.
pub(crate) fn received(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>) -> Result<(), Failure> {
    now::fill_zoned(object, context, &["session_start_datetime", "date_created", "date_modified"]);
    dataset::infer(object, context, "AttendanceSession", COLLECTION)
}

/// Checks at save that the session has a creator, of its own dataset.
///
/// # Errors
///
/// If it has none.
pub(crate) fn save(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    dataset::check(row, app, COLLECTION)?;
    if row.text("created_by_id").is_none() {
        return Err(integrity("AttendanceSession must be saved with a creator"));
    }
    author::check(row, app, "created_by_id", "AttendanceSession must have creator in the same dataset")
}

/// Infers the dataset of a record from its session.
///
/// # Errors
///
/// If it cannot be inferred.
pub(crate) fn record_received(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
) -> Result<(), Failure> {
    dataset::infer(object, context, "AttendanceRecord", ATTENDANCE_SESSION)
}

/// Compares the dataset of a record with its session's.
///
/// # Errors
///
/// If it is another one.
pub(crate) fn save_record(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    dataset::check(row, app, ATTENDANCE_SESSION)
}
