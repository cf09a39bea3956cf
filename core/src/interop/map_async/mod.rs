//! `map_async` and `try_map_async`: a future for each item, several at once.
//!
//! A stage is pushed and must not wait on an executor's thread. So these two are links of the chain instead: a link
//! with its largest number of futures does not advance the source, and the chain is [idle](Progress::Idle). Then a run
//! parks its thread, and a stream is pending; the wakers of the futures end both.

mod flight;
mod judge;
pub(crate) mod methods;
#[cfg(test)]
mod tests;

use std::any::type_name;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::thread;
use std::time::{Duration, Instant};

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::chain::{Chain, Last, sealed};
use crate::policy::Attempts;
use crate::report::meter::{Counters, Edge, EdgeKind, Meter, Timing};
use crate::report::{Rows, StageOutput};
use crate::run::RunContext;
use crate::source::Progress;
use crate::stage::StageFacts;
use flight::Flight;

use judge::{Judge, NoPolicy, Policies};

/// The output of a future as the result for an item.
pub trait Outcome<O> {
    /// The items that are emitted.
    type Item;

    /// The name of the operator that keeps the order of the items.
    const NAME: &'static str;

    /// The name of the operator that does not.
    const UNORDERED: &'static str;

    /// Converts the output.
    ///
    /// # Errors
    ///
    /// If the output is an error.
    fn result(&mut self, output: O) -> Result<Self::Item, Halt>;
}

/// The futures of a `map_async`: each output is an item.
#[derive(Debug)]
pub struct Infallible;

/// The futures of a `try_map_async`: each output is a `Result`.
#[derive(Debug)]
pub struct MayFail;

impl<U> Outcome<U> for Infallible {
    type Item = U;

    const NAME: &'static str = "map_async";
    const UNORDERED: &'static str = "map_async_unordered";

    fn result(&mut self, output: U) -> Result<U, Halt> {
        Ok(output)
    }
}

impl<U> Outcome<Result<U, Halt>> for MayFail {
    type Item = U;

    const NAME: &'static str = "try_map_async";
    const UNORDERED: &'static str = "try_map_async_unordered";

    fn result(&mut self, output: Result<U, Halt>) -> Result<U, Halt> {
        output
    }
}

/// The futures that may fail, so that a policy decides about them.
pub trait Failing {}

impl Failing for MayFail {}

/// The order of the items behind a `map_async`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Kept,
    /// Each item is emitted when its future is done.
    Free,
}

/// The last link of the chain behind [`Pipeline::map_async`](crate::Pipeline::map_async) and its relatives.
///
/// * Shape: one in, one out; in the order of the items, or `unordered` in the order in which the futures end.
/// * Memory: at most the declared number of futures, with the outputs that wait for an earlier one; and the items of one
///   advance of the source that wait for their future.
/// * End: the futures are awaited and their outputs emitted. If later stages need no more items, or the run fails or is
///   cancelled, the futures are dropped.
/// * Error: the first error of a future, in the order of the items, or `unordered` in that of their ends. The items before
///   it are emitted. With a policy it decides in that order; only [`retry`](crate::retry) acts without waiting on the
///   thread: the item keeps its place, and the other futures go on.
#[must_use]
pub struct MapAsync<C, T, F, Fut: Future, O, M, J: Judge<T> = NoPolicy> {
    upstream: C,
    make: F,
    flight: Flight<T, Fut, (J::Kept, Attempts)>,
    /// Items without a future yet.
    waiting: VecDeque<T>,
    most: NonZeroUsize,
    order: Order,
    outcome: O,
    /// True once the chain before has no more items.
    ended: bool,
    judge: J,
    label: Option<&'static str>,
    counters: Counters,
    /// The time of this link and those behind it, in timed chunks.
    worked: Duration,
    types: PhantomData<M>,
}

/// Stores the items of the chain before.
struct Keep<'a, T> {
    items: &'a mut VecDeque<T>,
    /// True if the run drains, as the links behind say.
    is_draining: bool,
}

impl<T> Emit<T> for Keep<'_, T> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        self.items.push_back(item);
        Ok(())
    }

    fn is_draining(&self) -> bool {
        self.is_draining
    }
}

/// Marker for the edge behind the link.
#[derive(Debug)]
struct OfAsync<M>(PhantomData<M>);

impl<M: Meter> EdgeKind for OfAsync<M> {
    const COUNTS: bool = M::ON;

    fn hand_on<T, Out: Emit<T>>(
        out: &mut Out,
        items: impl crate::emit::items::Items<T>,
        crossed: &mut u64,
    ) -> Result<(), Halt> {
        M::hand_on(out, items, crossed)
    }
}

impl<C, T, F, Fut: Future, O, M> MapAsync<C, T, F, Fut, O, M> {
    pub(crate) fn new(upstream: C, most: NonZeroUsize, order: Order, outcome: O, make: F) -> Self {
        Self {
            upstream,
            make,
            flight: Flight::new(),
            waiting: VecDeque::new(),
            most,
            order,
            outcome,
            ended: false,
            judge: NoPolicy,
            label: None,
            counters: Counters::default(),
            worked: Duration::ZERO,
            types: PhantomData,
        }
    }
}

impl<C, T, F, Fut: Future, O, M, J: Judge<T>> MapAsync<C, T, F, Fut, O, M, J> {
    /// The same link with another judge. It is called before the run.
    fn judged<K: Judge<T>>(self, judge: impl FnOnce(J) -> K) -> MapAsync<C, T, F, Fut, O, M, K> {
        let Self { upstream, make, most, order, outcome, label, judge: before, .. } = self;
        MapAsync {
            upstream,
            make,
            flight: Flight::new(),
            waiting: VecDeque::new(),
            most,
            order,
            outcome,
            ended: false,
            judge: judge(before),
            label,
            counters: Counters::default(),
            worked: Duration::ZERO,
            types: PhantomData,
        }
    }

    /// True if there is room for the items of another advance of the source.
    fn has_room(&self) -> bool {
        !self.ended && self.waiting.is_empty() && self.flight.len() < self.most.get()
    }

    fn is_done(&self) -> bool {
        self.ended && self.waiting.is_empty() && self.flight.is_empty()
    }

    fn drop_all(&mut self) {
        self.flight.clear();
        self.waiting.clear();
    }
}

impl<C, T, F, Fut, O, M, J> MapAsync<C, T, F, Fut, O, M, J>
where
    C: Chain<Item = T>,
    F: FnMut(T) -> Fut,
    Fut: Future,
    O: Outcome<Fut::Output>,
    M: Meter,
    J: Judge<T>,
{
    fn name(&self) -> &'static str {
        self.label.unwrap_or(self.operator())
    }

    /// The name of the operator.
    fn operator(&self) -> &'static str {
        match self.order {
            Order::Kept => O::NAME,
            Order::Free => O::UNORDERED,
        }
    }

    /// Stops the chain before, if it has not ended.
    #[cold]
    fn stopped(&mut self) -> Halt {
        self.drop_all();
        if self.ended {
            return Halt::Stop;
        }
        self.ended = true;
        self.upstream.stop().err().unwrap_or(Halt::Stop)
    }

    /// Starts and polls futures, and emits the outputs, until all are pending.
    fn work(&mut self, out: &mut impl Emit<O::Item>) -> Result<(), Halt> {
        loop {
            while self.flight.len() < self.most.get()
                && let Some(item) = self.waiting.pop_front()
            {
                let kept = self.judge.keep(&item);
                let future = (self.make)(item);
                self.flight.start(future, (kept, Attempts::new()));
            }
            self.flight.poll(&mut self.make);
            let mut has_taken = false;
            while let Some((place, output, (kept, mut attempts))) =
                self.flight.take_done(self.order == Order::Free)
            {
                has_taken = true;
                match self.outcome.result(output) {
                    // At the end, a sink that needs no more items is not offered any.
                    Ok(_) if self.ended && !out.wants_more() => return Err(Halt::Stop),
                    Ok(item) => out.emit(item)?,
                    Err(Halt::Stop) => return Err(Halt::Stop),
                    Err(Halt::Failed(failure)) => {
                        attempts.add_failure();
                        let name = self.name();
                        if let Some((item, delay)) = self.judge.decide(kept, failure, attempts, name)? {
                            let kept = self.judge.keep(&item);
                            self.flight.put_back(place, item, delay, (kept, attempts));
                        }
                        // Its future is polled before the next look at this place.
                        break;
                    }
                }
            }
            if !has_taken {
                return Ok(());
            }
        }
    }

    /// [`work`](Self::work), with the count of the items and the time.
    fn worked<W: Timing>(&mut self, out: &mut impl Emit<O::Item>) -> Result<(), Halt> {
        let start = W::ON.then(Instant::now);
        let mut edge = Edge::<_, OfAsync<M>, W>::new(out);
        let result = self.work(&mut edge);
        edge.settle(&mut self.counters);
        if let Some(start) = start {
            self.worked += start.elapsed();
        }
        match result {
            Err(failed @ Halt::Failed(_)) => Err(self.counters.blame(failed, self.name())),
            other => other,
        }
    }
}

impl<C, T, F, Fut: Future, O, M, J: Judge<T>> Last for MapAsync<C, T, F, Fut, O, M, J> {
    type In = T;
}

impl<C, T, F, Fut: Future, O, M, J: Judge<T>> sealed::Sealed for MapAsync<C, T, F, Fut, O, M, J> {}

impl<C, T, F, Fut, O, M, J> Chain for MapAsync<C, T, F, Fut, O, M, J>
where
    C: Chain<Item = T>,
    F: FnMut(T) -> Fut,
    Fut: Future,
    O: Outcome<Fut::Output>,
    M: Meter,
    J: Judge<T>,
{
    type Item = O::Item;

    fn advance<W: Timing>(&mut self, out: &mut impl Emit<O::Item>) -> Result<Progress, Halt> {
        if out.is_shut() {
            return Err(self.stopped());
        }
        let mut progress = Progress::More;
        if self.has_room() {
            let mut keep = Keep { items: &mut self.waiting, is_draining: out.is_draining() };
            match self.upstream.advance::<W>(&mut keep) {
                Ok(Progress::Done) | Err(Halt::Stop) => self.ended = true,
                Ok(made) => progress = made,
                Err(failed) => return Err(failed),
            }
        }
        match self.worked::<W>(out).and_then(|()| out.tick()) {
            Ok(()) => {}
            Err(Halt::Stop) => return Err(self.stopped()),
            Err(failed) => return Err(failed),
        }
        Ok(match progress {
            _ if self.is_done() => Progress::Done,
            Progress::More if self.has_room() => Progress::More,
            _ => Progress::Idle,
        })
    }

    fn stop(&mut self) -> Result<(), Halt> {
        match self.stopped() {
            Halt::Stop => Ok(()),
            failed @ Halt::Failed(_) => Err(failed),
        }
    }

    fn close(&mut self) -> Result<(), Failure> {
        self.upstream.close()?;
        self.judge.close().map_err(|mut failure| {
            if failure.blame(self.name()) {
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
        let name = self.name();
        self.judge.start(context, name);
    }

    fn wait(&mut self, at_most: Duration) {
        /// The source may wait for something else than a call of `unpark`.
        const BESIDE_A_SOURCE: Duration = Duration::from_millis(1);

        let at_most = self.flight.rest().map_or(at_most, |rest| rest.min(at_most));
        if self.flight.is_empty() {
            self.upstream.wait(at_most);
        } else if self.has_room() {
            self.upstream.wait(at_most.min(BESIDE_A_SOURCE));
        } else {
            thread::park_timeout(at_most);
        }
    }

    fn describe(&self, rows: &mut Rows) {
        self.upstream.describe(rows);
        rows.outside(self.worked);
        let made = StageOutput { facts: StageFacts::new(), held: 0, ty: type_name::<O::Item>() };
        rows.stage(self.name(), &made, &self.counters, self.judge.tally());
    }

    fn draw(&self, nodes: &mut Vec<Node>) {
        self.upstream.draw(nodes);
        let node = Node::operator(format!("{}({}, ..)", self.operator(), self.most)).holding(self.most);
        let node = match self.label {
            Some(label) => node.named(label),
            None => node,
        };
        nodes.push(self.judge.draw(node));
    }

    fn reading(&self) -> (u64, Option<u64>) {
        self.upstream.reading()
    }

    fn remaining(&self) -> Option<u64> {
        None
    }
}

impl<C, T, F, Fut: Future, O, M, J: Judge<T>> fmt::Debug for MapAsync<C, T, F, Fut, O, M, J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapAsync")
            .field("most", &self.most)
            .field("futures", &self.flight)
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}
