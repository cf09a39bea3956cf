//! The dataset of a record: inferred from a record that it refers to if the text names none, and compared with it at save.

use syncline::model::{AppTables, ReceiveContext, ReceivedRow};
use syncline::received::{ExceptionClass, Failure, JsonObject, JsonValue, ValidationErrors};
use syncline::value::StoredValue;

/// A reference to the record whose dataset is the record's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    /// The name of the field.
    pub(super) field: &'static str,
    /// Its column.
    pub(super) column: &'static str,
    /// The table of the target.
    pub(super) table: &'static str,
    /// The class of the target.
    pub(super) class: &'static str,
}

impl Owner {
    const fn new(
        field: &'static str,
        column: &'static str,
        table: &'static str,
        class: &'static str,
    ) -> Self {
        Self { field, column, table, class }
    }
}

pub(super) const FACILITY: Owner = Owner::new("facility", "facility_id", COLLECTIONS, "Facility");
pub(super) const COLLECTION: Owner = Owner::new("collection", "collection_id", COLLECTIONS, "Collection");
pub(super) const USER: Owner = Owner::new("user", "user_id", USERS, "FacilityUser");
pub(super) const ATTENDANCE_SESSION: Owner = Owner::new(
    "attendance_session",
    "attendance_session_id",
    "attendance_attendancesession",
    "AttendanceSession",
);
pub(super) const LESSON: Owner = Owner::new("lesson", "lesson_id", "lessons_lesson", "Lesson");
pub(super) const EXAM: Owner = Owner::new("exam", "exam_id", "exams_exam", "Exam");
pub(super) const COURSE_SESSION: Owner =
    Owner::new("course_session", "course_session_id", "courses_coursesession", "CourseSession");
pub(super) const EXAM_LOG: Owner = Owner::new("examlog", "examlog_id", "logger_examlog", "ExamLog");
pub(super) const SESSION_LOG: Owner =
    Owner::new("sessionlog", "sessionlog_id", "logger_contentsessionlog", "ContentSessionLog");

pub(super) const COLLECTIONS: &str = "kolibriauth_collection";
pub(super) const USERS: &str = "kolibriauth_facilityuser";

const DATASET: &str = "dataset_id";

/// Infers the dataset of a record of `class` from `owner`, if the text has none.
///
/// # Errors
///
/// If the text does not name the owner, or the app does not have it.
pub(super) fn infer(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
    class: &str,
    owner: Owner,
) -> Result<(), Failure> {
    if has_dataset(object, context) {
        return Ok(());
    }
    let dataset = of_owner(object, context.app, class, owner)?;
    object.set(DATASET, dataset);
    Ok(())
}

/// Returns `true` if the dataset need not be inferred: the text names it, or is no object.
pub(super) fn has_dataset(object: &JsonObject<'_>, context: &ReceiveContext<'_>) -> bool {
    let is_refused = match context.not_an_object {
        None => false,
        Some(JsonValue::Text(text)) => text.as_str().is_none_or(|text| text.contains("id")),
        Some(JsonValue::Array(items)) => items.iter().any(|item| item.as_str() == Some("id")),
        Some(_) => true,
    };
    is_refused || object.get(DATASET).is_some_and(|dataset| !dataset.is_null())
}

/// The dataset of the record that the text names as `owner`.
pub(super) fn of_owner(
    object: &JsonObject<'_>,
    app: &dyn AppTables,
    class: &str,
    owner: Owner,
) -> Result<String, Failure> {
    let id = match object.get(owner.column) {
        None | Some(JsonValue::Null) => {
            return Err(ValidationErrors::of_record(format!("{class} has no {}.", owner.field)).into());
        }
        Some(id) => id.python_str(),
    };
    dataset_of(&id, app, owner)
}

/// The dataset of the target of `owner` with this id.
pub(super) fn dataset_of(id: &str, app: &dyn AppTables, owner: Owner) -> Result<String, Failure> {
    match app.get(owner.table, id, DATASET) {
        Some(StoredValue::Text(dataset)) => Ok(dataset.into_owned()),
        _ => Err(no_owner(owner.class)),
    }
}

/// The failure of a record whose owner the app does not have.
pub(super) fn no_owner(class: &str) -> Failure {
    ValidationErrors::of_record(no_match(class)).into()
}

/// Checks at save that the record's dataset is that of `owner`.
///
/// # Errors
///
/// If it is another one, or the app does not have the owner.
pub(super) fn check(row: &ReceivedRow, app: &dyn AppTables, owner: Owner) -> Result<(), Failure> {
    let dataset = dataset_of(row.text(owner.column).unwrap_or_default(), app, owner)?;
    is_dataset(row, &dataset)
}

/// Checks that the record's dataset is `dataset`.
pub(super) fn is_dataset(row: &ReceivedRow, dataset: &str) -> Result<(), Failure> {
    if row.text(DATASET) == Some(dataset) {
        return Ok(());
    }
    Err(integrity("['This model is not associated with the correct FacilityDataset.']"))
}

/// The failure of a record whose dataset cannot be inferred.
pub(super) fn not_inferred() -> Failure {
    Failure::new(
        ExceptionClass::new("kolibri.core.errors.KolibriValidationError"),
        r#"["FacilityDataset ('dataset') not provided, and could not be inferred."]"#,
    )
}

/// The failure of a rule between records.
pub(super) fn integrity(text: impl Into<String>) -> Failure {
    Failure::new(ExceptionClass::INTEGRITY_ERROR, text)
}

/// The failure at save about a reference whose target the app does not have.
pub(super) fn does_not_exist(class: &str) -> Failure {
    Failure::new(ExceptionClass::new("kolibri.core.auth.models.DoesNotExist"), no_match(class))
}

fn no_match(class: &str) -> String {
    format!("{class} matching query does not exist.")
}
