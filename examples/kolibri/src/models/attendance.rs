//! Who was there: attendance of a class.

use syncline::{RecordId, Syncable};

use crate::fields::DateTimeTz;

use super::{
    AdHocLearnersGroup, Classroom, Facility, FacilityData, FacilityDataset, FacilityUser, LearnerGroup,
};

/// One time at which the attendance of a class was taken.
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
    /// Who made it.
    #[syncable(references = FacilityUser)]
    pub created_by_id: Option<RecordId>,
    /// When the session began.
    pub session_start_datetime: DateTimeTz,
    /// When it was made.
    pub date_created: DateTimeTz,
    /// When it was last changed.
    pub date_modified: DateTimeTz,
}

/// Whether one user was there.
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
    /// The session.
    #[syncable(references = AttendanceSession)]
    pub attendance_session_id: RecordId,
    /// Whose attendance.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// Whether the user was there.
    pub present: bool,
}
