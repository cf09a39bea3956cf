//! Lessons and their assignments.

use syncline::model::{AppTables, Effects, ReceiveContext, ReceivedRow};
use syncline::received::{Failure, JsonObject};

use super::dataset::{self, COLLECTION, LESSON};
use super::{assignment, author, now};

/// Infers the dataset from the collection.
///
/// # Errors
///
/// If it cannot be inferred.
pub(crate) fn received(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>) -> Result<(), Failure> {
    now::fill_zoned(object, context, &["date_created"]);
    dataset::infer(object, context, "Lesson", COLLECTION)
}

/// Compares the dataset with those of the collection and the author.
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
    author::check(row, app, "created_by_id", "Lesson must have creator in the same dataset")
}

/// Infers the dataset of an assignment from its lesson.
///
/// # Errors
///
/// If it cannot be inferred.
pub(crate) fn assignment_received(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
) -> Result<(), Failure> {
    dataset::infer(object, context, "LessonAssignment", LESSON)
}

/// Compares the dataset of an assignment with those of its lesson, its collection and its author.
///
/// # Errors
///
/// If one is another.
pub(crate) fn save_assignment(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    dataset::check(row, app, LESSON)?;
    assignment::check_collection(row, app, "Lesson assignment foreign models must be in same dataset")?;
    author::check(row, app, "assigned_by_id", "Lesson assignment must have assigner in the same dataset")
}
