//! The errors of a serialise run.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};
use syncline_core::{BoxError, plural};
use syncline_serializer::model::InvalidColumn;

use crate::error::{OpenError, SchemaError, SqliteError};
use syncline_serializer::serialize::{NotCommitted, Serialized};

/// A serialise run failed or was cancelled. The database is as it was before, unless the error is
/// [`AfterCommits`](Self::AfterCommits).
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The file cannot be used as a database: only its first statement shows that.
    #[error(transparent)]
    Open(OpenError),
    /// The tables of the database cannot be used.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// No row of `morango_instanceidmodel` is current, or several are.
    #[error(
        "{current} rows of `morango_instanceidmodel` are current, and exactly one must be: start the application \
         once, it makes one"
    )]
    NoCurrentInstance {
        /// The number of current rows.
        current: usize,
    },
    /// A column of a sync table holds a value that cannot be used.
    #[error("the sync tables hold a value that cannot be used: nothing was written")]
    Invalid(#[source] InvalidColumn),
    /// A stage of a pipeline failed.
    #[error("the run failed, and its open transaction was rolled back")]
    Pipeline(#[source] syncline_core::Error),
    /// A part of a flow failed in the middle of a chunk, or SQLite rolled the transaction back.
    #[error(transparent)]
    NotCommitted(#[from] NotCommitted),
    /// The policy for records that cannot be serialised failed at its end.
    #[error("the records left out could not be recorded, and the open transaction was rolled back")]
    OnInvalid(#[source] BoxError),
    /// A [`CancelToken`](syncline_core::CancelToken) ended the run.
    #[error("it was cancelled, and the open transaction was rolled back")]
    Cancelled,
    /// SQLite failed.
    #[error(transparent)]
    Sqlite(SqliteError),
    /// The run committed before it failed or was cancelled. The commits stay; the next run does the rest.
    #[error(
        "it ended after {}, by which {} and {} are in the store",
        plural(done.commits, "commit"), plural(done.records(), "record"), plural(done.deleted, "deletion")
    )]
    AfterCommits {
        /// The committed part.
        done: Box<Serialized>,
        /// The error that ended the run.
        source: Box<RunError>,
    },
}

impl RunError {
    /// The error `source` of SQLite, which came up while `doing`.
    pub(crate) fn sqlite(doing: &'static str, source: rusqlite::Error) -> Self {
        SqliteError::new(doing, source).into()
    }

    /// The error `source` of the first statement of the run that reads the file at `path`.
    pub(crate) fn first_read(path: &Path, source: rusqlite::Error) -> Self {
        OpenError::first_read(path, source).into()
    }

    /// The error of a pipeline. A full disk is [`SqliteError::Full`] in whichever stage it comes up, and so with a lock.
    pub(crate) fn pipeline(error: syncline_core::Error) -> Self {
        let source = std::error::Error::source(&error)
            .and_then(<dyn std::error::Error>::downcast_ref::<rusqlite::Error>);
        match source.and_then(rusqlite::Error::sqlite_error_code) {
            _ if error.is_cancelled() => Self::Cancelled,
            Some(ErrorCode::OperationInterrupted) => Self::Cancelled,
            Some(ErrorCode::DiskFull) => Self::Sqlite(SqliteError::Full { source: error.into() }),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Sqlite(SqliteError::Locked { source: error.into() })
            }
            Some(ErrorCode::DatabaseCorrupt) => {
                Self::Sqlite(SqliteError::Damaged { tables: Vec::new(), source: error.into() })
            }
            _ => Self::Pipeline(error),
        }
    }

    /// Looks for the damaged tables, if the file is damaged. The transaction of the run must be over.
    pub(crate) fn name_damage(&mut self, connection: &Connection) {
        match self {
            Self::Open(OpenError::Sqlite(error))
            | Self::Schema(SchemaError::Sqlite(error))
            | Self::Sqlite(error) => {
                error.name_damage(connection);
            }
            Self::AfterCommits { source, .. } => source.name_damage(connection),
            _ => {}
        }
    }

    /// The committed part of the run, if it committed anything.
    #[must_use]
    pub fn committed(&self) -> Option<&Serialized> {
        match self {
            Self::AfterCommits { done, .. } => Some(done),
            _ => None,
        }
    }
}

/// An interrupted statement is a cancelled run.
impl From<SqliteError> for RunError {
    fn from(error: SqliteError) -> Self {
        match error {
            SqliteError::Interrupted => Self::Cancelled,
            other => Self::Sqlite(other),
        }
    }
}

/// An interrupted statement is a cancelled run.
impl From<OpenError> for RunError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Schema(error) => error.into(),
            OpenError::Sqlite(error) => error.into(),
            other => Self::Open(other),
        }
    }
}
