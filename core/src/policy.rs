//! What becomes of an item that a stage or a sink failed at.

use std::fmt;
use std::time::Duration;

use crate::cancel::CancelToken;
use crate::error::{BoxError, Failure, Halt};
use crate::graph::Node;
use crate::name::short_name;
use crate::sink::Sink;

/// What becomes of an item that a stage or a sink failed at: the run goes on without it, it is tried again, or the run
/// fails. See [`Pipeline::on_error`](crate::Pipeline::on_error).
pub trait Policy<T> {
    /// What is kept of an item while it is worked on.
    type Kept;

    /// Keeps what may be needed of `item`.
    fn keep(&mut self, item: &T) -> Self::Kept;

    /// Decides what becomes of an item, which has now been tried `attempts` times.
    ///
    /// # Errors
    ///
    /// When the run is to fail.
    fn decide(&mut self, failed: Failed<Self::Kept>, cancel: &CancelToken) -> Result<Decision<T>, Failure>;

    /// Makes durable what it took itself. Called once, at the end, and never after a failure.
    ///
    /// # Errors
    ///
    /// When that is not possible.
    fn finish(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// How graphs show what it is declared of.
    #[doc(hidden)]
    fn draw(&self, node: Node) -> Node {
        node.clause(format!("on_error {}", short_name::<Self>()))
    }
}

/// An item that a stage or a sink failed at.
#[derive(Debug)]
pub struct Failed<K> {
    /// What was kept of it.
    pub kept: K,
    /// What went wrong.
    pub failure: Failure,
    /// How often it has been tried.
    pub attempts: u32,
    /// The name of the stage or sink.
    pub stage: &'static str,
}

/// What becomes of an item, when the run is to go on.
#[derive(Debug)]
pub enum Decision<T> {
    /// It is left out.
    LeaveOut,
    /// It is tried again.
    TryAgain(T),
}

/// Leaves out up to `limit` items that fail; the next one fails the run.
pub fn skip(limit: u64) -> SkipFailed {
    SkipFailed { limit, skipped: 0 }
}

/// Policy of [`skip`].
#[derive(Debug)]
#[must_use]
pub struct SkipFailed {
    limit: u64,
    skipped: u64,
}

impl<T> Policy<T> for SkipFailed {
    type Kept = ();

    fn keep(&mut self, _: &T) {}

    fn decide(&mut self, failed: Failed<()>, _: &CancelToken) -> Result<Decision<T>, Failure> {
        if self.skipped == self.limit {
            return Err(failed.failure);
        }
        self.skipped += 1;
        Ok(Decision::LeaveOut)
    }

    fn draw(&self, node: Node) -> Node {
        node.clause(format!("on_error skip({})", self.limit))
    }
}

/// Tries an item again, up to `times` times, as long as its error passes `when`. It waits for `backoff` before the first
/// time and twice as long before each that follows. After the last the run fails; or, where another policy is declared
/// behind this one, that decides. A run that is cancelled while it waits ends at once.
pub fn retry<F: FnMut(&BoxError) -> bool>(times: u32, backoff: Duration, when: F) -> Retry<F> {
    Retry { times, backoff, when }
}

/// Policy of [`retry`].
#[must_use]
pub struct Retry<F> {
    times: u32,
    backoff: Duration,
    when: F,
}

impl<T: Clone, F: FnMut(&BoxError) -> bool> Policy<T> for Retry<F> {
    type Kept = T;

    fn keep(&mut self, item: &T) -> T {
        item.clone()
    }

    fn decide(&mut self, failed: Failed<T>, cancel: &CancelToken) -> Result<Decision<T>, Failure> {
        let Failed { kept, failure, attempts, .. } = failed;
        if attempts > self.times || !(self.when)(failure.boxed()) {
            return Err(failure);
        }
        let doubled = 2_u32.saturating_pow(attempts - 1);
        if cancel.sleep(self.backoff.saturating_mul(doubled)) {
            Ok(Decision::TryAgain(kept))
        } else {
            Err(Failure::cancelled())
        }
    }

    fn draw(&self, node: Node) -> Node {
        node.clause(format!("on_error retry({}, {:?})", self.times, self.backoff)).keeping_a_copy()
    }
}

/// Gives each item that fails to `sink`, with its error, and leaves it out. A sink that wants no more fails the run.
///
/// The sink is finished at the end of the run, before the pipeline's own, and dropped on an error.
pub fn dead_letter<T, K: Sink<In = Letter<T>>>(sink: K) -> DeadLetter<K> {
    DeadLetter { sink: Some(sink) }
}

/// An item that failed, and why.
#[derive(Debug)]
pub struct Letter<T> {
    /// The name of the stage or sink that failed at it.
    pub stage: &'static str,
    /// The record, where the stage [said so](Failure::at).
    pub record: Option<String>,
    /// What went wrong.
    pub error: BoxError,
    /// The item, as the stage was given it.
    pub item: T,
}

/// Policy of [`dead_letter`].
#[must_use]
pub struct DeadLetter<K> {
    sink: Option<K>,
}

impl<T: Clone, K: Sink<In = Letter<T>>> Policy<T> for DeadLetter<K> {
    type Kept = T;

    fn keep(&mut self, item: &T) -> T {
        item.clone()
    }

    fn decide(&mut self, failed: Failed<T>, _: &CancelToken) -> Result<Decision<T>, Failure> {
        let Failed { kept: item, failure, stage, .. } = failed;
        let Some(sink) = &mut self.sink else { return Err(failure) };
        let (record, error) = failure.into_parts();
        match sink.consume(Letter { stage, record, error, item }) {
            Ok(()) => Ok(Decision::LeaveOut),
            Err(Halt::Failed(failure)) => Err(failure),
            Err(Halt::Stop) => Err(Failure::new("the sink for dead letters takes no more")),
        }
    }

    fn finish(&mut self) -> Result<(), Failure> {
        self.sink.take().map(Sink::finish).transpose().map(|_| ())
    }

    fn draw(&self, node: Node) -> Node {
        let name = self.sink.as_ref().map_or("", Sink::name);
        node.clause(format!("on_error dead_letter({name})")).keeping_a_copy().branch("failed", name)
    }
}

/// What the first would fail the run for, the second decides.
impl<T, A: Policy<T>, B: Policy<T>> Policy<T> for (A, B) {
    type Kept = (A::Kept, B::Kept);

    fn keep(&mut self, item: &T) -> Self::Kept {
        (self.0.keep(item), self.1.keep(item))
    }

    fn decide(&mut self, failed: Failed<Self::Kept>, cancel: &CancelToken) -> Result<Decision<T>, Failure> {
        let Failed { kept: (first, second), failure, attempts, stage } = failed;
        match self.0.decide(Failed { kept: first, failure, attempts, stage }, cancel) {
            Err(failure) if !failure.is_cancellation() => {
                self.1.decide(Failed { kept: second, failure, attempts, stage }, cancel)
            }
            decided => decided,
        }
    }

    fn finish(&mut self) -> Result<(), Failure> {
        self.0.finish()?;
        self.1.finish()
    }

    fn draw(&self, node: Node) -> Node {
        self.1.draw(self.0.draw(node))
    }
}

/// How often a policy was needed.
#[derive(Debug, Clone, Copy, Default)]
#[doc(hidden)]
pub struct Tally {
    /// Items that were left out.
    pub(crate) skipped: u64,
    /// Tries after the first.
    pub(crate) retried: u64,
}

impl<F> fmt::Debug for Retry<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("times", &self.times)
            .field("backoff", &self.backoff)
            .finish_non_exhaustive()
    }
}

impl<K> fmt::Debug for DeadLetter<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetter").finish_non_exhaustive()
    }
}
