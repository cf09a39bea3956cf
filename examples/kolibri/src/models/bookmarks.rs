//! Bookmarks.

use chrono::{DateTime, Utc};
use syncline::{RecordId, Syncable};

use super::{FacilityData, FacilityDataset, FacilityUser};

/// A resource that a user bookmarked.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "bookmark",
    table = "bookmarks_bookmark",
    partition = "{dataset_id}:user-rw:{user_id}"
)]
pub struct Bookmark {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The content, the same in every channel that has it.
    pub content_id: Option<RecordId>,
    /// The channel.
    pub channel_id: Option<RecordId>,
    /// The resource, as a place in its channel.
    pub contentnode_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// The time of creation.
    pub created: DateTime<Utc>,
}
