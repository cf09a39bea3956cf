//! The builder of a serialise job.
//!
//! It can be cancelled. The token is looked at between two chunks; by SQLite's progress handler within statements; and
//! between tries for the lock, which are cut into tenths of a second for it. An interrupted statement undoes the
//! transaction, as any other end does.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use syncline_core::{BoxedPolicy, CancelToken, Observer, Policy, RunEnd, shared};
use syncline_serializer::filter::Filter;
use syncline_serializer::model::Profile;
use syncline_serializer::serialize::{FailedRow, Serialized};

use crate::database::Database;
use crate::error::RunError;
use crate::flow::estimate::Estimate;
use crate::flow::job::{Job, OnCommit, OnEstimate};
use crate::settings::Settings;

/// A serialise step, being set up. Made by [`Database::serialize`].
///
/// All of it happens in one transaction that is `IMMEDIATE`: when it fails, or the process is killed, the database is
/// as it was before, the instance's counter included. [`commit_every`](Self::commit_every) makes several of it.
#[must_use = "nothing is serialised until it is run"]
pub struct Serialize<'d, P> {
    database: &'d mut Database,
    filter: Filter,
    busy_timeout: Duration,
    observer: Option<Box<dyn Observer + 'd>>,
    commit_every: Option<NonZeroUsize>,
    reads_ahead: bool,
    as_this_machine: bool,
    on_commit: Option<OnCommit<'d>>,
    on_estimate: Option<OnEstimate<'d>>,
    policy: Option<BoxedPolicy<'d, FailedRow>>,
    cancel: Option<CancelToken>,
    profile: PhantomData<P>,
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
            on_commit: None,
            on_estimate: None,
            policy: None,
            cancel: None,
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

    /// Commits after every `chunks` chunks of up to 500 records, and then goes on in a new transaction; by default it commits
    /// once, at the end.
    ///
    /// * Each transaction is a whole small step: it reads, writes and cleans rows of its own, takes a counter of its own and
    ///   writes down how far this instance has come. So other programs may write, serialise and sync between two of them,
    ///   and what was committed needs nobody to go on: start it again and it does the rest.
    /// * It needs less room: the log has to hold one transaction at a time.
    /// * What is dirty when it begins gets serialised, unless another program has done so by then. What becomes dirty
    ///   behind the place that it has come to, in the order of the ids, is left for the next time.
    /// * A chunk also ends at 2 MiB. Deletions come last, 500 to a chunk.
    /// * Between two transactions it pauses for a tenth of the last one's time, at most 0.1 s, or else others would hardly
    ///   find the database unlocked.
    /// * Whoever syncs between two of them may be given a record before one that it refers to. Morango keeps it until that
    ///   comes (§13). And where a record's parent comes in a later transaction, its `_self_ref_order` stays unknown, as it
    ///   would if Morango serialised twice.
    pub fn commit_every(mut self, chunks: NonZeroUsize) -> Self {
        self.commit_every = Some(chunks);
        self
    }

    /// Reads and formats rows on a thread of its own, while this one writes. By default nothing happens on another thread
    /// but waiting for the disk.
    ///
    /// With a second core that takes a fifth off the time where every row is to be done (`benches/README.md`), and memory for
    /// 800 rows more, or 1 MiB of them. It is heeded where more than a third of the rows are dirty, or many thousands; in a
    /// database with a write-ahead log; and where all is committed at once and no record may be left out.
    ///
    /// In a database with a write-ahead log whose tables hold 100,000 rows or more a second thread also looks for what is dirty, which
    /// takes a quarter off the time where nothing is, and a connection's memory.
    pub fn read_ahead(mut self, is_on: bool) -> Self {
        self.reads_ahead = is_on;
        self
    }

    /// Calls `committed` after each commit with what has been done so far. No transaction is open then.
    pub fn on_commit(mut self, committed: impl FnMut(&Serialized) + 'd) -> Self {
        self.on_commit = Some(Box::new(committed));
        self
    }

    /// Calls `estimated` before the first record with an estimate of the room that it will need on the disk. Where there are many
    /// it comes from a few of them, so that it takes no time.
    pub fn on_estimate(mut self, estimated: impl FnOnce(Estimate) + 'd) -> Self {
        self.on_estimate = Some(Box::new(estimated));
        self
    }

    /// Says what becomes of records that cannot be serialised: by default the first one fails the run.
    ///
    /// That is a record with a column that cannot be written as JSON, one that cannot be merged with what the store has of
    /// it, one that the store refuses, and an id on a list of deletions that is none. One that the policy leaves out
    /// stays dirty, or listed; its row of the store and its counters are not touched, and all others are serialised.
    /// A full disk, a lock and the like are no record's, and fail the run. What a policy does at its end, it does before
    /// the last commit.
    ///
    /// [`skip`](syncline_core::skip) leaves out so many; [`dead_letter`](syncline_core::dead_letter) tells of each:
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

    /// Ends it when `token` is cancelled: between two chunks, while it waits for a lock, and in the middle of a statement
    /// that takes long. What was committed stays, and nothing else is written.
    ///
    /// What is cancelled during the last commit is done. A progress handler that the connection has of its own is replaced.
    pub fn cancelled_by(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(token.clone());
        self
    }

    /// Works out first which instance this database is on this machine, as [`Database::open`] does, but in the run's own
    /// transaction: so it waits no longer than the run, and is undone with it. For a program that serialises a database of
    /// which it does not know whether the file was copied here from another machine.
    ///
    /// A database that another application looks after, which has `django_migrations`, keeps its current instance.
    pub fn as_this_machine(mut self) -> Self {
        self.as_this_machine = true;
        self
    }

    /// Does it.
    ///
    /// # Errors
    ///
    /// When the database is not such as `P` declares, holds what cannot be serialised, is locked for longer than the
    /// busy timeout, or cannot be written; or when it is [cancelled](RunError::Cancelled). The database is then as it
    /// was before, or, where there have been commits, [as the last of them left it](RunError::AfterCommits).
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
            on_commit,
            on_estimate,
            policy,
            cancel,
            ..
        } = self;
        let settings = Settings::for_writing(database, busy_timeout, cancel.as_ref())?;
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
            cancel: cancel.as_ref(),
            policy: policy.as_ref(),
        };
        let done = job.run::<P>(observer.as_deref_mut(), on_estimate, on_commit);
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
