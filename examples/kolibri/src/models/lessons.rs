//! Lessons and their assignments.

use syncline::value::JsonText;
use syncline::{RecordId, Syncable};
use uuid::Uuid;

use crate::fields::DateTimeTz;
use crate::rules;

use super::{
    AdHocLearnersGroup, Classroom, Facility, FacilityData, FacilityDataset, FacilityUser, LearnerGroup,
};

/// A lesson: resources that a coach collected for a class.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "lesson",
    table = "lessons_lesson",
    partition = "{dataset_id}",
    blank = false,
    received_with = rules::lesson::received,
    save_with = rules::lesson::save
)]
pub struct Lesson {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The title.
    #[syncable(max_length = 50)]
    pub title: String,
    /// The description.
    #[syncable(blank, max_length = 200, default = "")]
    pub description: String,
    /// The resources, in order.
    #[syncable(blank, default = "[]")]
    pub resources: JsonText,
    /// `true` if learners see it.
    #[syncable(default = false)]
    pub is_active: bool,
    /// The class.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup), verbose = "collection", on_delete = cascade)]
    pub collection_id: RecordId,
    /// The user who created it.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub created_by_id: Option<RecordId>,
    /// The time of creation.
    #[syncable(editable = false)]
    pub date_created: DateTimeTz,
}

/// The assignment of a lesson to a collection.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "lessonassignment",
    table = "lessons_lessonassignment",
    partition = "{dataset_id}",
    source_id = "{lesson_id}:{collection_id}",
    blank = false,
    received_with = rules::lesson::assignment_received,
    save_with = rules::lesson::save_assignment
)]
pub struct LessonAssignment {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The lesson.
    #[syncable(references = Lesson, on_delete = cascade)]
    pub lesson_id: RecordId,
    /// The collection that it is assigned to.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup), verbose = "collection", on_delete = cascade)]
    pub collection_id: RecordId,
    /// The user who assigned it.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub assigned_by_id: Option<RecordId>,
}

/// A copy of a lesson for one learner, for devices that sync only that learner's records.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "individualsyncablelesson",
    table = "lessons_individualsyncablelesson",
    partition = "{dataset_id}:user-ro:{user_id}",
    source_id = "{lesson_id}",
    blank = false,
    received_with = rules::of_user::individual_lesson,
    save_with = rules::of_user::save
)]
pub struct IndividualSyncableLesson {
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
    /// The lesson. Not a reference: the device may not have it.
    pub lesson_id: Uuid,
    /// The copied lesson.
    pub serialized_lesson: JsonText,
}
