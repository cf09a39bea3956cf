//! Logs whose dataset is that of another log, or of no user.

use syncline::model::{AppTables, Effects, ReceiveContext, ReceivedRow};
use syncline::received::{ExceptionClass, Failure, JsonObject, JsonValue};
use syncline::value::StoredValue;

use super::dataset::{self, COLLECTIONS, EXAM_LOG, SESSION_LOG, USER, has_dataset, is_dataset, not_inferred};
use super::now;

/// Infers the dataset of an attempt from its session.
///
/// # Errors
///
/// If it cannot be inferred.
pub(crate) fn attempt_received(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
) -> Result<(), Failure> {
    dataset::infer(object, context, "AttemptLog", SESSION_LOG)
}

/// Compares the dataset of an attempt with its session's.
///
/// # Errors
///
/// If it is another one.
pub(crate) fn save_attempt(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    dataset::check(row, app, SESSION_LOG)
}

/// Infers the dataset of an attempt in a quiz from its quiz log.
///
/// # Errors
///
/// If it cannot be inferred.
pub(crate) fn exam_attempt_received(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
) -> Result<(), Failure> {
    dataset::infer(object, context, "ExamAttemptLog", EXAM_LOG)
}

/// Compares the dataset of an attempt in a quiz with its quiz log's.
///
/// # Errors
///
/// If it is another one.
pub(crate) fn save_exam_attempt(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    dataset::check(row, app, EXAM_LOG)
}

/// Infers the dataset of a session from its user, or from the device's facility.
///
/// # Errors
///
/// If it cannot be inferred.
pub(crate) fn session_received(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
) -> Result<(), Failure> {
    of_user_or_facility(object, context, "ContentSessionLog")
}

/// As for sessions.
///
/// # Errors
///
/// If the dataset cannot be inferred.
pub(crate) fn summary_received(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
) -> Result<(), Failure> {
    of_user_or_facility(object, context, "ContentSummaryLog")
}

/// As for sessions.
///
/// # Errors
///
/// If the dataset cannot be inferred.
pub(crate) fn exam_log_received(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
) -> Result<(), Failure> {
    of_user_or_facility(object, context, "ExamLog")
}

/// As for sessions; sets the start that is missing.
///
/// # Errors
///
/// If the dataset cannot be inferred.
pub(crate) fn user_session_received(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
) -> Result<(), Failure> {
    now::fill_zoned(object, context, &["start_timestamp"]);
    of_user_or_facility(object, context, "UserSessionLog")
}

fn of_user_or_facility(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
    class: &str,
) -> Result<(), Failure> {
    if object.get("user_id").is_some_and(|user| !user.is_null()) {
        return dataset::infer(object, context, class, USER);
    }
    if has_dataset(object, context) {
        return Ok(());
    }
    let dataset = of_default_facility(context.app).ok_or_else(not_inferred)?;
    object.set("dataset_id", JsonValue::from(dataset));
    Ok(())
}

/// Compares the dataset of a session with its user's. A session without a user has that of a facility of the device.
///
/// # Errors
///
/// If it is another one.
pub(crate) fn save_session(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    if row.text(USER.column).is_some() {
        return dataset::check(row, app, USER);
    }
    let conditions =
        [("dataset_id", row.get("dataset_id").clone()), ("kind", StoredValue::Text("facility".into()))];
    match app.query(COLLECTIONS, &conditions, "id").len() {
        0 => is_dataset(row, &of_default_facility(app).unwrap_or_default()),
        1 => Ok(()),
        facilities => Err(Failure::new(
            ExceptionClass::new("kolibri.core.auth.models.MultipleObjectsReturned"),
            format!("get() returned more than one Facility -- it returned {facilities}!"),
        )),
    }
}

/// The dataset of the device's default facility, or of any.
fn of_default_facility(app: &dyn AppTables) -> Option<String> {
    let text = |value: StoredValue<'static>| match value {
        StoredValue::Text(text) => Some(text.into_owned()),
        _ => None,
    };
    let set = app.query("device_devicesettings", &[], "default_facility_id").into_iter().find_map(text);
    let facility = set.or_else(|| {
        let kind = ("kind", StoredValue::Text("facility".into()));
        app.query(COLLECTIONS, &[kind], "id").into_iter().find_map(text)
    })?;
    app.get(COLLECTIONS, &facility, "dataset_id").and_then(text)
}
