//! `on_error` of a parallel stage.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use super::judge::Judge;
use super::{Dispatch, Parallel, Work};
use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Pipeline, Then, Threaded, ThreadedOnError};
use crate::policy::decider::{Decider, Offered};
use crate::policy::{Attempts, Decision, Failed, Policy};
use crate::report::Tally;
use crate::run::RunContext;
use crate::stage::Stage;
use crate::stage::delegate::delegate_stage;

/// Stage of `on_error` behind a parallel stage.
///
/// * Shape: that of the [parallel stage](Parallel), without the failed items.
/// * Memory: the policy's copy of each item that the stage holds.
/// * Order: the policy decides on the run's thread, in the order of the items. An item with an [early
///   retry](Policy::try_again) goes back to the workers and keeps its position.
/// * End: that of the parallel stage.
/// * Error: a thread that cannot be started, or the state of a worker that cannot be created, fails the run without a
///   call of the policy.
#[must_use]
pub struct ParallelOnError<F, T, U, S, D, P: Policy<T>> {
    stage: Parallel<F, T, U, S, D>,
    policed: Policed<P, P::Kept>,
}

/// A policy, and its copies of the items that the stage holds.
struct Policed<P, K> {
    decider: Decider<P>,
    /// The copy of each held item, the first item first, and its failed attempts.
    held: VecDeque<(K, Attempts)>,
}

impl<T, P: Policy<T>> Judge<T> for Policed<P, P::Kept> {
    fn done(&mut self) {
        self.held.pop_front();
    }

    fn again(&mut self, place: usize, failure: &Failure) -> Result<Option<(T, Duration)>, Failure> {
        if failure.is_fatal() {
            return Ok(None);
        }
        let Some((kept, attempts)) = self.held.get_mut(place) else { return Ok(None) };
        attempts.add_failure();
        let again = self.decider.policy.try_again(kept, failure, *attempts);
        if again.is_some() {
            if self.decider.cancel.is_cancelled() {
                return Err(Failure::cancelled());
            }
            self.decider.tally.retried += 1;
        }
        Ok(again)
    }

    fn decide(&mut self, failure: Failure, stage: &'static str) -> Result<Decision<T>, Failure> {
        let Some((kept, attempts)) = self.held.pop_front() else { return Err(failure) };
        let decision = self.decider.decide(Failed { kept, failure, attempts, stage })?;
        if let Decision::TryAgain(item) = &decision {
            let kept = self.decider.policy.keep(item);
            self.held.push_front((kept, attempts));
        }
        Ok(decision)
    }

    fn is_cancelled(&self) -> bool {
        self.decider.cancel.is_cancelled()
    }
}

#[deny(clippy::missing_trait_methods)]
impl<F, T, U, S, D, P> Stage for ParallelOnError<F, T, U, S, D, P>
where
    F: Work<T, U, State = S>,
    T: Send,
    U: Send,
    D: Dispatch<T>,
    P: Policy<T>,
{
    type In = T;
    type Out = U;

    fn push(&mut self, item: T, out: &mut impl Emit<U>) -> Result<(), Halt> {
        let Self { stage, policed } = self;
        if !stage.running {
            // Before a call of the policy: a state that cannot be created is not the item's error.
            stage.state.start(&stage.team.work)?;
            let mut made = None;
            let offered = policed.decider.offer(stage, item, Parallel::name, |stage, item| {
                made = Some(stage.work_here(item)?);
                Ok(())
            })?;
            return match (offered, made) {
                (Offered::Taken, Some(made)) => out.emit(made),
                (Offered::Taken, None) | (Offered::LeftOut, _) => Ok(()),
            };
        }
        stage.make_room(policed, out)?;
        let kept = policed.decider.policy.keep(&item);
        policed.held.push_back((kept, Attempts::new()));
        stage.take_on(item);
        Ok(())
    }

    fn push_all(
        &mut self,
        items: impl crate::emit::items::Items<T>,
        out: &mut impl Emit<U>,
    ) -> Result<(), Halt> {
        items.each(|item| self.push(item, out))
    }

    fn tick(&mut self, out: &mut impl Emit<U>) -> Result<(), Halt> {
        self.stage.rest(&mut self.policed, out)
    }

    fn before_blocking(&mut self, out: &mut impl Emit<U>) -> Result<(), Halt> {
        self.stage.hand_on(Some(0), &mut self.policed, out)
    }

    fn finish(&mut self, out: &mut impl Emit<U>) -> Result<(), Halt> {
        self.stage.hand_on(Some(0), &mut self.policed, out)
    }

    fn close(&mut self) -> Result<(), Failure> {
        self.stage.close()?;
        self.policed.decider.policy.finish()
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.policed.decider.attach(context.cancel_token());
        Stage::start(&mut self.stage, context);
        self.policed.decider.add_commit_hooks(context, self.stage.name());
    }

    fn tally(&self) -> Tally {
        self.policed.decider.tally.plus(self.stage.tally())
    }

    fn node(&self) -> Node {
        self.policed.decider.policy.draw(self.stage.node())
    }

    delegate_stage!(FACTS = <Parallel<F, T, U, S, D> as Stage>::FACTS.leaving_out(), self.stage: is_shut, held, name);
}

impl<F, T, U, S, D, P: Policy<T> + fmt::Debug> fmt::Debug for ParallelOnError<F, T, U, S, D, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParallelOnError")
            .field("stage", &self.stage)
            .field("policy", &self.policed.decider.policy)
            .finish_non_exhaustive()
    }
}

impl<F, T, U, S, D, P: Policy<T>> ParallelOnError<F, T, U, S, D, P> {
    /// The stage with a name in place of the operator's.
    pub(crate) fn labelled(self, name: &'static str) -> Self {
        Self { stage: self.stage.labelled(name), ..self }
    }
}

/// A pipeline whose last stage is a parallel stage with a policy.
type Policing<C, F, T, U, S, D, P, M> =
    Pipeline<U, Then<C, ParallelOnError<F, T, U, S, D, P>, M, ThreadedOnError>, M>;

impl<T, U, C, F, S, D, M> Pipeline<U, Then<C, Parallel<F, T, U, S, D>, M, Threaded>, M> {
    /// Sets the policy for items at which the preceding parallel stage fails. Without a policy the run fails.
    ///
    /// The policy decides on the run's thread, in the order of the items, so its decisions do not depend on the
    /// threads. Only [`retry`](crate::retry) acts earlier: an item to retry goes back to the workers as soon as it has
    /// failed.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size, skip};
    /// let numbers = Pipeline::new("numbers", from_iter(["1", "two", "3"]))
    ///     .try_map_parallel(const { size(2) }, 64, |text| Ok(text.parse::<u64>()?))
    ///     .on_error(skip(10));
    /// assert_eq!(numbers.end(Collect::new()).run()?.output, [1, 3]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn on_error<P: Policy<T>>(self, policy: P) -> Policing<C, F, T, U, S, D, P, M> {
        self.with_chain(|chain| {
            chain.with_stage(|stage| {
                let policed = Policed { decider: Decider::new(policy), held: VecDeque::new() };
                ParallelOnError { stage, policed }
            })
        })
    }
}

impl<T, U, C, F, S, D, P: Policy<T>, M> Policing<C, F, T, U, S, D, P, M> {
    /// Adds a policy for errors that the earlier policies do not handle.
    pub fn on_error<Q: Policy<T>>(self, policy: Q) -> Policing<C, F, T, U, S, D, (P, Q), M> {
        self.with_chain(|chain| {
            chain.with_stage(|ParallelOnError { stage, policed }| {
                let decider = Decider::new((policed.decider.policy, policy));
                ParallelOnError { stage, policed: Policed { decider, held: VecDeque::new() } }
            })
        })
    }
}
