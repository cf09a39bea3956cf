//! Users.

use syncline::model::{AppTables, Effects, ReceiveContext, ReceivedRow};
use syncline::received::{Failure, JsonObject};

use super::dataset::{self, FACILITY};
use super::{marker, now};

/// Marks a password that the text does not have, and infers the dataset from the facility.
///
/// # Errors
///
/// If the password is a number, or the dataset cannot be inferred.
pub(crate) fn received(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>) -> Result<(), Failure> {
    marker::needs_object(context)?;
    marker::fill_empty(object, "password", "NOT_SPECIFIED")?;
    now::fill_zoned(object, context, &["date_joined"]);
    dataset::infer(object, context, "FacilityUser", FACILITY)
}

/// Compares the dataset with the facility's.
///
/// # Errors
///
/// If it is another one.
pub(crate) fn save(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    dataset::check(row, app, FACILITY)
}
