//! The errors of opening a database.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::error::{SchemaError, SqliteError};

/// A database could not be opened. Nothing was made or changed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The path names no file.
    #[error("cannot open {}: there is no such file", path.display())]
    NoFile {
        /// The path.
        path: PathBuf,
    },
    /// The path is empty. SQLite would open a temporary database under it, which is lost when it is closed.
    #[error("cannot open a database: its path is empty; give the path of a file")]
    NoPath,
    /// The path names a directory, a device or another special file.
    #[error("cannot open {}: it is not a regular file; give the path of a database file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file may be read but not written.
    #[error("cannot write to {}: the file is read-only; make it writable", path.display())]
    ReadOnly {
        /// The path.
        path: PathBuf,
    },
    /// The operating system does not say what the path names.
    #[error("cannot look at {}", path.display())]
    Inaccessible {
        /// The path.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// SQLite cannot open the file.
    #[error("cannot open {}: the folder must exist, and this program must be able to write to it and to the file", path.display())]
    Open {
        /// The path.
        path: PathBuf,
        /// The error of SQLite.
        source: rusqlite::Error,
    },
    /// The file is no SQLite database.
    #[error("cannot read {}: it is not an SQLite database; give the path of one", path.display())]
    NotADatabase {
        /// The path.
        path: PathBuf,
        /// The error of SQLite.
        source: rusqlite::Error,
    },
    /// The sync tables of the database cannot be used.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// SQLite failed.
    #[error(transparent)]
    Sqlite(#[from] SqliteError),
}

impl OpenError {
    /// The error `source` of the first statement that reads the file at `path`: only that statement shows whether the file
    /// is a database.
    pub(crate) fn first_read(path: &Path, source: rusqlite::Error) -> Self {
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path: path.to_owned(), source },
            Some(ErrorCode::CannotOpen) => Self::Open { path: path.to_owned(), source },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path: path.to_owned() },
            _ => Self::Sqlite(SqliteError::new("reading the database", source)),
        }
    }
}
