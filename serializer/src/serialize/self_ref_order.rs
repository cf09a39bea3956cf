//! `SelfRefOrder`: the stage that computes the depth of a record in the tree of its model.

use std::collections::{HashMap, VecDeque};
use std::fmt;

use syncline_core::{Failure, Halt, Transform, Yield};

use super::store::{SerializeStore, StoredOrder};
use super::tasks::LookedUp;
use crate::record_id::RecordId;

/// Stage that computes `_self_ref_order` for new and moved records: 0 for a root, the parent's order plus one for a
/// child.
///
/// * Shape: a chunk in, the same chunk out. If the store has no such column, the stage does nothing.
/// * Memory: the orders of the last few thousand records, which may not be in the store yet.
/// * The stage looks for a parent in the chunk, among those last records, and in the store. If it is in none of them,
///   it may come later: the record is written without an order, and gets it at the commit. If the parent never comes,
///   the order stays `NULL`. Descendants of a moved record are not renumbered.
/// * If the store's order of a parent is not a number, the run fails.
pub struct SelfRefOrder<'r, S> {
    store: &'r S,
    recent: Recent,
}

/// The order of a parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parent {
    Order(i64),
    Unknown,
}

impl<'r, S: SerializeStore> SelfRefOrder<'r, S> {
    /// Creates the stage for the store of `transaction`.
    #[must_use]
    pub fn new(transaction: &'r S) -> Self {
        Self { store: transaction, recent: Recent::default() }
    }

    /// Reads the orders of the parents of `changed` records from the store, except those in the chunk or among the last
    /// records.
    fn stored_parents(
        &self,
        chunk: &[LookedUp],
        changed: &HashMap<RecordId, usize>,
    ) -> Result<HashMap<RecordId, Parent>, Failure> {
        let records = chunk.iter().filter(|record| changed.contains_key(&record.loaded.id()));
        let mut missing: Vec<_> = records
            .filter_map(|record| record.loaded.parent())
            .filter(|parent| !changed.contains_key(parent) && self.recent.get(parent).is_none())
            .collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(HashMap::new());
        }
        let orders = self.store.orders(&missing)?;
        let orders = missing.into_iter().zip(orders).map(|(parent, order)| match order {
            StoredOrder::Known(order) => (parent, Parent::Order(order)),
            StoredOrder::Missing | StoredOrder::Unknown => (parent, Parent::Unknown),
        });
        Ok(orders.collect())
    }

    /// Computes the order of `chunk[index]`, after the orders of its ancestors in the chunk.
    fn resolve(
        &mut self,
        chunk: &mut [LookedUp],
        unresolved: &mut HashMap<RecordId, usize>,
        stored: &HashMap<RecordId, Parent>,
        index: usize,
    ) -> Result<(), Failure> {
        let mut path = vec![index];
        unresolved.remove(&chunk[index].loaded.id());
        while let Some(index) = path.last().copied() {
            let Some(parent) = chunk[index].loaded.parent() else {
                self.set(&mut chunk[index], Some(0));
                path.pop();
                continue;
            };
            if let Some(above) = unresolved.remove(&parent) {
                path.push(above);
                continue;
            }
            let known = self.recent.get(&parent).or_else(|| stored.get(&parent).copied());
            let known = match known {
                Some(known) => known,
                // The order was dropped from `recent` while this chunk was resolved, or the parents form a cycle.
                None => match self.store.orders(&[parent])?.first() {
                    Some(StoredOrder::Known(order)) => Parent::Order(*order),
                    _ => Parent::Unknown,
                },
            };
            let order = match known {
                Parent::Order(order) => Some(order + 1),
                Parent::Unknown => None,
            };
            self.set(&mut chunk[index], order);
            path.pop();
        }
        Ok(())
    }

    fn set(&mut self, record: &mut LookedUp, order: Option<i64>) {
        record.self_ref_order = order;
        self.recent.insert(record.loaded.id(), order.map_or(Parent::Unknown, Parent::Order));
    }
}

impl<S: SerializeStore> Transform for SelfRefOrder<'_, S> {
    type In = Vec<LookedUp>;
    type Out = Vec<LookedUp>;

    const YIELD: Yield = Yield::One;

    fn transform(&mut self, mut chunk: Vec<LookedUp>) -> Result<Option<Vec<LookedUp>>, Halt> {
        if !self.store.has_orders() {
            return Ok(Some(chunk));
        }
        let changed = chunk.iter().enumerate().filter(|(_, record)| record.parent_changed());
        let mut unresolved: HashMap<_, _> =
            changed.map(|(index, record)| (record.loaded.id(), index)).collect();
        if unresolved.is_empty() {
            return Ok(Some(chunk));
        }
        let stored = self.stored_parents(&chunk, &unresolved)?;
        for index in 0..chunk.len() {
            if unresolved.contains_key(&chunk[index].loaded.id()) {
                self.resolve(&mut chunk, &mut unresolved, &stored, index)?;
            }
        }
        Ok(Some(chunk))
    }
}

impl<S> fmt::Debug for SelfRefOrder<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SelfRefOrder").finish_non_exhaustive()
    }
}

/// The orders that were computed last.
#[derive(Debug, Default)]
struct Recent {
    orders: HashMap<RecordId, Parent>,
    oldest_first: VecDeque<RecordId>,
}

impl Recent {
    /// More records than any buffer between this stage and the store holds.
    const SIZE: usize = 4096;

    fn get(&self, id: &RecordId) -> Option<Parent> {
        self.orders.get(id).copied()
    }

    fn insert(&mut self, id: RecordId, parent: Parent) {
        if self.orders.insert(id, parent).is_none() {
            self.oldest_first.push_back(id);
        }
        if self.oldest_first.len() > Self::SIZE
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.orders.remove(&oldest);
        }
    }
}
