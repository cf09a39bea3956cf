//! `skip(n)`: the policy that skips failed items.

use super::{Decision, Failed, Policy};
use crate::error::Failure;
use crate::graph::Node;
use crate::run::CancelToken;

/// A policy that skips up to `limit` failed items. The next one fails the run.
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
