//! What becomes of an item that a stage or a sink failed at.

use std::fmt;
use std::time::Duration;

use crate::beside::Beside;
use crate::cancel::CancelToken;
use crate::commit::Commit;
use crate::commits::Commits;
use crate::context::Context;
use crate::error::{BoxError, Failure, Halt};
use crate::graph::Node;
use crate::keep::{Cloned, Keep};
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

    /// Whether an item is to be tried again as soon as it has failed, and how long it rests before that. It is asked where
    /// items are worked on side by side, in whatever order they fail, and before [`decide`](Policy::decide), which is
    /// asked in the order of the items and only of those that are not tried again here. By default none is.
    fn try_again(&mut self, kept: &Self::Kept, failure: &Failure, attempts: u32) -> Option<(T, Duration)> {
        let _ = (kept, failure, attempts);
        None
    }

    /// Makes durable what it took itself so far. Called right before its sink [commits](crate::Commit) in the middle of a
    /// run, and never after a failure. It is not called for the policy of a stage: see [`share`](Policy::share). By default
    /// it does nothing.
    ///
    /// # Errors
    ///
    /// When that is not possible: the run fails, and the sink does not commit.
    fn commit(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// Shares with `commits` what it takes itself, for the policy of a stage. Called before the run begins, where the sink
    /// [commits](crate::Commit) on its way. The stage is in the middle of its work whenever it does, so its policy cannot be
    /// called then. By default nothing is shared, and what such a policy took becomes durable at the end.
    fn share<'env>(&mut self, commits: &mut Commits<'env>)
    where
        Self: 'env,
    {
        let _ = commits;
    }

    /// Makes durable what it took itself. Called once, at the end, and never after a failure.
    ///
    /// # Errors
    ///
    /// When that is not possible.
    fn finish(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// Called before the run begins, with what may cancel it: for whatever this policy is made of that may have to wait.
    /// By default it does nothing.
    fn attach(&mut self, cancel: &CancelToken) {
        let _ = cancel;
    }

    /// How graphs show this policy.
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
    Retry::new(times, backoff, when, Cloned)
}

/// Policy of [`retry`].
#[must_use]
pub struct Retry<F, C = Cloned> {
    times: u32,
    backoff: Duration,
    when: F,
    copies: C,
}

impl<F, C> Retry<F, C> {
    pub(crate) fn new(times: u32, backoff: Duration, when: F, copies: C) -> Self {
        Self { times, backoff, when, copies }
    }
}

impl<F: FnMut(&BoxError) -> bool, C> Retry<F, C> {
    /// How long an item rests that is worth another try.
    fn rest(&mut self, failure: &Failure, attempts: u32) -> Option<Duration> {
        let is_worth_it = attempts <= self.times && (self.when)(failure.boxed());
        is_worth_it.then(|| self.backoff.saturating_mul(2_u32.saturating_pow(attempts - 1)))
    }
}

impl<T, F: FnMut(&BoxError) -> bool, C: Keep<T>> Policy<T> for Retry<F, C> {
    type Kept = T;

    fn keep(&mut self, item: &T) -> T {
        self.copies.copy(item)
    }

    fn decide(&mut self, failed: Failed<T>, cancel: &CancelToken) -> Result<Decision<T>, Failure> {
        let Failed { kept, failure, attempts, .. } = failed;
        let Some(rest) = self.rest(&failure, attempts) else { return Err(failure) };
        if cancel.sleep(rest) { Ok(Decision::TryAgain(kept)) } else { Err(Failure::cancelled()) }
    }

    fn try_again(&mut self, kept: &T, failure: &Failure, attempts: u32) -> Option<(T, Duration)> {
        self.rest(failure, attempts).map(|rest| (self.copies.copy(kept), rest))
    }

    fn draw(&self, node: Node) -> Node {
        node.clause(format!("on_error retry({}, {:?})", self.times, self.backoff)).keeping_a_copy()
    }
}

/// Gives each item that fails to `sink`, with its error, and leaves it out. A sink that wants no more fails the run.
///
/// The sink is finished at the end of the run, before the pipeline's own, and dropped on an error.
///
/// Where the run [commits every n chunks](crate::Runnable::commit_every), the sink for letters is committed right before the
/// pipeline's own, if it can be and [is told to](DeadLetter::committing): so a run that fails, and is started again where
/// the sink last committed, has lost no letter. It may write some twice, of items that were on their way to the sink. A
/// sink for letters that cannot commit is best one that makes each durable as it takes it: what is not durable at a
/// commit is gone when the run fails behind it.
pub fn dead_letter<T, K: Sink<In = Letter<T>>>(sink: K) -> DeadLetter<K> {
    DeadLetter::new(sink, Cloned)
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
pub struct DeadLetter<K, C = Cloned> {
    sink: Beside<K>,
    copies: C,
}

impl<K, C> DeadLetter<K, C> {
    pub(crate) fn new(sink: K, copies: C) -> Self {
        Self { sink: Beside::new(sink), copies }
    }

    /// Has the sink for letters commit whenever the pipeline's own does, right before it: a letter is durable once what came
    /// behind its item is. `pipeline!` does so by itself where the sink has `commit every(n)`.
    pub fn committing(self) -> Self
    where
        K: Commit,
    {
        Self { sink: self.sink.committing(), copies: self.copies }
    }
}

impl<T, K: Sink<In = Letter<T>>, C: Keep<T>> Policy<T> for DeadLetter<K, C> {
    type Kept = T;

    fn keep(&mut self, item: &T) -> T {
        self.copies.copy(item)
    }

    fn decide(&mut self, failed: Failed<T>, _: &CancelToken) -> Result<Decision<T>, Failure> {
        let Failed { kept: item, failure, stage, .. } = failed;
        let taken = self.sink.with(|sink| {
            let (record, error) = failure.into_parts();
            sink.consume(Letter { stage, record, error, item })
        });
        match taken {
            Some(Ok(())) => Ok(Decision::LeaveOut),
            Some(Err(Halt::Failed(failure))) => Err(failure),
            Some(Err(Halt::Stop)) => Err(Failure::new("the sink for dead letters takes no more")),
            None => Err(Failure::new("the sink for dead letters is finished")),
        }
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.sink.commit()
    }

    fn share<'env>(&mut self, commits: &mut Commits<'env>)
    where
        Self: 'env,
    {
        self.sink.share(commits);
    }

    fn finish(&mut self) -> Result<(), Failure> {
        self.sink.finish()
    }

    fn attach(&mut self, cancel: &CancelToken) {
        self.sink.with(|sink| sink.attach(&Context::of(cancel)));
    }

    fn draw(&self, node: Node) -> Node {
        let name = self.sink.name().unwrap_or_default();
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

    fn try_again(&mut self, kept: &Self::Kept, failure: &Failure, attempts: u32) -> Option<(T, Duration)> {
        self.0.try_again(&kept.0, failure, attempts)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.0.commit()?;
        self.1.commit()
    }

    fn share<'env>(&mut self, commits: &mut Commits<'env>)
    where
        Self: 'env,
    {
        self.0.share(commits);
        self.1.share(commits);
    }

    fn finish(&mut self) -> Result<(), Failure> {
        self.0.finish()?;
        self.1.finish()
    }

    fn attach(&mut self, cancel: &CancelToken) {
        self.0.attach(cancel);
        self.1.attach(cancel);
    }

    fn draw(&self, node: Node) -> Node {
        self.1.draw(self.0.draw(node))
    }
}

/// What a stage or a sink that has a policy of its own tells the report: how often that was needed.
///
/// See [`Stage::tally`](crate::Stage::tally) and [`Sink::tally`](crate::Sink::tally).
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Items that were left out.
    pub(crate) skipped: u64,
    /// Tries after the first.
    pub(crate) retried: u64,
}

impl Tally {
    /// What is counted here and there.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self { skipped: self.skipped + other.skipped, retried: self.retried + other.retried }
    }

    /// So many items were left out, and none was tried again.
    #[must_use]
    pub fn of_skipped(skipped: u64) -> Self {
        Self { skipped, retried: 0 }
    }
}

impl<F, C> fmt::Debug for Retry<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("times", &self.times)
            .field("backoff", &self.backoff)
            .finish_non_exhaustive()
    }
}

impl<K, C> fmt::Debug for DeadLetter<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetter").finish_non_exhaustive()
    }
}
