//! `chunk_while`: chunks of neighbours; a closure decides where a chunk ends.

use std::fmt;
use std::num::NonZeroUsize;

use crate::emit::Emit;
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::buffer::{hand_on, hand_on_last};
use crate::stage::{Chunking, Stage, StageFacts};

/// Stage of [`Pipeline::chunk_while`](crate::Pipeline::chunk_while).
///
/// * Shape: `T` in, `Vec<T>` out; 1 to `size` items, in order.
/// * Memory: at most `size` items.
/// * End: the open chunk is emitted.
/// * Error: none of its own. An error of another stage drops the open chunk.
#[must_use]
pub struct ChunkWhile<T, F> {
    held: Vec<T>,
    size: NonZeroUsize,
    belong_together: F,
}

impl<T, F> ChunkWhile<T, F> {
    pub(crate) fn new(size: NonZeroUsize, belong_together: F) -> Self {
        Self { held: Vec::new(), size, belong_together }
    }
}

impl<T, F: FnMut(&T, &T) -> bool> Stage for ChunkWhile<T, F> {
    type In = T;
    type Out = Vec<T>;

    const FACTS: StageFacts = StageFacts::new().chunking(Chunking::Gathers);

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        if let Some(previous) = self.held.last()
            && !(self.belong_together)(previous, &item)
        {
            hand_on(&mut self.held, out)?;
        }
        self.held.push(item);
        if self.held.len() >= self.size.get() { hand_on(&mut self.held, out) } else { Ok(()) }
    }

    fn finish(&mut self, out: &mut impl Emit<Vec<T>>) -> Result<(), Halt> {
        hand_on_last(&mut self.held, out)
    }

    fn name(&self) -> &'static str {
        "chunk_while"
    }

    fn held(&self) -> usize {
        self.held.len()
    }

    fn node(&self) -> Node {
        Node::gathering(format!("chunk_while({}, ..)", self.size)).up_to(self.size)
    }
}

impl<T, F> fmt::Debug for ChunkWhile<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkWhile")
            .field("size", &self.size)
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Collects neighbours into one chunk while `belong_together(previous, next)` returns `true`, but at most `size` of
    /// them.
    ///
    /// The limit keeps memory constant. The item after a full chunk starts a new chunk, without a call of the closure.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size};
    /// let runs = Pipeline::new("runs", from_iter([1, 2, 3, 7, 8, 20]))
    ///     .chunk_while(const { size(100) }, |previous, next| *next == previous + 1);
    /// assert_eq!(runs.end(Collect::new()).run()?.output, [vec![1, 2, 3], vec![7, 8], vec![20]]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn chunk_while<F: FnMut(&T, &T) -> bool>(
        self,
        size: NonZeroUsize,
        belong_together: F,
    ) -> Piped<Vec<T>, C, ChunkWhile<T, F>, M> {
        self.then(ChunkWhile::new(size, belong_together))
    }
}

#[cfg(test)]
mod tests {
    use super::ChunkWhile;
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::{Collect, Pipeline, from_iter, size};

    #[test]
    fn it_does_what_chunk_by_of_slices_does() {
        let same = |a: &usize, b: &usize| a / 3 == b / 3;
        for n in [0, 1, 2, 3, 4, 10, 100] {
            let all: Vec<_> = (0..n).collect();
            let expected: Vec<_> = all.chunk_by(same).map(<[_]>::to_vec).collect();
            assert_eq!(outputs(ChunkWhile::new(size(1000), same), n), expected);
        }
        passes_errors_on(|| ChunkWhile::new(size(2), |_: &usize, _: &usize| true));
    }

    #[test]
    fn no_chunk_is_larger_than_the_bound() {
        let together = |_: &usize, _: &usize| true;
        assert_eq!(outputs(ChunkWhile::new(size(2), together), 5), [vec![0, 1], vec![2, 3], vec![4]]);
        let apart = |_: &usize, _: &usize| false;
        assert_eq!(outputs(ChunkWhile::new(size(2), apart), 3), [[0], [1], [2]]);
        assert_eq!(outputs(ChunkWhile::new(size(1), together), 3), [[0], [1], [2]]);
    }

    #[test]
    fn the_closure_gets_neighbours_of_one_chunk_only() {
        let mut asked = Vec::new();
        let chunks = Pipeline::new("pairs", from_iter(0..5)).chunk_while(size(2), |a, b| {
            asked.push((*a, *b));
            true
        });
        let outcome = chunks.end(Collect::new()).run().unwrap();
        assert_eq!(asked, [(0, 1), (2, 3)]);
        let stage = outcome.report.stage("chunk_while").unwrap();
        assert_eq!((stage.items_in(), stage.chunks_out()), (Some(5), Some(3)));
    }
}
