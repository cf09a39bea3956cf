//! A pair of policies: an error that the first does not handle goes to the second.

use std::time::Duration;

use super::{Decision, Failed, Policy};
use crate::error::Failure;
use crate::graph::Node;
use crate::run::{CancelToken, CommitHooks};

/// An error that the first policy does not handle goes to the second.
#[deny(clippy::missing_trait_methods)]
impl<T, A: Policy<T>, B: Policy<T>> Policy<T> for (A, B) {
    type Kept = (A::Kept, B::Kept);

    fn keep(&mut self, item: &T) -> Self::Kept {
        (self.0.keep(item), self.1.keep(item))
    }

    fn decide(&mut self, failed: Failed<Self::Kept>, cancel: &CancelToken) -> Result<Decision<T>, Failure> {
        let Failed { kept: (first, second), failure, attempts, stage } = failed;
        match self.0.decide(Failed { kept: first, failure, attempts, stage }, cancel) {
            Err(failure) if !failure.is_cancellation() => {
                self.1.decide(Failed { kept: second, failure, attempts, stage }, cancel)
            }
            decided => decided,
        }
    }

    fn try_again(&mut self, kept: &Self::Kept, failure: &Failure, attempts: u32) -> Option<(T, Duration)> {
        self.0.try_again(&kept.0, failure, attempts)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.0.commit()?;
        self.1.commit()
    }

    fn share<'env>(&mut self, commits: &mut CommitHooks<'env>)
    where
        Self: 'env,
    {
        self.0.share(commits);
        self.1.share(commits);
    }

    fn finish(&mut self) -> Result<(), Failure> {
        self.0.finish()?;
        self.1.finish()
    }

    fn attach(&mut self, cancel: &CancelToken) {
        self.0.attach(cancel);
        self.1.attach(cancel);
    }

    fn draw(&self, node: Node) -> Node {
        self.1.draw(self.0.draw(node))
    }
}
