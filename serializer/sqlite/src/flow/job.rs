//! A serialise job, transaction by transaction.
//!
//! The flow runs once for each. With `commit_every(n)` each is a [`SyncTransaction`] of its own, about n chunks: it takes a
//! counter, reads, writes and cleans its rows, and writes the database max counter. No record that one has read is written
//! by the next: a peer which has seen counter c+1 never asks for c again, and a row that is read in one transaction and
//! cleaned in the next loses the edit between.
//!
//! * **Progress.** The scan of [`DirtyRows`] outlives the transactions, so the tables are gone through once: the list goes
//!   on where it was, the scan by ids at the last page of each model. What was read ahead is dropped at the commit, but for
//!   its ids, and each row is read again when its turn comes, if it is still dirty. What becomes dirty behind that id is left
//!   for the next job. A `VACUUM` moves rows to other rowids: then the list finds other rows at its rowids, takes those that
//!   are dirty, and leaves the rest for the next job too.
//! * **Dirty bits** are cleared row by row, by rowid: others may be dirty that were not read.
//! * **Deletions** come last, by ranges of ids over both lists at once: what is hard deleted is wiped in the
//!   transaction that counts it, or a peer that has seen that counter would keep the text.
//! * **Pauses.** Other programs wait for SQLite's lock by trying again, up to ten times a second. So there is a pause
//!   between two transactions, of a tenth of the last one's time, at most 0.1 s.
//! * **A parent in a later transaction** leaves a child without `_self_ref_order`, as it does when Morango serialises
//!   twice.

use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use syncline_core::{
    BoxedPolicy, CancelToken, Observer, Policy, RunOptions, Shared, read_ahead_weighed, size,
};
use syncline_serializer::filter::Filter;
use syncline_serializer::instance::Stamp;
use syncline_serializer::model::Profile;
use syncline_serializer::serialize::CHUNK;
use syncline_serializer::serialize::FailedRow;
use syncline_serializer::serialize::backend::{IdRange, LeaveOut, Refuse};
use syncline_serializer::serialize::{
    DeletionList, Loaded, SerializeDeletions, SerializeRecords, Serialized,
};

use crate::error::{Doing, RunError};
use crate::flow::deletion_lists::next_range;
use crate::flow::dirty_rows::DirtyRows;
use crate::flow::dirty_rows::Suspended;
use crate::flow::estimate::Estimate;
use crate::flow::listed_ids::ListedIds;
use crate::flow::transaction::Opened;
use crate::flow::transaction::SyncTransaction;
use crate::store::early_sync::EarlySync;
use crate::store::instance;
use crate::store::page_cache::with_page_cache;

/// Is told of each commit.
pub(super) type OnCommit<'d> = Box<dyn FnMut(&Serialized) + 'd>;

/// Is told what room will be needed.
pub(super) type OnEstimate<'d> = Box<dyn FnOnce(Estimate) + 'd>;

/// A serialise job: the database, and the settings of [`Serialize`](crate::Serialize).
#[derive(Debug, Clone, Copy)]
pub(super) struct Job<'c, 'p> {
    pub(super) connection: &'c Connection,
    pub(super) path: &'c Path,
    pub(super) filter: &'c Filter,
    pub(super) busy_timeout: Duration,
    pub(super) commit_every: Option<NonZeroUsize>,
    pub(super) reads_ahead: bool,
    pub(super) as_this_machine: bool,
    pub(super) cancel: Option<&'c CancelToken>,
    pub(super) policy: Option<&'c Shared<BoxedPolicy<'p, FailedRow>>>,
}

/// The progress of a job from transaction to transaction.
struct Progress {
    /// Records first, and as long as there are more.
    rows: Rows,
    /// Then deletions: the last range of them.
    deletions: Option<IdRange>,
}

enum Rows {
    Unread,
    Suspended(Suspended),
    Done,
}

impl<'c> Job<'c, '_> {
    /// Runs it: transactions, until nothing is left of what was to do.
    pub(super) fn run<P: Profile>(
        self,
        mut observer: Option<&mut (dyn Observer + '_)>,
        mut on_estimate: Option<OnEstimate<'_>>,
        mut on_commit: Option<OnCommit<'_>>,
    ) -> Result<Serialized, RunError> {
        let mut done = Serialized::default();
        let mut progress = Progress { rows: Rows::Unread, deletions: None };
        loop {
            let start = Instant::now();
            let next = self.transaction::<P>(&mut progress, observer.as_deref_mut(), on_estimate.take());
            let mut next = match next {
                Ok(next) => next,
                Err(error) if done.commits == 0 => return Err(error),
                Err(source) => {
                    return Err(RunError::AfterCommits { done: Box::new(done), source: Box::new(source) });
                }
            };
            next.elapsed = start.elapsed();
            done.add(next);
            if let Some(on_commit) = &mut on_commit {
                on_commit(&done);
            }
            if progress.is_over() {
                return Ok(done);
            }
            thread::sleep((start.elapsed() / 10).min(LONGEST_PAUSE));
        }
    }

    /// One transaction: some of the records, or all; and once there are no more, some of the deletions.
    fn transaction<P: Profile>(
        self,
        progress: &mut Progress,
        observer: Option<&mut (dyn Observer + '_)>,
        on_estimate: Option<OnEstimate<'_>>,
    ) -> Result<Serialized, RunError> {
        let transaction = self.begin()?;
        if self.as_this_machine && matches!(progress.rows, Rows::Unread) {
            instance::make_current_if_ours(&transaction, self.path)?;
        }
        let skipped_before = self.skipped();
        let left_out: &dyn LeaveOut = match self.policy {
            Some(policy) => policy,
            None => &Refuse,
        };
        let mut run = SyncTransaction::<P>::begin_in(
            Opened::Transaction(transaction),
            self.filter,
            self.commit_every,
            left_out,
        )?;
        let mut done = Serialized::default();
        done.commits = 1;
        let mut syncing = None;
        if !matches!(progress.rows, Rows::Done) {
            self.records(&run, &mut progress.rows, observer, on_estimate, &mut syncing, &mut done)?;
        }
        if matches!(progress.rows, Rows::Done) {
            let range = match self.commit_every {
                None => IdRange::ALL,
                Some(chunks) => {
                    let count = chunks.saturating_mul(CHUNK).get();
                    next_range(run.connection(), P::NAME, progress.deletions.take(), count)
                        .doing("reading the lists of deletions")?
                }
            };
            run.set_deletions(range.clone());
            self.deletions(&run, &mut done)?;
            if range.is_last()
                && let Some(policy) = self.policy
            {
                Policy::finish(&mut policy.clone())
                    .map_err(|failure| RunError::OnInvalid(failure.into_source()))?;
            }
            progress.deletions = Some(range);
        }
        done.skipped = self.skipped() - skipped_before;
        Stamp { instance: done.instance, counter: done.counter } = run.commit_after(|| {
            drop(syncing);
            if self.cancel.is_some_and(CancelToken::is_cancelled) {
                return Err(RunError::Cancelled);
            }
            Ok(())
        })?;
        Ok(done)
    }

    /// The number of records that the policy has left out.
    fn skipped(self) -> u64 {
        self.policy.map_or(0, Shared::skipped)
    }

    /// Waits for the lock that a writer needs.
    fn begin(self) -> Result<Transaction<'c>, RunError> {
        let try_to_begin = || Transaction::new_unchecked(self.connection, TransactionBehavior::Immediate);
        let failed = |source| RunError::first_read(self.path, source);
        let Some(cancel) = self.cancel else { return try_to_begin().map_err(failed) };
        // SQLite's own waiting hears nothing of a token, so it waits a little at a time.
        let start = Instant::now();
        let begun = loop {
            let left = self.busy_timeout.saturating_sub(start.elapsed());
            self.connection.busy_timeout(left.min(LONGEST_WAIT)).doing("setting the busy timeout")?;
            match try_to_begin() {
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                    if cancel.is_cancelled() {
                        break Err(RunError::Cancelled);
                    }
                    if left.is_zero() {
                        break Err(failed(error));
                    }
                }
                begun => break begun.map_err(failed),
            }
        };
        self.connection.busy_timeout(self.busy_timeout).doing("setting the busy timeout")?;
        begun
    }

    fn records<P: Profile>(
        self,
        run: &SyncTransaction<'_, P>,
        progress: &mut Rows,
        mut observer: Option<&mut (dyn Observer + '_)>,
        on_estimate: Option<OnEstimate<'_>>,
        syncing: &mut Option<EarlySync>,
        done: &mut Serialized,
    ) -> Result<(), RunError> {
        let rows = if let Rows::Suspended(rows) = std::mem::replace(progress, Rows::Done) {
            DirtyRows::go_on(run, rows)?
        } else {
            let rows = DirtyRows::found_by(run, self.reads_ahead && has_second_core())?;
            if let Some(on_estimate) = on_estimate {
                on_estimate(Estimate::of(run, &rows, self.commit_every)?);
            }
            if let Some(observer) = &mut observer {
                observer.start(Some(rows.count(run)?));
            }
            rows
        };
        // Told of a chunk before it is written, it tells of it once the next one comes.
        let mut writing = 0;
        let mut advance = |records| {
            let written = std::mem::replace(&mut writing, records as u64);
            if let Some(observer) = &mut observer {
                observer.advance(written);
            }
        };
        let is_bulk = rows.is_bulk() && run.is_long();
        if is_bulk {
            *syncing = EarlySync::start(run.connection());
        }
        let few = rows.are_few();
        let serialize = || {
            thread::scope(|scope| {
                let reads_ahead = self.reads_ahead && self.commit_every.is_none() && has_second_core();
                let rows = if reads_ahead { rows.on_a_thread() } else { Err(rows) };
                match rows {
                    Ok(rows) => {
                        let rows =
                            read_ahead_weighed(scope, rows, BATCHES_AHEAD, BYTES_AHEAD, Loaded::weight);
                        SerializeRecords::run_with(self.options(), rows, run, is_bulk, &mut advance)
                    }
                    Err(mut rows) => {
                        let outcome =
                            SerializeRecords::run_with(self.options(), &mut rows, run, is_bulk, &mut advance);
                        if let Some(rest) = rows.suspend(run) {
                            *progress = Rows::Suspended(rest);
                        }
                        outcome
                    }
                }
            })
        };
        let outcome = if few {
            with_page_cache(run.connection(), FEW_KIB, || Ok(serialize()))
                .doing("setting up the connection")?
        } else {
            serialize()
        };
        let outcome = outcome.map_err(RunError::pipeline)?;
        advance(0);
        done.created = outcome.output.created;
        done.updated = outcome.output.updated;
        done.reports.push(outcome.report);
        Ok(())
    }

    fn deletions<P: Profile>(
        self,
        run: &SyncTransaction<'_, P>,
        done: &mut Serialized,
    ) -> Result<(), RunError> {
        let mut on = |list| {
            let outcome = SerializeDeletions::run_with(self.options(), ListedIds::new(run, list), run, list);
            let outcome = outcome.map_err(RunError::pipeline)?;
            done.reports.push(outcome.report);
            Ok::<u64, RunError>(outcome.output)
        };
        (done.deleted, done.hard_deleted) = (on(DeletionList::Deleted)?, on(DeletionList::HardDeleted)?);
        Ok(())
    }

    fn options(self) -> RunOptions<'static> {
        let options = RunOptions::new();
        match self.cancel {
            Some(cancel) => options.cancelled_by(cancel),
            None => options,
        }
    }
}

fn has_second_core() -> bool {
    thread::available_parallelism().is_ok_and(|cores| cores.get() > 1)
}

/// The page cache for few rows, which touch most pages once: what a larger one takes is not given back in time.
const FEW_KIB: i64 = 2560;

/// How many batches of rows wait between the thread that reads and the one that writes: more than a chunk, so that reading
/// goes on while a chunk is written.
const BATCHES_AHEAD: NonZeroUsize = size(6);

/// Nothing is read while more waits.
const BYTES_AHEAD: NonZeroUsize = size(1024 * 1024);

/// Between two transactions. Others wait for a lock by trying, at last ten times a second.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// How long SQLite waits for a lock before the token is looked at.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

impl Progress {
    /// `true` if nothing is left.
    fn is_over(&self) -> bool {
        matches!(self.rows, Rows::Done) && self.deletions.as_ref().is_some_and(IdRange::is_last)
    }
}
