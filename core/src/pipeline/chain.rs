//! Chains: a source with the stages behind it, as one value.
//!
//! A chain is built from the source on: [`Head`] holds the source, and each [`Then`] adds a stage. To advance it, the
//! outermost `Then` advances the inner chain with an emitter that pushes into its stage. After inlining, the source's
//! loop runs straight through all stages.

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crate::emit::items::Items;
use crate::emit::{Closed, Emit, UntilFull};
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::report::meter::{Counters, Edge, EdgeKind, Meter, Timing};
use crate::report::{Rows, StageOutput};
use crate::run::RunContext;
use crate::source::{Chunk, Progress, Source};
use crate::stage::{Stage, Yield};

/// The source and stages of a [`Pipeline`](crate::Pipeline). Sealed: only pipelines build chains.
pub trait Chain: sealed::Sealed {
    /// The items of its last stage.
    type Item;

    /// Advances the source by one chunk, and finishes each stage when the source is done.
    #[doc(hidden)]
    fn advance<W: Timing>(&mut self, out: &mut impl Emit<Self::Item>) -> Result<Progress, Halt>;

    /// Finishes all stages when no more items are needed: see [`Source::stop`].
    #[doc(hidden)]
    fn stop(&mut self) -> Result<(), Halt>;

    /// Closes the stages in order, after all of them are finished: see [`Stage::close`].
    #[doc(hidden)]
    fn close(&mut self) -> Result<(), Failure>;

    /// Starts the stages, with the context of the run.
    #[doc(hidden)]
    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env;

    /// Waits for the idle source, for up to `at_most`.
    #[doc(hidden)]
    fn wait(&mut self, at_most: Duration);

    /// Adds the rows of the source and the stages, in order.
    #[doc(hidden)]
    fn describe(&self, rows: &mut Rows);

    /// Adds the nodes of the source and the stages, in order.
    #[doc(hidden)]
    fn draw(&self, nodes: &mut Vec<Node>);

    /// The number of items that the source has emitted, if it is counted, and the number of its remaining items, if it
    /// knows them.
    #[doc(hidden)]
    fn reading(&self) -> (u64, Option<u64>);

    /// The number of items that the last stage will still emit, if it is known.
    #[doc(hidden)]
    fn remaining(&self) -> Option<u64>;
}

pub(crate) mod sealed {
    #[expect(unnameable_types, reason = "this is what seals it")]
    pub trait Sealed {}
}

/// A chain of a source without stages.
pub struct Head<S, M> {
    source: S,
    counters: Counters,
    chunk: Chunk,
    meter: PhantomData<M>,
}

impl<S, M> Head<S, M> {
    pub(crate) fn new(source: S) -> Self {
        Self { source, counters: Counters::default(), chunk: Chunk::default(), meter: PhantomData }
    }

    /// Replaces the source.
    pub(crate) fn with_source<R>(self, replace: impl FnOnce(S) -> R) -> Head<R, M> {
        Head::new(replace(self.source))
    }
}

/// Marker for the edge behind a source.
#[derive(Debug)]
struct OfSource<M>(PhantomData<M>);

impl<M: Meter> EdgeKind for OfSource<M> {
    const COUNTS: bool = M::ON;

    #[inline]
    fn hand_on<T, O: Emit<T>>(out: &mut O, items: impl Items<T>, crossed: &mut u64) -> Result<(), Halt> {
        M::hand_on(out, items, crossed)
    }
}

impl<S, M> sealed::Sealed for Head<S, M> {}

impl<S: Source, M: Meter> Head<S, M> {
    /// Stops the source, and finishes the stages.
    #[cold]
    fn stopped(&mut self) -> Halt {
        Chain::stop(self).err().unwrap_or(Halt::Stop)
    }
}

impl<S: Source, M: Meter> Chain for Head<S, M> {
    type Item = S::Item;

    #[inline]
    fn advance<W: Timing>(&mut self, out: &mut impl Emit<S::Item>) -> Result<Progress, Halt> {
        if out.is_shut() {
            return Err(self.stopped());
        }
        let is_draining = out.is_draining();
        let mut edge = Edge::<_, OfSource<M>, W>::of_source(out, self.chunk.items());
        let progress = if is_draining {
            self.source.drain(&mut edge).map(|()| Progress::Done)
        } else {
            self.source.advance(&mut edge)
        };
        edge.settle(&mut self.counters);
        self.chunk.advanced();
        match progress {
            Ok(Progress::Done) => Ok(Progress::Done),
            Ok(progress) => match out.tick() {
                Ok(()) => Ok(progress),
                // The source has not received this stop.
                Err(Halt::Stop) => Err(self.stopped()),
                Err(failed) => Err(failed),
            },
            Err(halt) => Err(self.counters.blame(halt, self.source.name())),
        }
    }

    fn stop(&mut self) -> Result<(), Halt> {
        self.source.stop().map_err(|halt| self.counters.blame(halt, self.source.name()))
    }

    fn close(&mut self) -> Result<(), Failure> {
        self.source.close().map_err(|mut failure| {
            if failure.blame(self.source.name()) {
                self.counters.failed += 1;
            }
            failure
        })
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.source.start(context);
    }

    fn wait(&mut self, at_most: Duration) {
        self.source.wait(at_most);
    }

    fn describe(&self, rows: &mut Rows) {
        rows.source(self.source.name(), &self.counters, self.source.tally(), self.source.waited());
    }

    fn draw(&self, nodes: &mut Vec<Node>) {
        nodes.push(self.source.node());
    }

    fn reading(&self) -> (u64, Option<u64>) {
        (self.counters.out, self.source.remaining())
    }

    fn remaining(&self) -> Option<u64> {
        self.source.remaining()
    }
}

/// A chain whose last stage may have a policy.
pub trait Last {
    /// The items that the last stage takes.
    type In;
}

impl<C, S: Stage, M, K> Last for Then<C, S, M, K> {
    type In = S::In;
}

/// A chain with one more stage. `K` is the kind of threads of the stage: [`OneThread`], [`Threaded`] or
/// [`ThreadedOnError`]. Each kind has its own method for policies.
pub struct Then<C, S, M, K = OneThread> {
    upstream: C,
    stage: S,
    counters: Counters,
    types: PhantomData<(M, K)>,
}

/// The stage works on the thread of the run.
#[derive(Debug)]
pub struct OneThread;

/// The stage works on threads of its own.
#[derive(Debug)]
pub struct Threaded;

/// The stage works on threads of its own and has a policy.
#[derive(Debug)]
pub struct ThreadedOnError;

impl<C, S, M, K> Then<C, S, M, K> {
    pub(crate) fn new(upstream: C, stage: S) -> Self {
        Self { upstream, stage, counters: Counters::default(), types: PhantomData }
    }

    /// Replaces the stage.
    pub(crate) fn with_stage<R, L>(self, replace: impl FnOnce(S) -> R) -> Then<C, R, M, L> {
        Then::new(self.upstream, replace(self.stage))
    }
}

/// Marker for the edge behind a stage.
#[derive(Debug)]
struct OfStage<S, M>(PhantomData<(S, M)>);

impl<S: Stage, M: Meter> EdgeKind for OfStage<S, M> {
    const COUNTS: bool = M::ON && !matches!(S::FACTS.yields, Yield::One);

    #[inline]
    fn hand_on<T, O: Emit<T>>(out: &mut O, items: impl Items<T>, crossed: &mut u64) -> Result<(), Halt> {
        M::hand_on(out, items, crossed)
    }
}

/// Pushes items into a stage. It counts them in a local variable, which the compiler can keep in a register.
struct Through<'a, S, O, M, W> {
    stage: &'a mut S,
    counters: Counters,
    out: &'a mut O,
    meter: PhantomData<(M, W)>,
}

impl<S: Stage, O: Emit<S::Out>, M: Meter, W: Timing> Emit<S::In> for Through<'_, S, O, M, W> {
    #[inline]
    fn emit(&mut self, item: S::In) -> Result<(), Halt> {
        let mut edge = Edge::<_, OfStage<S, M>, W>::new(self.out);
        let result = self.stage.push(item, &mut edge);
        edge.settle(&mut self.counters);
        match result {
            Ok(()) => Ok(()),
            Err(halt) => Err(self.counters.blame(halt, self.stage.name())),
        }
    }

    #[inline]
    fn emit_items(&mut self, items: impl Items<S::In>) -> Result<(), Halt> {
        let mut edge = Edge::<_, OfStage<S, M>, W>::new(self.out);
        let result = self.stage.push_all(items, &mut edge);
        edge.settle(&mut self.counters);
        match result {
            Ok(()) => Ok(()),
            Err(halt) => Err(self.counters.blame(halt, self.stage.name())),
        }
    }

    #[inline]
    fn tick(&mut self) -> Result<(), Halt> {
        let mut edge = Edge::<_, OfStage<S, M>, W>::new(self.out);
        let result = self.stage.tick(&mut edge);
        edge.settle(&mut self.counters);
        match result {
            Ok(()) => self.out.tick(),
            Err(halt) => Err(self.counters.blame(halt, self.stage.name())),
        }
    }

    fn before_blocking(&mut self) -> Result<(), Halt> {
        let mut edge = Edge::<_, OfStage<S, M>, W>::new(self.out);
        let result = self.stage.before_blocking(&mut edge);
        edge.settle(&mut self.counters);
        match result {
            Ok(()) => self.out.before_blocking(),
            Err(halt) => Err(self.counters.blame(halt, self.stage.name())),
        }
    }

    #[inline]
    fn check(&mut self) -> Result<(), Halt> {
        self.out.check()
    }

    #[inline]
    fn is_draining(&self) -> bool {
        self.out.is_draining()
    }

    #[inline]
    fn wants_more(&self) -> bool {
        self.out.wants_more()
    }

    #[inline]
    fn is_shut(&self) -> bool {
        self.stage.is_shut() || self.out.is_shut()
    }
}

impl<C, S, M, K> sealed::Sealed for Then<C, S, M, K> {}

impl<C: Chain, S: Stage<In = C::Item>, M: Meter, K> Chain for Then<C, S, M, K> {
    type Item = S::Out;

    #[inline]
    fn advance<W: Timing>(&mut self, out: &mut impl Emit<S::Out>) -> Result<Progress, Halt> {
        let Self { upstream, stage, counters, .. } = self;
        let mut through =
            Through::<_, _, M, W> { stage, counters: Counters::default(), out, meter: PhantomData };
        let progress = upstream.advance::<W>(&mut through);
        counters.add(&through.counters);
        match progress {
            // Whichever stage needs no more items, this stage emits its held items: only it knows whether a later stage
            // takes them.
            Ok(Progress::Done) | Err(Halt::Stop) => {
                let mut last = UntilFull(out);
                let mut edge = Edge::<_, OfStage<S, M>, W>::new(&mut last);
                let finished = self.stage.finish(&mut edge);
                edge.settle(&mut self.counters);
                match finished {
                    Ok(()) => Ok(Progress::Done),
                    Err(halt) => Err(self.counters.blame(halt, self.stage.name())),
                }
            }
            other => other,
        }
    }

    fn stop(&mut self) -> Result<(), Halt> {
        self.upstream.stop()?;
        match self.stage.finish(&mut Closed) {
            Ok(()) | Err(Halt::Stop) => Ok(()),
            Err(failed) => Err(self.counters.blame(failed, self.stage.name())),
        }
    }

    fn close(&mut self) -> Result<(), Failure> {
        self.upstream.close()?;
        self.stage.close().map_err(|mut failure| {
            if failure.blame(self.stage.name()) {
                self.counters.failed += 1;
            }
            failure
        })
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.upstream.start(context);
        self.stage.start(context);
    }

    fn wait(&mut self, at_most: Duration) {
        self.upstream.wait(at_most);
    }

    fn describe(&self, rows: &mut Rows) {
        self.upstream.describe(rows);
        if S::FACTS.is_shown {
            let made = StageOutput { facts: S::FACTS, held: self.stage.held(), ty: type_name::<S::Out>() };
            rows.stage(self.stage.name(), &made, &self.counters, self.stage.tally());
        } else {
            rows.hidden(&self.counters);
        }
    }

    fn draw(&self, nodes: &mut Vec<Node>) {
        self.upstream.draw(nodes);
        if S::FACTS.is_shown {
            nodes.push(self.stage.node());
        }
    }

    fn reading(&self) -> (u64, Option<u64>) {
        self.upstream.reading()
    }

    fn remaining(&self) -> Option<u64> {
        // Any other stage may emit fewer or more items.
        if matches!(S::FACTS.yields, Yield::One) { self.upstream.remaining() } else { None }
    }
}

impl<S, M> fmt::Debug for Head<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head").field("counters", &self.counters).finish_non_exhaustive()
    }
}

impl<C: fmt::Debug, S, M, K> fmt::Debug for Then<C, S, M, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Then")
            .field("upstream", &self.upstream)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}
