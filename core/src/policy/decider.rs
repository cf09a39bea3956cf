//! A policy in use, with the counts of its decisions.

use std::fmt;

use super::{Attempts, Decision, Failed, Policy};
use crate::error::{Failure, Halt};
use crate::report::Tally;
use crate::run::{CancelToken, RunContext};

/// A policy with the token that cancels its run and the number of its decisions.
pub(crate) struct Decider<P> {
    pub(crate) policy: P,
    pub(crate) tally: Tally,
    pub(crate) cancel: CancelToken,
}

/// The outcome of an item that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offered {
    Taken,
    LeftOut,
}

impl<P> Decider<P> {
    pub(crate) fn new(policy: P) -> Self {
        Self { policy, tally: Tally::default(), cancel: CancelToken::new() }
    }

    /// Attaches the policy to a run that starts.
    pub(crate) fn attach<T>(&mut self, cancel: &CancelToken)
    where
        P: Policy<T>,
    {
        self.cancel = cancel.clone();
        self.policy.attach(cancel);
    }

    /// Adds the policy's hooks for commits, for the stage of that name.
    pub(crate) fn add_commit_hooks<'env, T>(
        &mut self,
        context: &mut RunContext<'_, 'env>,
        stage: &'static str,
    ) where
        P: Policy<T> + 'env,
    {
        if let Some(hooks) = context.commit_hooks(stage) {
            self.policy.add_commit_hooks(hooks);
        }
    }

    /// Gives `item` to `part` by `attempt` until `part` takes it or the policy skips it. `name` is called for a failed item
    /// only, because the name of a part may be computed.
    #[inline]
    pub(crate) fn offer<T, S>(
        &mut self,
        part: &mut S,
        mut item: T,
        name: impl Fn(&S) -> &'static str,
        mut attempt: impl FnMut(&mut S, T) -> Result<(), Halt>,
    ) -> Result<Offered, Halt>
    where
        P: Policy<T>,
    {
        let mut attempts = Attempts::new();
        loop {
            let kept = self.policy.keep(&item);
            let failure = match attempt(part, item) {
                Ok(()) => return Ok(Offered::Taken),
                Err(Halt::Failed(failure)) => failure,
                Err(stop) => return Err(stop),
            };
            attempts.add_failure();
            match self.decide(Failed { kept, failure, attempts, stage: name(part) })? {
                Decision::LeaveOut => return Ok(Offered::LeftOut),
                Decision::TryAgain(again) => item = again,
            }
        }
    }

    /// Calls the policy and counts its decision.
    pub(crate) fn decide<T>(&mut self, failed: Failed<P::Kept>) -> Result<Decision<T>, Failure>
    where
        P: Policy<T>,
    {
        // Neither the item that is processed at a cancellation nor that of a fatal failure is a bad item.
        if failed.failure.is_fatal() {
            return Err(failed.failure);
        }
        let decision = self.policy.decide(failed, &self.cancel)?;
        match decision {
            Decision::LeaveOut => self.tally.skipped += 1,
            Decision::TryAgain(_) => self.tally.retried += 1,
        }
        Ok(decision)
    }
}

impl<P: fmt::Debug> fmt::Debug for Decider<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decider")
            .field("policy", &self.policy)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}
