//! Logs of learners' activity: visits, resources, answers.

use syncline::value::JsonText;
use syncline::{RecordId, Syncable};
use uuid::Uuid;

use crate::fields::DateTimeTz;
use crate::rules;

use super::{Exam, FacilityData, FacilityDataset, FacilityUser};

/// One visit of a user.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "usersessionlog",
    table = "logger_usersessionlog",
    partition = "{dataset_id}:user-rw:{user_id}",
    blank = false,
    received_with = rules::log::user_session_received,
    save_with = rules::of_user::save
)]
pub struct UserSessionLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub user_id: RecordId,
    /// The channels that were visited, if Kolibri recorded them.
    #[syncable(blank)]
    pub channels: String,
    /// The time of its start.
    pub start_timestamp: DateTimeTz,
    /// The time of the last interaction.
    #[syncable(blank)]
    pub last_interaction_timestamp: Option<DateTimeTz>,
    /// The pages that were visited, if Kolibri recorded them.
    #[syncable(blank)]
    pub pages: String,
    /// The operating system and the browser.
    #[syncable(blank, max_length = 100)]
    pub device_info: Option<String>,
}

/// One session of a user, or of a visitor, with one resource.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "contentsessionlog",
    table = "logger_contentsessionlog",
    partition = "{dataset_id}:user-rw:{user_id}",
    partition_without(user_id = "{dataset_id}:anonymous"),
    blank = false,
    received_with = rules::log::session_received,
    save_with = rules::log::save_session
)]
pub struct ContentSessionLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The user. `None` for a visitor without an account.
    #[syncable(references = FacilityUser, blank, on_delete = cascade)]
    pub user_id: Option<RecordId>,
    /// The content, the same in every channel that has it.
    pub content_id: RecordId,
    /// The visitor without an account.
    #[syncable(blank)]
    pub visitor_id: Option<Uuid>,
    /// The channel that the resource was opened in.
    #[syncable(blank)]
    pub channel_id: Option<RecordId>,
    /// The time of its start.
    pub start_timestamp: DateTimeTz,
    /// The time of the last activity.
    #[syncable(blank)]
    pub end_timestamp: Option<DateTimeTz>,
    /// Seconds spent on it.
    #[syncable(min = 0, default = 0.0)]
    pub time_spent: f64,
    /// The completed part, from 0 to 1.
    #[syncable(min = 0, default = 0.0)]
    pub progress: f64,
    /// The kind of the resource, such as `video`.
    #[syncable(max_length = 200)]
    pub kind: String,
    /// The user's position and other state of the viewer.
    #[syncable(blank, default = "{}")]
    pub extra_fields: JsonText,
}

/// A summary of a user's activity with one resource.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "contentsummarylog",
    table = "logger_contentsummarylog",
    partition = "{dataset_id}:user-rw:{user_id}",
    source_id = "{content_id}",
    blank = false,
    received_with = rules::log::summary_received,
    save_with = rules::of_user::save
)]
pub struct ContentSummaryLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub user_id: RecordId,
    /// The content, the same in every channel that has it.
    pub content_id: RecordId,
    /// The channel that the resource was opened in.
    #[syncable(blank)]
    pub channel_id: Option<RecordId>,
    /// The time of its start.
    pub start_timestamp: DateTimeTz,
    /// The time of the last activity.
    #[syncable(blank)]
    pub end_timestamp: Option<DateTimeTz>,
    /// The time of completion.
    #[syncable(blank)]
    pub completion_timestamp: Option<DateTimeTz>,
    /// Seconds spent on it.
    #[syncable(min = 0, default = 0.0)]
    pub time_spent: f64,
    /// The completed part, from 0 to 1.
    #[syncable(min = 0, max = 1.01, default = 0.0)]
    pub progress: f64,
    /// The kind of the resource, such as `video`.
    #[syncable(max_length = 200)]
    pub kind: String,
    /// The user's position and other state of the viewer.
    #[syncable(blank, default = "{}")]
    pub extra_fields: JsonText,
}

/// One attempt of a user to master an exercise or a quiz.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "masterylog",
    table = "logger_masterylog",
    partition = "{dataset_id}:user-rw:{user_id}",
    source_id = "{summarylog_id}:{mastery_level}",
    blank = false,
    received_with = rules::of_user::mastery_log,
    save_with = rules::of_user::save
)]
pub struct MasteryLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub user_id: RecordId,
    /// The summary that it belongs to.
    #[syncable(references = ContentSummaryLog, on_delete = cascade)]
    pub summarylog_id: RecordId,
    /// The criterion of mastery.
    #[syncable(default = "{}")]
    pub mastery_criterion: JsonText,
    /// The time of its start.
    pub start_timestamp: DateTimeTz,
    /// The time of the last activity.
    #[syncable(blank)]
    pub end_timestamp: Option<DateTimeTz>,
    /// The time of completion.
    #[syncable(blank)]
    pub completion_timestamp: Option<DateTimeTz>,
    /// The number of the attempt. Negative for a quiz.
    pub mastery_level: i64,
    /// `true` if it is completed.
    #[syncable(default = false)]
    pub complete: bool,
    /// Seconds spent on it.
    #[syncable(blank, min = 0, default = 0.0)]
    pub time_spent: Option<f64>,
}

/// One question of an exercise, and the user's answers to it.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "attemptlog",
    table = "logger_attemptlog",
    partition = "{dataset_id}:user-rw:{user_id}",
    partition_without(user_id = "{dataset_id}:anonymous"),
    blank = false,
    received_with = rules::log::attempt_received,
    save_with = rules::log::save_attempt
)]
pub struct AttemptLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The question, by its id within the exercise.
    #[syncable(max_length = 200)]
    pub item: String,
    /// The time of its start.
    pub start_timestamp: DateTimeTz,
    /// The time of the last activity.
    pub end_timestamp: DateTimeTz,
    /// The time of completion.
    #[syncable(blank)]
    pub completion_timestamp: Option<DateTimeTz>,
    /// Seconds spent on it.
    #[syncable(min = 0, default = 0.0)]
    pub time_spent: f64,
    /// `true` if it is completed.
    #[syncable(default = false)]
    pub complete: bool,
    /// The correctness of the answer, from 0 to 1.
    #[syncable(min = 0, max = 1)]
    pub correct: f64,
    /// `true` if a hint was taken.
    #[syncable(default = false)]
    pub hinted: bool,
    /// The last answer, in the exercise's own format.
    #[syncable(blank, default = "{}")]
    pub answer: Option<JsonText>,
    /// The last answer as plain text, if it has one.
    #[syncable(blank, max_length = 200)]
    pub simple_answer: String,
    /// Every answer, hint and error, oldest first.
    #[syncable(blank, default = "[]")]
    pub interaction_history: JsonText,
    /// The user.
    #[syncable(references = FacilityUser, blank, on_delete = cascade)]
    pub user_id: Option<RecordId>,
    /// `true` if the exercise could not be shown.
    #[syncable(default = false)]
    pub error: bool,
    /// The mastery attempt that it belongs to.
    #[syncable(references = MasteryLog, blank, on_delete = cascade)]
    pub masterylog_id: Option<RecordId>,
    /// The session in which it was answered.
    #[syncable(references = ContentSessionLog, on_delete = cascade)]
    pub sessionlog_id: RecordId,
}

/// A user's activity with a quiz. Kolibri keeps newer quizzes as mastery logs.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "examlog",
    table = "logger_examlog",
    partition = "{dataset_id}",
    source_id = "{exam_id}:{user_id}",
    blank = false,
    received_with = rules::log::exam_log_received,
    save_with = rules::of_user::save
)]
pub struct ExamLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The quiz.
    #[syncable(references = Exam, on_delete = cascade)]
    pub exam_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub user_id: RecordId,
    /// `true` if the user has submitted it.
    #[syncable(default = false)]
    pub closed: bool,
    /// The time of completion.
    #[syncable(blank)]
    pub completion_timestamp: Option<DateTimeTz>,
}

/// One question of a quiz, and the user's answers to it. Kolibri keeps newer ones as attempt logs.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "examattemptlog",
    table = "logger_examattemptlog",
    partition = "{dataset_id}",
    blank = false,
    received_with = rules::log::exam_attempt_received,
    save_with = rules::log::save_exam_attempt
)]
pub struct ExamAttemptLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The question, by its id within the exercise.
    #[syncable(max_length = 200)]
    pub item: String,
    /// The time of its start.
    pub start_timestamp: DateTimeTz,
    /// The time of the last activity.
    pub end_timestamp: DateTimeTz,
    /// The time of completion.
    #[syncable(blank)]
    pub completion_timestamp: Option<DateTimeTz>,
    /// Seconds spent on it.
    #[syncable(min = 0, default = 0.0)]
    pub time_spent: f64,
    /// `true` if it is completed.
    #[syncable(default = false)]
    pub complete: bool,
    /// The correctness of the answer, from 0 to 1.
    #[syncable(min = 0, max = 1)]
    pub correct: f64,
    /// `true` if a hint was taken.
    #[syncable(default = false)]
    pub hinted: bool,
    /// The last answer, in the exercise's own format.
    #[syncable(blank, default = "{}")]
    pub answer: Option<JsonText>,
    /// The last answer as plain text, if it has one.
    #[syncable(blank, max_length = 200)]
    pub simple_answer: String,
    /// Every answer, hint and error, oldest first.
    #[syncable(blank, default = "[]")]
    pub interaction_history: JsonText,
    /// The user.
    #[syncable(references = FacilityUser, blank, on_delete = cascade)]
    pub user_id: Option<RecordId>,
    /// `true` if the exercise could not be shown.
    #[syncable(default = false)]
    pub error: bool,
    /// The log of the quiz.
    #[syncable(references = ExamLog, on_delete = cascade)]
    pub examlog_id: RecordId,
    /// The exercise that the question is from.
    pub content_id: RecordId,
}
