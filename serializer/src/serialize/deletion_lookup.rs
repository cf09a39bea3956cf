//! Stage: finds the rows of the store whose records the app has deleted.

use std::fmt;

use syncline_core::{Halt, Transform};

use super::stale::Stale;
use super::store::SerializeStore;
use crate::record_id::RecordId;

/// Stage that finds the rows of the store to be marked as deleted.
///
/// * Shape: a chunk of ids in; their rows of the store out, or nothing if there are none.
/// * A record that was deleted and made again is alive, and passed over (quirk Q1): real ids repeat, since many are
///   computed from what the record is about.
pub struct DeletionLookup<'r, S> {
    store: &'r S,
}

impl<'r, S: SerializeStore> DeletionLookup<'r, S> {
    /// For the store that `transaction` writes to.
    #[must_use]
    pub fn new(transaction: &'r S) -> Self {
        Self { store: transaction }
    }
}

impl<S: SerializeStore> Transform for DeletionLookup<'_, S> {
    type In = Vec<RecordId>;
    type Out = Vec<Stale>;

    fn transform(&mut self, ids: Vec<RecordId>) -> Result<Option<Vec<Stale>>, Halt> {
        let stale = self.store.stale(&ids)?;
        Ok((!stale.is_empty()).then_some(stale))
    }
}

impl<S> fmt::Debug for DeletionLookup<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeletionLookup").finish_non_exhaustive()
    }
}
