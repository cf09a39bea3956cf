//! What can go wrong between a database and its store.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use syncline_core::plural;
use syncline_serializer::invalid_record::InvalidRecord;
use syncline_serializer::model::{InvalidColumn, Syncable};
use syncline_serializer::record_id::RecordId;

/// Opening, serialising or reading the state of a database failed. The database is as it was before, unless it is
/// [`AfterCommits`](Self::AfterCommits).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// There is nothing at the path.
    #[error("there is no file {}", path.display())]
    NoFile {
        /// The path.
        path: PathBuf,
    },
    /// The path is empty: SQLite would take it for a database that nobody can find again.
    #[error("the path of the database is empty")]
    NoPath,
    /// The path is that of a directory, a device, …
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file may be read but not written.
    #[error("{} is read-only: serialising writes to it", path.display())]
    ReadOnly {
        /// The path.
        path: PathBuf,
    },
    /// Nothing can be learned about the path.
    #[error("{} cannot be looked at", path.display())]
    Inaccessible {
        /// The path.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The file cannot be opened.
    #[error("{} cannot be opened", path.display())]
    Open {
        /// The path.
        path: PathBuf,
        /// What `SQLite` said.
        source: rusqlite::Error,
    },
    /// The file is no `SQLite` database.
    #[error("{} is not an SQLite database", path.display())]
    NotADatabase {
        /// The path.
        path: PathBuf,
        /// What `SQLite` said.
        source: rusqlite::Error,
    },
    /// A table that must be there is not.
    #[error("the database has no table `{table}`: {hint}")]
    NoTable {
        /// The table.
        table: String,
        /// What that means, and what to do.
        hint: &'static str,
    },
    /// The sync tables have a column that this version does not know, and could not fill.
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
    /// Another application makes the tables of this database, and tracks their changes.
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
    /// A column cannot be added to a table that has rows.
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
    /// A field could not be written.
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
    /// Changes of the table would not all be seen.
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
    /// A trigger of the app's own would keep changes from being seen.
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
    /// Two rows of the table could be one record.
    #[error(
        "table `{table}` cannot be tracked: its column `id` is no key, so two rows may have one id: make a unique index on it"
    )]
    NotUnique {
        /// The table.
        table: String,
    },
    /// A row that is there could not sync.
    #[error(
        "table `{table}` cannot be tracked: column `{column}` of record {record} holds a value that cannot sync"
    )]
    Unsyncable {
        /// The table.
        table: String,
        /// The record's id, as SQL has it.
        record: String,
        /// The column.
        column: &'static str,
    },
    /// A row that is there says something else about a record than the store, where it stays what it was.
    #[error(
        "table `{table}` cannot be tracked: the sync store has record {record} with another partition, source id or model, \
         and these it keeps: write them into the row, or give it another id"
    )]
    KnownOtherwise {
        /// The table.
        table: String,
        /// The record's id, as SQL has it.
        record: String,
    },
    /// A record cannot be written.
    #[error("{record} of model `{model}` cannot be written")]
    InvalidRecord {
        /// Its model.
        model: &'static str,
        /// Which record.
        record: String,
        /// Why.
        source: InvalidRecord,
    },
    /// A record cannot be read.
    #[error("a record cannot be read")]
    InvalidColumn(#[from] InvalidColumn),
    /// A column that must be there is not.
    #[error("table `{table}` has no column `{column}`: {hint}")]
    NoColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What that means, and what to do.
        hint: &'static str,
    },
    /// The sync tables are those of a Morango before 0.8.
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
        /// How many are.
        current: usize,
    },
    /// There is nothing to clear.
    #[error("the record {record} is not in conflict: nothing was changed")]
    NotInConflict {
        /// The record's id.
        record: RecordId,
    },
    /// Another program holds the database.
    #[error("the database is locked by another program: try again, or wait longer for it (busy timeout)")]
    Locked {
        /// What `SQLite` said, and where.
        source: syncline_core::BoxError,
    },
    /// There is no room to write. What is to be serialised takes less of it at a time when it
    /// [commits in between](crate::Serialize::commit_every).
    #[error("the disk is full, or the database may not grow further: the open transaction was rolled back")]
    Full {
        /// What `SQLite` said, and where.
        source: syncline_core::BoxError,
    },
    /// `SQLite` failed.
    #[error("{doing} failed")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// What `SQLite` said.
        source: rusqlite::Error,
    },
    /// A column of a sync table holds what it cannot.
    #[error("the sync tables hold a value that cannot be used: nothing was written")]
    Invalid(#[source] InvalidColumn),
    /// A stage of a pipeline failed.
    #[error("the run failed, and its open transaction was rolled back")]
    Pipeline(#[source] syncline_core::Error),
    /// The policy for records that cannot be serialised failed at its end.
    #[error("the records left out could not be recorded, and the open transaction was rolled back")]
    OnInvalid(#[source] syncline_core::BoxError),
    /// A [`CancelToken`](syncline_core::CancelToken) ended it.
    #[error("it was cancelled, and the open transaction was rolled back")]
    Cancelled,
    /// It committed before it failed or was cancelled. What was committed stays; run it again, and it does the rest.
    #[error(
        "it ended after {}, by which {} and {} are in the store",
        plural(done.commits, "commit"), plural(done.records(), "record"), plural(done.deleted, "deletion")
    )]
    AfterCommits {
        /// What was committed.
        done: Box<crate::Serialized>,
        /// What ended it.
        source: Box<DatabaseError>,
    },
}

impl DatabaseError {
    /// What to make of `SQLite`'s `source`, which came up while `doing`.
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

    /// The same for the first statement that reads the file at `path`.
    pub(crate) fn first_read(path: &Path, source: rusqlite::Error) -> Self {
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path: path.to_owned(), source },
            Some(ErrorCode::CannotOpen) => Self::Open { path: path.to_owned(), source },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path: path.to_owned() },
            _ => Self::sqlite("reading the database", source),
        }
    }

    /// What to make of the failure of a pipeline: a full disk is a full disk wherever it shows.
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

    /// Whether trying again later may help: another program held the database.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.last(), Self::Locked { .. })
    }

    /// Whether nothing failed, but it was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self.last(), Self::Cancelled)
    }

    /// Whether there was no room to write.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self.last(), Self::Full { .. })
    }

    /// What was committed before it ended, where that is anything.
    #[must_use]
    pub fn committed(&self) -> Option<&crate::Serialized> {
        match self {
            Self::AfterCommits { done, .. } => Some(done),
            _ => None,
        }
    }

    /// What ended it.
    fn last(&self) -> &Self {
        match self {
            Self::AfterCommits { source, .. } => source.last(),
            other => other,
        }
    }
}

/// Adds what was being done to an error of `SQLite`.
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

/// The error `reason` about `record`.
pub(crate) fn invalid_record<M: Syncable>(reason: InvalidRecord, record: &M) -> DatabaseError {
    let id = record.record_id();
    let record = if id.is_new() { "a new record".to_owned() } else { format!("record `{id}`") };
    DatabaseError::InvalidRecord { model: M::NAME, record, source: reason }
}
