//! The decisions about items at which a worker failed.

use std::time::Duration;

use crate::error::Failure;
use crate::policy::Decision;

/// The decisions about failed items: for the first held item, and for the others.
pub(super) trait Judge<T> {
    /// Called when the first item was emitted.
    fn done(&mut self);

    /// Returns the item at `place`, which has just failed, with a delay, if it is retried early.
    fn again(&mut self, place: usize, failure: &Failure) -> Result<Option<(T, Duration)>, Failure>;

    /// Decides about the first item.
    fn decide(&mut self, failure: Failure, stage: &'static str) -> Result<Decision<T>, Failure>;

    fn is_cancelled(&self) -> bool;
}

/// No policy: each failure ends the run.
pub(super) struct NoPolicy;

impl<T> Judge<T> for NoPolicy {
    fn done(&mut self) {}

    fn again(&mut self, _: usize, _: &Failure) -> Result<Option<(T, Duration)>, Failure> {
        Ok(None)
    }

    fn decide(&mut self, failure: Failure, _: &'static str) -> Result<Decision<T>, Failure> {
        Err(failure)
    }

    fn is_cancelled(&self) -> bool {
        false
    }
}
