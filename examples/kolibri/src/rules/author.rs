//! The author of a record: the user who created, assigned or opened it.

use syncline::model::{AppTables, ReceiveContext, ReceivedRow};
use syncline::received::{Failure, JsonObject, JsonValue};
use syncline::value::StoredValue;

use super::dataset::{USERS, does_not_exist, integrity};

/// Checks at save that the author in `column`, if there is one, is of the record's dataset. An author of another dataset who is
/// a superuser of this device is dropped from the app's row.
///
/// # Errors
///
/// With `text`, if the author is another user of another dataset. If the app does not have the author.
pub(super) fn check(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    column: &str,
    text: &str,
) -> Result<(), Failure> {
    let Some(author) = row.text(column) else { return Ok(()) };
    let dataset = app.get(USERS, author, "dataset_id").ok_or_else(|| does_not_exist("FacilityUser"))?;
    if dataset == *row.get("dataset_id") {
        return Ok(());
    }
    let id = StoredValue::Text(author.into());
    let conditions = [("user_id", id), ("is_superuser", StoredValue::Integer(1))];
    if !app.exists("device_devicepermissions", &conditions) {
        return Err(integrity(text));
    }
    row.set(column, StoredValue::Null);
    Ok(())
}

/// Drops the author in `column` from the text, if the run has a filter that covers neither the dataset nor the author's own
/// records: the device does not have the author then.
pub(super) fn drop_outside_of_filter(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
    column: &str,
) {
    let text = |key: &str| object.get(key).map(JsonValue::python_str).unwrap_or_default();
    let (dataset, author) = (text("dataset_id"), text(column));
    let filter = context.app.filter();
    let covered =
        [dataset.clone(), format!("{dataset}:user-ro:{author}"), format!("{dataset}:user-rw:{author}")];
    let is_covered = |prefix: &str| covered.iter().any(|partition| partition.starts_with(prefix));
    if context.not_an_object.is_none()
        && !filter.is_everything()
        && !filter.distinct_prefixes().any(is_covered)
    {
        object.set(column, JsonValue::Null);
    }
}
