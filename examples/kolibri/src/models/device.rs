//! The devices that learners use.

use chrono::{DateTime, Utc};
use syncline::{RecordId, Syncable};

use super::{FacilityData, FacilityDataset, FacilityUser};

/// How far a learner's own device is with its syncing.
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
    /// When the device was first heard of.
    pub created_at: DateTime<Utc>,
    /// When it was last heard of.
    pub updated_at: DateTime<Utc>,
    /// What it does or lacks, as a short code.
    pub status: String,
    /// Whether that is bad (-1), neither (0) or good (1).
    pub status_sentiment: i64,
}
