//! Bookmarks.

use chrono::{DateTime, Utc};
use syncline::{RecordId, Syncable};

use crate::rules;

use super::{FacilityData, FacilityDataset, FacilityUser};

/// A resource that a user bookmarked.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "bookmark",
    table = "bookmarks_bookmark",
    partition = "{dataset_id}:user-rw:{user_id}",
    blank = false,
    unique(user_id, contentnode_id),
    received_with = rules::of_user::bookmark,
    save_with = rules::of_user::save
)]
pub struct Bookmark {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The content, the same in every channel that has it.
    #[syncable(blank)]
    pub content_id: Option<RecordId>,
    /// The channel.
    #[syncable(blank)]
    pub channel_id: Option<RecordId>,
    /// The resource, as a place in its channel.
    pub contentnode_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub user_id: RecordId,
    /// The time of creation.
    pub created: DateTime<Utc>,
}
