//! A pair of policies: an error that the first does not handle goes to the second.

use std::time::Duration;

use super::{Attempts, Decision, Failed, Policy};
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
            Err(failure) if !failure.is_fatal() => {
                self.1.decide(Failed { kept: second, failure, attempts, stage }, cancel)
            }
            decided => decided,
        }
    }

    fn skip_or_fail(&mut self, failed: Failed<Self::Kept>, cancel: &CancelToken) -> Result<(), Failure> {
        let Failed { kept: (first, second), failure, attempts, stage } = failed;
        match self.0.skip_or_fail(Failed { kept: first, failure, attempts, stage }, cancel) {
            Err(failure) if !failure.is_fatal() => {
                self.1.skip_or_fail(Failed { kept: second, failure, attempts, stage }, cancel)
            }
            decided => decided,
        }
    }

    fn try_again(
        &mut self,
        kept: &Self::Kept,
        failure: &Failure,
        attempts: Attempts,
    ) -> Option<(T, Duration)> {
        self.0.try_again(&kept.0, failure, attempts)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.0.commit()?;
        self.1.commit()
    }

    fn add_commit_hooks<'env>(&mut self, commits: &mut CommitHooks<'env>)
    where
        Self: 'env,
    {
        self.0.add_commit_hooks(commits);
        self.1.add_commit_hooks(commits);
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

#[cfg(test)]
mod tests {
    use crate::{Collect, Error, Failure, Halt, Letter, Pipeline, Policy, dead_letter, for_each, from_iter};
    use crate::{size, skip};

    fn full(_: Letter<u32>) -> Result<(), Halt> {
        Err(Failure::new("the disk is full").into())
    }

    fn check<T: std::fmt::Debug>(run: Result<T, Error>) {
        assert_eq!(run.unwrap_err().into_source().to_string(), "the disk is full");
    }

    fn pair() -> impl Policy<u32> {
        (dead_letter(for_each(full)), skip(1000))
    }

    fn bad<T>(_: T) -> Result<T, Halt> {
        Err(Failure::new("bad").into())
    }

    #[test]
    fn a_failure_of_the_letters_goes_to_no_other_policy() {
        let numbers = || Pipeline::new("numbers", from_iter(0..9_u32));
        check(numbers().try_map(bad).on_error(pair()).end(Collect::new()).run());
        let chained = numbers().try_map(bad).on_error(dead_letter(for_each(full))).on_error(skip(1000));
        check(chained.end(Collect::new()).run());
        let split = || numbers().buffer(size(4));
        check(split().try_map(bad).on_error_split(pair()).end(Collect::new()).run());
        check(split().end(for_each(bad_sink)).on_error_split(pair()).run());
        check(
            split()
                .end(for_each(bad_sink))
                .on_error_split(dead_letter(for_each(full)))
                .on_error(skip(9))
                .run(),
        );
    }

    fn bad_sink(_: Vec<u32>) -> Result<(), Halt> {
        Err(Failure::new("bad").into())
    }
}
