//! Attendance of classes.

use syncline::{RecordId, Syncable};

use crate::fields::DateTimeTz;

use super::{
    AdHocLearnersGroup, Classroom, Facility, FacilityData, FacilityDataset, FacilityUser, LearnerGroup,
};

/// One attendance check of a class.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "attendancesession",
    table = "attendance_attendancesession",
    partition = "{dataset_id}"
)]
pub struct AttendanceSession {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The class.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup))]
    pub collection_id: RecordId,
    /// The user who created it.
    #[syncable(references = FacilityUser)]
    pub created_by_id: Option<RecordId>,
    /// The time of the check.
    pub session_start_datetime: DateTimeTz,
    /// The time of creation.
    pub date_created: DateTimeTz,
    /// The time of the last change.
    pub date_modified: DateTimeTz,
}

/// The presence of one user at one attendance check.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "attendancerecord",
    table = "attendance_attendancerecord",
    partition = "{dataset_id}",
    source_id = "{attendance_session_id}:{user_id}"
)]
pub struct AttendanceRecord {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The attendance check.
    #[syncable(references = AttendanceSession)]
    pub attendance_session_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// `true` if the user was present.
    pub present: bool,
}
