//! `by_key`: a policy for keys, as a policy for items.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use super::{Attempts, Decision, Failed, Policy};
use crate::error::Failure;
use crate::graph::Node;
use crate::run::{CancelToken, CommitHooks};

/// Converts a policy for keys to a policy for items. `key_of` returns the key of an item.
///
/// So one [`shared`](crate::shared) policy can serve stages with different item types, and only the key of an item is
/// kept. The item itself is gone, so it cannot be retried: a [`retry`](crate::retry) hands its error
/// to the next policy, or fails the run with it, without a delay.
///
/// ```
/// use syncline_core::{Collect, Pipeline, by_key, dead_letter, for_each, from_iter, shared};
///
/// let mut refused = Vec::new();
/// let policy = shared(dead_letter(for_each(|letter: syncline_core::Letter<usize>| {
///     refused.push((letter.stage, letter.item));
///     Ok(())
/// })));
/// Pipeline::new("ages", from_iter([(1, "20"), (2, "x"), (3, "300")]))
///     .try_map(|(row, age)| Ok((row, age.parse::<u32>()?)))
///     .on_error(by_key(|(row, _): &(usize, &str)| *row, policy.clone()))
///     .try_map(|(_, age)| Ok(u8::try_from(age)?))
///     .on_error(by_key(|(row, _): &(usize, u32)| *row, policy))
///     .end(Collect::new())
///     .run()?;
/// assert_eq!(refused, [("try_map", 2), ("try_map", 3)]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn by_key<T, K, F, P>(key_of: F, policy: P) -> ByKey<T, K, F, P>
where
    F: FnMut(&T) -> K,
    P: Policy<K>,
{
    ByKey { key_of, policy, types: PhantomData }
}

/// Policy of [`by_key`].
#[must_use]
pub struct ByKey<T, K, F, P> {
    key_of: F,
    policy: P,
    types: PhantomData<fn(&T) -> K>,
}

#[deny(clippy::missing_trait_methods)]
impl<T, K, F: FnMut(&T) -> K, P: Policy<K>> Policy<T> for ByKey<T, K, F, P> {
    type Kept = P::Kept;

    fn keep(&mut self, item: &T) -> P::Kept {
        self.policy.keep(&(self.key_of)(item))
    }

    fn decide(&mut self, failed: Failed<P::Kept>, cancel: &CancelToken) -> Result<Decision<T>, Failure> {
        // The item is gone, so the policy is not asked for a retry, and does not wait for one.
        self.policy.skip_or_fail(failed, cancel).map(|()| Decision::LeaveOut)
    }

    fn skip_or_fail(&mut self, failed: Failed<P::Kept>, cancel: &CancelToken) -> Result<(), Failure> {
        self.policy.skip_or_fail(failed, cancel)
    }

    fn try_again(&mut self, _: &P::Kept, _: &Failure, _: Attempts) -> Option<(T, Duration)> {
        None
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.policy.commit()
    }

    fn add_commit_hooks<'env>(&mut self, commits: &mut CommitHooks<'env>)
    where
        Self: 'env,
    {
        self.policy.add_commit_hooks(commits);
    }

    fn finish(&mut self) -> Result<(), Failure> {
        self.policy.finish()
    }

    fn attach(&mut self, cancel: &CancelToken) {
        self.policy.attach(cancel);
    }

    fn draw(&self, node: Node) -> Node {
        self.policy.draw(node)
    }
}

impl<T, K, F, P: fmt::Debug> fmt::Debug for ByKey<T, K, F, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByKey").field("policy", &self.policy).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{
        CancelToken, Collect, Decision, Failed, Failure, Halt, Letter, Pipeline, Policy, by_key, dead_letter,
        for_each, from_iter, retry, shared,
    };

    const HOUR: Duration = Duration::from_hours(1);

    fn no_one(n: u32) -> Result<u32, Halt> {
        if n == 1 { Err(Failure::new("one").at(n).into()) } else { Ok(n) }
    }

    #[test]
    fn a_retry_fails_at_once_with_the_error_of_the_item() {
        let run = Pipeline::new("numbers", from_iter(0..3))
            .try_map(no_one)
            .on_error(by_key(|n: &u32| n.to_string(), shared(retry(3, HOUR, |_| true))))
            .end(Collect::new())
            .run();
        let error = run.unwrap_err();
        assert_eq!(error.record(), Some("1"));
        assert_eq!(error.into_source().to_string(), "one");
    }

    #[test]
    fn the_policy_behind_a_retry_decides() {
        let mut letters = Vec::new();
        let away = dead_letter(for_each(|letter: Letter<String>| {
            letters.push((letter.item, letter.error.to_string()));
            Ok(())
        }));
        let outcome = Pipeline::new("numbers", from_iter(0..3))
            .try_map(no_one)
            .on_error(by_key(|n: &u32| n.to_string(), (retry(3, HOUR, |_| true), away)))
            .end(Collect::new())
            .run()
            .unwrap();
        assert_eq!(outcome.output, [0, 2]);
        assert_eq!(letters, [("1".to_owned(), "one".to_owned())]);
    }

    #[test]
    fn a_policy_that_insists_on_a_retry_fails_with_the_text_of_the_error() {
        struct Again;

        impl Policy<u32> for Again {
            type Kept = u32;

            fn keep(&mut self, n: &u32) -> u32 {
                *n
            }

            fn decide(&mut self, failed: Failed<u32>, _: &CancelToken) -> Result<Decision<u32>, Failure> {
                Ok(Decision::TryAgain(failed.kept))
            }
        }

        let run = Pipeline::new("numbers", from_iter(0..3))
            .try_map(no_one)
            .on_error(by_key(|n: &u32| *n, Again))
            .end(Collect::new())
            .run();
        let error = run.unwrap_err();
        assert_eq!(error.record(), Some("1"));
        assert!(error.into_source().to_string().starts_with("one (its policy asks for a retry"));
    }
}
