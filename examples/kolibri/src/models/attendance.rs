//! Attendance of classes.

use syncline::{RecordId, Syncable};

use crate::fields::DateTimeTz;
use crate::rules;

use super::{
    AdHocLearnersGroup, Classroom, Facility, FacilityData, FacilityDataset, FacilityUser, LearnerGroup,
};

/// One attendance check of a class.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "attendancesession",
    table = "attendance_attendancesession",
    partition = "{dataset_id}",
    blank = false,
    received_with = rules::attendance::received,
    save_with = rules::attendance::save
)]
pub struct AttendanceSession {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The class.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup), verbose = "collection", on_delete = cascade)]
    pub collection_id: RecordId,
    /// The user who created it.
    #[syncable(references = FacilityUser, blank, on_delete = cascade)]
    pub created_by_id: Option<RecordId>,
    /// The time of the check.
    pub session_start_datetime: DateTimeTz,
    /// The time of creation.
    #[syncable(editable = false)]
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
    source_id = "{attendance_session_id}:{user_id}",
    blank = false,
    unique(attendance_session_id, user_id),
    received_with = rules::attendance::record_received,
    save_with = rules::attendance::save_record
)]
pub struct AttendanceRecord {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The attendance check.
    #[syncable(references = AttendanceSession, on_delete = cascade)]
    pub attendance_session_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub user_id: RecordId,
    /// `true` if the user was present.
    #[syncable(default = false)]
    pub present: bool,
}
