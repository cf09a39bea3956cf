//! Stages: the trait `Stage`, and one file for each stage with its method on `Pipeline`.

mod buffer;
mod buffer_within;
mod chunk_while;
mod closure_stage;
mod dedup;
pub(crate) mod delegate;
mod distinct;
mod facts;
mod filter;
mod filter_map;
mod flat_map;
mod flat_map_with;
mod inspect;
mod lookup;
mod map;
mod merge_join;
mod parallel;
mod scan;
mod second_source;
mod skip;
#[cfg(feature = "sort")]
mod sort;
mod take;
mod take_while;
mod tee;
mod throttle;
mod timeout;
mod transform;
mod try_map;
mod unbuffer;
mod when;
mod windows;
mod zip;

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
pub use distinct::{Distinct, DistinctLast};
pub use facts::{Chunking, StageFacts, Yield};
pub use filter::Filter;
pub use filter_map::FilterMap;
pub use flat_map::FlatMap;
pub use flat_map_with::FlatMapWith;
pub use inspect::Inspect;
pub use lookup::{Chunk, Lookup};
pub use map::Map;
pub use merge_join::{Joined, MergeJoin};
pub use parallel::{
    Dispatch, Fallible, FallibleWith, InOrder, Keyed, Parallel, ParallelOnError, Plain, PlainWith, Work,
};
pub use scan::Scan;
pub use skip::Skip;
#[cfg(feature = "sort")]
pub use sort::Sort;
pub use take::Take;
pub use take_while::TakeWhile;
pub use tee::Tee;
pub use throttle::Throttle;
pub use timeout::Timeout;
pub use transform::Transform;
pub use try_map::TryMap;
pub use unbuffer::Unbuffer;
pub use when::When;
pub use windows::Windows;
pub use zip::Zip;

/// A stage of a pipeline: it takes items and emits items.
///
/// Most stages are simpler than this trait: implement [`Transform`] for at most one item for each item, and [`FlatMap`]
/// for any number. Implement `Stage` itself to hold items back, to stop the run, to act at its end, or to use the run's
/// cancellation and commits.
///
/// ```
/// use syncline_core::{Collect, Emit, Halt, Pipeline, Stage, from_iter};
///
/// /// Emits pairs of an item and the item before it.
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
/// [`push_all`](Stage::push_all), and [`tick`](Stage::tick) between two chunks of the source; [`finish`](Stage::finish)
/// when no more items come; and [`close`](Stage::close) when every stage has finished. After a failure it calls none of
/// them. The other methods return facts and may be called at any time.
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

    /// The items that it emits.
    type Out;

    /// The facts that hold for all items. By default nothing is known: any number of items of any kind.
    const FACTS: StageFacts = StageFacts::new();

    /// Takes one item and emits none, one or many.
    ///
    /// # Errors
    ///
    /// [`Halt::Stop`] if it needs no more items: it must return that again for any further item. [`Halt::Failed`] if it
    /// cannot process the item. And any error of `out`, which `?` returns.
    fn push(&mut self, item: Self::In, out: &mut impl Emit<Self::Out>) -> Result<(), Halt>;

    /// Takes several items, like a loop over [`push`](Stage::push).
    ///
    /// Implement it only if that is faster: with state in local variables, or with one [`emit_all`](Emit::emit_all).
    /// The result must be the same: take one item at a time, and none after an error.
    ///
    /// # Errors
    ///
    /// As for [`push`](Stage::push).
    #[inline]
    fn push_all(&mut self, items: impl Items<Self::In>, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        items.each(|item| self.push(item, out))
    }

    /// Called once before the first item of a run. The context has the token that cancels the run, and the hooks for
    /// the commits of its sink.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use syncline_core::{CancelToken, Emit, Failure, Halt, RunContext, Stage};
    ///
    /// /// Emits one item each second. A cancelled run ends at once.
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

    /// Called while the source rests: between two of its chunks, and while it is idle. A stage can emit items here that
    /// it has held for some time.
    ///
    /// # Errors
    ///
    /// As for [`push`](Stage::push).
    fn tick(&mut self, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        let _ = out;
        Ok(())
    }

    /// Called before the source blocks, for example in a read from a pipe: the stage emits the items that it processes
    /// on other threads, and waits for them. Otherwise they would wait for the next item. Items that wait for others, as
    /// in a buffer, stay.
    ///
    /// # Errors
    ///
    /// As for [`push`](Stage::push).
    fn before_blocking(&mut self, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        let _ = out;
        Ok(())
    }

    /// Emits the items that it still holds. Called once, after the last item or after a stop, and never after a
    /// failure.
    ///
    /// # Errors
    ///
    /// As for [`push`](Stage::push).
    fn finish(&mut self, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        let _ = out;
        Ok(())
    }

    /// Makes the stage's own work durable, for example that of a second sink. Called once, when every stage has
    /// finished without a failure, just before the pipeline's sink finishes.
    ///
    /// # Errors
    ///
    /// If that fails: then the run fails.
    fn close(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// Returns `true` if the stage takes no more items at all. The run then ends without a call of the source.
    fn is_shut(&self) -> bool {
        false
    }

    /// The number of items held for the next chunk, if the stage [collects](Chunking::Gathers) items into chunks.
    fn held(&self) -> usize {
        0
    }

    /// The number of items that the stage has left out with a policy of its own, for the report. A policy of `on_error`
    /// counts itself.
    fn tally(&self) -> Tally {
        Tally::default()
    }

    /// The stage's name in reports and errors. By default the name of its type.
    fn name(&self) -> &'static str {
        short_name::<Self>()
    }

    /// The stage's node in graphs. By default it has the stage's name and an unknown amount of held items.
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
