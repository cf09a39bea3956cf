//! Quizzes and their assignments.

use chrono::{DateTime, Utc};
use syncline::value::JsonText;
use syncline::{RecordId, Syncable};
use uuid::Uuid;

use crate::rules;

use super::{
    AdHocLearnersGroup, Classroom, Facility, FacilityData, FacilityDataset, FacilityUser, LearnerGroup,
};

/// A quiz that a coach made for a class.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "exam",
    table = "exams_exam",
    partition = "{dataset_id}",
    blank = false,
    received_with = rules::exam::received,
    save_with = rules::exam::save
)]
pub struct Exam {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The title.
    #[syncable(max_length = 200)]
    pub title: String,
    /// The number of questions.
    pub question_count: i64,
    /// The questions or their sources.
    #[syncable(blank, default = "[]")]
    pub question_sources: JsonText,
    /// The seed for the choice and the order of the questions.
    #[syncable(default = 1)]
    pub seed: i64,
    /// `true` if every learner gets the same order.
    #[syncable(default = false)]
    pub learners_see_fixed_order: bool,
    /// The class.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup), verbose = "collection", on_delete = cascade)]
    pub collection_id: RecordId,
    /// The user who created it.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub creator_id: Option<RecordId>,
    /// The version of the format of `question_sources`.
    #[syncable(default = 3)]
    pub data_model_version: i64,
    /// `true` if learners see their report at once.
    #[syncable(default = true)]
    pub instant_report_visibility: Option<bool>,
    /// `true` if learners can take it now.
    #[syncable(default = false)]
    pub active: bool,
    /// The time of creation.
    pub date_created: DateTime<Utc>,
    /// The time from which learners could take it.
    #[syncable(blank)]
    pub date_activated: Option<DateTime<Utc>>,
    /// `true` if it is over.
    #[syncable(default = false)]
    pub archive: bool,
    /// The time at which it was closed.
    #[syncable(blank)]
    pub date_archived: Option<DateTime<Utc>>,
}

/// The assignment of a quiz to a collection.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "examassignment",
    table = "exams_examassignment",
    partition = "{dataset_id}",
    source_id = "{exam_id}:{collection_id}",
    blank = false,
    received_with = rules::exam::assignment_received,
    save_with = rules::exam::save_assignment
)]
pub struct ExamAssignment {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The quiz.
    #[syncable(references = Exam, on_delete = cascade)]
    pub exam_id: RecordId,
    /// The collection that it is assigned to.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup), verbose = "collection", on_delete = cascade)]
    pub collection_id: RecordId,
    /// The user who assigned it.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub assigned_by_id: Option<RecordId>,
}

/// A copy of a quiz for one learner, for devices that sync only that learner's records.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "individualsyncableexam",
    table = "exams_individualsyncableexam",
    partition = "{dataset_id}:user-ro:{user_id}",
    source_id = "{exam_id}",
    blank = false,
    received_with = rules::of_user::individual_exam,
    save_with = rules::of_user::save
)]
pub struct IndividualSyncableExam {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub user_id: RecordId,
    /// The collection that it is assigned to.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup), verbose = "collection", on_delete = cascade)]
    pub collection_id: RecordId,
    /// The quiz. Not a reference: the device may not have it.
    pub exam_id: Uuid,
    /// The copied quiz.
    pub serialized_exam: JsonText,
}
