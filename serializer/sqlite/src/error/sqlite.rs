//! The error of one statement or pragma that SQLite refused.

use std::fmt;

use rusqlite::{Connection, ErrorCode};
use syncline_core::BoxError;

use crate::damage::damaged_tables;

/// SQLite could not do what it was asked to.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum SqliteError {
    /// Another connection holds the database.
    #[error("the database is locked by another program: try again, or wait longer for it (busy timeout)")]
    Locked {
        /// The error of SQLite or of the pipeline, with the place where it came up.
        source: BoxError,
    },
    /// There is no room to write. A run needs less of it at a time if it
    /// [commits on its way](crate::Serialize::commit_every).
    #[error("the disk is full, or the database may not grow further: the open transaction was rolled back")]
    Full {
        /// The error of SQLite or of the pipeline, with the place where it came up.
        source: BoxError,
    },
    /// Pages of the file are damaged: by a broken disk, a copy that was made while the file was written, or a program
    /// that wrote to it past SQLite.
    #[error(
        "the file is damaged{}, and the open transaction was rolled back: restore a backup, or copy into a new file what \
         the command `.recover` of the `sqlite3` shell still reads",
        Tables(tables)
    )]
    Damaged {
        /// The damaged tables, if they were looked for. [`Database::check`](crate::Database::check) finds them as well.
        tables: Vec<String>,
        /// The error of SQLite or of the pipeline, with the place where it came up.
        source: BoxError,
    },
    /// The statement was interrupted, by a cancelled run or by
    /// [`InterruptHandle::interrupt`](rusqlite::InterruptHandle::interrupt).
    #[error("it was cancelled, and the open transaction was rolled back")]
    Interrupted,
    /// SQLite failed for another reason.
    #[error("{doing} failed")]
    Failed {
        /// The operation, as in `reading the store`.
        doing: &'static str,
        /// The error of SQLite.
        source: rusqlite::Error,
    },
}

impl SqliteError {
    /// The error `source`, which came up while `doing`.
    pub(crate) fn new(doing: &'static str, source: rusqlite::Error) -> Self {
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Locked { source: source.into() }
            }
            Some(ErrorCode::DiskFull) => Self::Full { source: source.into() },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { tables: Vec::new(), source: source.into() },
            Some(ErrorCode::OperationInterrupted) => Self::Interrupted,
            _ => Self::Failed { doing, source },
        }
    }
}

impl SqliteError {
    /// Looks for the damaged tables, if the file is damaged and they are not known.
    pub(crate) fn name_damage(&mut self, connection: &Connection) {
        if let Self::Damaged { tables, .. } = self
            && tables.is_empty()
            // If they cannot be found either, the error without them is still right.
            && let Ok(damaged) = damaged_tables(connection)
        {
            *tables = damaged;
        }
    }
}

/// The damaged tables as a part of the message.
struct Tables<'t>(&'t [String]);

impl fmt::Display for Tables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str(" (`Database::check` names the tables)"),
            [table] => write!(f, " in table `{table}`"),
            tables => write!(f, " in tables `{}`", tables.join("`, `")),
        }
    }
}

/// Adds the operation to an error of SQLite.
pub(crate) trait Doing<T> {
    /// Names the operation, as in `reading the store`.
    fn doing(self, doing: &'static str) -> Result<T, SqliteError>;
}

impl<T> Doing<T> for rusqlite::Result<T> {
    fn doing(self, doing: &'static str) -> Result<T, SqliteError> {
        self.map_err(|source| SqliteError::new(doing, source))
    }
}
