//! Records of a user in a collection, which must have the same dataset.

use syncline::model::{AppTables, ReceiveContext, ReceivedRow};
use syncline::received::{ExceptionClass, Failure, JsonObject};
use syncline::value::StoredValue;

use super::dataset::{self, COLLECTION, USER, does_not_exist, integrity, is_dataset};

/// A model of such records.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) class: &'static str,
    /// The failure at save if the app does not have the user.
    pub(super) no_user: fn(&str) -> Failure,
    /// The text about a user and a collection of two datasets.
    pub(super) text: &'static str,
}

/// Infers the dataset, if the text has none.
pub(super) fn infer(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
    pair: Pair,
) -> Result<(), Failure> {
    if dataset::has_dataset(object, context) {
        return Ok(());
    }
    let of_user = dataset::of_owner(object, context.app, pair.class, USER)?;
    let of_collection = dataset::of_owner(object, context.app, pair.class, COLLECTION)?;
    if of_user != of_collection {
        let class = ExceptionClass::new("kolibri.core.errors.KolibriValidationError");
        return Err(Failure::new(class, pair.text));
    }
    object.set("dataset_id", of_user);
    Ok(())
}

/// Compares the dataset with those of the user and the collection.
pub(super) fn check(row: &ReceivedRow, app: &dyn AppTables, pair: Pair) -> Result<(), Failure> {
    let user = row.text(USER.column).unwrap_or_default();
    let of_user = dataset::dataset_of(user, app, USER).map_err(|_| (pair.no_user)(USER.class))?;
    let collection = row.text(COLLECTION.column).unwrap_or_default();
    match app.get(COLLECTION.table, collection, "dataset_id") {
        None => Err(does_not_exist(COLLECTION.class)),
        Some(StoredValue::Text(dataset)) if dataset == *of_user => is_dataset(row, &of_user),
        Some(_) => Err(integrity(pair.text)),
    }
}
