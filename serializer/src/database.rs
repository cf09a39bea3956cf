//! A database that syncs.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::error::{DatabaseError, Doing};
use crate::flow::Serialize;
use crate::profile::Profile;
use crate::status::{self, ModelStatus};
use crate::store::instance;

/// An `SQLite` database with the tables of an app and those of its sync (morango.md §2).
#[derive(Debug)]
pub struct Database {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
}

impl Database {
    /// Opens an app's own database, and makes file and sync tables when they are missing.
    ///
    /// The instance is worked out anew, so that a file copied to another machine counts with a name of its own
    /// (morango.md §1.8). In a database that has `django_migrations` nothing is made, as in
    /// [`open_existing`](Self::open_existing): its application does all that.
    ///
    /// # Errors
    ///
    /// When `path` is no database, or may not be written. Nothing is left half made.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DatabaseError> {
        let path = path.as_ref();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut database = Self::open_with(path, flags)?;
        database.make_sync_tables().map_err(|source| DatabaseError::first_read(path, source))?;
        Ok(database)
    }

    fn make_sync_tables(&mut self) -> rusqlite::Result<()> {
        let is_new = !self.connection.prepare("SELECT 1 FROM sqlite_schema")?.exists([])?;
        if is_new {
            self.connection.pragma_update(None, "journal_mode", "wal")?;
        }
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !transaction.table_exists(None, "django_migrations")? {
            transaction.execute_batch(include_str!("store/tables.sql"))?;
            instance::make_current(&transaction, &path.to_string_lossy())?;
        }
        transaction.commit()
    }

    /// Opens the database of an application that makes its sync tables itself, such as Kolibri, to write to it.
    ///
    /// Nothing is made that is not there; which instance is current is left as it is (morango.md §1.8). Whether the
    /// file is such a database shows when it is used.
    ///
    /// # Errors
    ///
    /// When `path` is no file, or may not be opened or written.
    pub fn open_existing(path: impl AsRef<Path>) -> Result<Self, DatabaseError> {
        let path = path.as_ref();
        must_be_a_file(path)?;
        let database = Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if database.connection.is_readonly("main").doing("opening the database")? {
            return Err(DatabaseError::ReadOnly { path: path.to_owned() });
        }
        Ok(database)
    }

    /// Opens such a database to look at it. What SQLite puts beside it is gone again when this is dropped, unless it
    /// was there before, or another program needs it.
    ///
    /// # Errors
    ///
    /// When `path` is no file, or may not be opened.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, DatabaseError> {
        let path = path.as_ref();
        must_be_a_file(path)?;
        // A reader that may not write leaves the -wal and the -shm that it had to make. One that may write removes
        // them, if it is the last; told not to write, it differs in nothing else.
        let database = Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if database.connection.is_readonly("main").doing("opening the database")? {
            return Self::open_unwritable(path);
        }
        database.connection.pragma_update(None, "query_only", true).doing("opening the database")?;
        if beside(path, "-wal").exists() {
            if !beside(path, "-shm").exists() {
                // A log that a crash left, or a copy: who has the file to itself needs no index of it on disk.
                database
                    .connection
                    .pragma_update(None, "locking_mode", "exclusive")
                    .doing("opening the database")?;
            }
            // What a crash or another program left in the log stays there.
            database
                .connection
                .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
                .doing("opening the database")?;
        }
        Ok(database)
    }

    /// Opens a file that this user cannot write.
    fn open_unwritable(path: &Path) -> Result<Self, DatabaseError> {
        if beside(path, "-wal").exists() {
            return Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        }
        // Without a log there is nothing but the file, and no writer that could change it under us.
        let uri = format!("file:{}?immutable=1", percent_encoded(path));
        Connection::open_with_flags(uri, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
            .map(|connection| Self { connection, path: path.to_owned() })
            .map_err(|source| DatabaseError::Open { path: path.to_owned(), source })
    }

    fn open_with(path: &Path, flags: OpenFlags) -> Result<Self, DatabaseError> {
        let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|source| DatabaseError::Open { path: path.to_owned(), source })?;
        connection.busy_timeout(Duration::from_secs(30)).doing("setting the busy timeout")?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Serialises the changes of `P`'s models into the store. See [`Serialize`].
    pub fn serialize<P: Profile>(&mut self) -> Serialize<'_, P> {
        Serialize::new(self)
    }

    /// How things stand with each of `P`'s models.
    ///
    /// # Errors
    ///
    /// When the database is not such as `P` declares, or cannot be read.
    pub fn status<P: Profile>(&self) -> Result<Vec<ModelStatus>, DatabaseError> {
        self.connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
            .map_err(|source| DatabaseError::first_read(&self.path, source))?;
        status::status::<P>(&self.connection)
    }

    /// The connection, for queries of one's own.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The connection, for transactions of one's own.
    pub fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Closes it: the log is written back to the database file, unless another program has it open.
    ///
    /// # Errors
    ///
    /// When that fails. What was committed is safe in the log.
    pub fn close(self) -> Result<(), DatabaseError> {
        self.connection.close().map_err(|(_, source)| DatabaseError::sqlite("closing the database", source))
    }
}

fn must_be_a_file(path: &Path) -> Result<(), DatabaseError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(_) => Err(DatabaseError::NotAFile { path: path.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(DatabaseError::NoFile { path: path.to_owned() })
        }
        Err(source) => Err(DatabaseError::Inaccessible { path: path.to_owned(), source }),
    }
}

/// The file that SQLite keeps beside the database, such as its `-wal`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A path as part of a URI: what has a meaning there is escaped.
fn percent_encoded(path: &Path) -> String {
    path.to_string_lossy()
        .chars()
        .map(|character| match character {
            '%' | '?' | '#' => format!("%{:02x}", u32::from(character)),
            other => other.to_string(),
        })
        .collect()
}
