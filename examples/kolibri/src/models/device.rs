//! Devices of learners.

use chrono::{DateTime, Utc};
use syncline::{RecordId, Syncable};

use super::{FacilityData, FacilityDataset, FacilityUser};

/// The sync status of a learner's own device.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "learnerdevicestatus",
    table = "device_learnerdevicestatus",
    partition = "{dataset_id}:user-rw:{user_id}",
    source_id = "{instance_id}:{user_id}"
)]
pub struct LearnerDeviceStatus {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The device, by its Morango instance.
    pub instance_id: RecordId,
    /// The learner.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// The time of the first contact with the device.
    pub created_at: DateTime<Utc>,
    /// The time of the last contact.
    pub updated_at: DateTime<Utc>,
    /// The status as a short code.
    pub status: String,
    /// The judgement of the status: bad (-1), neutral (0) or good (1).
    pub status_sentiment: i64,
}
