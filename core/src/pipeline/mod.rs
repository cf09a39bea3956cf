//! `Pipeline`: a source and stages, to which methods add stages and a sink.

mod as_source;
mod boxed;
pub(crate) mod chain;
mod named;

use std::fmt;
use std::marker::PhantomData;

use crate::graph::Graph;
use crate::report::{Meter, Metered, Unmetered};
use crate::run::Runnable;
use crate::sink::Sink;
use crate::source::Source;
use crate::stage::Stage;

pub use boxed::{Boxed, BoxedSend};
pub use chain::{Chain, Head, OneThread, Then, Threaded, ThreadedOnError};
pub use named::Named;

/// A source and the stages behind it. `T` is the item type of the last stage.
///
/// ```
/// use syncline_core::{Pipeline, for_each, from_iter, size};
///
/// let outcome = Pipeline::new("lengths", from_iter(["a", "bc", "", "def"]))
///     .map(str::len)
///     .filter(|length| *length > 0)
///     .buffer(const { size(2) })
///     .end(for_each(|chunk: Vec<usize>| {
///         assert!(chunk.len() <= 2);
///         Ok(())
///     }))
///     .run()?;
/// println!("{}", outcome.report);
/// # Ok::<(), syncline_core::Error>(())
/// ```
///
/// The methods have no bounds on the stages before, so a stage that does not fit is one error, at that stage.
#[must_use = "a pipeline does nothing until it is ended and run"]
pub struct Pipeline<T, C, M = Metered> {
    pub(crate) name: String,
    pub(crate) chain: C,
    types: PhantomData<(fn() -> T, M)>,
}

/// A pipeline with one more stage, which emits `U`.
pub(crate) type Piped<U, C, S, M> = Pipeline<U, Then<C, S, M>, M>;

impl<S: Source> Pipeline<S::Item, Head<S, Metered>> {
    /// Creates a pipeline with the source `source`. `name` appears in its report and its errors.
    pub fn new(name: impl Into<String>, source: S) -> Self {
        Self::of(name.into(), Head::new(source))
    }
}

impl<S: Source> Pipeline<S::Item, Head<S, Unmetered>, Unmetered> {
    /// Like [`new`](Pipeline::new), but nothing is counted or timed.
    pub fn unmetered(name: impl Into<String>, source: S) -> Self {
        Self::of(name.into(), Head::new(source))
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Wraps a chain.
    pub(crate) fn of(name: String, chain: C) -> Self {
        Self { name, chain, types: PhantomData }
    }

    pub(crate) fn then<U, S>(self, stage: S) -> Piped<U, C, S, M> {
        self.with_chain(|chain| Then::new(chain, stage))
    }

    /// Adds a stage with threads of its own.
    pub(crate) fn then_threaded<U, S>(self, stage: S) -> Pipeline<U, Then<C, S, M, Threaded>, M> {
        self.with_chain(|chain| Then::new(chain, stage))
    }

    /// Replaces the chain.
    pub(crate) fn with_chain<U, D>(self, replace: impl FnOnce(C) -> D) -> Pipeline<U, D, M> {
        Pipeline::of(self.name, replace(self.chain))
    }

    pub(crate) fn ended<K>(self, sink: K) -> Runnable<C, K, M> {
        Runnable::new(self.name, self.chain, sink)
    }

    /// Adds a stage of your own.
    pub fn pipe<S: Stage<In = T>>(self, stage: S) -> Piped<S::Out, C, S, M> {
        self.then(stage)
    }

    /// Adds the stages of a part that several pipelines share: of a `pipeline!` without source and sink, or of a
    /// function. They become stages of this pipeline, with rows in its report.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter};
    /// let squares = Pipeline::new("squares", from_iter(0..4)).through(|numbers| numbers.map(|n| n * n));
    /// assert_eq!(squares.end(Collect::new()).run()?.output, [0, 1, 4, 9]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn through<U, D>(self, part: impl FnOnce(Self) -> Pipeline<U, D, M>) -> Pipeline<U, D, M> {
        part(self)
    }
}

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// The graph of the stages so far.
    #[must_use]
    pub fn graph(&self) -> Graph {
        let mut nodes = Vec::new();
        self.chain.draw(&mut nodes);
        Graph::of(&self.name, nodes)
    }

    /// Ends the pipeline with a sink. It can then be run.
    pub fn end<K: Sink<In = T>>(self, sink: K) -> Runnable<C, K, M> {
        self.ended(sink)
    }
}

impl<T, C, M> fmt::Debug for Pipeline<T, C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline").field("name", &self.name).finish_non_exhaustive()
    }
}
