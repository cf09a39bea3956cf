//! Policies: the handling of items at which a stage or sink fails.

mod attempts;
mod boxed;
mod by_key;
mod dead_letter;
pub(crate) mod decider;
mod on_error;
mod on_error_split;
mod pair;
mod retry;
mod shared;
mod sink_on_error;
mod skip;

use std::time::Duration;

use crate::error::Failure;
use crate::graph::Node;
use crate::report::short_name::short_name;
use crate::run::{CancelToken, CommitHooks};

pub use attempts::Attempts;
pub use boxed::BoxedPolicy;
pub use by_key::{ByKey, by_key};
pub use dead_letter::{DeadLetter, KeyOf, Letter, dead_letter, dead_letter_by};
pub use on_error::OnError;
pub use on_error_split::OnErrorSplit;
pub use retry::{Retry, retry};
pub use shared::{Shared, shared};
pub use sink_on_error::{SinkOnError, SplitOnError};
pub use skip::{SkipFailed, skip};

/// A policy for items at which a stage or sink fails: it skips the item, retries it, or fails the run. See
/// [`Pipeline::on_error`](crate::Pipeline::on_error).
pub trait Policy<T> {
    /// The copy of an item that the policy keeps while the item is processed.
    type Kept;

    /// Copies `item` as far as the policy may need it.
    fn keep(&mut self, item: &T) -> Self::Kept;

    /// Decides about an item that has failed, as `attempts` counts.
    ///
    /// # Errors
    ///
    /// If the run must fail.
    fn decide(&mut self, failed: Failed<Self::Kept>, cancel: &CancelToken) -> Result<Decision<T>, Failure>;

    /// Decides about an item that cannot be retried, for example because only its key was kept. `Ok` skips the item.
    ///
    /// The default calls [`decide`](Policy::decide), and fails if the decision is a retry. A policy that waits before a
    /// retry returns the failure of the item here instead, without a wait.
    ///
    /// # Errors
    ///
    /// If the run must fail.
    fn skip_or_fail(&mut self, failed: Failed<Self::Kept>, cancel: &CancelToken) -> Result<(), Failure> {
        let (error, record) =
            (failed.failure.source().to_string(), failed.failure.record().map(str::to_owned));
        match self.decide(failed, cancel)? {
            Decision::LeaveOut => Ok(()),
            Decision::TryAgain(_) => {
                let refused =
                    format!("{error} (its policy asks for a retry, but the item cannot be retried)");
                let refused = Failure::new(refused);
                Err(if let Some(record) = record { refused.at(record) } else { refused })
            }
        }
    }

    /// Decides about an early retry, where several items are processed at the same time and may fail in any order.
    /// Returns the item and the delay, or `None`, as the default does. Without an early retry,
    /// [`decide`](Policy::decide) is called for the item later, in the order of the items.
    fn try_again(
        &mut self,
        kept: &Self::Kept,
        failure: &Failure,
        attempts: Attempts,
    ) -> Option<(T, Duration)> {
        let _ = (kept, failure, attempts);
        None
    }

    /// Makes the policy's own work durable, for example written letters. Called just before the policy's sink
    /// [commits](crate::Commit) during a run, and never after a failure. It is not called for the policy of a stage:
    /// see [`add_commit_hooks`](Policy::add_commit_hooks). The default does nothing.
    ///
    /// # Errors
    ///
    /// If that fails. Then the run fails, and the sink does not commit.
    fn commit(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// Adds hooks for commits, for the policy of a stage. Called before the run starts, if the sink
    /// [commits](crate::Commit) during the run. When the sink commits, the stage is in the middle of its own work, so
    /// its policy cannot be called directly. The default adds no hook: then the policy's work becomes durable at the
    /// end. If a stage and the sink [share](crate::shared) the policy, its hook is called at each commit, and
    /// [`commit`](Policy::commit) after it.
    fn add_commit_hooks<'env>(&mut self, commits: &mut CommitHooks<'env>)
    where
        Self: 'env,
    {
        let _ = commits;
    }

    /// Makes the policy's own work durable. Called once, at the end, and never after a failure.
    ///
    /// # Errors
    ///
    /// If that fails.
    fn finish(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// Called before the run starts, with its cancel token, for parts of the policy that may wait. The default does
    /// nothing.
    fn attach(&mut self, cancel: &CancelToken) {
        let _ = cancel;
    }

    /// Adds the clause for this policy to the node of its stage or sink, for graphs. By default `on_error` with the name of
    /// the policy's type.
    fn draw(&self, node: Node) -> Node {
        node.clause(format!("on_error {}", short_name::<Self>()))
    }
}

/// An item at which a stage or sink failed.
#[derive(Debug)]
pub struct Failed<K> {
    /// The copy of the item.
    pub kept: K,
    /// The error.
    pub failure: Failure,
    /// The attempts so far, with this one.
    pub attempts: Attempts,
    /// The name of the stage or sink.
    pub stage: &'static str,
}

/// The decision about a failed item, if the run continues.
#[derive(Debug)]
pub enum Decision<T> {
    /// Skip the item.
    LeaveOut,
    /// Retry the item.
    TryAgain(T),
}
