//! What learners did: visits, resources used, answers given.

use syncline::{JsonText, RecordId, Syncable};
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
    /// Whose it is.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// The channels that were visited, where Kolibri noted them.
    pub channels: String,
    /// When it began.
    pub start_timestamp: DateTimeTz,
    /// When the user was last seen.
    pub last_interaction_timestamp: Option<DateTimeTz>,
    /// The pages that were visited, where Kolibri noted them.
    pub pages: String,
    /// The operating system and the browser.
    pub device_info: Option<String>,
}

/// One sitting of somebody with one resource.
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
    /// Whose it is; `None` for a visitor without an account.
    #[syncable(references = FacilityUser)]
    pub user_id: Option<RecordId>,
    /// The content, the same in every channel that has it.
    pub content_id: RecordId,
    /// Who it was without an account.
    pub visitor_id: Option<Uuid>,
    /// The channel that the resource was opened in.
    pub channel_id: Option<RecordId>,
    /// When it began.
    pub start_timestamp: DateTimeTz,
    /// When it was last added to.
    pub end_timestamp: Option<DateTimeTz>,
    /// Seconds spent on it.
    pub time_spent: f64,
    /// How much of it is done, from 0 to 1.
    pub progress: f64,
    /// What kind of resource it is, such as `video`.
    pub kind: String,
    /// Where the user was, and what else the viewer keeps.
    pub extra_fields: JsonText,
}

/// All that a user did with one resource.
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
    /// Whose it is.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// The content, the same in every channel that has it.
    pub content_id: RecordId,
    /// The channel that the resource was opened in.
    pub channel_id: Option<RecordId>,
    /// When it began.
    pub start_timestamp: DateTimeTz,
    /// When it was last added to.
    pub end_timestamp: Option<DateTimeTz>,
    /// When it was completed.
    pub completion_timestamp: Option<DateTimeTz>,
    /// Seconds spent on it.
    pub time_spent: f64,
    /// How much of it is done, from 0 to 1.
    pub progress: f64,
    /// What kind of resource it is, such as `video`.
    pub kind: String,
    /// Where the user was, and what else the viewer keeps.
    pub extra_fields: JsonText,
}

/// One try of a user at mastering an exercise or a quiz.
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
    /// Whose it is.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// All that the user did with the resource.
    #[syncable(references = ContentSummaryLog)]
    pub summarylog_id: RecordId,
    /// What mastery takes.
    pub mastery_criterion: JsonText,
    /// When it began.
    pub start_timestamp: DateTimeTz,
    /// When it was last added to.
    pub end_timestamp: Option<DateTimeTz>,
    /// When it was completed.
    pub completion_timestamp: Option<DateTimeTz>,
    /// Which try it is; negative for a quiz.
    pub mastery_level: i64,
    /// Whether it is completed.
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
    /// When it began.
    pub start_timestamp: DateTimeTz,
    /// When it was last added to.
    pub end_timestamp: DateTimeTz,
    /// When it was completed.
    pub completion_timestamp: Option<DateTimeTz>,
    /// Seconds spent on it.
    pub time_spent: f64,
    /// Whether it is completed.
    pub complete: bool,
    /// How right the answer was, from 0 to 1.
    pub correct: f64,
    /// Whether a hint was taken.
    pub hinted: bool,
    /// The last answer, in the exercise's own format.
    pub answer: Option<JsonText>,
    /// The last answer as plain text, where it has one.
    pub simple_answer: String,
    /// Every answer, hint and error, oldest first.
    pub interaction_history: JsonText,
    /// Whose it is.
    #[syncable(references = FacilityUser)]
    pub user_id: Option<RecordId>,
    /// Whether the exercise failed to show.
    pub error: bool,
    /// The try that it is part of.
    #[syncable(references = MasteryLog)]
    pub masterylog_id: Option<RecordId>,
    /// The sitting in which it was answered.
    #[syncable(references = ContentSessionLog)]
    pub sessionlog_id: RecordId,
}

/// What a user did with a quiz. Kolibri keeps newer quizzes as mastery logs.
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
    /// Whose it is.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// Whether the user handed it in.
    pub closed: bool,
    /// When it was completed.
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
    /// When it began.
    pub start_timestamp: DateTimeTz,
    /// When it was last added to.
    pub end_timestamp: DateTimeTz,
    /// When it was completed.
    pub completion_timestamp: Option<DateTimeTz>,
    /// Seconds spent on it.
    pub time_spent: f64,
    /// Whether it is completed.
    pub complete: bool,
    /// How right the answer was, from 0 to 1.
    pub correct: f64,
    /// Whether a hint was taken.
    pub hinted: bool,
    /// The last answer, in the exercise's own format.
    pub answer: Option<JsonText>,
    /// The last answer as plain text, where it has one.
    pub simple_answer: String,
    /// Every answer, hint and error, oldest first.
    pub interaction_history: JsonText,
    /// Whose it is.
    #[syncable(references = FacilityUser)]
    pub user_id: Option<RecordId>,
    /// Whether the exercise failed to show.
    pub error: bool,
    /// The quiz as the user took it.
    #[syncable(references = ExamLog)]
    pub examlog_id: RecordId,
    /// The exercise that the question is from.
    pub content_id: RecordId,
}
