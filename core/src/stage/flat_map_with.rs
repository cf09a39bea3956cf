//! `flat_map`: any number of items for each item, by a closure.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::emit::pieces::Pieces;
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::{Chunking, Stage, StageFacts, Yield};

/// Stage of [`Pipeline::flat_map`](crate::Pipeline::flat_map): emits any number of items for each item.
///
/// * Memory: the iterator of the current item.
/// * End: nothing to emit.
/// * Error: none of its own. An error or a stop of a later stage drops the rest of the current iterator, which may be
///   endless.
#[must_use]
pub struct FlatMapWith<F, T, U> {
    call: F,
    pieces: Pieces,
    items: PhantomData<fn(T) -> U>,
}

impl<F, T, U> FlatMapWith<F, T, U> {
    pub(crate) fn new(call: F) -> Self {
        Self { call, pieces: Pieces::default(), items: PhantomData }
    }
}

impl<F: FnMut(T) -> U, T, U: IntoIterator> Stage for FlatMapWith<F, T, U> {
    type In = T;
    type Out = U::Item;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::Any).chunking(Chunking::Other);

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<U::Item>) -> Result<(), Halt> {
        self.pieces.emit_all((self.call)(item), out)
    }

    fn name(&self) -> &'static str {
        "flat_map"
    }

    fn node(&self) -> Node {
        Node::operator("flat_map").spreading()
    }
}

impl<F, T, U> fmt::Debug for FlatMapWith<F, T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlatMapWith").finish_non_exhaustive()
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Emits the items of the iterator that `f` returns for each item, one by one.
    pub fn flat_map<U: IntoIterator, F: FnMut(T) -> U>(
        self,
        f: F,
    ) -> Piped<U::Item, C, FlatMapWith<F, T, U>, M> {
        self.then(FlatMapWith::new(f))
    }
}

#[cfg(test)]
mod tests {
    use super::FlatMapWith;
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::{Collect, Pipeline, from_iter};

    #[test]
    fn it_does_what_its_namesake_of_iterators_does() {
        for n in [0, 1, 2, 3, 100] {
            assert_eq!(outputs(FlatMapWith::new(|i| 0..i), n), (0..n).flat_map(|i| 0..i).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_before_or_behind_it_ends_the_run() {
        passes_errors_on(|| FlatMapWith::new(|i: usize| [i; 2]));
    }

    #[test]
    fn an_endless_flat_map_ends_when_nobody_wants_more() {
        let outcome =
            Pipeline::new("endless", from_iter(1..)).flat_map(|n: u64| n..).take(3).end(Collect::new()).run();
        assert_eq!(outcome.unwrap().output, [1, 2, 3]);
    }
}
