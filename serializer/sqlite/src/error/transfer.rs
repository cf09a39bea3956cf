//! The errors of the legs between the store and the buffers.

use syncline_serializer::record_id::RecordId;
use syncline_serializer::transfer_session::InvalidTransfer;

use crate::error::{RunError, SchemaError, SqliteError};

/// A leg of a transfer failed. The database is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// There is no such transfer session.
    #[error("there is no transfer session {id}")]
    NoSession {
        /// The id.
        id: RecordId,
    },
    /// A fault of the data that the peer gave.
    #[error(transparent)]
    Invalid(#[from] InvalidTransfer),
    /// The transaction failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The tables of the database cannot be used.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// SQLite failed.
    #[error(transparent)]
    Sqlite(#[from] SqliteError),
}
