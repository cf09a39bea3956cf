//! The builder of a serialise job.
//!
//! A job can be cancelled. The token is checked between two chunks, by SQLite's progress handler within statements, and
//! between attempts to get the lock, which last a tenth of a second each. An interrupted statement rolls the
//! transaction back, like any other error.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use syncline_core::{BoxedPolicy, CancelToken, Observer, Policy, RunEnd, shared};
use syncline_serializer::filter::Filter;
use syncline_serializer::model::Profile;
use syncline_serializer::serialize::{FailedRow, Serialized};

use crate::connection_settings::ConnectionSettings;
use crate::database::Database;
use crate::error::RunError;
use crate::flow::estimate::Estimate;
use crate::flow::job::{Job, OnCommit, OnEstimate};
use crate::flow::transaction::LaterSchema;

/// The settings of a serialise run. Created by [`Database::serialize`].
///
/// The run is one `IMMEDIATE` transaction: if it fails, or the process is killed, the database is unchanged, including
/// the instance's counter. [`commit_every`](Self::commit_every) splits it into several transactions.
#[must_use = "nothing is serialised until it is run"]
pub struct Serialize<'d, P> {
    database: &'d mut Database,
    filter: Filter,
    busy_timeout: Duration,
    observer: Option<Box<dyn Observer + 'd>>,
    commit_every: Option<NonZeroUsize>,
    reads_ahead: bool,
    as_this_machine: bool,
    later_schema: LaterSchema,
    on_commit: Option<OnCommit<'d>>,
    on_estimate: Option<OnEstimate<'d>>,
    policy: Option<BoxedPolicy<'d, FailedRow>>,
    cancel: Option<CancelToken>,
    profile: PhantomData<P>,
}

impl Database {
    /// Serialises the changes of `P`'s models into the store. See [`Serialize`].
    pub fn serialize<P: Profile>(&mut self) -> Serialize<'_, P> {
        Serialize::new(self)
    }
}

impl<'d, P: Profile> Serialize<'d, P> {
    pub(crate) fn new(database: &'d mut Database) -> Self {
        Self {
            database,
            filter: Filter::everything(),
            busy_timeout: Duration::from_secs(30),
            observer: None,
            commit_every: None,
            reads_ahead: false,
            as_this_machine: false,
            later_schema: LaterSchema::Refused,
            on_commit: None,
            on_estimate: None,
            policy: None,
            cancel: None,
            profile: PhantomData,
        }
    }

    /// Selects the records whose partition begins with `prefix`. White space separates several prefixes.
    ///
    /// Several calls select the records under any of their prefixes. Deletions are always those of the whole profile
    /// (morango.md §6.6).
    pub fn filter(mut self, prefix: &str) -> Self {
        self.filter.add(prefix);
        self
    }

    /// Sets the time to wait for another program that has locked the database. The default is 30 seconds.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Sets the observer: it receives the number of records, after each chunk the number written, and the end of the
    /// run. The records are counted first, which takes a pass over the tables.
    pub fn progress(mut self, observer: impl Observer + 'd) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Commits after every `chunks` chunks of up to 500 records, and continues in a new transaction. By default there
    /// is one commit, at the end.
    ///
    /// * Each transaction is a complete small run: it reads, writes and cleans its own rows, takes a counter of its
    ///   own, and records how far this instance has come. So other programs may write, serialise and sync between two
    ///   transactions. After a failure, committed work is complete, and the next run does the rest.
    /// * It needs less disk space: the log holds one transaction at a time.
    /// * Rows that are dirty at the start are serialised, unless another program does it first. Rows that become dirty
    ///   behind the current position, in the order of the ids, are left for the next run.
    /// * A chunk also ends at 2 MiB. Deletions come last, 500 in a chunk.
    /// * Between two transactions it pauses for a tenth of the last one's time, at most 0.1 s. Otherwise other programs
    ///   would hardly find the database unlocked.
    /// * A program that syncs between two transactions may receive a record before the one that it refers to. Morango
    ///   keeps it until that one arrives (§13). If a record's parent is in a later transaction, its `_self_ref_order`
    ///   stays unknown, as with Morango in two runs.
    pub fn commit_every(mut self, chunks: NonZeroUsize) -> Self {
        self.commit_every = Some(chunks);
        self
    }

    /// Reads and formats rows on a thread of their own while this thread writes. By default the only other thread waits
    /// for the disk.
    ///
    /// With a second core this saves a fifth of the time if every row is dirty (`benches/README.md`), and takes memory
    /// for 800 more rows, or 1 MiB of them. It has an effect if more than a third of the rows are dirty, or many
    /// thousands; with a write-ahead log; with a single commit; and if no record may be left out.
    ///
    /// With a write-ahead log and tables of 100,000 rows or more, a second thread also searches for dirty rows. That
    /// saves a quarter of the time if no row is dirty, and takes the memory of a connection.
    pub fn read_ahead(mut self, is_on: bool) -> Self {
        self.reads_ahead = is_on;
        self
    }

    /// Calls `committed` after each commit with the totals so far. No transaction is open then.
    pub fn on_commit(mut self, committed: impl FnMut(&Serialized) + 'd) -> Self {
        self.on_commit = Some(Box::new(committed));
        self
    }

    /// Calls `estimated` before the first record with an estimate of the disk space. For many records it uses a sample,
    /// so it takes no time.
    pub fn on_estimate(mut self, estimated: impl FnOnce(Estimate) + 'd) -> Self {
        self.on_estimate = Some(Box::new(estimated));
        self
    }

    /// Sets the policy for records that cannot be serialised. By default the first one fails the run.
    ///
    /// Such a record has a column that has no JSON form, cannot be merged with the store's text, or is rejected by the
    /// store; or it is an invalid id on a list of deletions. A record that the policy leaves out stays dirty or listed.
    /// Its store row and counters do not change, and all other records are serialised. A full disk, a lock and the like
    /// are not errors of a record, and fail the run. The policy is finished before the last commit.
    ///
    /// [`skip`](syncline_core::skip) leaves out a limited number; [`dead_letter`](syncline_core::dead_letter) reports
    /// each of them:
    ///
    /// ```
    /// # use syncline_core::{Letter, dead_letter, for_each};
    /// # use syncline_serializer::Profile;
    /// # use syncline_sqlite::{Database, RunError};
    /// # fn serialize<P: Profile>(database: &mut Database) -> Result<(), RunError> {
    /// let tell = for_each(|letter: Letter<_>| {
    ///     eprintln!("left out: {}", letter.error);
    ///     Ok(())
    /// });
    /// let serialized = database.serialize::<P>().on_invalid(dead_letter(tell)).run()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// `retry` makes no sense here, and fails the run.
    pub fn on_invalid(mut self, policy: impl Policy<FailedRow> + 'd) -> Self {
        self.policy = Some(BoxedPolicy::new(policy));
        self
    }

    /// Cancels the run with `token`: between two chunks, during a wait for a lock, and within a long statement.
    /// Committed work stays, and nothing else is written.
    ///
    /// If the token [drains](CancelToken::drain), the records and deletions that were read are committed, and the run
    /// succeeds. The others are left for the next run.
    ///
    /// A cancellation during the last commit has no effect. A progress handler of the connection is replaced.
    pub fn cancelled_by(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(token.clone());
        self
    }

    /// Computes the current instance at the start of the run's transaction, as [`Database::open`] does at opening. So
    /// it waits no longer than the run, and is rolled back with it. It is for a program that does not know whether the
    /// file was copied from another machine.
    ///
    /// A database of another application, with `django_migrations`, keeps its current instance.
    pub fn as_this_machine(mut self) -> Self {
        self.as_this_machine = true;
        self
    }

    /// Runs even if the application that makes the tables has a later migration or a further column than the profile was
    /// written for ([`KnownSchema`](syncline_serializer::model::KnownSchema)). By default such a run is refused.
    ///
    /// Values in unknown columns are left out, and their rows become clean: these changes never sync, unless the application
    /// marks the rows again. Use it if you know that the later version has changed nothing that syncs.
    pub fn accept_later_schema(mut self) -> Self {
        self.later_schema = LaterSchema::Accepted;
        self
    }

    /// Runs it.
    ///
    /// Rows that this program cannot write whole, because a newer version of the app declares more columns, stay dirty:
    /// [`Serialized::held_back`] names them.
    ///
    /// # Errors
    ///
    /// If the tables do not match `P`; if, in a database of this library, a table is not tracked as declared
    /// ([`SchemaError::NotTracked`](crate::SchemaError::NotTracked)); if a record cannot be serialised, the database is
    /// locked for longer than the busy timeout or cannot be written, or the run is [cancelled](RunError::Cancelled). The
    /// database is then unchanged, or, after commits, [as the last commit left it](RunError::AfterCommits).
    pub fn run(self) -> Result<Serialized, RunError> {
        let start = Instant::now();
        let Self {
            database,
            filter,
            busy_timeout,
            mut observer,
            commit_every,
            reads_ahead,
            as_this_machine,
            later_schema,
            on_commit,
            on_estimate,
            policy,
            cancel,
            ..
        } = self;
        let settings = ConnectionSettings::for_writing(database, busy_timeout, cancel.as_ref())?;
        let database = &*settings.database;
        let policy = policy.map(shared);
        if let Some(policy) = &policy {
            Policy::attach(&mut policy.clone(), &cancel.clone().unwrap_or_default());
        }
        let job = Job {
            connection: &database.connection,
            path: &database.path,
            filter: &filter,
            busy_timeout,
            commit_every,
            reads_ahead,
            as_this_machine,
            later_schema,
            cancel: cancel.as_ref(),
            policy: policy.as_ref(),
        };
        let done = job.run::<P>(observer.as_deref_mut(), on_estimate, on_commit).map_err(|mut error| {
            error.name_damage(&database.connection);
            error
        });
        if let Some(observer) = &mut observer {
            observer.end(match &done {
                Ok(_) => RunEnd::Finished,
                Err(error) if error.is_cancelled() => RunEnd::Cancelled,
                Err(_) => RunEnd::Failed,
            });
        }
        drop(settings);
        done.map(|mut serialized| {
            serialized.elapsed = start.elapsed();
            serialized
        })
    }
}

impl<P> fmt::Debug for Serialize<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serialize").field("filter", &self.filter).finish_non_exhaustive()
    }
}
