//! Logs of learners' activity: visits, resources, answers.

use syncline::value::JsonText;
use syncline::{RecordId, Syncable};
use uuid::Uuid;

use crate::fields::DateTimeTz;

use super::{Exam, FacilityData, FacilityDataset, FacilityUser};

/// One visit of a user.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "usersessionlog",
    table = "logger_usersessionlog",
    partition = "{dataset_id}:user-rw:{user_id}"
)]
pub struct UserSessionLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// The channels that were visited, if Kolibri recorded them.
    pub channels: String,
    /// The time of its start.
    pub start_timestamp: DateTimeTz,
    /// The time of the last interaction.
    pub last_interaction_timestamp: Option<DateTimeTz>,
    /// The pages that were visited, if Kolibri recorded them.
    pub pages: String,
    /// The operating system and the browser.
    pub device_info: Option<String>,
}

/// One session of a user, or of a visitor, with one resource.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "contentsessionlog",
    table = "logger_contentsessionlog",
    partition = "{dataset_id}:user-rw:{user_id}",
    partition_without(user_id = "{dataset_id}:anonymous")
)]
pub struct ContentSessionLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The user. `None` for a visitor without an account.
    #[syncable(references = FacilityUser)]
    pub user_id: Option<RecordId>,
    /// The content, the same in every channel that has it.
    pub content_id: RecordId,
    /// The visitor without an account.
    pub visitor_id: Option<Uuid>,
    /// The channel that the resource was opened in.
    pub channel_id: Option<RecordId>,
    /// The time of its start.
    pub start_timestamp: DateTimeTz,
    /// The time of the last activity.
    pub end_timestamp: Option<DateTimeTz>,
    /// Seconds spent on it.
    pub time_spent: f64,
    /// The completed part, from 0 to 1.
    pub progress: f64,
    /// The kind of the resource, such as `video`.
    pub kind: String,
    /// The user's position and other state of the viewer.
    pub extra_fields: JsonText,
}

/// A summary of a user's activity with one resource.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "contentsummarylog",
    table = "logger_contentsummarylog",
    partition = "{dataset_id}:user-rw:{user_id}",
    source_id = "{content_id}"
)]
pub struct ContentSummaryLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// The content, the same in every channel that has it.
    pub content_id: RecordId,
    /// The channel that the resource was opened in.
    pub channel_id: Option<RecordId>,
    /// The time of its start.
    pub start_timestamp: DateTimeTz,
    /// The time of the last activity.
    pub end_timestamp: Option<DateTimeTz>,
    /// The time of completion.
    pub completion_timestamp: Option<DateTimeTz>,
    /// Seconds spent on it.
    pub time_spent: f64,
    /// The completed part, from 0 to 1.
    pub progress: f64,
    /// The kind of the resource, such as `video`.
    pub kind: String,
    /// The user's position and other state of the viewer.
    pub extra_fields: JsonText,
}

/// One attempt of a user to master an exercise or a quiz.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "masterylog",
    table = "logger_masterylog",
    partition = "{dataset_id}:user-rw:{user_id}",
    source_id = "{summarylog_id}:{mastery_level}"
)]
pub struct MasteryLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// The summary that it belongs to.
    #[syncable(references = ContentSummaryLog)]
    pub summarylog_id: RecordId,
    /// The criterion of mastery.
    pub mastery_criterion: JsonText,
    /// The time of its start.
    pub start_timestamp: DateTimeTz,
    /// The time of the last activity.
    pub end_timestamp: Option<DateTimeTz>,
    /// The time of completion.
    pub completion_timestamp: Option<DateTimeTz>,
    /// The number of the attempt. Negative for a quiz.
    pub mastery_level: i64,
    /// `true` if it is completed.
    pub complete: bool,
    /// Seconds spent on it.
    pub time_spent: Option<f64>,
}

/// One question of an exercise, and the user's answers to it.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "attemptlog",
    table = "logger_attemptlog",
    partition = "{dataset_id}:user-rw:{user_id}",
    partition_without(user_id = "{dataset_id}:anonymous")
)]
pub struct AttemptLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The question, by its id within the exercise.
    pub item: String,
    /// The time of its start.
    pub start_timestamp: DateTimeTz,
    /// The time of the last activity.
    pub end_timestamp: DateTimeTz,
    /// The time of completion.
    pub completion_timestamp: Option<DateTimeTz>,
    /// Seconds spent on it.
    pub time_spent: f64,
    /// `true` if it is completed.
    pub complete: bool,
    /// The correctness of the answer, from 0 to 1.
    pub correct: f64,
    /// `true` if a hint was taken.
    pub hinted: bool,
    /// The last answer, in the exercise's own format.
    pub answer: Option<JsonText>,
    /// The last answer as plain text, if it has one.
    pub simple_answer: String,
    /// Every answer, hint and error, oldest first.
    pub interaction_history: JsonText,
    /// The user.
    #[syncable(references = FacilityUser)]
    pub user_id: Option<RecordId>,
    /// `true` if the exercise could not be shown.
    pub error: bool,
    /// The mastery attempt that it belongs to.
    #[syncable(references = MasteryLog)]
    pub masterylog_id: Option<RecordId>,
    /// The session in which it was answered.
    #[syncable(references = ContentSessionLog)]
    pub sessionlog_id: RecordId,
}

/// A user's activity with a quiz. Kolibri keeps newer quizzes as mastery logs.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "examlog",
    table = "logger_examlog",
    partition = "{dataset_id}",
    source_id = "{exam_id}:{user_id}"
)]
pub struct ExamLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The quiz.
    #[syncable(references = Exam)]
    pub exam_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// `true` if the user has submitted it.
    pub closed: bool,
    /// The time of completion.
    pub completion_timestamp: Option<DateTimeTz>,
}

/// One question of a quiz, and the user's answers to it. Kolibri keeps newer ones as attempt logs.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "examattemptlog",
    table = "logger_examattemptlog",
    partition = "{dataset_id}"
)]
pub struct ExamAttemptLog {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The question, by its id within the exercise.
    pub item: String,
    /// The time of its start.
    pub start_timestamp: DateTimeTz,
    /// The time of the last activity.
    pub end_timestamp: DateTimeTz,
    /// The time of completion.
    pub completion_timestamp: Option<DateTimeTz>,
    /// Seconds spent on it.
    pub time_spent: f64,
    /// `true` if it is completed.
    pub complete: bool,
    /// The correctness of the answer, from 0 to 1.
    pub correct: f64,
    /// `true` if a hint was taken.
    pub hinted: bool,
    /// The last answer, in the exercise's own format.
    pub answer: Option<JsonText>,
    /// The last answer as plain text, if it has one.
    pub simple_answer: String,
    /// Every answer, hint and error, oldest first.
    pub interaction_history: JsonText,
    /// The user.
    #[syncable(references = FacilityUser)]
    pub user_id: Option<RecordId>,
    /// `true` if the exercise could not be shown.
    pub error: bool,
    /// The log of the quiz.
    #[syncable(references = ExamLog)]
    pub examlog_id: RecordId,
    /// The exercise that the question is from.
    pub content_id: RecordId,
}
