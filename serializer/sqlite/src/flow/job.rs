//! A serialise job: one or more transactions until no change is left.
//!
//! The pipelines run once for each transaction. With `commit_every(n)` each transaction is a [`SyncTransaction`] of its
//! own with about n chunks: it takes a counter, reads, writes and cleans its rows, and writes the database max counter.
//! A record that was read in one transaction is never written in the next. Otherwise a peer that has seen counter c+1
//! would never ask for c again, and an edit between the two transactions would be lost.
//!
//! * **Progress.** The scan of [`DirtyRows`] outlives the transactions, so the tables are scanned once: a list
//!   continues at its position, a scan by ids at the last page of each model. At a commit, rows that were read ahead
//!   are dropped except their ids, and each is read again when its turn comes, if it is still dirty. Rows that become
//!   dirty behind the current id are left for the next job. A `VACUUM` changes rowids: the list then finds other rows
//!   at its rowids, takes those that are dirty, and leaves the rest for the next job as well.
//! * **Dirty bits** are cleared row by row, by rowid, because other dirty rows may not have been read.
//! * **Deletions** come last, in ranges of ids over both lists: a hard deleted record is erased in the transaction that
//!   counts it. Otherwise a peer that has seen that counter would keep the text.
//! * **Pauses.** Other programs wait for SQLite's lock by polling, up to ten times a second. So the job pauses between
//!   two transactions, for a tenth of the last one's time, at most 0.1 s.
//! * **A parent in a later transaction** leaves its child without `_self_ref_order`, as with Morango in two runs.

use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
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
use crate::flow::begin::begin_immediate;
use crate::flow::deletion_lists::next_range;
use crate::flow::dirty_rows::DirtyRows;
use crate::flow::dirty_rows::Suspended;
use crate::flow::estimate::Estimate;
use crate::flow::listed_ids::ListedIds;
use crate::flow::transaction::LaterSchema;
use crate::flow::transaction::Opened;
use crate::flow::transaction::SyncTransaction;
use crate::store::instance;
use crate::store::log_syncer::LogSyncer;
use crate::store::page_cache::with_page_cache;

/// Called at each commit.
pub(super) type OnCommit<'d> = Box<dyn FnMut(&Serialized) + 'd>;

/// Called with the estimate of disk space.
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
    pub(super) later_schema: LaterSchema,
    pub(super) cancel: Option<&'c CancelToken>,
    pub(super) policy: Option<&'c Shared<BoxedPolicy<'p, FailedRow>>>,
}

/// The progress of a job across its transactions.
struct Progress {
    /// The records, as long as there are more.
    rows: Rows,
    /// The last range of deletions, after all records.
    deletions: Option<IdRange>,
}

enum Rows {
    Unread,
    Suspended(Suspended),
    Done,
}

impl Job<'_, '_> {
    /// Runs transactions until no change is left, or the run drains.
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
            // In a run that drains no transaction reads any further.
            if progress.is_over() || self.cancel.is_some_and(CancelToken::is_draining) {
                return Ok(done);
            }
            thread::sleep((start.elapsed() / 10).min(LONGEST_PAUSE));
        }
    }

    /// Runs one transaction: some or all of the records, and after the last record some of the deletions.
    fn transaction<P: Profile>(
        self,
        progress: &mut Progress,
        observer: Option<&mut (dyn Observer + '_)>,
        on_estimate: Option<OnEstimate<'_>>,
    ) -> Result<Serialized, RunError> {
        let transaction = begin_immediate(self.connection, self.path, self.busy_timeout, self.cancel)?;
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
            self.later_schema,
        )?;
        let mut done = Serialized::default();
        done.commits = 1;
        done.only_in_store = run.only_in_store();
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
        done.held_back = run.held_back().to_vec();
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

    fn records<P: Profile>(
        self,
        run: &SyncTransaction<'_, P>,
        progress: &mut Rows,
        mut observer: Option<&mut (dyn Observer + '_)>,
        on_estimate: Option<OnEstimate<'_>>,
        syncing: &mut Option<LogSyncer>,
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
        // The observer is called with the records of a chunk when the next chunk begins.
        let mut writing = 0;
        let mut advance = |records| {
            let written = std::mem::replace(&mut writing, records as u64);
            if let Some(observer) = &mut observer {
                observer.advance(written);
            }
        };
        let is_bulk = rows.is_bulk() && run.is_long();
        if is_bulk {
            *syncing = LogSyncer::start(run.connection());
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
                        SerializeRecords::run_with(rows, run, is_bulk, &mut advance, self.options())
                    }
                    Err(mut rows) => {
                        let outcome =
                            SerializeRecords::run_with(&mut rows, run, is_bulk, &mut advance, self.options());
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
            let outcome = SerializeDeletions::run_with(ListedIds::new(run, list), run, list, self.options());
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

/// The page cache for few rows, in KiB: they touch most pages once, and the memory of a larger cache is not freed in
/// time.
const FEW_KIB: i64 = 2560;

/// The number of batches between the reading and the writing thread. It is more than a chunk, so that reading continues
/// while a chunk is written.
const BATCHES_AHEAD: NonZeroUsize = size(6);

/// The reading thread pauses while more bytes are waiting.
const BYTES_AHEAD: NonZeroUsize = size(1024 * 1024);

/// The longest pause between two transactions. Other programs poll for the lock, finally ten times a second.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

impl Progress {
    /// `true` if no change is left.
    fn is_over(&self) -> bool {
        matches!(self.rows, Rows::Done) && self.deletions.as_ref().is_some_and(IdRange::is_last)
    }
}
