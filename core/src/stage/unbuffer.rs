//! Chunks back to single items.

use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::Halt;
use crate::stage::Stage;

/// Stage of [`Pipeline::unbuffer`](crate::Pipeline::unbuffer).
///
/// * Shape: a collection in, its items out, in order.
/// * Memory: the chunk in hand. What is left of it when a later stage stops or fails is dropped.
#[derive(Debug)]
#[must_use]
pub struct Unbuffer<C> {
    chunks: PhantomData<fn(C)>,
}

impl<C> Unbuffer<C> {
    pub(crate) fn new() -> Self {
        Self { chunks: PhantomData }
    }
}

impl<C: IntoIterator> Stage for Unbuffer<C> {
    type In = C;
    type Out = C::Item;

    #[inline]
    fn push(&mut self, chunk: C, out: &mut impl Emit<C::Item>) -> Result<(), Halt> {
        out.emit_all(chunk)
    }

    fn name(&self) -> &'static str {
        "unbuffer"
    }
}

#[cfg(test)]
mod tests {
    use crate::{Collect, Pipeline, from_iter, size};

    #[test]
    fn buffer_and_unbuffer_change_nothing() {
        for n in [0, 1, 6, 7, 8, 500] {
            let outcome = Pipeline::new("round", from_iter(0..n))
                .buffer(size(7))
                .unbuffer()
                .end(Collect::new())
                .run()
                .unwrap();
            assert_eq!(outcome.output, (0..n).collect::<Vec<_>>());
        }
    }
}
