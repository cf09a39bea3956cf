//! Stages: the trait `Stage`, and one file for each stage with its method on `Pipeline`.

mod buffer;
mod buffer_within;
mod chunk_while;
mod closure_stage;
mod dedup;
pub(crate) mod delegate;
mod facts;
mod filter;
mod filter_map;
mod flat_map;
mod flat_map_with;
mod inspect;
mod lookup;
mod map;
mod parallel;
mod scan;
mod skip;
mod take;
mod take_while;
mod tee;
mod transform;
mod try_map;
mod unbuffer;
mod windows;

use crate::emit::Emit;
use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::report::Tally;
use crate::report::short_name::short_name;
use crate::run::RunContext;

pub use buffer::{Buffer, BufferBy, BufferWeighed, size};
pub use buffer_within::BufferWithin;
pub use chunk_while::ChunkWhile;
pub use dedup::Dedup;
pub use facts::{Chunking, StageFacts, Yield};
pub use filter::Filter;
pub use filter_map::FilterMap;
pub use flat_map::FlatMap;
pub use flat_map_with::FlatMapWith;
pub use inspect::Inspect;
pub use lookup::{Chunk, Lookup};
pub use map::Map;
pub use parallel::{
    Dispatch, Fallible, FallibleWith, InOrder, Keyed, Parallel, ParallelOnError, Plain, PlainWith, Work,
};
pub use scan::Scan;
pub use skip::Skip;
pub use take::Take;
pub use take_while::TakeWhile;
pub use tee::Tee;
pub use transform::Transform;
pub use try_map::TryMap;
pub use unbuffer::Unbuffer;
pub use windows::Windows;

/// A stage of a pipeline: it takes items and hands items on.
///
/// Most stages are simpler than this trait allows: implement [`Transform`] for one item or none out of each, and
/// [`FlatMap`] for many. Implement `Stage` itself to hold items back, to stop the stream, to act at its end, or to use the
/// run: its cancellation and its commits.
///
/// ```
/// use syncline_core::{Collect, Emit, Halt, Pipeline, Stage, from_iter};
///
/// /// Hands on each item together with the one before it.
/// struct Pairs<T>(Option<T>);
///
/// impl<T: Clone> Stage for Pairs<T> {
///     type In = T;
///     type Out = (T, T);
///
///     fn push(&mut self, item: T, out: &mut impl Emit<(T, T)>) -> Result<(), Halt> {
///         match self.0.replace(item.clone()) {
///             Some(before) => out.emit((before, item)),
///             None => Ok(()),
///         }
///     }
/// }
///
/// let outcome = Pipeline::new("pairs", from_iter([1, 2, 3])).pipe(Pairs(None)).end(Collect::new()).run()?;
/// assert_eq!(outcome.output, [(1, 2), (2, 3)]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
///
/// The run calls the methods in this order: [`start`](Stage::start); then [`push`](Stage::push) or
/// [`push_all`](Stage::push_all), and [`tick`](Stage::tick) between two chunks of the source; [`finish`](Stage::finish) once
/// no more items come; and [`close`](Stage::close) once every stage has finished. After a failure none of them is called.
/// The others answer questions, at any time.
///
/// A stage that wraps another passes every method and [`FACTS`](Stage::FACTS) on to it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stage of a pipeline",
    label = "not a stage",
    note = "implement `syncline::Transform`, `syncline::FlatMap` or `syncline::Stage` for it"
)]
pub trait Stage {
    /// The items that it takes.
    type In;

    /// The items that it hands on.
    type Out;

    /// The facts that hold for all items. By default none is known: any number of items, of whatever kind.
    const FACTS: StageFacts = StageFacts::new();

    /// Takes one item and hands on none, one or many.
    ///
    /// # Errors
    ///
    /// [`Halt::Stop`] when it wants no more items: it must say so again if it is offered another.
    /// [`Halt::Failed`] when the item cannot be handled. And whatever `out` returns, which `?` passes on.
    fn push(&mut self, item: Self::In, out: &mut impl Emit<Self::Out>) -> Result<(), Halt>;

    /// Takes several items: what a loop over [`push`](Stage::push) does.
    ///
    /// Write it only where that is faster: with state in local variables, or with one [`emit_all`](Emit::emit_all). The
    /// result must be the same: ask for one item at a time, and for none after an error.
    ///
    /// # Errors
    ///
    /// As for [`push`](Stage::push).
    #[inline]
    fn push_all(&mut self, items: impl Items<Self::In>, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        items.each(|item| self.push(item, out))
    }

    /// Called once before the first item of a run, with what the stage may use of it: the token that cancels the run, and
    /// hooks for the commits of its sink.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use syncline_core::{CancelToken, Emit, Failure, Halt, RunContext, Stage};
    ///
    /// /// Hands on an item each second. A cancelled run ends at once.
    /// struct EachSecond<T>(CancelToken, std::marker::PhantomData<T>);
    ///
    /// impl<T> Stage for EachSecond<T> {
    ///     type In = T;
    ///     type Out = T;
    ///
    ///     fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    ///     where
    ///         Self: 'env,
    ///     {
    ///         self.0 = context.cancel_token().clone();
    ///     }
    ///
    ///     fn push(&mut self, item: T, out: &mut impl Emit<T>) -> Result<(), Halt> {
    ///         if self.0.sleep(Duration::from_secs(1)) { out.emit(item) } else { Err(Failure::cancelled().into()) }
    ///     }
    /// }
    /// # use syncline_core::{Collect, Pipeline, RunOptions, from_iter};
    /// # let token = CancelToken::new();
    /// # token.cancel();
    /// # let slow = Pipeline::new("slow", from_iter([1, 2])).pipe(EachSecond(CancelToken::new(), std::marker::PhantomData));
    /// # let run = slow.end(Collect::new()).run_with(RunOptions::new().cancelled_by(&token));
    /// # assert!(run.unwrap_err().is_cancelled());
    /// ```
    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        let _ = context;
    }

    /// Called when the source rests, between two of its chunks and while it is idle: the place to hand on items that were
    /// held long enough.
    ///
    /// # Errors
    ///
    /// As for [`push`](Stage::push).
    fn tick(&mut self, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        let _ = out;
        Ok(())
    }

    /// Hands on the items that it still holds. Called once, after the last item or after a stop, and never after a failure.
    ///
    /// # Errors
    ///
    /// As for [`push`](Stage::push).
    fn finish(&mut self, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        let _ = out;
        Ok(())
    }

    /// Makes its own work durable: that of a second sink, say. Called once, when every stage has finished, nothing has failed,
    /// and the pipeline's sink is about to finish.
    ///
    /// # Errors
    ///
    /// When that is not possible: the run fails.
    fn close(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// True if it takes no item at all from now on. The run then ends without asking the source for more.
    fn is_shut(&self) -> bool {
        false
    }

    /// The number of items that it holds for the next chunk, if it [gathers](Chunking::Gathers) items into chunks.
    fn held(&self) -> usize {
        0
    }

    /// The number of items that it has left out so far by a policy of its own, for the report. A policy that is given by
    /// `on_error` counts by itself.
    fn tally(&self) -> Tally {
        Tally::default()
    }

    /// Its name in reports and errors. By default that of its type.
    fn name(&self) -> &'static str {
        short_name::<Self>()
    }

    /// Its node in graphs. By default one with its name, which says nothing of what it holds.
    fn node(&self) -> Node {
        Node::stage(self.name())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Stage;
    use crate::{Collect, Emit, Halt, Pipeline, Progress, Source, for_each, from_iter};

    /// Emits the numbers below the second number, in turn one by one and several at once.
    struct Mixed(usize, usize);

    impl Source for Mixed {
        type Item = usize;

        fn advance(&mut self, out: &mut impl Emit<usize>) -> Result<Progress, Halt> {
            while self.0 < self.1 {
                let first = self.0;
                self.0 = (first + 4).min(self.1);
                out.emit(first)?;
                out.emit_all(first + 1..self.0)?;
            }
            Ok(Progress::Done)
        }
    }

    /// The output of `stage` for the numbers below `n`.
    pub(crate) fn outputs<S: Stage<In = usize>>(stage: S, n: usize) -> Vec<S::Out> {
        Pipeline::unmetered("test", Mixed(0, n)).pipe(stage).end(Collect::new()).run().unwrap().output
    }

    /// Emits the numbers below its own number, then fails.
    pub(crate) struct FailAfter(pub(crate) usize);

    impl Source for FailAfter {
        type Item = usize;

        fn advance(&mut self, out: &mut impl Emit<usize>) -> Result<Progress, Halt> {
            out.emit_all(0..self.0)?;
            Err(std::fmt::Error.into())
        }
    }

    /// An error before or behind the stage ends the run, and is not attributed to another stage, both for items one by
    /// one, as in a timed chunk, and for several at once.
    pub(crate) fn passes_errors_on<S: Stage<In = usize>>(stage: impl Fn() -> S) {
        fn who<T>(run: Result<T, crate::Error>) -> Option<String> {
            run.err().and_then(|error| error.stage().map(str::to_owned))
        }
        for items in 0..=6 {
            let run = Pipeline::new("test", FailAfter(items)).pipe(stage()).end(Collect::new()).run();
            assert_eq!(who(run).as_deref(), Some("FailAfter"));
            let run = Pipeline::unmetered("test", FailAfter(items)).pipe(stage()).end(Collect::new()).run();
            assert_eq!(who(run).as_deref(), Some("FailAfter"));
        }
        let refuse = || for_each(|_| Err(std::fmt::Error.into()));
        let run = Pipeline::new("test", from_iter(0..100)).pipe(stage()).end(refuse()).run();
        assert_eq!(who(run).as_deref(), Some("for_each"));
        let run = Pipeline::unmetered("test", from_iter(0..100)).pipe(stage()).end(refuse()).run();
        assert_eq!(who(run).as_deref(), Some("for_each"));
    }
}
