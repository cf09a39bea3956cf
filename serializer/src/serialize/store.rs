//! The trait of a backend: the operations that this leg asks of a store, and the closing acts in their order.

use syncline_core::Failure;

use super::deletion_list::{DeletionList, IdRange};
use super::ledger::{Sweep, WrittenRows};
use super::stale::Stale;
use super::state::{NotCommitted, TransactionState};
use super::tasks::{Loaded, Stored, Updated};
use crate::model::Profile;
use crate::record_id::RecordId;

/// An open sync transaction of a backend.
///
/// Every operation is about a chunk, so that a backend may use one statement, a prepared statement for each row, or a bulk
/// copy. The parts of a flow share the transaction, so all operations take `&self`; they run one after the other.
pub trait SerializeStore {
    /// The models.
    type Profile: Profile;

    /// The error of the closing acts.
    type Error: From<NotCommitted>;

    /// The state that the parts share.
    fn state(&self) -> &TransactionState<'_>;

    /// `true` while the transaction is open: the database may have rolled it back after an error.
    fn is_open(&self) -> bool;

    /// `true` if the store has the column `_self_ref_order`.
    fn has_orders(&self) -> bool;

    /// The rows of the store for `records`, in their order. A row that cannot be used is an error of its own.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn stored(&self, records: &[&Loaded]) -> Result<Vec<Result<Option<Stored>, Failure>>, Failure>;

    /// The orders that the store has of `records`, in their order.
    ///
    /// # Errors
    ///
    /// When the store cannot be read, or an order is not a number.
    fn orders(&self, records: &[RecordId]) -> Result<Vec<StoredOrder>, Failure>;

    /// Prepares the store, which has no rows, for many of them: [`write`](Self::write) leaves out the counters from now on.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn begin_bulk(&self) -> Result<(), Failure>;

    /// Writes rows of the store, and the counter of each unless in bulk. Returns the rows that the store refused by itself,
    /// such as by a constraint: they are unchanged, and have no new counter.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn write(&self, records: &[Updated]) -> Result<Vec<Refused>, Failure>;

    /// Lets records wait for their parents, which have no order yet: pairs of both.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn wait(&self, records: &[(RecordId, RecordId)]) -> Result<(), Failure>;

    /// Clears the dirty bits of rows.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn clear_dirty_bits(&self, rows: WrittenRows) -> Result<(), Failure>;

    /// The rows of the store for the records `ids` that the app does not have.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn stale(&self, ids: &[RecordId]) -> Result<Vec<Stale>, Failure>;

    /// Marks rows as deleted, with this instance's counter, or as hard deleted.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn mark(&self, list: DeletionList, rows: &[Stale]) -> Result<(), Failure>;

    /// Closing act: clears the dirty bits of the rows that are left of those that were gathered.
    ///
    /// # Errors
    ///
    /// When the database cannot be written, as for all closing acts.
    fn clear_the_rest(&self, rows: WrittenRows) -> Result<(), Self::Error>;

    /// Closing act of a bulk load: writes the counters of all rows of the store.
    ///
    /// # Errors
    ///
    /// As for [`clear_the_rest`](Self::clear_the_rest).
    fn save_all_counters(&self) -> Result<(), Self::Error>;

    /// Closing act: works out the orders of the records that wait for their parents, if any do.
    ///
    /// # Errors
    ///
    /// As for [`clear_the_rest`](Self::clear_the_rest).
    fn settle_orders(&self, has_waiting: bool) -> Result<(), Self::Error>;

    /// Closing act: removes an id of `range` from `list` if nothing is lost by that: the store has no row of it, the row is
    /// marked, or the app has the record.
    ///
    /// # Errors
    ///
    /// As for [`clear_the_rest`](Self::clear_the_rest).
    fn remove_done(&self, list: DeletionList, range: &IdRange) -> Result<(), Self::Error>;

    /// Closing act: writes the database max counters, which say how far this instance has come.
    ///
    /// # Errors
    ///
    /// As for [`clear_the_rest`](Self::clear_the_rest).
    fn save_database_counters(&self) -> Result<(), Self::Error>;

    /// Closing act: clears the dirty bits of the rows of `sweeps`, under the filter of the transaction.
    ///
    /// # Errors
    ///
    /// As for [`clear_the_rest`](Self::clear_the_rest).
    fn sweep(&self, sweeps: &[Sweep]) -> Result<(), Self::Error>;

    /// Closing act of a bulk load: makes indexes again that it dropped.
    ///
    /// # Errors
    ///
    /// As for [`clear_the_rest`](Self::clear_the_rest).
    fn end_bulk(&self) -> Result<(), Self::Error>;

    /// Performs the closing acts, after which the backend commits. Their order lets a database that logs pages write each of
    /// them once.
    ///
    /// Each act works from what the parts wrote down, or from the tables. So it is right for any composition of parts: what
    /// was not written stays dirty, and what was not marked stays listed.
    ///
    /// # Errors
    ///
    /// When a part failed in the middle of a chunk, when the transaction is no longer open, or when the database cannot be
    /// written. The transaction must be rolled back then.
    fn close(&self) -> Result<(), Self::Error> {
        let state = self.state();
        if let Some(part) = state.unfinished() {
            return Err(NotCommitted::Unfinished { part }.into());
        }
        if !self.is_open() {
            return Err(NotCommitted::RolledBack.into());
        }
        self.clear_the_rest(state.take_written_rows())?;
        if state.is_bulk() {
            self.save_all_counters()?;
        }
        if self.has_orders() {
            self.settle_orders(state.has_waiting())?;
        }
        if let Some(range) = state.deletions() {
            for list in [DeletionList::Deleted, DeletionList::HardDeleted] {
                self.remove_done(list, range)?;
            }
        }
        self.save_database_counters()?;
        let sweeps = state.sweeps();
        if !sweeps.is_empty() {
            self.sweep(&sweeps)?;
        }
        if state.is_bulk() {
            self.end_bulk()?;
        }
        Ok(())
    }
}

/// A row that the store refused by itself.
#[derive(Debug)]
pub struct Refused {
    /// The index of the record in its chunk.
    pub index: usize,
    /// The error.
    pub failure: Failure,
}

/// The order that the store has of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredOrder {
    /// The store has no row of it.
    Missing,
    /// The row has no order.
    Unknown,
    /// The order.
    Known(i64),
}

/// Writes a chunk in the transaction of `store`, unless that was rolled back: then each statement would be committed by
/// itself.
pub(super) fn write<S: SerializeStore, T, E: From<Failure>>(
    store: &S,
    part: &'static str,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    if !store.is_open() {
        return Err(Failure::new(NotCommitted::RolledBack).into());
    }
    store.state().write(part, work)
}
