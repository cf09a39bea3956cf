//! The state of a sync transaction: the written rows, and the work that is left for the commit.

use std::cell::{Cell, RefCell};

use syncline_core::Failure;

use super::deletion_list::{DeletionList, IdRange};
use super::failed_row::LeaveOut;
use super::ledger::{Ledger, Sweep, WrittenRows};
use super::listed::ListedIdsDone;
use super::stale::{ListedId, Stale};
use super::tasks::{Loaded, Updated};
use super::ticket::{Tickets, next_number};
use crate::instance::Stamp;
use crate::record_id::RecordId;

/// The state of a sync transaction, shared by its stages, sources and sinks.
#[derive(Debug)]
pub struct TransactionState<'c> {
    /// The number of the transaction, unique in this process.
    id: u64,
    stamp: Stamp,
    /// The range of ids on the lists of deletions that the transaction processes, if any.
    deletions: Option<IdRange>,
    left_out: &'c dyn LeaveOut,
    store_is_empty: Cell<bool>,
    ledger: RefCell<Ledger>,
    listed: RefCell<ListedIdsDone>,
    has_waiting: Cell<bool>,
    /// The greatest id of a record that the writer has received.
    greatest: Cell<Option<RecordId>>,
    /// The name of the part that is writing a chunk, or that failed while it wrote one.
    at_work: Cell<Option<&'static str>>,
}

/// The error of a transaction that cannot be used any more, or cannot be committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotCommitted {
    /// A part of a flow failed in the middle of a chunk, and the program tried to commit nevertheless.
    #[error(
        "the sync transaction was rolled back: `{part}` failed in the middle of a chunk, so rows of the store may lack their \
         counters: return the flow's error instead of committing, and run the flow again in a new transaction"
    )]
    Unfinished {
        /// The name of the part.
        part: &'static str,
    },
    /// The database rolled the transaction back when a statement failed, and the flow tried to continue in it.
    #[error(
        "the sync transaction is no longer open: the database rolled it back when a statement failed: return that error, \
         and run the flow again in a new transaction"
    )]
    RolledBack,
}

impl<'c> TransactionState<'c> {
    /// Creates the state of a new transaction that saves with `stamp`. `store_is_empty` is `true` if the store has no
    /// rows.
    #[must_use]
    pub fn new(
        stamp: Stamp,
        deletions: Option<IdRange>,
        store_is_empty: bool,
        left_out: &'c dyn LeaveOut,
    ) -> Self {
        Self {
            id: next_number(),
            stamp,
            deletions,
            left_out,
            store_is_empty: Cell::new(store_is_empty),
            ledger: RefCell::default(),
            listed: RefCell::default(),
            has_waiting: Cell::new(false),
            greatest: Cell::new(None),
            at_work: Cell::new(None),
        }
    }

    /// The number of the transaction, unique in this process.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The instance that saves, and its counter.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// The range of ids on the lists of deletions that the transaction processes, if any.
    #[must_use]
    pub fn deletions(&self) -> Option<&IdRange> {
        self.deletions.as_ref()
    }

    /// Adds the deletions in `range` to the work of the transaction.
    pub fn set_deletions(&mut self, range: IdRange) {
        self.deletions = Some(range);
    }

    /// The decision about records that cannot be serialised.
    #[must_use]
    pub fn left_out(&self) -> &'c dyn LeaveOut {
        self.left_out
    }

    /// Registers a source of records of `models` models in this transaction. If `in_order`, it reads each model in the
    /// order of its ids, and issues its tickets in that order.
    pub fn enter(&self, tickets: &Tickets, models: usize, in_order: bool) {
        self.ledger.borrow_mut().enter(tickets, models, in_order);
    }

    /// Registers a source of all ids of the transaction's range on `list`.
    pub fn enter_list(&self, tickets: &Tickets, list: DeletionList) {
        self.listed.borrow_mut().enter(tickets, list);
    }

    /// Records that the store rows of `ids` were looked up, and that only those of `stale` are to be marked.
    pub(super) fn looked_up(&self, ids: &[ListedId], stale: &[Stale]) {
        self.listed.borrow_mut().looked_up(ids, stale);
    }

    /// Records that the rows of `stale` are marked as `list` requires.
    pub(super) fn marked(&self, list: DeletionList, stale: &[Stale]) {
        self.listed.borrow_mut().marked(list, stale);
    }

    /// Returns `true` if a source of this transaction has read the id of `row` from `list`.
    pub(super) fn is_on(&self, list: DeletionList, row: &Stale) -> bool {
        self.listed.borrow().is_on(list, row)
    }

    /// Returns `true` if a source of this transaction has read `id` from the list of hard deletions.
    #[must_use]
    pub fn is_hard(&self, id: &ListedId) -> bool {
        self.listed.borrow().is_hard(id)
    }

    /// Returns `true` if every id of the range on `list` is done.
    pub(super) fn all_done(&self, list: DeletionList) -> bool {
        self.listed.borrow().all_done(list)
    }

    pub(super) fn store_is_empty(&self) -> bool {
        self.store_is_empty.get()
    }

    /// Records that the store gets rows. Returns `true` if the bulk load begins now.
    pub(super) fn begins_bulk(&self, is_bulk: bool) -> bool {
        let was_empty = self.store_is_empty.replace(false);
        is_bulk && was_empty
    }

    /// Checks that this transaction has read `record`, and has looked up its store row. If another one has, it returns
    /// an error.
    pub(super) fn must_have_read(&self, record: &Updated) -> Result<(), Failure> {
        let message = if !self.ledger.borrow().knows(record.loaded.ticket()) {
            "the record was read in another transaction and may have changed since: read it again in this one"
        } else if record.transaction != self.id {
            "the store row of the record was looked up in another transaction: use the stage `StoreLookup` of this one"
        } else {
            return Ok(());
        };
        Err(Failure::new(message).at(record.loaded.id()))
    }

    /// Returns `true` if `record` has a greater id than all records that the writer received before. Then this
    /// transaction has not written its store row since the look-up. Only the greatest id is kept, so the memory does
    /// not grow, and a record out of order counts as one that may have been written.
    pub(super) fn is_first(&self, record: &Loaded) -> bool {
        let id = record.id_ref();
        let is_first = self.greatest.get().is_none_or(|greatest| *id > greatest);
        if is_first {
            self.greatest.set(Some(*id));
        }
        is_first
    }

    /// Runs `work`, which writes a chunk, for `part`. If it fails, rows may lack their counters, so the transaction
    /// cannot be committed.
    pub(super) fn write<T, E>(
        &self,
        part: &'static str,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let before = self.at_work.replace(Some(part));
        let done = work()?;
        self.at_work.set(before);
        Ok(done)
    }

    /// Records that `records` and their counters are in the store. Returns the rows to clear if they are many.
    pub(super) fn written<'r>(&self, records: impl IntoIterator<Item = &'r Loaded>) -> Option<WrittenRows> {
        let mut ledger = self.ledger.borrow_mut();
        records.into_iter().for_each(|record| ledger.written(record));
        ledger.rows.are_many().then(|| std::mem::take(&mut ledger.rows))
    }

    /// Records that some written records wait for their parents.
    pub(super) fn wait(&self) {
        self.has_waiting.set(true);
    }

    pub(super) fn has_waiting(&self) -> bool {
        self.has_waiting.get()
    }

    /// The name of the part that failed in the middle of a chunk, if one did.
    pub(super) fn unfinished(&self) -> Option<&'static str> {
        self.at_work.get()
    }

    pub(super) fn take_written_rows(&self) -> WrittenRows {
        std::mem::take(&mut self.ledger.borrow_mut().rows)
    }

    pub(super) fn sweeps(&self) -> Vec<Sweep> {
        self.ledger.borrow().sweeps()
    }
}
