//! `take_while`: the items before the first for which a closure returns `false`.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::{Chunking, Stage, StageFacts, Yield};

/// Stage of [`Pipeline::take_while`](crate::Pipeline::take_while).
///
/// * Shape: the items before the first for which the closure returns `false`. Then the stage stops the run. That item
///   counts as filtered.
/// * Memory: no items, so there is nothing to emit at the end or to lose after an error.
#[must_use]
pub struct TakeWhile<F, T> {
    passes: F,
    over: bool,
    items: PhantomData<fn(T)>,
}

impl<F, T> TakeWhile<F, T> {
    pub(crate) fn new(passes: F) -> Self {
        Self { passes, over: false, items: PhantomData }
    }
}

impl<F: FnMut(&T) -> bool, T> Stage for TakeWhile<F, T> {
    type In = T;
    type Out = T;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::AtMostOne).chunking(Chunking::Keeps);

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<T>) -> Result<(), Halt> {
        if passing(&mut self.over, &mut self.passes)(&item) { out.emit(item) } else { Err(Halt::Stop) }
    }

    fn name(&self) -> &'static str {
        "take_while"
    }

    fn node(&self) -> Node {
        Node::operator("take_while")
    }
}

/// Returns `true` if the item and all items before it pass.
#[inline]
fn passing<T>(over: &mut bool, passes: &mut impl FnMut(&T) -> bool) -> impl FnMut(&T) -> bool {
    |item| {
        *over = *over || !passes(item);
        !*over
    }
}

impl<F, T> fmt::Debug for TakeWhile<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakeWhile").field("over", &self.over).finish_non_exhaustive()
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Passes items on until `f` returns `false`, then stops the run.
    pub fn take_while<F: FnMut(&T) -> bool>(self, f: F) -> Piped<T, C, TakeWhile<F, T>, M> {
        self.then(TakeWhile::new(f))
    }
}

#[cfg(test)]
mod tests {
    use super::TakeWhile;
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::{Collect, Pipeline, from_iter, size};

    #[test]
    fn the_first_that_fails_the_test_ends_it() {
        for n in [0, 1, 4, 5, 6, 1000] {
            assert_eq!(outputs(TakeWhile::new(|i: &usize| *i < 5), n), (0..n.min(5)).collect::<Vec<_>>());
        }
        passes_errors_on(|| TakeWhile::new(|_: &usize| true));
    }

    #[test]
    fn it_stays_over_when_a_later_item_would_pass() {
        let outcome = Pipeline::new("over", from_iter([1, 9, 1, 1]))
            .buffer(size(3))
            .unbuffer()
            .take_while(|n| *n < 5)
            .end(Collect::new())
            .run();
        assert_eq!(outcome.unwrap().output, [1]);
    }
}
