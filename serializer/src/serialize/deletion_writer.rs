//! `DeletionWriter`: the sink that marks store rows as deleted.

use std::fmt;

use syncline_core::{Failure, Halt, Sink};

use super::deletion_list::DeletionList;
use super::stale::Stale;
use super::store::{SerializeStore, write};

/// Sink that marks store rows as deleted, inside the open transaction. Its output is the number of rows.
///
/// * Deleted: the row is marked, this instance and its counter are recorded, and the text is kept.
/// * Hard deleted: the row is marked, and its texts are erased. If this transaction has not saved the row yet, this
///   instance and its counter are recorded too, so that peers ask for the change.
/// * A row that was looked up in another transaction, or whose id is on the other list, is an error.
pub struct DeletionWriter<'r, S> {
    store: &'r S,
    list: DeletionList,
    marked: u64,
}

impl<'r, S: SerializeStore> DeletionWriter<'r, S> {
    /// Creates the sink for the store of `transaction`.
    #[must_use]
    pub fn new(transaction: &'r S, list: DeletionList) -> Self {
        Self { store: transaction, list, marked: 0 }
    }
}

impl<S: SerializeStore> Sink for DeletionWriter<'_, S> {
    type In = Vec<Stale>;
    type Output = u64;

    fn consume(&mut self, chunk: Vec<Stale>) -> Result<(), Halt> {
        let this = self.store.state().id();
        if let Some(row) = chunk.iter().find(|row| row.transaction() != this) {
            let message =
                "the row was looked up in another transaction and may have changed since: look it up again";
            return Err(Failure::new(message).at(row.id()).into());
        }
        let state = self.store.state();
        if let Some(row) = chunk.iter().find(|row| !state.is_on(self.list, row)) {
            let message = format!(
                "the id was read from another list than `{}`: create `DeletionWriter` with the list of `ListedIds`",
                self.list.table()
            );
            return Err(Failure::new(message).at(row.id()).into());
        }
        write(self.store, "DeletionWriter", |leg| self.store.mark(leg, self.list, &chunk))?;
        self.store.state().marked(self.list, &chunk);
        self.marked += chunk.len() as u64;
        Ok(())
    }

    fn finish(self) -> Result<u64, Failure> {
        Ok(self.marked)
    }
}

impl<S> fmt::Debug for DeletionWriter<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeletionWriter").field("list", &self.list).finish_non_exhaustive()
    }
}
