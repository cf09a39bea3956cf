//! Quizzes and their assignments.

use syncline::model::{AppTables, Effects, ReceiveContext, ReceivedRow};
use syncline::received::{ExceptionClass, Failure, JsonObject, JsonValue, parse};
use syncline::value::StoredValue;

use super::dataset::{self, COLLECTION, EXAM};
use super::{assignment, author, now};

/// The version of the format in which the questions are in sections.
const WITH_SECTIONS: i64 = 3;

/// Infers the dataset from the collection.
///
/// # Errors
///
/// If it cannot be inferred.
pub(crate) fn received(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>) -> Result<(), Failure> {
    now::fill_times(object, context, &["date_created"]);
    dataset::infer(object, context, "Exam", COLLECTION)
}

/// Compares the dataset with those of the collection and the author, counts the questions, and sets the dates of opening and
/// closing that are missing.
///
/// # Errors
///
/// If a dataset is another one, or the questions cannot be counted.
pub(crate) fn save(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    dataset::check(row, app, COLLECTION)?;
    author::check(row, app, "creator_id", "Exam must have creator in the same dataset")?;
    for (flag, date) in [("archive", "date_archived"), ("active", "date_activated")] {
        if *row.get(flag) == StoredValue::Integer(1) && *row.get(date) == StoredValue::Null {
            row.set(date, now::stored(app));
        }
    }
    count_questions(row)
}

/// Sets the number of questions. Sections without questions are dropped.
fn count_questions(row: &mut ReceivedRow) -> Result<(), Failure> {
    let questions = parse(row.text("question_sources").unwrap_or("null"))?.into_owned();
    let count = if *row.get("data_model_version") == StoredValue::Integer(WITH_SECTIONS) {
        let (sections, count) = sections(questions)?;
        let mut text = String::new();
        sections.write_json(&mut text);
        row.set("question_sources", StoredValue::Text(text.into()));
        count
    } else {
        length(&questions)?
    };
    row.set("question_count", StoredValue::Integer(count));
    Ok(())
}

/// The sections that have questions, and the number of their questions.
fn sections(questions: JsonValue<'_>) -> Result<(JsonValue<'_>, i64), Failure> {
    let sections = match questions {
        JsonValue::Array(sections) => sections,
        JsonValue::Text(_) | JsonValue::Object(_) if questions.is_empty() => Vec::new(),
        JsonValue::Text(_) | JsonValue::Object(_) => return Err(no_section("str")),
        other => return Err(not_iterable(&other)),
    };
    let (mut kept, mut count) = (Vec::new(), 0);
    for section in sections {
        let JsonValue::Object(object) = &section else { return Err(no_section(section.python_type())) };
        if let Some(questions) = object.get("questions").filter(|questions| questions.is_true()) {
            count += length(questions)?;
            kept.push(section);
        }
    }
    Ok((JsonValue::Array(kept), count))
}

/// The number of items that Python walks through.
fn length(value: &JsonValue<'_>) -> Result<i64, Failure> {
    let length = match value {
        JsonValue::Array(items) => items.len(),
        JsonValue::Object(object) => object.len(),
        JsonValue::Text(text) => text.code_points(),
        other => return Err(not_iterable(other)),
    };
    Ok(i64::try_from(length).unwrap_or(i64::MAX))
}

fn not_iterable(value: &JsonValue<'_>) -> Failure {
    Failure::new(ExceptionClass::TYPE_ERROR, format!("'{}' object is not iterable", value.python_type()))
}

fn no_section(python_type: &str) -> Failure {
    Failure::new(ExceptionClass::ATTRIBUTE_ERROR, format!("'{python_type}' object has no attribute 'get'"))
}

/// Infers the dataset of an assignment from its quiz.
///
/// # Errors
///
/// If it cannot be inferred.
pub(crate) fn assignment_received(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
) -> Result<(), Failure> {
    dataset::infer(object, context, "ExamAssignment", EXAM)
}

/// Compares the dataset of an assignment with those of its quiz, its collection and its author.
///
/// # Errors
///
/// If one is another.
pub(crate) fn save_assignment(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    dataset::check(row, app, EXAM)?;
    assignment::check_collection(row, app, "Exam assignment foreign models must be in same dataset")?;
    author::check(row, app, "assigned_by_id", "Exam assignment must have assigner in the same dataset")
}
