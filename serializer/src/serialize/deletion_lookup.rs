//! `DeletionLookup`: the stage that looks up the store rows of deleted records.

use std::fmt;

use syncline_core::{Halt, Transform};

use super::leg::Leg;
use super::stale::{ListedId, Stale};
use super::store::SerializeStore;

/// Stage that looks up the store rows of deleted records.
///
/// * Shape: a chunk of ids in; their store rows out, or nothing if there are none.
/// * A record that was deleted and created again is alive, and skipped (quirk Q1). Ids do recur, because many are
///   computed from the content of a record. If it was hard deleted, its id stays on the list until it is serialised.
pub struct DeletionLookup<'r, S> {
    store: &'r S,
}

impl<'r, S: SerializeStore> DeletionLookup<'r, S> {
    /// Creates the stage for the store of `transaction`.
    #[must_use]
    pub fn new(transaction: &'r S) -> Self {
        Self { store: transaction }
    }
}

impl<S: SerializeStore> Transform for DeletionLookup<'_, S> {
    type In = Vec<ListedId>;
    type Out = Vec<Stale>;

    fn transform(&mut self, ids: Vec<ListedId>) -> Result<Option<Vec<Stale>>, Halt> {
        let mut stale = self.store.stale(Leg::new(), &ids)?;
        self.store.state().looked_up(&ids, &stale);
        stale.retain(|row| !row.waits());
        Ok((!stale.is_empty()).then_some(stale))
    }
}

impl<S> fmt::Debug for DeletionLookup<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeletionLookup").finish_non_exhaustive()
    }
}
