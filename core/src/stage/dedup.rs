//! `dedup`: the first of several neighbours with the same key.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::emit::items::{FilterMapped, Items, some_if};
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::{Chunking, Stage, StageFacts, Yield};

/// Stage of [`Pipeline::dedup`](crate::Pipeline::dedup).
///
/// * Shape: the first item of each run of neighbours with the same key. The others count as filtered.
/// * Memory: one key. No item is held, so there is nothing to emit at the end or to lose after an error.
#[must_use]
pub struct Dedup<F, K, T> {
    key_of: F,
    last: Option<K>,
    items: PhantomData<fn(T)>,
}

impl<F, K, T> Dedup<F, K, T> {
    pub(crate) fn new(key_of: F) -> Self {
        Self { key_of, last: None, items: PhantomData }
    }
}

impl<F: FnMut(&T) -> K, K: PartialEq, T> Stage for Dedup<F, K, T> {
    type In = T;
    type Out = T;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::AtMostOne).chunking(Chunking::Keeps);

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<T>) -> Result<(), Halt> {
        if first(&mut self.last, &mut self.key_of)(&item) { out.emit(item) } else { Ok(()) }
    }

    #[inline]
    fn push_all(&mut self, items: impl Items<T>, out: &mut impl Emit<T>) -> Result<(), Halt> {
        out.emit_items(FilterMapped::new(items, some_if(first(&mut self.last, &mut self.key_of))))
    }

    fn name(&self) -> &'static str {
        "dedup"
    }

    fn node(&self) -> Node {
        Node::operator("dedup")
    }
}

/// Returns `true` if an item has another key than the item before.
#[inline]
fn first<T, K: PartialEq>(last: &mut Option<K>, key_of: &mut impl FnMut(&T) -> K) -> impl FnMut(&T) -> bool {
    |item| {
        let key = Some(key_of(item));
        let first = key != *last;
        if first {
            *last = key;
        }
        first
    }
}

impl<F, K, T> fmt::Debug for Dedup<F, K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dedup").finish_non_exhaustive()
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Passes on the first of several neighbours with the same key. The others count as filtered.
    pub fn dedup<K: PartialEq, F: FnMut(&T) -> K>(self, key_of: F) -> Piped<T, C, Dedup<F, K, T>, M> {
        self.then(Dedup::new(key_of))
    }
}

#[cfg(test)]
mod tests {
    use super::Dedup;
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::{Collect, Pipeline, from_iter};

    #[test]
    fn the_first_of_each_run_of_neighbours() {
        for n in [0, 1, 2, 3, 4, 10] {
            let firsts: Vec<_> = (0..n).step_by(3).collect();
            assert_eq!(outputs(Dedup::new(|i: &usize| i / 3), n), firsts);
        }
        passes_errors_on(|| Dedup::new(|i: &usize| *i));
    }

    #[test]
    fn one_that_returns_is_no_neighbour() {
        let outcome =
            Pipeline::new("again", from_iter([1, 1, 2, 1])).dedup(|n| *n).end(Collect::new()).run().unwrap();
        assert_eq!(outcome.output, [1, 2, 1]);
        assert_eq!(outcome.report.stage("dedup").unwrap().filtered(), 1);
    }
}
