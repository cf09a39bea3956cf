//! What happens to items on their way.

mod buffer;
mod buffer_within;
mod chunk_while;
mod closure_stage;
mod dedup;
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
use crate::policy::{Guard, Policy};
use crate::report::Tally;
use crate::report::meter::Meter;
use crate::report::short_name::short_name;
use crate::run::context::Context;

pub use buffer::{Buffer, BufferBy, BufferWeighed, size};
pub use buffer_within::BufferWithin;
pub use chunk_while::ChunkWhile;
pub use dedup::Dedup;
pub use filter::Filter;
pub use filter_map::FilterMap;
pub use flat_map::FlatMap;
pub use flat_map_with::FlatMapWith;
pub use inspect::Inspect;
pub use lookup::{Chunk, Lookup};
pub use map::Map;
pub use parallel::{Dispatch, Fallible, FallibleWith, InOrder, Keyed, Parallel, Plain, PlainWith, Work};
pub use scan::Scan;
pub use skip::Skip;
pub use take::Take;
pub use take_while::TakeWhile;
pub use tee::Tee;
pub use transform::Transform;
pub use try_map::TryMap;
pub use unbuffer::Unbuffer;
pub use windows::Windows;

/// Takes items in, hands items on.
///
/// Most stages are simpler than this trait allows: implement [`Transform`] for one item or none out of each, and
/// [`FlatMap`] for many. Implement `Stage` itself to hold items back, to stop the stream, or to act at its end.
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stage of a pipeline",
    label = "not a stage",
    note = "implement `syncline::Transform`, `syncline::FlatMap` or `syncline::Stage` for it"
)]
pub trait Stage {
    /// What it takes.
    type In;

    /// What it hands on.
    type Out;

    /// How many items it hands on for each that it takes, so that reports know what was filtered out.
    const YIELD: Yield = Yield::Any;

    /// Takes one item and hands on none, one or many.
    ///
    /// # Errors
    ///
    /// [`Halt::Stop`] when it wants no more items: it must say so again if it is offered another.
    /// [`Halt::Failed`] when the item cannot be handled. And whatever `out` returns, which `?` passes on.
    fn push(&mut self, item: Self::In, out: &mut impl Emit<Self::Out>) -> Result<(), Halt>;

    /// Takes several items: what a loop over [`push`](Stage::push) does.
    ///
    /// To be written only where it can be done faster at once, with state in local variables or with one
    /// [`emit_all`](Emit::emit_all). It must leave no trace of the difference: items are asked for one at a time, and
    /// none after an error.
    ///
    /// # Errors
    ///
    /// As for [`push`](Stage::push).
    #[inline]
    fn push_all(&mut self, items: impl Items<Self::In>, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        items.each(|item| self.push(item, out))
    }

    /// Called when the source rests, between two of its chunks and while it is idle: the place to hand on what has been
    /// held long enough.
    ///
    /// # Errors
    ///
    /// As for [`push`](Stage::push).
    fn tick(&mut self, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        let _ = out;
        Ok(())
    }

    /// Hands on what it still holds. Called once, after the last item or after a stop, and never after a failure.
    ///
    /// # Errors
    ///
    /// As for [`push`](Stage::push).
    fn finish(&mut self, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        let _ = out;
        Ok(())
    }

    /// Hands on many items for it, and counts them, unless it is known to hand on one for each.
    #[doc(hidden)]
    #[inline]
    fn hand_on<T, O: Emit<T>, M: Meter>(
        out: &mut O,
        items: impl Items<T>,
        crossed: &mut u64,
    ) -> Result<(), Halt> {
        M::hand_on(out, items, crossed)
    }

    /// Finishes what stands beside the pipeline, such as a second sink. Called once, when every stage is finished, nothing
    /// has failed, and the pipeline's own sink is about to be finished.
    ///
    /// # Errors
    ///
    /// When that is not possible: the run fails.
    #[doc(hidden)]
    fn close(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// Its name in reports and errors. By default that of its type.
    fn name(&self) -> &'static str {
        short_name::<Self>()
    }

    /// How graphs show it. By default by its name, and what it holds as its own affair.
    fn node(&self) -> Node {
        Node::stage(self.name())
    }

    /// Called before the run begins.
    #[doc(hidden)]
    fn attach<'scope, 'env>(&mut self, context: &mut Context<'_, 'scope, 'env>)
    where
        Self: 'env,
    {
        let _ = context;
    }

    /// Whether it would stop at the first item, whatever it is.
    #[doc(hidden)]
    fn is_shut(&self) -> bool {
        false
    }

    /// Whether it may fail at an item after the next was pushed, so that an error is not of the item in hand.
    #[doc(hidden)]
    const FAILS_LATE: bool = false;

    /// Whether a policy of its own knows of which item an error is, where it fails late.
    #[doc(hidden)]
    const SAYS_WHICH_FAILED: bool = false;

    /// As [`push`](Stage::push), where a policy decides what becomes of items that fail.
    #[doc(hidden)]
    fn push_guarded<P: Policy<Self::In>>(
        &mut self,
        item: Self::In,
        guard: &mut Guard<P, P::Kept, Self::Out>,
        out: &mut impl Emit<Self::Out>,
    ) -> Result<(), Halt>
    where
        Self: Sized,
    {
        guard.each(self, item, out)
    }

    /// As [`tick`](Stage::tick), where a policy decides.
    #[doc(hidden)]
    fn tick_guarded<P: Policy<Self::In>>(
        &mut self,
        guard: &mut Guard<P, P::Kept, Self::Out>,
        out: &mut impl Emit<Self::Out>,
    ) -> Result<(), Halt>
    where
        Self: Sized,
    {
        let _ = guard;
        self.tick(out)
    }

    /// As [`finish`](Stage::finish), where a policy decides.
    #[doc(hidden)]
    fn finish_guarded<P: Policy<Self::In>>(
        &mut self,
        guard: &mut Guard<P, P::Kept, Self::Out>,
        out: &mut impl Emit<Self::Out>,
    ) -> Result<(), Halt>
    where
        Self: Sized,
    {
        let _ = guard;
        self.finish(out)
    }

    /// Whether it is a stage of the user's, which reports and graphs show.
    #[doc(hidden)]
    const IS_SHOWN: bool = true;

    /// What it does to chunks, so that reports know how many items travel in them.
    #[doc(hidden)]
    fn packing(&self) -> Packing {
        Packing::Other
    }

    /// How many items it has left out so far by a policy of its own, for the report. By default none; a policy that is given
    /// by `on_error` counts by itself.
    fn tally(&self) -> Tally {
        Tally::default()
    }

    /// How many items a sink beside the stage has left out, which the stage handed on all the same.
    #[doc(hidden)]
    fn tally_beside(&self) -> Tally {
        Tally::default()
    }
}

/// How many items a stage hands on for each that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yield {
    /// Exactly one: such a stage need not be counted.
    One,
    /// One or none: what is missing was filtered out.
    AtMostOne,
    /// Any number, now or later.
    Any,
}

/// What a stage does to chunks.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// It makes them, and holds so many items for the next.
    Gathers { held: usize },
    /// It takes them apart.
    TakesApart,
    /// It hands on what it takes.
    Keeps,
    /// What it hands on is its own.
    Other,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Stage;
    use crate::{Collect, Emit, Halt, Pipeline, Progress, Source, for_each, from_iter};

    /// Gives the numbers below the second: some one by one and some all at once, in turns.
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

    /// What `stage` makes of the numbers below `n`.
    pub(crate) fn outputs<S: Stage<In = usize>>(stage: S, n: usize) -> Vec<S::Out> {
        Pipeline::unmetered("test", Mixed(0, n)).pipe(stage).end(Collect::new()).run().unwrap().output
    }

    /// Gives the numbers below its own, then fails.
    pub(crate) struct FailAfter(pub(crate) usize);

    impl Source for FailAfter {
        type Item = usize;

        fn advance(&mut self, out: &mut impl Emit<usize>) -> Result<Progress, Halt> {
            out.emit_all(0..self.0)?;
            Err(std::fmt::Error.into())
        }
    }

    /// An error before or behind the stage ends the run, and is put to nobody else's account: whether items come one
    /// by one, as they do in a chunk that is timed, or all at once.
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
