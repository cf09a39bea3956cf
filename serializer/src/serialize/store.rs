//! `SerializeStore`: the trait of a backend. It has the operations that this leg needs, and the order of the closing
//! acts.

use syncline_core::Failure;

use super::deletion_list::{DeletionList, IdRange};
use super::ledger::{Sweep, WrittenRows};
use super::leg::Leg;
use super::stale::{ListedId, Stale};
use super::state::{NotCommitted, TransactionState};
use super::tasks::{Loaded, Stored, Updated};
use crate::model::Profile;
use crate::record_id::RecordId;

/// An open sync transaction of a backend.
///
/// Every operation takes a chunk, so that a backend can use one statement, a prepared statement for each row, or a bulk
/// copy. The stages of a flow share the transaction, so all operations take `&self`. They are called one after the
/// other.
pub trait SerializeStore {
    /// The profile: the models of the app.
    type Profile: Profile;

    /// The error of a closing act.
    type Error: From<NotCommitted>;

    /// The state of the transaction.
    fn state(&self) -> &TransactionState<'_>;

    /// Returns `true` while the transaction is open. After an error the database may have rolled it back.
    fn is_open(&self) -> bool;

    /// Returns `true` if the store has the column `_self_ref_order`.
    fn has_orders(&self) -> bool;

    /// Reads the store rows of `records`, in their order. A row that cannot be used has an error in its place. The row of
    /// a record on the list of hard deletions [starts anew](Stored::starting_anew).
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn stored(&self, records: &[&Loaded]) -> Result<Vec<Result<Option<Stored>, Failure>>, Failure>;

    /// Reads the store's orders of `records`, in their order.
    ///
    /// # Errors
    ///
    /// If the store cannot be read, or an order is not a number.
    fn orders(&self, records: &[RecordId]) -> Result<Vec<StoredOrder>, Failure>;

    /// Returns `true` in a bulk load: from its beginning until its end.
    fn is_bulk(&self) -> bool;

    /// Begins a bulk load of the store, which has no rows. From now on [`write`](Self::write) writes no counters.
    /// A backend that cannot load in bulk here does nothing, and [`is_bulk`](Self::is_bulk) stays `false`.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    fn begin_bulk(&self, leg: Leg) -> Result<(), Failure>;

    /// Writes store rows, and except in a bulk load the counter of each. Returns the rows that the store rejected, for
    /// example by a constraint. They are unchanged, and have no new counter. The id of a record that
    /// [starts anew](super::tasks::Update::starts_anew) leaves the list of hard deletions.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    fn write(&self, leg: Leg, records: &[Updated]) -> Result<Vec<Refused>, Failure>;

    /// Notes records that wait for their parents, because these have no order yet. Each pair is a record and its
    /// parent.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    fn wait(&self, leg: Leg, records: &[(RecordId, RecordId)]) -> Result<(), Failure>;

    /// Clears the dirty bits of `rows`.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    fn clear_dirty_bits(&self, leg: Leg, rows: WrittenRows) -> Result<(), Failure>;

    /// Looks up the store rows of the records `ids` that the app does not have: at most one for each id,
    /// in the order of `ids`. A hard deleted record that the app has again, as a dirty row that this transaction has not
    /// written, [waits](Stale::waiting).
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    fn stale(&self, leg: Leg, ids: &[ListedId]) -> Result<Vec<Stale>, Failure>;

    /// Marks rows as deleted, with this instance's counter, or as hard deleted.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    fn mark(&self, leg: Leg, list: DeletionList, rows: &[Stale]) -> Result<(), Failure>;

    /// Closing act: clears the dirty bits of the collected rows that are left.
    ///
    /// # Errors
    ///
    /// If the database cannot be written, as for all closing acts.
    fn clear_the_rest(&self, leg: Leg, rows: WrittenRows) -> Result<(), Self::Error>;

    /// Closing act of a bulk load: writes the counters of all store rows.
    ///
    /// # Errors
    ///
    /// As for [`clear_the_rest`](Self::clear_the_rest).
    fn save_all_counters(&self, leg: Leg) -> Result<(), Self::Error>;

    /// Closing act: computes the orders of the records that wait for their parents, if there are any.
    ///
    /// # Errors
    ///
    /// As for [`clear_the_rest`](Self::clear_the_rest).
    fn settle_orders(&self, leg: Leg, has_waiting: bool) -> Result<(), Self::Error>;

    /// Closing act: removes the ids of `range` from `list` that are done: the store has no row of the record, the row
    /// is marked, or the app has the record. An id on both lists is done only if its row is hard deleted. An id on the
    /// list of hard deletions waits while the app's record is dirty, and not written in this transaction. If `all_done`,
    /// every id of the range is done, and none is looked up.
    ///
    /// # Errors
    ///
    /// As for [`clear_the_rest`](Self::clear_the_rest).
    fn remove_done(
        &self,
        leg: Leg,
        list: DeletionList,
        range: &IdRange,
        all_done: bool,
    ) -> Result<(), Self::Error>;

    /// Closing act: writes the database max counters, which state how far this instance has come.
    ///
    /// # Errors
    ///
    /// As for [`clear_the_rest`](Self::clear_the_rest).
    fn save_database_counters(&self, leg: Leg) -> Result<(), Self::Error>;

    /// Closing act: clears the dirty bits of the rows of `sweeps` under the filter of the transaction.
    ///
    /// # Errors
    ///
    /// As for [`clear_the_rest`](Self::clear_the_rest).
    fn sweep(&self, leg: Leg, sweeps: &[Sweep]) -> Result<(), Self::Error>;

    /// Closing act of a bulk load: creates the indexes again that were dropped for it.
    ///
    /// # Errors
    ///
    /// As for [`clear_the_rest`](Self::clear_the_rest).
    fn end_bulk(&self, leg: Leg) -> Result<(), Self::Error>;
}

/// Performs the closing acts of `store`. The backend commits after it. Their order lets a database with a log of pages
/// write each page once.
///
/// Each act uses what the stages recorded, or the tables. So the result is correct for any composition of stages: a
/// record that was not written stays dirty, and an id that was not marked stays listed.
///
/// # Errors
///
/// If a part failed in the middle of a chunk, the transaction is no longer open, or the database cannot be written.
/// The transaction must then be rolled back.
pub fn close<S: SerializeStore>(store: &S) -> Result<(), S::Error> {
    let (state, leg) = (store.state(), Leg::new());
    if let Some(part) = state.unfinished() {
        return Err(NotCommitted::Unfinished { part }.into());
    }
    if !store.is_open() {
        return Err(NotCommitted::RolledBack.into());
    }
    store.clear_the_rest(leg, state.take_written_rows())?;
    if store.is_bulk() {
        store.save_all_counters(leg)?;
    }
    if store.has_orders() {
        store.settle_orders(leg, state.has_waiting())?;
    }
    if let Some(range) = state.deletions() {
        for list in [DeletionList::Deleted, DeletionList::HardDeleted] {
            // An id on both lists is done only if both are, so one list alone is not known to be done.
            let all_done = [DeletionList::Deleted, DeletionList::HardDeleted]
                .into_iter()
                .all(|list| state.all_done(list));
            store.remove_done(leg, list, range, all_done)?;
        }
    }
    store.save_database_counters(leg)?;
    let sweeps = state.sweeps();
    if !sweeps.is_empty() {
        store.sweep(leg, &sweeps)?;
    }
    if store.is_bulk() {
        store.end_bulk(leg)?;
    }
    Ok(())
}

/// A row that the store rejected.
#[derive(Debug)]
pub struct Refused {
    /// The index of the record in its chunk.
    pub index: usize,
    /// The error.
    pub failure: Failure,
}

/// The store's order of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredOrder {
    /// The store has no row of the record.
    Missing,
    /// The row has no order.
    Unknown,
    /// The order.
    Known(i64),
}

/// Writes a chunk in the transaction of `store`. If that was rolled back, it returns an error, because each statement
/// would then be committed on its own.
pub(super) fn write<S: SerializeStore, T, E: From<Failure>>(
    store: &S,
    part: &'static str,
    work: impl FnOnce(Leg) -> Result<T, E>,
) -> Result<T, E> {
    if !store.is_open() {
        return Err(Failure::new(NotCommitted::RolledBack).into());
    }
    store.state().write(part, || work(Leg::new()))
}
