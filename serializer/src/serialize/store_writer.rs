//! `StoreWriter`: the sink that writes records and their counters.

use std::fmt;
use std::slice;

use syncline_core::{Failure, Halt, Sink, Tally};

use super::failed_row::FailedRow;
use super::leg::Leg;
use super::store::{Refused, SerializeStore, write};
use super::tasks::{Change, Loaded, Updated};
use super::updater::Updater;

/// Sink that writes chunks of records to the store, inside the open transaction.
///
/// * For each chunk it writes the store rows, then this instance's counter of each. In a bulk load the counters are
///   written at the commit.
/// * Dirty bits are cleared at the commit, and whenever 20,000 rows were written.
/// * If the transaction may have written a record's store row before, the row is looked up and merged again.
/// * A record that was read or looked up in another transaction is an error. After a failure in the middle of a chunk the
///   transaction cannot be committed.
pub struct StoreWriter<'r, S> {
    store: &'r S,
    updater: Updater,
    is_bulk: bool,
    written: Written,
    skipped: u64,
}

/// The numbers of rows that were written to the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// The number of new rows.
    pub created: u64,
    /// The number of existing rows.
    pub updated: u64,
}

impl<'r, S: SerializeStore> StoreWriter<'r, S> {
    /// Creates the sink for the store of `transaction`.
    #[must_use]
    pub fn new(transaction: &'r S) -> Self {
        Self {
            store: transaction,
            updater: Updater::default(),
            is_bulk: false,
            written: Written::default(),
            skipped: 0,
        }
    }

    /// Sets whether many rows will come. If so, and the store has no rows, it is filled in bulk.
    #[must_use]
    pub fn bulk(mut self, is_bulk: bool) -> Self {
        self.is_bulk = is_bulk;
        self
    }

    fn write_chunk(&mut self, leg: Leg, chunk: Vec<Updated>) -> Result<(), Halt> {
        let state = self.store.state();
        let is_current =
            |record: &Updated| state.is_first(&record.loaded) && !matches!(record.change, Change::Join);
        let Some(first) = chunk.iter().position(|record| !is_current(record)) else {
            return self.write(leg, chunk);
        };
        let mut part = Vec::with_capacity(chunk.len());
        for (index, mut record) in chunk.into_iter().enumerate() {
            if index == first || (index > first && !is_current(&record)) {
                // This transaction may have written the row since the look-up. The records before must be in the store
                // first, unless they are left out.
                self.write(leg, std::mem::take(&mut part))?;
                match self.joined(&record)? {
                    Ok(change) => record.change = change,
                    Err(failure) => {
                        self.leave_out(&record.loaded, failure)?;
                        continue;
                    }
                }
            }
            part.push(record);
        }
        self.write(leg, part)
    }

    /// Computes the change that writes a record over the row of another record with the same id. The inner error is
    /// that of the record, which a policy may leave out.
    fn joined(&mut self, record: &Updated) -> Result<Result<Change, Failure>, Failure> {
        let stored = self.store.stored(slice::from_ref(&&record.loaded))?;
        let stored = stored.into_iter().next().unwrap_or(Ok(None));
        Ok(stored.and_then(|mut stored| self.updater.change(&record.loaded, stored.as_mut())))
    }

    /// Leaves out a record, or fails the run.
    fn leave_out(&mut self, record: &Loaded, failure: Failure) -> Result<(), Halt> {
        let left_out = self.store.state().left_out();
        left_out.leave_out("StoreWriter", FailedRow::of(record), failure.at(record.id()))?;
        self.skipped += 1;
        Ok(())
    }

    /// Writes rows and counters. Removes the rows that the store rejects from the chunk, if a policy allows that.
    fn write(&mut self, leg: Leg, mut chunk: Vec<Updated>) -> Result<(), Halt> {
        if chunk.is_empty() {
            return Ok(());
        }
        let state = self.store.state();
        let refused = self.store.write(leg, &chunk)?;
        let mut left_out = Vec::new();
        for Refused { index, failure } in refused {
            self.leave_out(&chunk[index].loaded, failure)?;
            left_out.push(index);
        }
        for index in left_out.into_iter().rev() {
            chunk.remove(index);
        }
        for record in &chunk {
            *if record.is_new() { &mut self.written.created } else { &mut self.written.updated } += 1;
        }
        if self.store.has_orders() {
            let waits = |record: &Updated| record.self_ref_order().is_none() && record.parent_changed();
            let waiting = chunk.iter().filter(|record| waits(record));
            let waiting: Vec<_> =
                waiting.filter_map(|record| Some((record.loaded.id(), record.loaded.parent()?))).collect();
            if !waiting.is_empty() {
                self.store.wait(leg, &waiting)?;
                state.wait();
            }
        }
        if let Some(rows) = state.written(chunk.iter().map(Updated::loaded)) {
            self.store.clear_dirty_bits(leg, rows)?;
        }
        Ok(())
    }
}

impl<S: SerializeStore> Sink for StoreWriter<'_, S> {
    type In = Vec<Updated>;
    type Output = Written;

    fn consume(&mut self, chunk: Vec<Updated>) -> Result<(), Halt> {
        let (store, state) = (self.store, self.store.state());
        chunk.iter().try_for_each(|record| state.must_have_read(record))?;
        write(store, "StoreWriter", |leg| {
            if state.begins_bulk(self.is_bulk) {
                store.begin_bulk(leg)?;
            }
            self.write_chunk(leg, chunk)
        })
    }

    fn finish(self) -> Result<Written, Failure> {
        Ok(self.written)
    }

    fn tally(&self) -> Tally {
        Tally::of_skipped(self.skipped)
    }
}

impl<S> fmt::Debug for StoreWriter<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreWriter").field("written", &self.written).finish_non_exhaustive()
    }
}
