//! A database that syncs.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use syncline_serializer::model::{PartitionedProfile, Profile};
use syncline_serializer::record_id::RecordId;

use crate::app::{self, Difference};
use crate::conflicts::{self, InConflict};
use crate::error::{DatabaseError, Doing};
use crate::flow::Serialize;
use crate::inspect::{self, Inspection};
use crate::status::{self, ModelStatus};
use crate::store::instance;
use crate::store::schema::{SyncSchema, is_of_django};

/// How long to wait for another program that holds the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

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
        if path.as_os_str().is_empty() {
            return Err(DatabaseError::NoPath);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut database = Self::open_with(path, flags)?;
        database.use_a_log_if_new().map_err(|source| DatabaseError::first_read(path, source))?;
        database.make_sync_tables()?;
        Ok(database)
    }

    /// The same over a connection that the app has opened, with settings of its own: to a file, or to memory.
    ///
    /// The connection's settings, its journal mode and its busy timeout stay as they are.
    ///
    /// # Errors
    ///
    /// When it is no database, or may not be written, or a transaction is open on the connection. Nothing is left half
    /// made.
    pub fn from_connection(connection: Connection) -> Result<Self, DatabaseError> {
        let path = connection.path().map(PathBuf::from).unwrap_or_default();
        let mut database = Self { connection, path };
        database.make_sync_tables()?;
        Ok(database)
    }

    /// Lets a new database keep a write-ahead log. That of a database that exists is its application's affair.
    fn use_a_log_if_new(&self) -> rusqlite::Result<()> {
        let start = Instant::now();
        loop {
            let is_new = !self.connection.prepare("SELECT 1 FROM sqlite_schema")?.exists([])?;
            if !is_new {
                return Ok(());
            }
            match self.connection.pragma_update(None, "journal_mode", "wal") {
                // Another program does the same at this moment: for this SQLite does not wait by itself.
                Err(error)
                    if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                        && start.elapsed() < BUSY_TIMEOUT =>
                {
                    thread::sleep(Duration::from_millis(5));
                }
                done => return done,
            }
        }
    }

    fn make_sync_tables(&mut self) -> Result<(), DatabaseError> {
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let first_read = |source| DatabaseError::first_read(&self.path, source);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(first_read)?;
        if !is_of_django(&transaction)? {
            transaction.execute_batch(include_str!("store/tables.sql")).map_err(first_read)?;
            SyncSchema::read(&transaction)?;
            instance::make_current(&transaction, &path.to_string_lossy()).map_err(first_read)?;
        }
        transaction.commit().map_err(first_read)
    }

    /// Makes the tables of `P`'s models, and tracks what changes in them. To be called whenever the program starts: what is
    /// there stays.
    ///
    /// * A table has a column for each field, `NOT NULL` but for an `Option`; a foreign key for each reference, which is
    ///   checked at the commit, so that records may be inserted in any order; and Morango's own three columns. What no
    ///   peer could take is refused by the table itself, whoever writes it: an id that is no id, a source id or a partition
    ///   longer than Morango's columns, a blob where the field is not of bytes.
    /// * A column that was added to a struct is added to its table: it must be an `Option`, or have a `default`, for the
    ///   records that are there. They do not become dirty by that, and get the key in the store with their next change.
    /// * Nothing is ever dropped. A column that no model declares any more stays as it is.
    /// * Changes are tracked by triggers, which every program runs that writes to the file. They are made anew where the
    ///   declaration, or a unique index of the table, has changed.
    ///
    /// A record that another program inserts without naming the columns of Morango's gets its partition and its source id
    /// from a trigger. Without an id it gets the one that [`insert`](crate::Access::insert) would work out, from what is
    /// declared and from the source id and the partition, if these are given. Until the triggers are done, and so in
    /// `RETURNING id`, that is `new:` and random digits. An id that is given stays, although it is no hash then, and a
    /// Morango that receives it over the network refuses it.
    ///
    /// # Errors
    ///
    /// When a column cannot be added, or rows that are there could not sync; in a
    /// database that another application looks after. Nothing is made then.
    pub fn create<P: PartitionedProfile>(&mut self) -> Result<(), DatabaseError> {
        app::create::<P>(&mut self.connection)
    }

    /// Tracks what changes in tables that the app has already, as [`create`](Self::create) does. Where they lack Morango's
    /// columns, these are added: every record is dirty then, and has a source id and a partition. What the tables do not check
    /// themselves, triggers do. The app's own triggers on them run first, as before: where they are older, they are made anew,
    /// word for word. A `DEFAULT` that the table has for its ids stays, and so do the ids that it makes; with
    /// `('new:' || lower(hex(randomblob(16))))` they are worked out as in a table that [`create`](Self::create) makes.
    ///
    /// # Errors
    ///
    /// When a table or a column is missing that is declared, or else as for [`create`](Self::create). Nothing is changed then.
    pub fn track<P: PartitionedProfile>(&mut self) -> Result<(), DatabaseError> {
        app::track::<P>(&mut self.connection)
    }

    /// All in which the database differs from what `P`'s models declare; nothing where it does not.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn check<P: Profile>(&self) -> Result<Vec<Difference>, DatabaseError> {
        self.must_be_readable()?;
        app::check::<P>(&self.connection)
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
        connection.busy_timeout(BUSY_TIMEOUT).doing("setting the busy timeout")?;
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
        self.must_be_readable()?;
        status::status::<P>(&self.connection)
    }

    /// All that the database has of the record `id`, beside each other: the app's row, the store's, its counters, and the
    /// texts that it conflicted with. `None` where neither the app's tables nor the store has it.
    ///
    /// # Errors
    ///
    /// When the database is not such as `P` declares, or cannot be read.
    pub fn inspect<P: Profile>(&self, id: RecordId) -> Result<Option<Inspection>, DatabaseError> {
        self.must_be_readable()?;
        inspect::inspect::<P>(&self.connection, id)
    }

    /// The records of `P` whose store rows keep texts which they conflicted with, in the order of their ids.
    ///
    /// Where two machines changed a record without knowing of each other, the text of one becomes the record's, and that
    /// of the other is kept in the store's row (morango.md §6.3, §11). Nothing ever reads it again, or takes it away.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn conflicts<P: Profile>(&self) -> Result<Vec<InConflict>, DatabaseError> {
        self.must_be_readable()?;
        conflicts::list(&self.connection, P::NAME)
    }

    /// Forgets what the records of `P` conflicted with, and says how many records that were. Nothing else changes: no
    /// counter, and no dirty bit.
    ///
    /// # Errors
    ///
    /// When the database cannot be written. It is as it was before then.
    pub fn clear_conflicts<P: Profile>(&mut self) -> Result<u64, DatabaseError> {
        self.must_be_readable()?;
        conflicts::clear_all(&mut self.connection, P::NAME)
    }

    /// The same for the records `ids` alone.
    ///
    /// # Errors
    ///
    /// When one of them is not in conflict, or the database cannot be written. It is as it was before then.
    pub fn clear_conflicts_of<P: Profile>(&mut self, ids: &[RecordId]) -> Result<u64, DatabaseError> {
        self.must_be_readable()?;
        conflicts::clear(&mut self.connection, P::NAME, ids)
    }

    /// Whether an application looks after the database that is not made of models like these: Kolibri, or another of
    /// Django's. Its tables and its instance are its own affair.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn is_of_django(&self) -> Result<bool, DatabaseError> {
        self.must_be_readable()?;
        is_of_django(&self.connection)
    }

    fn must_be_readable(&self) -> Result<(), DatabaseError> {
        self.connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
            .map_err(|source| DatabaseError::first_read(&self.path, source))
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

const _: () = {
    const fn crosses_threads<T: Send + 'static>() {}
    crosses_threads::<Database>();
};
