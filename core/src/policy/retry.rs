//! `retry(..)`: the policy that tries failed items again.

use std::fmt;
use std::time::Duration;

use super::{Decision, Failed, Policy};
use crate::error::{BoxError, Failure};
use crate::graph::Node;
use crate::run::CancelToken;
use crate::sink::copy_item::{Cloned, CopyItem};

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
