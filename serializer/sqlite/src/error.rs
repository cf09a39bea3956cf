//! The errors of database operations.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use syncline_core::plural;
use syncline_serializer::invalid_record::InvalidRecord;
use syncline_serializer::model::{InvalidColumn, Syncable};
use syncline_serializer::record_id::RecordId;

/// An error of an operation on a database. The database is unchanged, except after
/// [`AfterCommits`](Self::AfterCommits).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// The path does not exist.
    #[error("there is no file {}", path.display())]
    NoFile {
        /// The path.
        path: PathBuf,
    },
    /// The path is empty. SQLite would open a temporary database without a name.
    #[error("the path of the database is empty")]
    NoPath,
    /// The path is a directory, a device or something else that is not a file.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error("{} is read-only: serialising writes to it", path.display())]
    ReadOnly {
        /// The path.
        path: PathBuf,
    },
    /// The file's metadata cannot be read.
    #[error("{} cannot be looked at", path.display())]
    Inaccessible {
        /// The path.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The file cannot be opened.
    #[error("{} cannot be opened", path.display())]
    Open {
        /// The path.
        path: PathBuf,
        /// The error of `SQLite`.
        source: rusqlite::Error,
    },
    /// The file is not an `SQLite` database.
    #[error("{} is not an SQLite database", path.display())]
    NotADatabase {
        /// The path.
        path: PathBuf,
        /// The error of `SQLite`.
        source: rusqlite::Error,
    },
    /// A required table is missing.
    #[error("the database has no table `{table}`: {hint}")]
    NoTable {
        /// The table.
        table: String,
        /// The meaning, and what to do.
        hint: &'static str,
    },
    /// A sync table has a `NOT NULL` column that this version does not know and cannot fill.
    #[error(
        "table `{table}` has a column `{column}` that must be filled and that this version of syncline does not know: a \
         newer Morango or syncline made it; use a newer syncline"
    )]
    SchemaTooNew {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The database belongs to another application, which creates its tables and tracks their changes.
    #[error(
        "the database has a table `django_migrations`: its application makes the tables and tracks their changes itself"
    )]
    NotOurs,
    /// A reference names models of several tables.
    #[error("column `{column}` of model `{model}` refers to models of several tables")]
    SeveralTables {
        /// The model.
        model: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A declared column cannot be added to an existing table.
    #[error(
        "column `{column}` cannot be added to table `{table}`: it may not be NULL, and no `default` is declared for the rows \
         that are there"
    )]
    CannotAddColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The model declares a generated column, so its field cannot be written.
    #[error(
        "column `{column}` of table `{table}` is worked out from other columns, so no record can be written with it: leave it \
         out of the model"
    )]
    GeneratedColumn {
        /// The table.
        table: String,
        /// The column.
        column: &'static str,
    },
    /// The triggers would not see all changes of the table.
    #[error(
        "table `{table}` cannot be tracked: its unique index `{index}` is over an expression, so rows that REPLACE displaces \
         through it would not be seen"
    )]
    Untrackable {
        /// The table.
        table: String,
        /// The index.
        index: String,
    },
    /// A trigger of the app would keep the tracking triggers from running.
    #[error(
        "table `{table}` cannot be tracked: its trigger `{trigger}` says RAISE(IGNORE) once a row has changed, and no other trigger \
         would see that change: make it a BEFORE trigger, or leave that out"
    )]
    SkipsTriggers {
        /// The table.
        table: String,
        /// The trigger.
        trigger: String,
    },
    /// Two rows of the table could have the same id.
    #[error(
        "table `{table}` cannot be tracked: its column `id` is no key, so two rows may have one id: make a unique index on it"
    )]
    NotUnique {
        /// The table.
        table: String,
    },
    /// An existing row could not sync.
    #[error(
        "table `{table}` cannot be tracked: column `{column}` of record {record} holds a value that cannot sync"
    )]
    Unsyncable {
        /// The table.
        table: String,
        /// The record's id, as an SQL literal.
        record: String,
        /// The column.
        column: &'static str,
    },
    /// An existing row contradicts the store about the record's partition, source id or model, which never change.
    #[error(
        "table `{table}` cannot be tracked: the sync store has record {record} with another partition, source id or model, \
         and these it keeps: write them into the row, or give it another id"
    )]
    KnownOtherwise {
        /// The table.
        table: String,
        /// The record's id, as an SQL literal.
        record: String,
    },
    /// A record cannot be written.
    #[error("{record} of model `{model}` cannot be written")]
    InvalidRecord {
        /// The record's model.
        model: &'static str,
        /// The record, as a phrase for the message.
        record: String,
        /// The reason.
        source: InvalidRecord,
    },
    /// A record cannot be read.
    #[error("a record cannot be read")]
    InvalidColumn(#[from] InvalidColumn),
    /// A required column is missing.
    #[error("table `{table}` has no column `{column}`: {hint}")]
    NoColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The meaning, and what to do.
        hint: &'static str,
    },
    /// The sync tables are from a Morango before 0.8.
    #[error(
        "the sync tables are too old: `morango_store.deserialization_error` is NOT NULL, as before Morango's \
         migration 0003_store_deserialization_errors; start the application once with Morango 0.8 or newer"
    )]
    SchemaTooOld,
    /// No row of `morango_instanceidmodel` is current, or several are.
    #[error(
        "{current} rows of `morango_instanceidmodel` are current, and exactly one must be: start the application \
         once, it makes one"
    )]
    NoCurrentInstance {
        /// The number of current rows.
        current: usize,
    },
    /// The record has no conflicting texts to remove.
    #[error("the record {record} is not in conflict: nothing was changed")]
    NotInConflict {
        /// The record's id.
        record: RecordId,
    },
    /// Another program has locked the database.
    #[error("the database is locked by another program: try again, or wait longer for it (busy timeout)")]
    Locked {
        /// The error of `SQLite`, with the place where it occurred.
        source: syncline_core::BoxError,
    },
    /// The disk is full. A run that [commits in between](crate::Serialize::commit_every) needs less space at a time.
    #[error("the disk is full, or the database may not grow further: the open transaction was rolled back")]
    Full {
        /// The error of `SQLite`, with the place where it occurred.
        source: syncline_core::BoxError,
    },
    /// `SQLite` returned another error.
    #[error("{doing} failed")]
    Sqlite {
        /// The operation that failed.
        doing: &'static str,
        /// The error of `SQLite`.
        source: rusqlite::Error,
    },
    /// A column of a sync table has an invalid value.
    #[error("the sync tables hold a value that cannot be used: nothing was written")]
    Invalid(#[source] InvalidColumn),
    /// A stage of a pipeline failed.
    #[error("the run failed, and its open transaction was rolled back")]
    Pipeline(#[source] syncline_core::Error),
    /// The policy for records that cannot be serialised failed at the end of the run.
    #[error("the records left out could not be recorded, and the open transaction was rolled back")]
    OnInvalid(#[source] syncline_core::BoxError),
    /// A [`CancelToken`](syncline_core::CancelToken) cancelled the run.
    #[error("it was cancelled, and the open transaction was rolled back")]
    Cancelled,
    /// The run committed before it failed or was cancelled. Committed changes stay; another run does the rest.
    #[error(
        "it ended after {}, by which {} and {} are in the store",
        plural(done.commits, "commit"), plural(done.records(), "record"), plural(done.deleted, "deletion")
    )]
    AfterCommits {
        /// The committed changes.
        done: Box<crate::Serialized>,
        /// The error that ended the run.
        source: Box<DatabaseError>,
    },
}

impl DatabaseError {
    /// Converts `source`, an error of `SQLite` during the operation `doing`.
    pub(crate) fn sqlite(doing: &'static str, source: rusqlite::Error) -> Self {
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Locked { source: source.into() }
            }
            Some(ErrorCode::DiskFull) => Self::Full { source: source.into() },
            Some(ErrorCode::OperationInterrupted) => Self::Cancelled,
            _ => Self::Sqlite { doing, source },
        }
    }

    /// Converts an error of the first statement that reads the file at `path`.
    pub(crate) fn first_read(path: &Path, source: rusqlite::Error) -> Self {
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path: path.to_owned(), source },
            Some(ErrorCode::CannotOpen) => Self::Open { path: path.to_owned(), source },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path: path.to_owned() },
            _ => Self::sqlite("reading the database", source),
        }
    }

    /// Converts an error of a pipeline. Cancellation, a lock and a full disk keep their meaning.
    pub(crate) fn pipeline(error: syncline_core::Error) -> Self {
        let source = std::error::Error::source(&error)
            .and_then(<dyn std::error::Error>::downcast_ref::<rusqlite::Error>);
        match source.and_then(rusqlite::Error::sqlite_error_code) {
            _ if error.is_cancelled() => Self::Cancelled,
            Some(ErrorCode::OperationInterrupted) => Self::Cancelled,
            Some(ErrorCode::DiskFull) => Self::Full { source: error.into() },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Locked { source: error.into() }
            }
            _ => Self::Pipeline(error),
        }
    }

    /// Returns `true` if a retry may succeed, because another program had locked the database.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.last(), Self::Locked { .. })
    }

    /// Returns `true` if the run was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self.last(), Self::Cancelled)
    }

    /// Returns `true` if the disk is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self.last(), Self::Full { .. })
    }

    /// The changes that were committed before the run ended, if there are any.
    #[must_use]
    pub fn committed(&self) -> Option<&crate::Serialized> {
        match self {
            Self::AfterCommits { done, .. } => Some(done),
            _ => None,
        }
    }

    /// The error that ended the run.
    fn last(&self) -> &Self {
        match self {
            Self::AfterCommits { source, .. } => source.last(),
            other => other,
        }
    }
}

/// Adds the operation to an error of `SQLite`.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, DatabaseError>;
}

impl<T> Doing<T> for rusqlite::Result<T> {
    fn doing(self, doing: &'static str) -> Result<T, DatabaseError> {
        self.map_err(|source| DatabaseError::sqlite(doing, source))
    }
}

const _: () = {
    const fn crosses_threads<T: Send + Sync + 'static>() {}
    crosses_threads::<DatabaseError>();
};

/// The error `reason` for `record`.
pub(crate) fn invalid_record<M: Syncable>(reason: InvalidRecord, record: &M) -> DatabaseError {
    let id = record.record_id();
    let record = if id.is_new() { "a new record".to_owned() } else { format!("record `{id}`") };
    DatabaseError::InvalidRecord { model: M::NAME, record, source: reason }
}
