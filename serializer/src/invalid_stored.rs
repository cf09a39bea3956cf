//! The error for a record's text in the store that cannot be merged with.

use crate::json::MergeError;

/// A record's text in the store cannot be merged with.
#[derive(Debug, thiserror::Error)]
#[error("column `serialized` of table `morango_store`, record `{record}`")]
pub struct InvalidStored {
    /// The record's id.
    pub record: String,
    /// The reason.
    pub source: MergeError,
}
