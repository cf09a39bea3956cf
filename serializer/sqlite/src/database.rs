//! `Database`: a connection to an SQLite file with an app's tables and the sync store.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use syncline_serializer::model::{Answer, Lists, PartitionedProfile, Profile, Syncable};
use syncline_serializer::record_id::RecordId;

use crate::app::{self, Comparison, Difference, Tracked};
use crate::buffers::{self, BufferedSession, Cleanup};
use crate::conflicts::{self, Conflicts, InConflict};
use crate::damage::damaged_tables;
use crate::error::{DatabaseError, Doing, OpenError, SchemaError, SqliteError};
use crate::inspect::failures::{self, FailedRecords};
use crate::inspect::record::{self, Inspection};
use crate::inspect::status::{self, ModelStatus};
use crate::store::instance;
use crate::store::schema::{SyncSchema, is_of_django};
use crate::vacuum::{self, Vacuumed};

/// The time to wait for another program that has locked the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// An `SQLite` database with an app's tables and the sync tables (morango.md §2).
#[derive(Debug)]
pub struct Database {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
}

impl Database {
    /// Opens an app's own database. Creates the file and the sync tables if they do not exist.
    ///
    /// The instance is computed at every open (morango.md §1.8). A file that was copied or moved, on this machine or to
    /// another, becomes an instance of its own: its path, inode or creation time is not the one that was written down. For
    /// a backup that was copied over the file, call [`restored`](Self::restored). In a database with `django_migrations` nothing is created, as with
    /// [`open_existing`](Self::open_existing): its application does that.
    ///
    /// # Errors
    ///
    /// If `path` is not a database or cannot be written. Nothing is half created then.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        if path.as_os_str().is_empty() {
            return Err(OpenError::NoPath);
        }
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(OpenError::NotAFile { path: path.to_owned() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut database = Self::open_with(path, flags)?;
        database.use_a_log_if_new().map_err(|source| OpenError::first_read(path, source))?;
        database.make_sync_tables()?;
        Ok(database)
    }

    /// Wraps a connection that the app opened, to a file or to memory. Otherwise like [`open`](Self::open).
    ///
    /// The connection keeps its settings, journal mode and busy timeout.
    ///
    /// # Errors
    ///
    /// If it is not a database or cannot be written, or if a transaction is open on the connection. Nothing is half
    /// created then.
    pub fn from_connection(connection: Connection) -> Result<Self, OpenError> {
        let path = connection.path().map(PathBuf::from).unwrap_or_default();
        let mut database = Self { connection, path };
        database.make_sync_tables()?;
        Ok(database)
    }

    /// Sets a new database to a write-ahead log. The application decides the journal mode of an existing database.
    fn use_a_log_if_new(&self) -> rusqlite::Result<()> {
        let start = Instant::now();
        loop {
            let is_new = !self.connection.prepare("SELECT 1 FROM sqlite_schema")?.exists([])?;
            if !is_new {
                return Ok(());
            }
            match self.connection.pragma_update(None, "journal_mode", "wal") {
                // Another program is creating the same database. SQLite does not wait for it here.
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

    fn make_sync_tables(&mut self) -> Result<(), OpenError> {
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let first_read = |source| OpenError::first_read(&self.path, source);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(first_read)?;
        if !is_of_django(&transaction)? {
            transaction.execute_batch(include_str!("store/tables.sql")).map_err(first_read)?;
            SyncSchema::read(&transaction)?;
            instance::make_current(&transaction, &path.to_string_lossy()).map_err(first_read)?;
        }
        transaction.commit().map_err(first_read)
    }

    /// Creates the tables of `P`'s models, and the triggers that track their changes. Call it at every start of the
    /// program: existing tables and triggers are kept.
    ///
    /// * A table has a column for each field, which is `NOT NULL` unless the field is an `Option`; a foreign key for
    ///   each reference, which is checked at the commit, so records may be inserted in any order; and Morango's three
    ///   columns. The table rejects values that a peer could not store, whoever writes them: an invalid id, a source id
    ///   or partition longer than Morango's columns, a blob in a column whose field is not bytes.
    /// * A field that was added to a struct is added to its table. It must be an `Option` or have a `default`, for the
    ///   existing records. These do not become dirty, and get the key in the store with their next change.
    /// * A table or a field whose declaration says `renamed_from` is renamed, with its rows.
    /// * Nothing is ever dropped. A column that no model declares any more is kept.
    /// * The declarations are written down in the database. A program that declares fewer synced columns than were written down
    ///   is an older version of the app: its runs leave the rows dirty that it cannot write whole
    ///   ([`Serialized::held_back`](crate::Serialized::held_back)). A field that is removed on purpose is declared `retired`.
    /// * Triggers track the changes of every program that writes to the file. They are created again if the declaration
    ///   or a unique index of the table changes.
    ///
    /// If changes may have been missed, because a trigger was missing or the schema was changed by another program, the
    /// tables are compared with the store in the same transaction. Rows that differ become dirty. Records that only the
    /// store has are counted and named in the result and in a log message, and nothing else happens to them: call
    /// [`delete_only_in_store`](Self::delete_only_in_store) if they were deleted.
    ///
    /// A record may be inserted by another program, without values for Morango's columns. A trigger then sets its
    /// partition and source id. If it has no id, triggers compute the id that [`insert`](crate::Access::insert) would
    /// compute, from the declaration, and from the source id and partition if they are given. Until these triggers have
    /// run, and so in `RETURNING id`, the id is `new:` and random digits. An id that is given is kept, although it is
    /// not a hash, and a Morango that receives the record over the network rejects it.
    ///
    /// # Errors
    ///
    /// If a column cannot be added, a declaration changed in a way that needs another call ([`rebuild`](Self::rebuild),
    /// [`drop_retired`](Self::drop_retired)) or a word in the declaration ([`EvolutionError`](crate::EvolutionError)), an existing
    /// row could not sync, or the database belongs to another application. Nothing is created then.
    pub fn create<P: PartitionedProfile>(&mut self) -> Result<Tracked, SchemaError> {
        app::create::<P>(&mut self.connection)
    }

    /// Tracks changes in existing tables of the app, as [`create`](Self::create) does.
    ///
    /// * Missing columns of Morango's are added. Every record is then dirty and gets a source id and a partition.
    /// * Triggers check the constraints that the tables do not have.
    /// * The app's own triggers still run first. If they are older, they are dropped and created again with the same
    ///   SQL.
    /// * A `DEFAULT` of the id column is kept, and so are the ids that it makes. With the default `('new:' ||
    ///   lower(hex(randomblob(16))))` ids are computed as in a table that [`create`](Self::create) creates.
    ///
    /// # Errors
    ///
    /// If a declared table or column is missing, or else as for [`create`](Self::create). Nothing is changed then.
    pub fn track<P: PartitionedProfile>(&mut self) -> Result<Tracked, SchemaError> {
        app::track::<P>(&mut self.connection)
    }

    /// Makes the tables again whose columns are declared otherwise than they were made, with their rows, their indexes and the
    /// app's own triggers. Then does what [`create`](Self::create) does. Returns the names of these tables.
    ///
    /// It follows a change that `ALTER TABLE` cannot: of a type, an `Option`, a `default`, `references` or `on_delete`. Rows with
    /// `NULL` in a column that may not be `NULL` any more get its `default`. Rows whose values change by it become dirty.
    ///
    /// # Errors
    ///
    /// If a row does not fit the declaration; if a table has constraints of its own, which would be lost; or else as for
    /// [`create`](Self::create). Nothing is changed then.
    pub fn rebuild<P: PartitionedProfile>(&mut self) -> Result<Vec<&'static str>, SchemaError> {
        app::rebuild::<P>(&mut self.connection)
    }

    /// Drops the columns that the models of `P` declare as `retired`, by the column or its key, and that no field has any more.
    /// Then does what [`create`](Self::create) does. Returns the columns as `table.column`.
    ///
    /// Their values are gone from this machine. The store keeps the last ones that were serialised, for peers with an older
    /// version of the app.
    ///
    /// # Errors
    ///
    /// If an index, a view or a trigger of the app's own names such a column, or else as for [`create`](Self::create). Nothing
    /// is changed then.
    pub fn drop_retired<P: PartitionedProfile>(&mut self) -> Result<Vec<String>, SchemaError> {
        app::drop_retired::<P>(&mut self.connection)
    }

    /// Ends a model that `P` no longer declares: lists its live records as deleted, and stops tracking its table. Returns
    /// the number of records.
    ///
    /// The next run marks them in the store, and every peer deletes them when the deletions arrive. The table and its rows stay;
    /// drop it when you no longer need it. No other call deletes the records of a removed model.
    ///
    /// # Errors
    ///
    /// If `P` declares the model, or the database does not know it. Nothing is changed then.
    pub fn end_model<P: Profile>(&mut self, model: &str) -> Result<u64, SchemaError> {
        app::end_model::<P>(&mut self.connection, model)
    }

    /// Lists the differences between the database and the declarations of `P`'s models.
    ///
    /// All tables are read once, to find damaged pages. If there are any, only the damaged tables are listed.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn check<P: Profile>(&self) -> Result<Vec<Difference>, DatabaseError> {
        self.must_be_readable()?;
        let damaged = damaged_tables(&self.connection).doing("looking for damaged pages")?;
        if !damaged.is_empty() {
            return Ok(damaged.into_iter().map(|table| Difference::Damaged { table }).collect());
        }
        Ok(app::differences::<P>(&self.connection)?)
    }

    /// Lists the differences that [`check`](Self::check) lists, and those between the content of the tables and the store:
    /// clean rows whose values the store does not have, and live records that only the store has.
    ///
    /// It finds changes that were not tracked, in a database of any application: by a connection with triggers switched
    /// off, or while a trigger was missing. Rows that are dirty, on either side, are left out. It takes one pass over the
    /// tables and the store, in constant memory, and changes nothing.
    /// [`check_store`](Self::check_store) looks at the store by itself.
    ///
    /// # Errors
    ///
    /// If the database cannot be read, or has no sync tables.
    pub fn check_deep<P: Profile>(&self) -> Result<Vec<Difference>, DatabaseError> {
        self.must_be_readable()?;
        // A transaction, so that all queries see the same state.
        let transaction =
            self.connection.unchecked_transaction().doing("comparing the tables with the store")?;
        SyncSchema::read(&transaction)?;
        let mut differences = self.check::<P>()?;
        if differences.iter().any(|difference| matches!(difference, Difference::Damaged { .. })) {
            return Ok(differences);
        }
        differences.extend(app::content_differences::<P>(&transaction)?);
        Ok(differences)
    }

    /// Finds faults of the store itself: records of `P` whose last version has no counter, a counter of this instance that is
    /// behind, received records that failed more than a year ago, and buffers of dead transfers. It takes one pass over the
    /// store, and changes nothing.
    ///
    /// # Errors
    ///
    /// If the database cannot be read, or has no sync tables.
    pub fn check_store<P: Profile>(&self) -> Result<Vec<Difference>, DatabaseError> {
        self.must_be_readable()?;
        let transaction = self.connection.unchecked_transaction().doing("checking the store")?;
        SyncSchema::read(&transaction)?;
        Ok(app::store_faults(&transaction, P::NAME)?)
    }

    /// Makes every clean row dirty whose values the store does not have, so that the next run serialises it. Returns the
    /// comparison, whose [`differing`](Comparison::differing) is the number of these rows.
    ///
    /// It changes only dirty bits, in a database of any application. Records that only the store has are counted.
    ///
    /// # Errors
    ///
    /// If the tables do not match `P`, or the database cannot be written. It is unchanged then.
    pub fn mark_differing<P: Profile>(&mut self) -> Result<Comparison, DatabaseError> {
        self.must_be_readable()?;
        app::mark_differing::<P>(&mut self.connection)
    }

    /// Lists the live records of `M` that only the store has as deleted, so that the next run marks them and every peer
    /// deletes them. Returns their number.
    ///
    /// Call it only if these records were deleted: while triggers were missing or switched off, nothing says if a row was
    /// deleted or lost, as by a table that was dropped. A record that was lost is inserted again instead.
    /// [`delete`](crate::Access::delete) ends a single one.
    ///
    /// # Errors
    ///
    /// If the tables do not match the model's profile, or the database cannot be written. It is unchanged then.
    pub fn delete_only_in_store<M: Syncable>(&mut self) -> Result<u64, DatabaseError> {
        self.must_be_readable()?;
        app::delete_only_in_store::<M>(&mut self.connection)
    }

    /// Lets the live records of `M` that only the store has wait for the app, like received ones: the next deserialising writes
    /// them to the app's table. Returns their number. Call it if these records were lost and not deleted.
    ///
    /// # Errors
    ///
    /// If the tables do not match the model's profile, or the database cannot be written. It is unchanged then.
    pub fn restore_only_in_store<M: Syncable>(&mut self) -> Result<u64, DatabaseError> {
        self.must_be_readable()?;
        app::restore_only_in_store::<M>(&mut self.connection)
    }

    /// Writes the counters of `P`'s store that are missing, and raises the counter of this instance to the highest that the store
    /// knows of it. Returns the number of records that got a counter, and `true` if the counter was raised.
    ///
    /// # Errors
    ///
    /// If the database cannot be written. It is unchanged then.
    pub fn mend_counters<P: Profile>(&mut self) -> Result<(u64, bool), DatabaseError> {
        self.must_be_readable()?;
        app::mend_counters::<P>(&mut self.connection)
    }

    /// Declares that the file was put back from a backup, and makes this database another instance. Returns its id.
    ///
    /// A backup has the counter that the instance had then. Peers have seen later ones, and would take the next changes
    /// for changes that they have. Call this after a backup was copied over the file, after `.restore` of the shell, and
    /// after a file system or a virtual machine was set back to a snapshot. A backup that becomes a new file is noticed
    /// at the next [`open`](Self::open), and needs no call. An unnecessary call does no harm.
    ///
    /// # Errors
    ///
    /// If the database belongs to another application, has no sync tables, or cannot be written. It is unchanged then.
    pub fn restored(&mut self) -> Result<RecordId, DatabaseError> {
        const DOING: &str = "making another instance";

        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let first_read = |source| OpenError::first_read(&self.path, source);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(first_read)?;
        if is_of_django(&transaction)? {
            return Err(SchemaError::NotOurInstance.into());
        }
        SyncSchema::read(&transaction)?;
        let instance = instance::make_another_current(&transaction, &path.to_string_lossy()).doing(DOING)?;
        transaction.commit().doing(DOING)?;
        Ok(instance)
    }

    /// Opens the database of an application that creates its sync tables itself, such as Kolibri, for writing.
    ///
    /// Nothing is created, and the current instance does not change (morango.md §1.8). Whether the file is such a
    /// database is checked when it is used.
    ///
    /// # Errors
    ///
    /// If `path` is not a file, or cannot be opened or written.
    pub fn open_existing(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        must_be_a_file(path)?;
        let database = Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if database.connection.is_readonly("main").doing("opening the database")? {
            return Err(OpenError::ReadOnly { path: path.to_owned() });
        }
        Ok(database)
    }

    /// Opens a database for reading. The files that SQLite creates beside it are removed on drop, unless they
    /// existed before or another program needs them.
    ///
    /// # Errors
    ///
    /// If `path` is not a file or cannot be opened.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        must_be_a_file(path)?;
        // A read-only connection leaves the -wal and -shm files that it had to create. A writable connection removes
        // them if it is the last one. With `query_only` there is no other difference.
        let database = Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if database.connection.is_readonly("main").doing("opening the database")? {
            return Self::open_unwritable(path);
        }
        database.connection.pragma_update(None, "query_only", true).doing("opening the database")?;
        if beside(path, "-wal").exists() {
            if !beside(path, "-shm").exists() {
                // The log is from a crash or a copy. With an exclusive lock SQLite needs no -shm file for it.
                database
                    .connection
                    .pragma_update(None, "locking_mode", "exclusive")
                    .doing("opening the database")?;
            }
            // A log from a crash or from another program is left as it is.
            database
                .connection
                .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
                .doing("opening the database")?;
        }
        Ok(database)
    }

    /// Opens a file that this user cannot write.
    fn open_unwritable(path: &Path) -> Result<Self, OpenError> {
        if beside(path, "-wal").exists() {
            return Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        }
        // Without a log there is only the file, and no program can write to it while it is read.
        let uri = format!("file:{}?immutable=1", percent_encoded(path));
        Connection::open_with_flags(uri, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
            .map(|connection| Self { connection, path: path.to_owned() })
            .map_err(|source| OpenError::Open { path: path.to_owned(), source })
    }

    fn open_with(path: &Path, flags: OpenFlags) -> Result<Self, OpenError> {
        let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|source| OpenError::Open { path: path.to_owned(), source })?;
        connection.busy_timeout(BUSY_TIMEOUT).doing("setting the busy timeout")?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Counts the records of each of `P`'s models: rows, dirty rows, stored, deleted and conflicting records.
    ///
    /// # Errors
    ///
    /// If the tables do not match `P`, or cannot be read.
    pub fn status<P: Profile>(&self) -> Result<Vec<ModelStatus>, DatabaseError> {
        self.must_be_readable()?;
        status::status::<P>(&self.connection)
    }

    /// The received records of `P` that could not be written to the app's tables, grouped by model and error.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn failures<P: Profile>(&self) -> Result<Vec<FailedRecords>, DatabaseError> {
        self.must_be_readable()?;
        failures::failures(&self.connection, P::NAME)
    }

    /// Returns everything that the database has about the record `id`: the app's row, the store's row, its counters,
    /// its conflicting texts, and its versions in buffers. `None` if none of them has the record.
    ///
    /// # Errors
    ///
    /// If the tables do not match `P`, or cannot be read.
    pub fn inspect<P: Profile>(&self, id: RecordId) -> Result<Option<Inspection>, DatabaseError> {
        self.must_be_readable()?;
        record::inspect::<P>(&self.connection, id)
    }

    /// The records of `P` with conflicting texts, and all texts of each, in the order of their ids. They are read one by one.
    ///
    /// If two devices change a record independently, the text of one becomes the record's, and the store keeps the text of
    /// the other in the same row (morango.md §6.3, §11). Morango never reads or removes that text.
    ///
    /// ```
    /// # use syncline_serializer::Profile;
    /// # use syncline_serializer::model::Answer;
    /// # use syncline_sqlite::{Database, DatabaseError};
    /// fn take_all_of_theirs<P: Profile>(database: &mut Database) -> Result<(), DatabaseError> {
    ///     let found: Vec<_> = database.conflicts::<P>()?.collect::<Result<_, _>>()?;
    ///     for conflict in found {
    ///         println!("{} now: {}", conflict.id, conflict.serialized);
    ///         println!("{} also: {}", conflict.id, conflict.conflicting[0]);
    ///         if let Ok(id) = conflict.id.parse() {
    ///             database.resolve::<P>(id, &Answer::Theirs)?;
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn conflicts<P: Profile>(&self) -> Result<Conflicts<'_>, DatabaseError> {
        self.must_be_readable()?;
        Conflicts::of(&self.connection, P::NAME)
    }

    /// The record `id` with its conflicting texts. `None` if it is not in conflict.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn conflict<P: Profile>(&self, id: RecordId) -> Result<Option<InConflict>, DatabaseError> {
        self.must_be_readable()?;
        conflicts::find(&self.connection, P::NAME, id)
    }

    /// Ends the conflict of the record `id`: writes `answer` to the store as a new version of the record, and removes its
    /// conflicting texts. [`Answer::Theirs`] is the newest of them.
    ///
    /// Every peer that syncs takes the new version, and its conflicting texts go as well. If the answer is another text than the
    /// store's, the store's row becomes dirty: it waits for the app as a received record does. A deleted record stays
    /// deleted.
    ///
    /// # Errors
    ///
    /// If the record is not in conflict, the app changed it since it was last serialised, the answer is no JSON object, or the
    /// database cannot be written. It is unchanged then.
    pub fn resolve<P: Profile>(&mut self, id: RecordId, answer: &Answer) -> Result<(), DatabaseError> {
        self.must_be_readable()?;
        conflicts::resolve::<P>(&mut self.connection, id, answer)
    }

    /// Ends a conflict like [`resolve`](Self::resolve), with the fields of `record` as the answer. Keys that only a newer version of
    /// the app knows keep the values that the store has.
    ///
    /// # Errors
    ///
    /// Also if a field cannot be serialised, or the record of this id has another model.
    pub fn resolve_as<P: Lists<M>, M: Syncable>(&mut self, record: &M) -> Result<(), DatabaseError> {
        self.must_be_readable()?;
        conflicts::resolve_as::<P, M>(&mut self.connection, record)
    }

    /// Removes the conflicting texts of all records of `P`. Returns the number of records that had some. Counters and
    /// dirty bits do not change.
    ///
    /// # Errors
    ///
    /// If the database cannot be written. It is unchanged then.
    pub fn clear_conflicts<P: Profile>(&mut self) -> Result<u64, DatabaseError> {
        self.must_be_readable()?;
        conflicts::clear_all(&mut self.connection, P::NAME)
    }

    /// Removes the conflicting texts of the records `ids`. Returns their number.
    ///
    /// # Errors
    ///
    /// If one of them has no conflicting texts, or the database cannot be written. It is unchanged then.
    pub fn clear_conflicts_of<P: Profile>(&mut self, ids: &[RecordId]) -> Result<u64, DatabaseError> {
        self.must_be_readable()?;
        conflicts::clear(&mut self.connection, P::NAME, ids)
    }

    /// The transfer sessions that have rows in the buffers, the least recently active first, each with the reason why they are
    /// needed or not. A session is recent until it was inactive for `older_than`.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn buffers(&self, older_than: Duration) -> Result<Vec<BufferedSession>, DatabaseError> {
        const DOING: &str = "reading the buffers of transfer sessions";

        self.must_be_readable()?;
        let transaction = self.connection.unchecked_transaction().doing(DOING)?;
        SyncSchema::read(&transaction)?;
        Ok(buffers::read(&transaction, older_than).doing(DOING)?)
    }

    /// Removes the buffers of transfers that are long dead. Transfers that break off leave them, and Morango removes them only
    /// when somebody runs its command `cleanupsyncs`.
    ///
    /// ```
    /// # use syncline_sqlite::{Database, DatabaseError};
    /// fn make_room(database: &mut Database) -> Result<(), DatabaseError> {
    ///     let cleaned = database.cleanup().run()?;
    ///     println!("removed {} records of {} sessions", cleaned.records(), cleaned.removed.len());
    ///     let vacuumed = database.vacuum()?;
    ///     println!("the file is {} bytes smaller", vacuumed.freed());
    ///     Ok(())
    /// }
    /// ```
    pub fn cleanup(&mut self) -> Cleanup<'_> {
        Cleanup::new(&self.connection)
    }

    /// Gives the space of removed rows back to the file system: SQLite's `VACUUM`, and the log is written back.
    ///
    /// It needs free space of the size of the database, up to twice that with a write-ahead log, and no other program may hold
    /// the database. In a database of this library the next [`create`](Self::create) compares the tables with the store.
    ///
    /// # Errors
    ///
    /// If another program holds the database, the disk is full, or the database cannot be written. It is unchanged then.
    pub fn vacuum(&mut self) -> Result<Vacuumed, DatabaseError> {
        self.must_be_readable()?;
        Ok(vacuum::vacuum(&self.connection)?)
    }

    /// The bytes in the file that hold nothing, because rows were removed. A [`vacuum`](Self::vacuum) gives them back.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn free_bytes(&self) -> Result<u64, DatabaseError> {
        self.must_be_readable()?;
        Ok(vacuum::free_bytes(&self.connection)?)
    }

    /// Returns `true` for the database of a Django application such as Kolibri, which manages its tables and its
    /// instance itself.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn is_of_django(&self) -> Result<bool, DatabaseError> {
        self.must_be_readable()?;
        Ok(is_of_django(&self.connection)?)
    }

    fn must_be_readable(&self) -> Result<(), OpenError> {
        self.connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
            .map_err(|source| OpenError::first_read(&self.path, source))
    }

    /// The connection, for your own queries.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The connection, for your own transactions.
    pub fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Closes the database. The log is written back to the database file, unless another program has it open.
    ///
    /// # Errors
    ///
    /// If closing fails. Committed changes are safe in the log.
    pub fn close(self) -> Result<(), SqliteError> {
        self.connection.close().map_err(|(_, source)| SqliteError::new("closing the database", source))
    }
}

fn must_be_a_file(path: &Path) -> Result<(), OpenError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(_) => Err(OpenError::NotAFile { path: path.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(OpenError::NoFile { path: path.to_owned() }),
        Err(source) => Err(OpenError::Inaccessible { path: path.to_owned(), source }),
    }
}

/// The path of a file that SQLite keeps beside the database, such as its `-wal`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The path as a part of a URI, with special characters escaped.
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
