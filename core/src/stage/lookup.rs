//! `lookup`: the items of a chunk, each with an answer from one query.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::{Chunking, Stage, StageFacts, Yield};

/// A chunk of items: emitted by a `buffer`, and taken by `lookup`.
#[diagnostic::on_unimplemented(
    message = "`lookup` enriches chunks, and is given `{Self}`",
    label = "not a chunk",
    note = "items become chunks in a `buffer`"
)]
pub trait Chunk {
    /// The items in the chunk.
    type Item;

    #[doc(hidden)]
    fn into_items(self) -> Vec<Self::Item>;
}

impl<T> Chunk for Vec<T> {
    type Item = T;

    fn into_items(self) -> Self {
        self
    }
}

/// Stage of [`Pipeline::lookup`](crate::Pipeline::lookup).
///
/// * Shape: a chunk in, a chunk out: each item with its answer, in order.
/// * Memory: the current chunk and its answers.
/// * End: nothing to emit, and no query.
/// * Error: the query fails, or does not return one answer for each item. The chunk is dropped.
#[must_use]
pub struct Lookup<F, T, R> {
    query: F,
    items: PhantomData<fn(T) -> R>,
}

impl<F, T, R> Lookup<F, T, R> {
    #[doc(hidden)]
    pub fn new(query: F) -> Self {
        Self { query, items: PhantomData }
    }
}

impl<F, T, R> Stage for Lookup<F, T, R>
where
    F: FnMut(&[T::Item]) -> Result<R, Halt>,
    T: Chunk,
    R: IntoIterator,
{
    type In = T;
    type Out = Vec<(T::Item, R::Item)>;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::One).chunking(Chunking::Keeps);

    fn push(&mut self, chunk: T, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        let chunk = chunk.into_items();
        let items = chunk.len();
        let mut found = (self.query)(&chunk)?.into_iter();
        let enriched: Vec<_> = chunk.into_iter().zip(found.by_ref()).collect();
        if enriched.len() < items || found.next().is_some() {
            return Err(
                Failure::new("the query answers once for each item of a chunk, in their order").into()
            );
        }
        out.emit(enriched)
    }

    fn name(&self) -> &'static str {
        "lookup"
    }

    fn node(&self) -> Node {
        Node::operator("lookup")
    }
}

impl<F, T, R> fmt::Debug for Lookup<F, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").finish_non_exhaustive()
    }
}

/// The output of a `lookup` for chunks `T` and answers `R`.
pub(crate) type Enriched<T, R> = Vec<(<T as Chunk>::Item, <R as IntoIterator>::Item)>;

impl<T, C, M> Pipeline<T, C, M> {
    /// Queries once for each chunk. `query` returns one answer for each item of the chunk, in order, and the stage
    /// emits each item with its answer.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size};
    /// let lengths = Pipeline::new("lengths", from_iter(["a", "bcd"]))
    ///     .buffer(const { size(500) })
    ///     .lookup(|chunk| Ok(chunk.iter().map(|word| word.len()).collect::<Vec<_>>()));
    /// assert_eq!(lengths.end(Collect::new()).run()?.output, [[("a", 1), ("bcd", 3)]]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn lookup<R, F>(self, query: F) -> Piped<Enriched<T, R>, C, Lookup<F, T, R>, M>
    where
        T: Chunk,
        R: IntoIterator,
        F: FnMut(&[T::Item]) -> Result<R, Halt>,
    {
        self.then(Lookup::new(query))
    }
}

#[cfg(test)]
mod tests {
    use crate::stage::tests::FailAfter;
    use crate::{Collect, Halt, Pipeline, for_each, from_iter, size};

    fn run(items: usize, answers: impl Fn(usize) -> usize) -> Result<Vec<Vec<(usize, usize)>>, crate::Error> {
        Pipeline::new("lookup", from_iter(0..items))
            .buffer(size(3))
            .lookup(|chunk: &[usize]| Ok((0..answers(chunk.len())).map(|i| i * 10).collect::<Vec<_>>()))
            .end(Collect::new())
            .run()
            .map(|outcome| outcome.output)
    }

    #[test]
    fn each_item_is_beside_its_answer() {
        assert_eq!(run(4, |n| n).unwrap(), [vec![(0, 0), (1, 10), (2, 20)], vec![(3, 0)]]);
        for items in [0, 1, 2, 3, 4] {
            assert_eq!(run(items, |n| n).unwrap().concat().len(), items);
        }
    }

    #[test]
    fn too_few_or_too_many_answers_are_an_error() {
        assert_eq!(run(3, |n| n - 1).unwrap_err().stage(), Some("lookup"));
        assert_eq!(run(3, |n| n + 1).unwrap_err().stage(), Some("lookup"));
    }

    #[test]
    fn an_error_before_or_behind_it_ends_the_run() {
        for n in [0, 1, 2, 3, 4] {
            let run = Pipeline::new("before", FailAfter(n))
                .buffer(size(3))
                .lookup(|chunk: &[usize]| Ok(chunk.to_vec()))
                .end(Collect::new())
                .run();
            assert_eq!(run.unwrap_err().stage(), Some("FailAfter"));
        }
        let run = Pipeline::new("behind", from_iter(0..10))
            .buffer(size(3))
            .lookup(|chunk: &[usize]| Ok(chunk.to_vec()))
            .end(for_each(|_| Err(std::fmt::Error.into())))
            .run();
        assert_eq!(run.unwrap_err().stage(), Some("for_each"));
    }

    #[test]
    fn a_query_that_fails_ends_the_run() {
        let error = Pipeline::new("lookup", from_iter([1]))
            .buffer(size(3))
            .lookup(|_: &[i32]| -> Result<Vec<()>, Halt> { Err(std::fmt::Error.into()) })
            .end(Collect::new())
            .run()
            .unwrap_err();
        assert_eq!(error.stage(), Some("lookup"));
    }
}
