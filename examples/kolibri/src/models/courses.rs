//! Courses and their assignments.

use syncline::{RecordId, Syncable};

use crate::fields::DateTimeTz;

use super::{
    AdHocLearnersGroup, Classroom, Facility, FacilityData, FacilityDataset, FacilityUser, LearnerGroup,
};

/// A course that a class follows.
#[derive(Debug, Clone, Syncable)]
#[syncable(profile = FacilityData, model = "coursesession", table = "courses_coursesession")]
pub struct CourseSession {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The course, by the id of its content node.
    pub course: RecordId,
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// `true` if learners see it.
    pub is_active: bool,
    /// The class.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup))]
    pub collection_id: RecordId,
    /// The user who created it.
    #[syncable(references = FacilityUser)]
    pub created_by_id: Option<RecordId>,
    /// The time of creation.
    pub date_created: DateTimeTz,
    /// The version of the channel that it was made with.
    pub channel_version: Option<i64>,
}

/// The assignment of a course to a collection.
#[derive(Debug, Clone, Syncable)]
#[syncable(profile = FacilityData, model = "coursesessionassignment", table = "courses_coursesessionassignment")]
pub struct CourseSessionAssignment {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The course.
    #[syncable(references = CourseSession)]
    pub course_session_id: RecordId,
    /// The collection that it is assigned to.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup))]
    pub collection_id: RecordId,
    /// The user who assigned it.
    #[syncable(references = FacilityUser)]
    pub assigned_by_id: Option<RecordId>,
}

/// The assignment of a unit's test to a collection.
#[derive(Debug, Clone, Syncable)]
#[syncable(profile = FacilityData, model = "unittestassignment", table = "courses_unittestassignment")]
pub struct UnitTestAssignment {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The course.
    #[syncable(references = CourseSession)]
    pub course_session_id: RecordId,
    /// The unit, by the id of its content node.
    pub unit_contentnode_id: RecordId,
    /// The collection that it is assigned to.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup))]
    pub collection_id: RecordId,
    /// The position of the test: before the unit or after it.
    pub test_type: String,
    /// `true` if it is over.
    pub closed: bool,
    /// The user who assigned it.
    #[syncable(references = FacilityUser)]
    pub activated_by_id: Option<RecordId>,
}
