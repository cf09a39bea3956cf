//! `skip`: all items except the first.

use std::marker::PhantomData;

use crate::emit::Emit;
use crate::emit::items::{FilterMapped, Items, some_if};
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::{Chunking, Stage, StageFacts, Yield};

/// Stage of [`Pipeline::skip`](crate::Pipeline::skip).
///
/// * Shape: the items behind the first `count` items, which count as filtered.
/// * Memory: no items, so there is nothing to emit at the end or to lose after an error.
#[derive(Debug)]
#[must_use]
pub struct Skip<T> {
    left: usize,
    items: PhantomData<fn(T)>,
}

impl<T> Skip<T> {
    pub(crate) fn new(count: usize) -> Self {
        Self { left: count, items: PhantomData }
    }
}

impl<T> Stage for Skip<T> {
    type In = T;
    type Out = T;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::AtMostOne).chunking(Chunking::Keeps);

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<T>) -> Result<(), Halt> {
        if self.left == 0 {
            return out.emit(item);
        }
        self.left -= 1;
        Ok(())
    }

    #[inline]
    fn push_all(&mut self, items: impl Items<T>, out: &mut impl Emit<T>) -> Result<(), Halt> {
        out.emit_items(FilterMapped::new(items, some_if(past(&mut self.left))))
    }

    fn name(&self) -> &'static str {
        "skip"
    }

    fn node(&self) -> Node {
        Node::operator(format!("skip({})", self.left))
    }
}

/// Returns `true` if the item passes. Otherwise it is skipped and counted.
#[inline]
fn past<T>(left: &mut usize) -> impl FnMut(&T) -> bool {
    |_| {
        let past = *left == 0;
        *left = left.saturating_sub(1);
        past
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Removes the first `count` items, which count as filtered.
    pub fn skip(self, count: usize) -> Piped<T, C, Skip<T>, M> {
        self.then(Skip::new(count))
    }
}

#[cfg(test)]
mod tests {
    use super::Skip;
    use crate::stage::tests::{outputs, passes_errors_on};

    #[test]
    fn all_but_the_first() {
        for n in [0, 1, 4, 5, 6, 100] {
            assert_eq!(outputs(Skip::new(5), n), (0..n).skip(5).collect::<Vec<_>>());
        }
        passes_errors_on(|| Skip::new(2));
    }
}
