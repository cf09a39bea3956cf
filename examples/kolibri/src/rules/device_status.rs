//! The sync status of learners' devices.

use syncline::model::{AppTables, Effects, ReceiveContext, ReceivedRow};
use syncline::received::{Failure, JsonObject};

use super::dataset::{self, USER};
use super::{now, of_user};

/// Infers the dataset from the user.
///
/// # Errors
///
/// If it cannot be inferred.
pub(crate) fn received(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>) -> Result<(), Failure> {
    now::fill_times(object, context, &["created_at", "updated_at"]);
    of_user::infer(object, context, "LearnerDeviceStatus")
}

/// Sets the times: Kolibri ignores those that arrive.
///
/// # Errors
///
/// If the dataset is not the user's.
pub(crate) fn save(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    dataset::check(row, app, USER)?;
    if row.is_new() {
        row.set("created_at", now::stored(app));
    }
    row.set("updated_at", now::stored(app));
    Ok(())
}
