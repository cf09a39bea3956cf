//! Lessons, and whom they are given to.

use syncline::{JsonText, RecordId, Syncable};
use uuid::Uuid;

use crate::fields::DateTimeTz;

use super::{
    AdHocLearnersGroup, Classroom, Facility, FacilityData, FacilityDataset, FacilityUser, LearnerGroup,
};

/// A lesson: resources that a coach put together for a class.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "lesson",
    table = "lessons_lesson",
    partition = "{dataset_id}"
)]
pub struct Lesson {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// The resources, in order.
    pub resources: JsonText,
    /// Whether learners see it.
    pub is_active: bool,
    /// The class.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup))]
    pub collection_id: RecordId,
    /// Who made it.
    #[syncable(references = FacilityUser)]
    pub created_by_id: Option<RecordId>,
    /// When it was made.
    pub date_created: DateTimeTz,
}

/// A lesson is given to a collection.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "lessonassignment",
    table = "lessons_lessonassignment",
    partition = "{dataset_id}",
    source_id = "{lesson_id}:{collection_id}"
)]
pub struct LessonAssignment {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The lesson.
    #[syncable(references = Lesson)]
    pub lesson_id: RecordId,
    /// The collection that it is for.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup))]
    pub collection_id: RecordId,
    /// Who assigned it.
    #[syncable(references = FacilityUser)]
    pub assigned_by_id: Option<RecordId>,
}

/// A copy of a lesson for one learner, for devices that sync nothing but that learner's records.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "individualsyncablelesson",
    table = "lessons_individualsyncablelesson",
    partition = "{dataset_id}:user-ro:{user_id}",
    source_id = "{lesson_id}"
)]
pub struct IndividualSyncableLesson {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// Whose it is.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// The collection that it is for.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup))]
    pub collection_id: RecordId,
    /// The lesson. Not a reference: the device may not have it.
    pub lesson_id: Uuid,
    /// The lesson as it was.
    pub serialized_lesson: JsonText,
}
