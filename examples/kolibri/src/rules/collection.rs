//! Collections: facilities, classes and groups.

use syncline::model::{AppTables, Effects, ReceiveContext, ReceivedRow};
use syncline::received::{ExceptionClass, Failure, JsonObject, JsonValue};
use syncline::value::StoredValue;

use super::dataset::{self, COLLECTIONS, Owner, does_not_exist, has_dataset, integrity, not_inferred};
use super::marker;

const HIERARCHY: ExceptionClass = ExceptionClass::new("kolibri.core.auth.errors.InvalidCollectionHierarchy");

const PARENT: Owner = Owner { field: "parent", column: "parent_id", table: COLLECTIONS, class: "Collection" };

/// Infers the dataset of a class or a group from its parent.
///
/// # Errors
///
/// If the text has no parent, or the app does not have it.
pub(crate) fn received(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>) -> Result<(), Failure> {
    if !has_dataset(object, context) && object.get("parent_id").is_none_or(JsonValue::is_null) {
        return Err(not_inferred());
    }
    dataset::infer(object, context, "Collection", PARENT)
}

/// Names an ad hoc group that has no name, and infers its dataset.
///
/// # Errors
///
/// As for other groups, and if the name is a number.
pub(crate) fn ad_hoc_received(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
) -> Result<(), Failure> {
    marker::needs_object(context)?;
    marker::fill_empty(object, "name", "Ad hoc")?;
    received(object, context)
}

/// Checks at save that a facility has no parent.
///
/// # Errors
///
/// If it has one.
pub(crate) fn save_facility(
    row: &mut ReceivedRow,
    _app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    row.set("kind", StoredValue::Text("facility".into()));
    match row.text("parent_id") {
        None => Ok(()),
        Some(_) => {
            Err(integrity("Facility must be the root of a collection tree, and cannot have a parent."))
        }
    }
}

/// Checks at save that a class is in a facility.
///
/// # Errors
///
/// If it is not.
pub(crate) fn save_classroom(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    check_parent(row, app, "Classroom", ("facility", "Facility"))
}

/// Checks at save that a group is in a class.
///
/// # Errors
///
/// If it is not.
pub(crate) fn save_learner_group(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    check_parent(row, app, "LearnerGroup", ("classroom", "Classroom"))
}

/// Checks at save that an ad hoc group is in a class.
///
/// # Errors
///
/// If it is not.
pub(crate) fn save_ad_hoc_group(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    check_parent(row, app, "AdHocGroup", ("classroom", "Classroom"))
}

fn check_parent(
    row: &ReceivedRow,
    app: &dyn AppTables,
    class: &str,
    (kind, parent_class): (&str, &str),
) -> Result<(), Failure> {
    let Some(parent) = row.text("parent_id") else {
        return Err(integrity(format!(
            "{class} cannot be the root of a collection tree, and must have a parent."
        )));
    };
    match app.get(COLLECTIONS, parent, "kind") {
        None => Err(does_not_exist("Collection")),
        Some(StoredValue::Text(found)) if found == kind => Ok(()),
        Some(_) => Err(Failure::new(HIERARCHY, format!("['{class} must be the child of a {parent_class}']"))),
    }
}
