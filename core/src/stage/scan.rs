//! `scan`: conversion with a state.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::emit::items::{Items, Mapped};
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::{Stage, StageFacts, Yield};

/// Stage of [`Pipeline::scan`](crate::Pipeline::scan).
///
/// * Shape: one in, one out, in order.
/// * Memory: the state. No item is held, so there is nothing to emit at the end or to lose after an error.
#[must_use]
pub struct Scan<A, F, T, U> {
    state: A,
    call: F,
    items: PhantomData<fn(T) -> U>,
}

impl<A, F, T, U> Scan<A, F, T, U> {
    pub(crate) fn new(state: A, call: F) -> Self {
        Self { state, call, items: PhantomData }
    }
}

impl<A, F: FnMut(&mut A, T) -> U, T, U> Stage for Scan<A, F, T, U> {
    type In = T;
    type Out = U;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::One);

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<U>) -> Result<(), Halt> {
        out.emit((self.call)(&mut self.state, item))
    }

    #[inline]
    fn push_all(&mut self, items: impl Items<T>, out: &mut impl Emit<U>) -> Result<(), Halt> {
        out.emit_one_for_each(Mapped::new(items, with(&mut self.state, &mut self.call)))
    }

    fn name(&self) -> &'static str {
        "scan"
    }

    fn node(&self) -> Node {
        Node::operator("scan")
    }
}

/// Binds the state as the first argument of `call`.
#[inline]
fn with<A, T, U>(state: &mut A, call: &mut impl FnMut(&mut A, T) -> U) -> impl FnMut(T) -> U {
    |item| call(state, item)
}

impl<A: fmt::Debug, F, T, U> fmt::Debug for Scan<A, F, T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scan").field("state", &self.state).finish_non_exhaustive()
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Converts each item with `f`, which can read and change a state. The state starts as `state`.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter};
    /// let totals = Pipeline::new("totals", from_iter([3, 4, 5])).scan(0, |total, n| {
    ///     *total += n;
    ///     *total
    /// });
    /// assert_eq!(totals.end(Collect::new()).run()?.output, [3, 7, 12]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn scan<A, U, F: FnMut(&mut A, T) -> U>(self, state: A, f: F) -> Piped<U, C, Scan<A, F, T, U>, M> {
        self.then(Scan::new(state, f))
    }
}

#[cfg(test)]
mod tests {
    use super::Scan;
    use crate::stage::tests::{outputs, passes_errors_on};

    fn sums() -> Scan<usize, impl FnMut(&mut usize, usize) -> usize, usize, usize> {
        Scan::new(0, |sum: &mut usize, n| {
            *sum += n;
            *sum
        })
    }

    #[test]
    fn the_state_is_kept_from_item_to_item() {
        for n in [0, 1, 2, 10] {
            assert_eq!(outputs(sums(), n), (0..n).map(|i| i * (i + 1) / 2).collect::<Vec<_>>());
        }
        passes_errors_on(sums);
    }
}
