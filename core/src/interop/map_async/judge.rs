//! The decision about an item whose future has failed: no policy, or the policies of `on_error`.

use std::time::Duration;

use crate::error::Failure;
use crate::graph::Node;
use crate::policy::decider::Decider;
use crate::policy::{Attempts, Decision, Failed, Policy};
use crate::report::Tally;
use crate::run::RunContext;

/// The policies of a `map_async`.
pub trait Judge<T> {
    /// The copy of an item that is kept while its future runs.
    type Kept;

    /// Copies `item` as far as a policy may need it.
    fn keep(&mut self, item: &T) -> Self::Kept;

    /// Decides about an item that has failed, as `attempts` counts. `None` leaves it out. `Some` has the item and the delay
    /// after which it is tried again.
    ///
    /// # Errors
    ///
    /// If the run must fail.
    fn decide(
        &mut self,
        kept: Self::Kept,
        failure: Failure,
        attempts: Attempts,
        stage: &'static str,
    ) -> Result<Option<(T, Duration)>, Failure>;

    /// Prepares the policies for a run.
    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>, stage: &'static str)
    where
        Self: 'env;

    /// Makes the work of the policies durable.
    ///
    /// # Errors
    ///
    /// If that fails.
    fn close(&mut self) -> Result<(), Failure>;

    /// The numbers of their decisions.
    fn tally(&self) -> Tally;

    /// Adds their clauses to `node`.
    fn draw(&self, node: Node) -> Node;
}

/// No policy: the first failure ends the run.
#[derive(Debug, Clone, Copy)]
pub struct NoPolicy;

impl<T> Judge<T> for NoPolicy {
    type Kept = ();

    fn keep(&mut self, _: &T) {}

    fn decide(
        &mut self,
        (): (),
        failure: Failure,
        _: Attempts,
        _: &'static str,
    ) -> Result<Option<(T, Duration)>, Failure> {
        Err(failure)
    }

    fn start<'env>(&mut self, _: &mut RunContext<'_, 'env>, _: &'static str)
    where
        Self: 'env,
    {
    }

    fn close(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn tally(&self) -> Tally {
        Tally::default()
    }

    fn draw(&self, node: Node) -> Node {
        node
    }
}

/// The policies of an `on_error` behind a `map_async`.
#[derive(Debug)]
pub struct Policies<P>(pub(super) Decider<P>);

impl<T, P: Policy<T>> Judge<T> for Policies<P> {
    type Kept = P::Kept;

    fn keep(&mut self, item: &T) -> P::Kept {
        self.0.policy.keep(item)
    }

    fn decide(
        &mut self,
        kept: P::Kept,
        failure: Failure,
        attempts: Attempts,
        stage: &'static str,
    ) -> Result<Option<(T, Duration)>, Failure> {
        // A retry whose policy tells its delay does not wait on this thread.
        if !failure.is_fatal()
            && let Some(again) = self.0.policy.try_again(&kept, &failure, attempts)
        {
            if self.0.cancel.is_cancelled() {
                return Err(Failure::cancelled());
            }
            self.0.tally.retried += 1;
            return Ok(Some(again));
        }
        Ok(match self.0.decide(Failed { kept, failure, attempts, stage })? {
            Decision::LeaveOut => None,
            Decision::TryAgain(item) => Some((item, Duration::ZERO)),
        })
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>, stage: &'static str)
    where
        Self: 'env,
    {
        self.0.attach(context.cancel_token());
        self.0.add_commit_hooks(context, stage);
    }

    fn close(&mut self) -> Result<(), Failure> {
        self.0.policy.finish()
    }

    fn tally(&self) -> Tally {
        self.0.tally
    }

    fn draw(&self, node: Node) -> Node {
        self.0.policy.draw(node)
    }
}
