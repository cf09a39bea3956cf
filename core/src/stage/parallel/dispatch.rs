//! The rule that assigns the items of a parallel stage to its workers.

use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::marker::PhantomData;

/// The rule that assigns items to workers: [`InOrder`] or [`Keyed`]. Sealed.
pub trait Dispatch<T>: sealed::Sealed {
    /// The hash of the key of `item`. 0 if items have no key.
    #[doc(hidden)]
    fn key(&mut self, item: &T) -> u64;

    /// The argument in graphs.
    #[doc(hidden)]
    const CLAUSE: &'static str;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::InOrder {}
    impl<G, K> Sealed for super::Keyed<G, K> {}
}

/// Each worker takes the first waiting item.
#[derive(Debug)]
pub struct InOrder;

/// Items with the same key go to one worker, in order: see [`Pipeline::by_key`](crate::Pipeline::by_key).
pub struct Keyed<G, K> {
    key_of: G,
    /// A hasher with random keys, so that the input cannot be chosen to overload one worker.
    hasher: RandomState,
    key: PhantomData<fn() -> K>,
}

impl<G, K> Keyed<G, K> {
    pub(super) fn new(key_of: G) -> Self {
        Self { key_of, hasher: RandomState::new(), key: PhantomData }
    }
}

impl<T> Dispatch<T> for InOrder {
    fn key(&mut self, _: &T) -> u64 {
        0
    }

    const CLAUSE: &'static str = "";
}

impl<T, K: Hash, G: FnMut(&T) -> K> Dispatch<T> for Keyed<G, K> {
    fn key(&mut self, item: &T) -> u64 {
        self.hasher.hash_one((self.key_of)(item))
    }

    const CLAUSE: &'static str = ", by: ..";
}

impl<G, K> fmt::Debug for Keyed<G, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyed")
    }
}
