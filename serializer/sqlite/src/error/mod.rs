//! The errors of this crate, one type for each kind of operation.
//!
//! | Operation | Error |
//! |---|---|
//! | opening a database | [`OpenError`] |
//! | making, tracking and checking its tables | [`SchemaError`] |
//! | reading and writing one record | [`RecordError`] |
//! | a serialise run | [`RunError`] |
//! | a leg between the store and the buffers | [`TransferError`] |
//! | one statement | [`SqliteError`], which all the others contain |
//!
//! [`DatabaseError`] is any of them, for code that does several of these things.

mod evolution;
mod open;
mod record;
mod run;
mod schema;
mod sqlite;
mod transfer;

pub use evolution::EvolutionError;
pub use open::OpenError;
pub use record::RecordError;
pub use run::RunError;
pub use schema::SchemaError;
pub(crate) use sqlite::Doing;
pub use sqlite::SqliteError;
pub use transfer::TransferError;

use syncline_serializer::model::InvalidColumn;
use syncline_serializer::record_id::RecordId;

use syncline_serializer::serialize::Serialized;

/// Any error of an operation on a database.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// A database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The tables of a database cannot be used, made or tracked.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A record could not be read or written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A serialise run failed or was cancelled.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A conflict was to be cleared or resolved, and the record has none.
    #[error("the record {record} is not in conflict: nothing was changed")]
    NotInConflict {
        /// The record's id.
        record: RecordId,
    },
    /// A conflict was to be resolved, and the app has a change of the record that is not in the store.
    #[error(
        "the conflict of record {record} cannot be resolved: the app changed or deleted the record since it was last serialised; \
         serialise first, then read the conflict again"
    )]
    ChangedInApp {
        /// The record's id.
        record: RecordId,
    },
    /// The answer to a conflict is no JSON object.
    #[error(
        "the conflict of record {record} cannot be resolved: the text of the answer is no JSON object; give an object with all keys \
         of the record"
    )]
    NoJsonObject {
        /// The record's id.
        record: RecordId,
    },
    /// The answer to a conflict is a record of another model.
    #[error(
        "the conflict of record {record} cannot be resolved: it is a `{model}`, and the answer is a `{expected}`"
    )]
    AnotherModel {
        /// The record's id.
        record: RecordId,
        /// The model of the record.
        model: String,
        /// The model of the answer.
        expected: &'static str,
    },
    /// The buffers of a transfer session were to be removed, and it has none.
    #[error("the transfer session {session} has no buffers: nothing was removed")]
    NoBuffers {
        /// The id of the session.
        session: RecordId,
    },
    /// SQLite failed.
    #[error(transparent)]
    Sqlite(#[from] SqliteError),
}

impl From<InvalidColumn> for DatabaseError {
    fn from(error: InvalidColumn) -> Self {
        Self::Record(error.into())
    }
}

impl DatabaseError {
    /// The committed part of a run, if it committed anything before it failed.
    #[must_use]
    pub fn committed(&self) -> Option<&Serialized> {
        match self {
            Self::Run(error) => error.committed(),
            _ => None,
        }
    }
}

/// Implements the questions that every error answers. `$error` is the error, `$sqlite` the [`SqliteError`] that it
/// contains.
macro_rules! questions {
    ($type:ty, |$error:ident| $sqlite:expr) => {
        impl $type {
            /// The error of SQLite, if SQLite failed.
            #[must_use]
            pub fn sqlite_error(&self) -> Option<&SqliteError> {
                let $error = self;
                $sqlite
            }

            /// `true` if another program held the database: trying again later may succeed.
            #[must_use]
            pub fn is_transient(&self) -> bool {
                matches!(self.sqlite_error(), Some(SqliteError::Locked { .. }))
            }

            /// `true` if there was no room to write.
            #[must_use]
            pub fn is_full(&self) -> bool {
                matches!(self.sqlite_error(), Some(SqliteError::Full { .. }))
            }
        }
    };
}

questions!(OpenError, |error| match error {
    OpenError::Schema(error) => error.sqlite_error(),
    OpenError::Sqlite(error) => Some(error),
    _ => None,
});
questions!(SchemaError, |error| match error {
    SchemaError::Sqlite(error) => Some(error),
    _ => None,
});
questions!(RecordError, |error| match error {
    RecordError::Sqlite(error) => Some(error),
    _ => None,
});
questions!(RunError, |error| match error {
    RunError::Open(error) => error.sqlite_error(),
    RunError::Schema(error) => error.sqlite_error(),
    RunError::Sqlite(error) => Some(error),
    RunError::AfterCommits { source, .. } => source.sqlite_error(),
    _ => None,
});
questions!(TransferError, |error| match error {
    TransferError::Run(error) => error.sqlite_error(),
    TransferError::Schema(error) => error.sqlite_error(),
    TransferError::Sqlite(error) => Some(error),
    TransferError::NoSession { .. } | TransferError::Invalid(_) => None,
});
questions!(DatabaseError, |error| match error {
    DatabaseError::Open(error) => error.sqlite_error(),
    DatabaseError::Schema(error) => error.sqlite_error(),
    DatabaseError::Record(error) => error.sqlite_error(),
    DatabaseError::Run(error) => error.sqlite_error(),
    DatabaseError::Sqlite(error) => Some(error),
    DatabaseError::NotInConflict { .. }
    | DatabaseError::ChangedInApp { .. }
    | DatabaseError::NoJsonObject { .. }
    | DatabaseError::AnotherModel { .. }
    | DatabaseError::NoBuffers { .. } => None,
});

impl RunError {
    /// `true` if the run did not fail but was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::Cancelled => true,
            Self::AfterCommits { source, .. } => source.is_cancelled(),
            other => matches!(other.sqlite_error(), Some(SqliteError::Interrupted)),
        }
    }
}

impl TransferError {
    /// `true` if the leg did not fail but was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::Run(error) => error.is_cancelled(),
            other => matches!(other.sqlite_error(), Some(SqliteError::Interrupted)),
        }
    }
}

impl DatabaseError {
    /// `true` if nothing failed, but the run was cancelled or the statement interrupted.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::Run(error) => error.is_cancelled(),
            other => matches!(other.sqlite_error(), Some(SqliteError::Interrupted)),
        }
    }
}

// The message and its causes: `main` prints its error with `Debug`.
syncline_core::debug_with_causes!(DatabaseError, OpenError, SchemaError, RecordError, RunError, SqliteError);

const _: () = {
    const fn crosses_threads<T: Send + Sync + 'static>() {}
    crosses_threads::<DatabaseError>();
};
