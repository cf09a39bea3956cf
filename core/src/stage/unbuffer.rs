//! `unbuffer`: the items of chunks.

use std::marker::PhantomData;

use crate::emit::Emit;
use crate::emit::pieces::Pieces;
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::{Chunking, Stage, StageFacts};

/// Stage of [`Pipeline::unbuffer`](crate::Pipeline::unbuffer).
///
/// * Shape: a collection in, its items out, in order.
/// * Memory: the current chunk. If a later stage stops or fails, the rest of the chunk is dropped.
#[derive(Debug)]
#[must_use]
pub struct Unbuffer<C> {
    pieces: Pieces,
    chunks: PhantomData<fn(C)>,
}

impl<C> Unbuffer<C> {
    #[doc(hidden)]
    pub fn new() -> Self {
        Self { pieces: Pieces::default(), chunks: PhantomData }
    }
}

impl<C: IntoIterator> Stage for Unbuffer<C> {
    type In = C;
    type Out = C::Item;

    const FACTS: StageFacts = StageFacts::new().chunking(Chunking::TakesApart);

    #[inline]
    fn push(&mut self, chunk: C, out: &mut impl Emit<C::Item>) -> Result<(), Halt> {
        self.pieces.emit_all(chunk, out)
    }

    fn name(&self) -> &'static str {
        "unbuffer"
    }

    fn node(&self) -> Node {
        Node::operator("unbuffer").taking_apart()
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Splits chunks into their items.
    pub fn unbuffer(self) -> Piped<T::Item, C, Unbuffer<T>, M>
    where
        T: IntoIterator,
    {
        self.then(Unbuffer::new())
    }
}

#[cfg(test)]
mod tests {
    use super::Unbuffer;
    use crate::stage::tests::FailAfter;
    use crate::{Collect, Pipeline, for_each, from_iter, size};

    #[test]
    fn chunks_of_any_length() {
        let chunks = [vec![], vec![1], vec![2, 3], vec![], vec![4, 5, 6]];
        let outcome =
            Pipeline::new("apart", from_iter(chunks)).pipe(Unbuffer::new()).end(Collect::new()).run();
        assert_eq!(outcome.unwrap().output, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn an_error_before_or_behind_it_ends_the_run() {
        for n in [0, 1, 2, 3, 4] {
            let run =
                Pipeline::new("before", FailAfter(n)).buffer(size(3)).unbuffer().end(Collect::new()).run();
            assert_eq!(run.unwrap_err().stage(), Some("FailAfter"));
        }
        let mut taken = 0;
        let refuse = for_each(|n| {
            taken += 1;
            if n == 4 { Err(std::fmt::Error.into()) } else { Ok(()) }
        });
        let run = Pipeline::new("behind", from_iter(0..100)).buffer(size(3)).unbuffer().end(refuse).run();
        assert_eq!(run.unwrap_err().stage(), Some("for_each"));
        assert_eq!(taken, 5);
    }

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
