//! The serialise step: the app's changes into the store, in one transaction.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior};
use syncline_core::{Observer, Report, RunEnd, Source, size};
use syncline_macros::pipeline;

use crate::database::Database;
use crate::error::{DatabaseError, Doing};
use crate::filter::Filter;
use crate::flow::{
    DeletionList, DeletionLookup, DeletionWriter, DirtyRows, ListedIds, Loaded, Run, SelfRefOrder,
    StoreLookup, StoreUpdate, StoreWriter, Updated, Written,
};
use crate::profile::Profile;
use crate::settings::Settings;
use crate::store::early_sync::EarlySync;
use crate::store::instance::Stamp;

/// Records that travel together.
const CHUNK: NonZeroUsize = size(500);

/// A chunk is closed early once it takes this many bytes, so that a few large records do not add up.
const CHUNK_BYTES: NonZeroUsize = size(2 * 1024 * 1024);

/// A serialise step, being set up. Made by [`Database::serialize`].
///
/// All of it happens in one transaction that is `IMMEDIATE`: when it fails, or the process is killed, the database is
/// as it was before, the instance's counter included.
#[must_use = "nothing is serialised until it is run"]
pub struct Serialize<'d, P> {
    database: &'d mut Database,
    filter: Filter,
    busy_timeout: Duration,
    observer: Option<Box<dyn Observer + 'd>>,
    profile: PhantomData<P>,
}

/// What a serialise step did. It prints as a summary and a table.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Serialized {
    /// Records that the store did not have.
    pub created: u64,
    /// Records that the store had.
    pub updated: u64,
    /// Rows of the store that were marked as deleted.
    pub deleted: u64,
    /// Rows of the store that were wiped.
    pub hard_deleted: u64,
    /// The instance that did it, as the database has it.
    pub instance: String,
    /// The counter that it did it with.
    pub counter: i64,
    /// How long it took, waiting for a lock included.
    pub elapsed: Duration,
    /// What the stages did: those of the records, of the deletions, of the hard deletions.
    pub reports: Vec<Report>,
}

impl<'d, P: Profile> Serialize<'d, P> {
    pub(crate) fn new(database: &'d mut Database) -> Self {
        Self {
            database,
            filter: Filter::everything(),
            busy_timeout: Duration::from_secs(30),
            observer: None,
            profile: PhantomData,
        }
    }

    /// Only records whose partition begins with `prefix`, or with one of the prefixes in it when it has white space.
    ///
    /// Called several times: those under any of them. Deletions are always those of the whole profile (morango.md
    /// §6.6).
    pub fn filter(mut self, prefix: &str) -> Self {
        self.filter.add(prefix);
        self
    }

    /// How long to wait for another program that holds the database. By default 30 seconds.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Tells `observer` how many records there are to do, after each chunk how many were written, and at last how the step
    /// ended. They are counted first, which takes a pass over the tables.
    pub fn progress(mut self, observer: impl Observer + 'd) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Does it.
    ///
    /// # Errors
    ///
    /// When the database is not such as `P` declares, holds what cannot be serialised, is locked for longer than the
    /// busy timeout, or cannot be written. It is then as it was before.
    pub fn run(self) -> Result<Serialized, DatabaseError> {
        let start = Instant::now();
        let Self { database, filter, busy_timeout, mut observer, .. } = self;
        database.connection.busy_timeout(busy_timeout).doing("setting the busy timeout")?;
        let settings = Settings::for_writing(database)?;
        let done = in_transaction::<P>(database, &filter, observer.as_deref_mut());
        if let Some(observer) = &mut observer {
            observer.end(if done.is_ok() { RunEnd::Finished } else { RunEnd::Failed });
        }
        settings.restore(&database.connection)?;
        done.map(|serialized| Serialized { elapsed: start.elapsed(), ..serialized })
    }
}

fn in_transaction<P: Profile>(
    database: &mut Database,
    filter: &Filter,
    observer: Option<&mut (dyn Observer + '_)>,
) -> Result<Serialized, DatabaseError> {
    let transaction = database
        .connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|source| DatabaseError::first_read(&database.path, source))?;
    let serialized = serialize::<P>(&transaction, filter, observer)?;
    transaction.commit().doing("committing")?;
    Ok(serialized)
}

pipeline! {
    #![syncline(crate = syncline_core)]

    /// The app's changes, into the store (morango.md §6.1 to §6.5).
    ///
    /// `progress` is told the number of records in each chunk before it is written.
    pub SerializeRecords<P: Profile, S: Source<Item = Loaded>>(
        rows: S,
        run: &Run<'_, P>,
        is_bulk: bool,
        progress: &mut dyn FnMut(usize),
    ) -> Written {
        rows
            => buffer(CHUNK, bytes: CHUNK_BYTES, of: Loaded::weight)
            => StoreLookup::new(run)
            => SelfRefOrder::new(run)
            => unbuffer
            => StoreUpdate::new()
            => buffer(CHUNK, bytes: CHUNK_BYTES, of: Updated::weight)
            => inspect(|chunk| progress(chunk.len()))
            => StoreWriter::new(run).bulk(is_bulk)
    }
}

pipeline! {
    #![syncline(crate = syncline_core)]

    /// What the app deleted, marked in the store (morango.md §6.6, §6.7). It gives back the number of rows marked.
    pub SerializeDeletions<P: Profile>(run: &Run<'_, P>, list: DeletionList) -> u64 {
        ListedIds::new(run, list)
            => buffer(500)
            => DeletionLookup::new(run)
            => DeletionWriter::new(run, list)
    }
}

fn serialize<P: Profile>(
    connection: &Connection,
    filter: &Filter,
    mut observer: Option<&mut (dyn Observer + '_)>,
) -> Result<Serialized, DatabaseError> {
    let run = Run::<P>::begin(connection, filter)?;
    let rows = DirtyRows::new(&run)?;
    if let Some(observer) = &mut observer {
        observer.start(Some(rows.count(&run)?));
    }
    // Told of a chunk before it is written, it tells of it once the next one comes.
    let mut writing = 0;
    let mut advance = |records| {
        let written = std::mem::replace(&mut writing, records as u64);
        if let Some(observer) = &mut observer {
            observer.advance(written);
        }
    };
    let is_bulk = rows.is_bulk();
    let records = thread::scope(|scope| {
        let _syncing = is_bulk.then(|| EarlySync::start(scope, connection));
        SerializeRecords::run(rows, &run, is_bulk, &mut advance)
    })
    .map_err(DatabaseError::pipeline)?;
    advance(0);
    let deleted = SerializeDeletions::run(&run, DeletionList::Deleted).map_err(DatabaseError::pipeline)?;
    let hard_deleted =
        SerializeDeletions::run(&run, DeletionList::HardDeleted).map_err(DatabaseError::pipeline)?;
    let Stamp { instance, counter } = run.end()?;
    Ok(Serialized {
        created: records.output.created,
        updated: records.output.updated,
        deleted: deleted.output,
        hard_deleted: hard_deleted.output,
        instance,
        counter,
        elapsed: Duration::ZERO,
        reports: vec![records.report, deleted.report, hard_deleted.report],
    })
}

impl Serialized {
    /// Records that were written: created and updated.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.created + self.updated
    }
}

impl fmt::Display for Serialized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} records ({} created, {} updated), {} deleted, {} hard deleted",
            self.records(),
            self.created,
            self.updated,
            self.deleted,
            self.hard_deleted
        )?;
        write!(
            f,
            "instance {}, counter {}, {:.3} s",
            self.instance,
            self.counter,
            self.elapsed.as_secs_f64()
        )?;
        for report in self.reports.iter().filter(|report| report.stages()[0].items_out() != Some(0)) {
            write!(f, "\n\n{report}")?;
        }
        Ok(())
    }
}

impl<P> fmt::Debug for Serialize<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serialize").field("filter", &self.filter).finish_non_exhaustive()
    }
}
