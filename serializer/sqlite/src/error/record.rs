//! The errors of reading and writing one record.

use syncline_serializer::invalid_record::InvalidRecord;
use syncline_serializer::model::{InvalidColumn, Syncable};

use crate::error::SqliteError;

/// A record could not be read or written. The database is as it was before.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// A record cannot be written.
    #[error("{record} of model `{model}` cannot be written")]
    InvalidRecord {
        /// The name of the model.
        model: &'static str,
        /// The record, as in ``record `0123…` `` or `a new record`.
        record: String,
        /// The reason.
        source: InvalidRecord,
    },
    /// A record cannot be read.
    #[error("a record cannot be read")]
    InvalidColumn(#[from] InvalidColumn),
    /// SQLite failed.
    #[error(transparent)]
    Sqlite(#[from] SqliteError),
}

impl RecordError {
    /// The error `reason` about `record`.
    pub(crate) fn invalid<M: Syncable>(reason: InvalidRecord, record: &M) -> Self {
        let id = record.record_id();
        let record = if id.is_new() { "a new record".to_owned() } else { format!("record `{id}`") };
        Self::InvalidRecord { model: M::NAME, record, source: reason }
    }
}
