//! Courses and their assignments.

use syncline::{RecordId, Syncable};

use crate::fields::DateTimeTz;
use crate::rules;

use super::{
    AdHocLearnersGroup, Classroom, Facility, FacilityData, FacilityDataset, FacilityUser, LearnerGroup,
};

/// A course that a class follows.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "coursesession",
    table = "courses_coursesession",
    blank = false,
    received_with = rules::course::received,
    save_with = rules::course::save
)]
pub struct CourseSession {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The course, by the id of its content node.
    pub course: RecordId,
    /// The title.
    #[syncable(max_length = 200)]
    pub title: String,
    /// The description.
    #[syncable(blank)]
    pub description: Option<String>,
    /// `true` if learners see it.
    #[syncable(default = false)]
    pub is_active: bool,
    /// The class.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup), verbose = "collection", on_delete = cascade)]
    pub collection_id: RecordId,
    /// The user who created it.
    #[syncable(references = FacilityUser, blank, on_delete = cascade)]
    pub created_by_id: Option<RecordId>,
    /// The time of creation.
    #[syncable(editable = false)]
    pub date_created: DateTimeTz,
    /// The version of the channel that it was made with.
    #[syncable(blank, default = 0)]
    pub channel_version: Option<i64>,
}

/// The assignment of a course to a collection.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "coursesessionassignment",
    table = "courses_coursesessionassignment",
    blank = false,
    received_with = rules::course::assignment_received,
    save_with = rules::course::save_assignment
)]
pub struct CourseSessionAssignment {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The course.
    #[syncable(references = CourseSession, on_delete = cascade)]
    pub course_session_id: RecordId,
    /// The collection that it is assigned to.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup), verbose = "collection", on_delete = cascade)]
    pub collection_id: RecordId,
    /// The user who assigned it.
    #[syncable(references = FacilityUser, blank, on_delete = cascade)]
    pub assigned_by_id: Option<RecordId>,
}

/// The assignment of a unit's test to a collection.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "unittestassignment",
    table = "courses_unittestassignment",
    blank = false,
    received_with = rules::course::unit_test_received,
    save_with = rules::course::save_unit_test
)]
pub struct UnitTestAssignment {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The course.
    #[syncable(references = CourseSession, on_delete = cascade)]
    pub course_session_id: RecordId,
    /// The unit, by the id of its content node.
    pub unit_contentnode_id: RecordId,
    /// The collection that it is assigned to.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup), verbose = "collection", on_delete = cascade)]
    pub collection_id: RecordId,
    /// The position of the test: before the unit or after it.
    #[syncable(max_length = 10, choices("post", "pre"))]
    pub test_type: String,
    /// `true` if it is over.
    #[syncable(default = false)]
    pub closed: bool,
    /// The user who assigned it.
    #[syncable(references = FacilityUser, blank, on_delete = set_null)]
    pub activated_by_id: Option<RecordId>,
}
