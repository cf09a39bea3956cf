//! Assignments to collections.

use syncline::model::{AppTables, ReceivedRow};
use syncline::received::Failure;

use super::dataset::{COLLECTIONS, does_not_exist, integrity};

/// Checks at save that the collection is of the record's dataset.
///
/// # Errors
///
/// With `text`, if it is of another one. If the app does not have it.
pub(super) fn check_collection(row: &ReceivedRow, app: &dyn AppTables, text: &str) -> Result<(), Failure> {
    let collection = row.text("collection_id").unwrap_or_default();
    let dataset =
        app.get(COLLECTIONS, collection, "dataset_id").ok_or_else(|| does_not_exist("Collection"))?;
    if dataset == *row.get("dataset_id") { Ok(()) } else { Err(integrity(text)) }
}
