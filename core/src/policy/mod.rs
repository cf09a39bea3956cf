//! Policies: they decide what becomes of an item that a stage or a sink fails at.

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

pub use boxed::BoxedPolicy;
pub use by_key::{ByKey, by_key};
pub use dead_letter::{DeadLetter, KeyOf, Letter, dead_letter, dead_letter_by};
pub use on_error::OnError;
pub use on_error_split::OnErrorSplit;
pub use retry::{Retry, retry};
pub use shared::{Shared, shared};
pub use sink_on_error::{SinkOnError, SplitOnError};
pub use skip::{SkipFailed, skip};

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
    fn share<'env>(&mut self, commits: &mut CommitHooks<'env>)
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
