//! `StoreLookup`: the stage that looks up store rows.

use std::fmt;

use syncline_core::{Halt, Transform, Yield};

use super::failed_row::FailedRow;
use super::store::SerializeStore;
use super::tasks::{Loaded, LookedUp};

/// Stage that looks up the store rows of a chunk of records.
///
/// * Shape: a chunk in, the same records with their store rows out.
/// * Memory: the stored texts of a chunk.
/// * A record whose store row cannot be used fails the run, or is left out of the chunk if a policy allows that.
pub struct StoreLookup<'r, S> {
    store: &'r S,
    /// `true` if the store was empty at the first chunk: it then has only rows of this run.
    has_nothing: Option<bool>,
}

impl<'r, S: SerializeStore> StoreLookup<'r, S> {
    /// Creates the stage for the store of `transaction`.
    #[must_use]
    pub fn new(transaction: &'r S) -> Self {
        Self { store: transaction, has_nothing: None }
    }
}

impl<S: SerializeStore> Transform for StoreLookup<'_, S> {
    type In = Vec<Loaded>;
    type Out = Vec<LookedUp>;

    const YIELD: Yield = Yield::One;

    fn transform(&mut self, chunk: Vec<Loaded>) -> Result<Option<Vec<LookedUp>>, Halt> {
        let mut looked_up = Vec::with_capacity(chunk.len());
        let state = self.store.state();
        let transaction = state.id();
        if *self.has_nothing.get_or_insert_with(|| state.store_is_empty()) {
            let new = |loaded| LookedUp { loaded, stored: None, self_ref_order: None, transaction };
            looked_up.extend(chunk.into_iter().map(new));
            return Ok(Some(looked_up));
        }
        let stored = self.store.stored(&chunk.iter().collect::<Vec<_>>())?;
        for (loaded, stored) in chunk.into_iter().zip(stored) {
            match stored {
                Ok(stored) => looked_up.push(LookedUp { loaded, stored, self_ref_order: None, transaction }),
                Err(failure) => {
                    let failure = failure.at(loaded.id());
                    state.left_out().leave_out("StoreLookup", FailedRow::of(&loaded), failure)?;
                }
            }
        }
        Ok(Some(looked_up))
    }
}

impl<S> fmt::Debug for StoreLookup<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreLookup").finish_non_exhaustive()
    }
}
