//! Courses, their assignments and the tests of their units.

use syncline::model::{AppTables, Effects, ReceiveContext, ReceivedRow};
use syncline::received::{Failure, JsonObject};
use syncline::value::StoredValue;

use super::dataset::{self, COLLECTION, COLLECTIONS, COURSE_SESSION, integrity};
use super::{assignment, author, now};

/// Infers the dataset of a course from its collection, and drops an author who is outside of the filter.
///
/// # Errors
///
/// If the dataset cannot be inferred.
pub(crate) fn received(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>) -> Result<(), Failure> {
    author::drop_outside_of_filter(object, context, "created_by_id");
    now::fill_zoned(object, context, &["date_created"]);
    dataset::infer(object, context, "CourseSession", COLLECTION)
}

/// Compares the dataset of a course with those of its collection and its author.
///
/// # Errors
///
/// If one is another.
pub(crate) fn save(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    dataset::check(row, app, COLLECTION)?;
    author::check(row, app, "created_by_id", "CourseSession must have creator in the same dataset")
}

/// Infers the dataset of an assignment from its course, and drops an author who is outside of the filter.
///
/// # Errors
///
/// If the dataset cannot be inferred.
pub(crate) fn assignment_received(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
) -> Result<(), Failure> {
    author::drop_outside_of_filter(object, context, "assigned_by_id");
    dataset::infer(object, context, "CourseSessionAssignment", COURSE_SESSION)
}

/// Compares the dataset of an assignment with those of its course, its collection and its author.
///
/// # Errors
///
/// If one is another.
pub(crate) fn save_assignment(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    dataset::check(row, app, COURSE_SESSION)?;
    assignment::check_collection(
        row,
        app,
        "CourseSession assignment foreign models must be in same dataset",
    )?;
    let text = "CourseSession assignment must have assigner in the same dataset";
    author::check(row, app, "assigned_by_id", text)
}

/// Infers the dataset of a unit's test from its course, and drops an opener who is outside of the filter.
///
/// # Errors
///
/// If the dataset cannot be inferred.
pub(crate) fn unit_test_received(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
) -> Result<(), Failure> {
    author::drop_outside_of_filter(object, context, "activated_by_id");
    dataset::infer(object, context, "UnitTestAssignment", COURSE_SESSION)
}

/// Compares the dataset of a unit's test with those of its course, its collection and its opener. The collection must be the
/// course's, or be in it.
///
/// # Errors
///
/// If one is another.
pub(crate) fn save_unit_test(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    dataset::check(row, app, COURSE_SESSION)?;
    assignment::check_collection(row, app, "UnitTestAssignment foreign models must be in same dataset")?;
    author::check(
        row,
        app,
        "activated_by_id",
        "UnitTestAssignment activated_by must be in the same dataset",
    )?;
    let course = row.text("course_session_id").unwrap_or_default();
    let class = app.get(COURSE_SESSION.table, course, "collection_id").unwrap_or(StoredValue::Null);
    let collection = row.text("collection_id").unwrap_or_default();
    let parent = app.get(COLLECTIONS, collection, "parent_id");
    if class == *row.get("collection_id") || Some(&class) == parent.as_ref() {
        return Ok(());
    }
    Err(integrity(
        "UnitTestAssignment collection must be the same as or a child of the CourseSession's collection",
    ))
}
