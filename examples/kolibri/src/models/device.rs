//! Devices of learners.

use chrono::{DateTime, Utc};
use syncline::{RecordId, Syncable};

use crate::rules;

use super::{FacilityData, FacilityDataset, FacilityUser};

/// The sync status of a learner's own device.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "learnerdevicestatus",
    table = "device_learnerdevicestatus",
    partition = "{dataset_id}:user-rw:{user_id}",
    source_id = "{instance_id}:{user_id}",
    blank = false,
    unique(instance_id, user_id),
    received_with = rules::device_status::received,
    save_with = rules::device_status::save
)]
pub struct LearnerDeviceStatus {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The device, by its Morango instance.
    #[syncable(editable = false)]
    pub instance_id: RecordId,
    /// The learner.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub user_id: RecordId,
    /// The time of the first contact with the device.
    #[syncable(blank, editable = false)]
    pub created_at: DateTime<Utc>,
    /// The time of the last contact.
    #[syncable(blank, editable = false)]
    pub updated_at: DateTime<Utc>,
    /// The status as a short code.
    #[syncable(max_length = 32)]
    pub status: String,
    /// The judgement of the status: bad (-1), neutral (0) or good (1).
    #[syncable(choices(-1, 0, 1))]
    pub status_sentiment: i64,
}
