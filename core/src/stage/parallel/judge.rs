//! The judgement of items that a worker failed at.

use std::time::Duration;

use crate::error::Failure;
use crate::policy::Decision;

/// Judges the items that failed: the first of those that the stage holds, and the others.
pub(super) trait Judge<T> {
    /// Notes that the first item was handed on.
    fn done(&mut self);

    /// Returns the item at `place`, which has just failed, if it is to be tried again right away, and the time for which it
    /// rests before that.
    fn again(&mut self, place: usize, failure: &Failure) -> Result<Option<(T, Duration)>, Failure>;

    /// Decides about the first item.
    fn decide(&mut self, failure: Failure, stage: &'static str) -> Result<Decision<T>, Failure>;

    fn is_cancelled(&self) -> bool;
}

/// The judge of a stage without a policy: each failure ends the run.
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
