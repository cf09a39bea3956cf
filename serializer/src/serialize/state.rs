//! The state of a sync transaction: what its parts wrote, and what the commit has to do.

use std::cell::{Cell, RefCell};

use syncline_core::Failure;

use super::deletion_list::IdRange;
use super::failed_row::LeaveOut;
use super::ledger::{Ledger, Sweep, WrittenRows};
use super::tasks::Loaded;
use super::ticket::{Tickets, next_number};
use crate::instance::Stamp;

/// The state of a sync transaction that all its parts share.
#[derive(Debug)]
pub struct TransactionState<'c> {
    /// Its number: no two of a process have the same.
    id: u64,
    stamp: Stamp,
    /// The ids on the lists of deletions that the transaction is about, if any.
    deletions: Option<IdRange>,
    left_out: &'c dyn LeaveOut,
    store_is_empty: Cell<bool>,
    is_bulk: Cell<bool>,
    ledger: RefCell<Ledger>,
    has_waiting: Cell<bool>,
    /// The part that is in the middle of a chunk, or was when it failed.
    at_work: Cell<Option<&'static str>>,
}

/// The transaction cannot be committed, or used any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotCommitted {
    /// A part of a flow failed in the middle of a chunk, and the transaction was to be committed all the same.
    #[error(
        "the sync transaction was rolled back: `{part}` failed in the middle of a chunk, so rows of the store may lack their \
         counters"
    )]
    Unfinished {
        /// The part.
        part: &'static str,
    },
    /// The database rolled the transaction back when a statement failed, and a part was to go on in it.
    #[error("the sync transaction is no longer open: the database rolled it back when a statement failed")]
    RolledBack,
}

impl<'c> TransactionState<'c> {
    /// The state of a transaction that begins, in which `stamp` saves. `store_is_empty` if the store has no row.
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
            is_bulk: Cell::new(false),
            ledger: RefCell::default(),
            has_waiting: Cell::new(false),
            at_work: Cell::new(None),
        }
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// The instance that saves, and its counter.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// The ids on the lists of deletions that the transaction is about, if any.
    #[must_use]
    pub fn deletions(&self) -> Option<&IdRange> {
        self.deletions.as_ref()
    }

    /// Makes the transaction about the deletions in `range`, too.
    pub fn set_deletions(&mut self, range: IdRange) {
        self.deletions = Some(range);
    }

    /// The decision about records that cannot be serialised.
    #[must_use]
    pub fn left_out(&self) -> &'c dyn LeaveOut {
        self.left_out
    }

    /// `true` while the store is filled in bulk: its counters are written at the end.
    #[must_use]
    pub fn is_bulk(&self) -> bool {
        self.is_bulk.get()
    }

    /// Notes that a source of records of so many models reads in this transaction. With `in_order` it reads each model in
    /// the order of its ids, and issues its tickets in that order.
    pub fn enter(&self, tickets: &Tickets, models: usize, in_order: bool) {
        self.ledger.borrow_mut().enter(tickets, models, in_order);
    }

    pub(super) fn store_is_empty(&self) -> bool {
        self.store_is_empty.get()
    }

    /// Notes that the store gets rows. `true` if it is to be filled in bulk from now on.
    pub(super) fn begins_bulk(&self, is_bulk: bool) -> bool {
        let was_empty = self.store_is_empty.replace(false);
        let begins = is_bulk && was_empty;
        self.is_bulk.set(self.is_bulk.get() || begins);
        begins
    }

    /// Refuses a record that was read in another transaction.
    pub(super) fn must_have_read(&self, record: &Loaded) -> Result<(), Failure> {
        if self.ledger.borrow().knows(record.ticket()) {
            return Ok(());
        }
        let message = "the record was read in another transaction and may have changed since: read it again in this one";
        Err(Failure::new(message).at(record.id()))
    }

    /// Does `work`, which writes a chunk, for `part`. If it fails, rows may be written without their counters, so the
    /// transaction is not committed.
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

    /// Notes that `records` and their counters are in the store. Returns the rows to clear if there are many.
    pub(super) fn written<'r>(&self, records: impl IntoIterator<Item = &'r Loaded>) -> Option<WrittenRows> {
        let mut ledger = self.ledger.borrow_mut();
        records.into_iter().for_each(|record| ledger.written(record));
        ledger.rows.are_many().then(|| std::mem::take(&mut ledger.rows))
    }

    /// Notes that records that were written wait for their parents.
    pub(super) fn wait(&self) {
        self.has_waiting.set(true);
    }

    pub(super) fn has_waiting(&self) -> bool {
        self.has_waiting.get()
    }

    /// The part that failed in the middle of a chunk.
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
