//! `retry(..)`: the policy that retries failed items.

use std::fmt;
use std::time::Duration;

use super::{Decision, Failed, Policy};
use crate::error::{BoxError, Failure};
use crate::graph::Node;
use crate::run::CancelToken;
use crate::sink::copy_item::{Cloned, CopyItem};

/// A policy that retries an item up to `times` times if `when` returns `true` for its error. The first delay is
/// `backoff`, and each further delay is twice as long. After the last attempt the run fails, or the next policy
/// decides. Cancelling the run ends a delay at once.
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
    /// The delay before the next attempt, or `None` if the item is not retried.
    fn rest(&mut self, failure: &Failure, attempts: u32) -> Option<Duration> {
        let is_worth_it = attempts <= self.times && (self.when)(failure.boxed());
        is_worth_it.then(|| self.backoff.saturating_mul(2_u32.saturating_pow(attempts - 1)))
    }
}

impl<T, F: FnMut(&BoxError) -> bool, C: CopyItem<T>> Policy<T> for Retry<F, C> {
    type Kept = T;

    fn keep(&mut self, item: &T) -> T {
        self.copies.copy(item)
    }

    fn decide(&mut self, failed: Failed<T>, cancel: &CancelToken) -> Result<Decision<T>, Failure> {
        let Failed { kept, failure, attempts, .. } = failed;
        let Some(rest) = self.rest(&failure, attempts) else { return Err(failure) };
        if cancel.sleep(rest) { Ok(Decision::TryAgain(kept)) } else { Err(Failure::cancelled()) }
    }

    fn skip_or_fail(&mut self, failed: Failed<T>, _: &CancelToken) -> Result<(), Failure> {
        Err(failed.failure)
    }

    fn try_again(&mut self, kept: &T, failure: &Failure, attempts: u32) -> Option<(T, Duration)> {
        self.rest(failure, attempts).map(|rest| (self.copies.copy(kept), rest))
    }

    fn draw(&self, node: Node) -> Node {
        node.clause(format!("on_error retry({}, {:?})", self.times, self.backoff)).keeping_a_copy()
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
