//! `StoreUpdate`: the stage that computes the change of a store row.

use std::fmt;

use syncline_core::{Emit, Failure, Halt, Stage, StageFacts, Tally, Yield};

use super::failed_row::FailedRow;
use super::store::SerializeStore;
use super::tasks::{Change, LookedUp, Updated};
use super::updater::Updater;
use crate::model::Model;
use crate::record_id::RecordId;

/// Stage that computes the change of a store row. It uses no database.
///
/// * Shape: one record in, one out.
/// * If the store has the record, the store's key order is kept, and so are keys that the app does not know. The
///   record's own keys replace the stored ones. If the store row was received and not yet applied to the app, its text
///   is kept as a conflict.
/// * Two records of different models with the same id, one directly after the other, share a store row. As in Morango,
///   the keys of the second are merged into the row of the first. A warning reports it.
/// * A record that cannot be merged with its stored text fails the run, or is left out if a policy allows that.
pub struct StoreUpdate<'r, S> {
    store: &'r S,
    updater: Updater,
    last: Option<(RecordId, &'static Model)>,
    skipped: u64,
}

impl<'r, S: SerializeStore> StoreUpdate<'r, S> {
    /// Creates the stage for the store of `transaction`.
    #[must_use]
    pub fn new(transaction: &'r S) -> Self {
        Self { store: transaction, updater: Updater::default(), last: None, skipped: 0 }
    }

    fn change(&mut self, record: &mut LookedUp) -> Result<Change, Failure> {
        let loaded = &record.loaded;
        let (id, model) = (loaded.id(), loaded.model());
        if let Some((_, other)) = self.last.replace((id, model)).filter(|(last, _)| *last == id)
            && other.name != model.name
        {
            tracing::warn!(
                "records of two models have the id {id}, and the store keeps one row for both: tables `{}` and `{}`",
                other.table,
                model.table
            );
            return Ok(Change::Join);
        }
        self.updater.change(loaded, record.stored.as_mut())
    }
}

impl<S: SerializeStore> Stage for StoreUpdate<'_, S> {
    type In = LookedUp;
    type Out = Updated;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::One);

    fn push(&mut self, mut record: LookedUp, out: &mut impl Emit<Updated>) -> Result<(), Halt> {
        match self.change(&mut record) {
            Ok(change) => {
                let LookedUp { loaded, stored, self_ref_order, transaction } = record;
                // Later stages do not need it.
                drop(stored);
                out.emit(Updated { loaded, change, self_ref_order, transaction })
            }
            Err(failure) => {
                let row = FailedRow::of(&record.loaded);
                self.store.state().left_out().leave_out("StoreUpdate", row, failure)?;
                self.skipped += 1;
                Ok(())
            }
        }
    }

    fn tally(&self) -> Tally {
        Tally::of_skipped(self.skipped)
    }
}

impl<S> fmt::Debug for StoreUpdate<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreUpdate").finish_non_exhaustive()
    }
}
