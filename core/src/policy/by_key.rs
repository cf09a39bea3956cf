//! `by_key`: a policy for keys, as a policy for items.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use super::{Decision, Failed, Policy};
use crate::error::Failure;
use crate::graph::Node;
use crate::run::{CancelToken, CommitHooks};

/// Converts a policy for keys to a policy for items. `key_of` returns the key of an item.
///
/// So one [`shared`](crate::shared) policy can serve stages with different item types, and only the key of an item is
/// kept. If the policy wants to retry a key, the run fails, because the item is gone.
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
        let record = failed.failure.record().map(str::to_owned);
        match self.policy.decide(failed, cancel)? {
            Decision::LeaveOut => Ok(Decision::LeaveOut),
            Decision::TryAgain(_) => {
                let failure =
                    Failure::new("only the key of this item was kept, so the item cannot be tried again");
                Err(match record {
                    Some(record) => failure.at(record),
                    None => failure,
                })
            }
        }
    }

    fn try_again(&mut self, _: &P::Kept, _: &Failure, _: u32) -> Option<(T, Duration)> {
        None
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.policy.commit()
    }

    fn share<'env>(&mut self, commits: &mut CommitHooks<'env>)
    where
        Self: 'env,
    {
        self.policy.share(commits);
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

    use crate::{Collect, Failure, Pipeline, by_key, from_iter, retry};

    #[test]
    fn what_is_gone_is_not_tried_again() {
        let policy = by_key(|n: &u32| n.to_string(), retry(3, Duration::ZERO, |_| true));
        let run = Pipeline::new("numbers", from_iter(0..3))
            .try_map(|n| if n == 1 { Err(Failure::new("one").at(n).into()) } else { Ok(n) })
            .on_error(policy)
            .end(Collect::new())
            .run();
        let error = run.unwrap_err();
        assert_eq!(error.record(), Some("1"));
        assert!(error.into_source().to_string().contains("cannot be tried again"));
    }
}
