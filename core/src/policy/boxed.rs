//! `BoxedPolicy`: a policy behind a dynamic type.

use std::fmt;
use std::time::Duration;

use super::{Attempts, Decision, Failed, Policy};
use crate::error::Failure;
use crate::graph::Node;
use crate::run::{CancelToken, CommitHooks};

/// A boxed policy, for a field or a function that holds any policy that the caller chooses.
///
/// It keeps a clone of each item, so it is best used with keys: see [`by_key`](crate::by_key).
///
/// ```
/// use syncline_core::{BoxedPolicy, Collect, Pipeline, dead_letter, for_each, from_iter, skip};
///
/// fn policy<'a>(lenient: bool) -> BoxedPolicy<'a, &'static str> {
///     if lenient { BoxedPolicy::new(dead_letter(for_each(|_| Ok(())))) } else { BoxedPolicy::new(skip(0)) }
/// }
///
/// let parse = |lenient| {
///     Pipeline::new("numbers", from_iter(["1", "two"]))
///         .try_map(|text| Ok(text.parse::<u8>()?))
///         .on_error(policy(lenient))
///         .end(Collect::new())
///         .run()
/// };
/// assert_eq!(parse(true)?.output, [1]);
/// assert!(parse(false).is_err());
/// # Ok::<(), syncline_core::Error>(())
/// ```
#[must_use]
pub struct BoxedPolicy<'p, T>(Box<dyn AnyPolicy<T> + 'p>);

impl<'p, T> BoxedPolicy<'p, T> {
    /// Boxes `policy`.
    pub fn new(policy: impl Policy<T> + 'p) -> Self {
        Self(Box::new(policy))
    }
}

/// The methods of a policy for dynamic calls.
trait AnyPolicy<T> {
    fn decide(&mut self, failed: Failed<T>, cancel: &CancelToken) -> Result<Decision<T>, Failure>;
    fn skip_or_fail(&mut self, failed: Failed<T>, cancel: &CancelToken) -> Result<(), Failure>;
    fn try_again(&mut self, item: &T, failure: &Failure, attempts: Attempts) -> Option<(T, Duration)>;
    fn commit(&mut self) -> Result<(), Failure>;
    fn add_commit_hooks<'env>(&mut self, commits: &mut CommitHooks<'env>)
    where
        Self: 'env;
    fn finish(&mut self) -> Result<(), Failure>;
    fn attach(&mut self, cancel: &CancelToken);
    fn draw(&self, node: Node) -> Node;
}

impl<T, P: Policy<T>> AnyPolicy<T> for P {
    fn decide(&mut self, failed: Failed<T>, cancel: &CancelToken) -> Result<Decision<T>, Failure> {
        let Failed { kept, failure, attempts, stage } = failed;
        let kept = self.keep(&kept);
        Policy::decide(self, Failed { kept, failure, attempts, stage }, cancel)
    }

    fn skip_or_fail(&mut self, failed: Failed<T>, cancel: &CancelToken) -> Result<(), Failure> {
        let Failed { kept, failure, attempts, stage } = failed;
        let kept = self.keep(&kept);
        Policy::skip_or_fail(self, Failed { kept, failure, attempts, stage }, cancel)
    }

    fn try_again(&mut self, item: &T, failure: &Failure, attempts: Attempts) -> Option<(T, Duration)> {
        let kept = self.keep(item);
        Policy::try_again(self, &kept, failure, attempts)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        Policy::commit(self)
    }

    fn add_commit_hooks<'env>(&mut self, commits: &mut CommitHooks<'env>)
    where
        Self: 'env,
    {
        Policy::add_commit_hooks(self, commits);
    }

    fn finish(&mut self) -> Result<(), Failure> {
        Policy::finish(self)
    }

    fn attach(&mut self, cancel: &CancelToken) {
        Policy::attach(self, cancel);
    }

    fn draw(&self, node: Node) -> Node {
        Policy::draw(self, node)
    }
}

#[deny(clippy::missing_trait_methods)]
impl<T: Clone> Policy<T> for BoxedPolicy<'_, T> {
    type Kept = T;

    fn keep(&mut self, item: &T) -> T {
        item.clone()
    }

    fn decide(&mut self, failed: Failed<T>, cancel: &CancelToken) -> Result<Decision<T>, Failure> {
        self.0.decide(failed, cancel)
    }

    fn skip_or_fail(&mut self, failed: Failed<T>, cancel: &CancelToken) -> Result<(), Failure> {
        self.0.skip_or_fail(failed, cancel)
    }

    fn try_again(&mut self, kept: &T, failure: &Failure, attempts: Attempts) -> Option<(T, Duration)> {
        self.0.try_again(kept, failure, attempts)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.0.commit()
    }

    fn add_commit_hooks<'env>(&mut self, commits: &mut CommitHooks<'env>)
    where
        Self: 'env,
    {
        self.0.add_commit_hooks(commits);
    }

    fn finish(&mut self) -> Result<(), Failure> {
        self.0.finish()
    }

    fn attach(&mut self, cancel: &CancelToken) {
        self.0.attach(cancel);
    }

    fn draw(&self, node: Node) -> Node {
        self.0.draw(node)
    }
}

impl<T> fmt::Debug for BoxedPolicy<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxedPolicy").finish_non_exhaustive()
    }
}
