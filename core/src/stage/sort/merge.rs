//! `Merge`: the items of sorted runs in one order, by a heap of the first item of each run.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::vec;

use serde::de::DeserializeOwned;

use super::run::RunReader;
use crate::error::Failure;

/// A sorted input of a merge.
pub(super) enum Input<'f, K, T> {
    Run(RunReader<'f, T>),
    Memory(vec::IntoIter<(K, T)>),
}

impl<K, T: DeserializeOwned> Input<'_, K, T> {
    /// Reads the next item with its key.
    fn next(&mut self, key_of: &mut impl FnMut(&T) -> K) -> Result<Option<(K, T)>, Failure> {
        match self {
            Self::Memory(items) => Ok(items.next()),
            Self::Run(run) => Ok(run.next()?.map(|item| (key_of(&item), item))),
        }
    }
}

/// The first item of an input.
struct First<K, T> {
    key: K,
    item: T,
    /// The input's index. Of equal keys that of the earlier input comes first, so the order is stable.
    input: usize,
}

impl<K: Ord, T> Ord for First<K, T> {
    /// The smallest key is the greatest: a heap has its greatest on top.
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.cmp(&self.key).then(other.input.cmp(&self.input))
    }
}

impl<K: Ord, T> PartialOrd for First<K, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord, T> PartialEq for First<K, T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<K: Ord, T> Eq for First<K, T> {}

/// The merge of several inputs.
pub(super) struct Merge<'f, K, T> {
    inputs: Vec<Input<'f, K, T>>,
    firsts: BinaryHeap<First<K, T>>,
}

impl<'f, K: Ord, T: DeserializeOwned> Merge<'f, K, T> {
    pub(super) fn new(
        mut inputs: Vec<Input<'f, K, T>>,
        key_of: &mut impl FnMut(&T) -> K,
    ) -> Result<Self, Failure> {
        let mut firsts = BinaryHeap::with_capacity(inputs.len());
        for (input, items) in inputs.iter_mut().enumerate() {
            if let Some((key, item)) = items.next(key_of)? {
                firsts.push(First { key, item, input });
            }
        }
        Ok(Self { inputs, firsts })
    }

    /// Returns the next item.
    pub(super) fn next(&mut self, key_of: &mut impl FnMut(&T) -> K) -> Result<Option<T>, Failure> {
        let Some(mut first) = self.firsts.peek_mut() else { return Ok(None) };
        let item = match self.inputs[first.input].next(key_of)? {
            None => PeekMut::pop(first).item,
            Some((key, item)) => {
                if key < first.key {
                    return Err(changed());
                }
                first.key = key;
                std::mem::replace(&mut first.item, item)
            }
        };
        Ok(Some(item))
    }
}

#[cold]
fn changed() -> Failure {
    Failure::new(
        "the key of an item is another one after the item was serialized and deserialized, so its place among the others is \
         unknown: make the key of fields that serde reads as it wrote them",
    )
    .fatal()
}
