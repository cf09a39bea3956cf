//! `retry(..)`: the policy that retries failed items.

use std::fmt::{self, Write as _};
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use super::{Attempts, Decision, Failed, Policy};
use crate::error::{BoxError, Failure};
use crate::graph::Node;
use crate::run::CancelToken;
use crate::sink::copy_item::{Cloned, CopyItem};

/// A policy that retries an item up to `times` times if `when` returns `true` for its error. The first delay is
/// `backoff`, and each further delay is twice as long. After the last attempt the run fails, or the next policy
/// decides. The error of the run has the number of attempts, and the time from the first failure to the last.
/// Cancelling the run ends a delay at once.
///
/// [`cap`](Retry::cap) bounds each delay, [`within`](Retry::within) the total time, and [`jitter`](Retry::jitter) makes
/// the delays random.
///
/// ```
/// use std::time::Duration;
/// use syncline_core::{Collect, Pipeline, from_iter, retry};
///
/// let again = retry(9, Duration::from_millis(1), |_| true)
///     .cap(Duration::from_millis(4))
///     .jitter()
///     .within(Duration::from_secs(60));
/// let mut calls = 0;
/// let replies = Pipeline::new("replies", from_iter(["a"])).try_map(|name| {
///     calls += 1;
///     if calls < 3 { Err("busy".into()) } else { Ok(name) }
/// });
/// assert_eq!(replies.on_error(again).end(Collect::new()).run()?.output, ["a"]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn retry<F: FnMut(&BoxError) -> bool>(times: u32, backoff: Duration, when: F) -> Retry<F> {
    Retry::new(times, backoff, when, Cloned)
}

/// Policy of [`retry`].
#[must_use]
pub struct Retry<F, C = Cloned> {
    times: u32,
    backoff: Duration,
    cap: Option<Duration>,
    /// The random keys of the jitter.
    jitter: Option<RandomState>,
    within: Option<Duration>,
    when: F,
    copies: C,
}

impl<F, C> Retry<F, C> {
    pub(crate) fn new(times: u32, backoff: Duration, when: F, copies: C) -> Self {
        Self { times, backoff, cap: None, jitter: None, within: None, when, copies }
    }

    /// Sets the longest delay: `min(longest, backoff * 2^(n - 1))` before the retry number `n`.
    pub fn cap(self, longest: Duration) -> Self {
        Self { cap: Some(longest), ..self }
    }

    /// Makes each delay a random time between half of it and the whole, so that items that failed together are not
    /// all retried together.
    ///
    /// At least half of the delay remains, since a few retries almost without delays could all fail before the other
    /// side has recovered.
    pub fn jitter(self) -> Self {
        Self { jitter: Some(RandomState::new()), ..self }
    }

    /// Sets the total time of an item, from its first failure to the start of its last attempt. If the next delay would
    /// end later, the item is not retried, and there is no wait. An attempt that has started is not interrupted.
    pub fn within(self, limit: Duration) -> Self {
        Self { within: Some(limit), ..self }
    }

    /// The delay before the next attempt. The same attempts always give the same delay, because some stages decide
    /// about a retry twice.
    fn delay(&self, attempts: Attempts) -> Duration {
        let delay = doubled(self.backoff, attempts.count(), self.cap.unwrap_or(Duration::MAX));
        match &self.jitter {
            Some(keys) => jittered(delay, keys.hash_one((attempts.first(), attempts.count()))),
            None => delay,
        }
    }
}

/// The delay after `count` failed attempts: `backoff`, doubled for each but the first, at most `cap`.
fn doubled(backoff: Duration, count: u32, cap: Duration) -> Duration {
    let mut delay = backoff.min(cap);
    for _ in 1..count {
        if delay.is_zero() || delay == cap {
            break;
        }
        delay = delay.saturating_mul(2).min(cap);
    }
    delay
}

/// A time from half of `delay` to the whole, chosen by a random number.
fn jittered(delay: Duration, random: u64) -> Duration {
    let [.., a, b, c, d] = random.to_le_bytes();
    let part = f64::from(u32::from_le_bytes([a, b, c, d])) / f64::from(u32::MAX);
    let half = delay / 2;
    half.saturating_add(half.mul_f64(part)).min(delay)
}

/// The decision about a retry.
enum Next {
    After(Duration),
    /// No retry, with the limit on the total time if that is the reason.
    GiveUp(Option<Duration>),
}

impl<F: FnMut(&BoxError) -> bool, C> Retry<F, C> {
    fn next(&mut self, failure: &Failure, attempts: Attempts) -> Next {
        if attempts.count() > self.times || !(self.when)(failure.boxed()) {
            return Next::GiveUp(None);
        }
        let delay = self.delay(attempts);
        match self.within {
            Some(limit) if attempts.time().saturating_add(delay) > limit => Next::GiveUp(Some(limit)),
            _ => Next::After(delay),
        }
    }
}

impl<T, F: FnMut(&BoxError) -> bool, C: CopyItem<T>> Policy<T> for Retry<F, C> {
    type Kept = T;

    fn keep(&mut self, item: &T) -> T {
        self.copies.copy(item)
    }

    fn decide(&mut self, failed: Failed<T>, cancel: &CancelToken) -> Result<Decision<T>, Failure> {
        let Failed { kept, failure, attempts, .. } = failed;
        match self.next(&failure, attempts) {
            Next::GiveUp(limit) => Err(failure.after(attempts.count(), attempts.time(), limit)),
            Next::After(delay) if cancel.sleep(delay) => Ok(Decision::TryAgain(kept)),
            Next::After(_) => Err(Failure::cancelled()),
        }
    }

    fn skip_or_fail(&mut self, failed: Failed<T>, _: &CancelToken) -> Result<(), Failure> {
        Err(failed.failure)
    }

    fn try_again(&mut self, kept: &T, failure: &Failure, attempts: Attempts) -> Option<(T, Duration)> {
        match self.next(failure, attempts) {
            Next::GiveUp(_) => None,
            Next::After(delay) => Some((self.copies.copy(kept), delay)),
        }
    }

    fn draw(&self, node: Node) -> Node {
        let mut clause = format!("on_error retry({}, {:?}", self.times, self.backoff);
        if let Some(cap) = self.cap {
            let _ = write!(clause, ", cap: {cap:?}");
        }
        if self.jitter.is_some() {
            clause.push_str(", jitter");
        }
        if let Some(limit) = self.within {
            let _ = write!(clause, ", within: {limit:?}");
        }
        clause.push(')');
        node.clause(clause).keeping_a_copy()
    }
}

impl<F, C> fmt::Debug for Retry<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("times", &self.times)
            .field("backoff", &self.backoff)
            .field("cap", &self.cap)
            .field("jitter", &self.jitter.is_some())
            .field("within", &self.within)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{doubled, jittered};
    use crate::{
        Attempts, BoxError, CancelToken, Error, Failure, Halt, Pipeline, Policy as _, Retry, for_each,
        from_iter, retry, size, skip,
    };

    const HOUR: Duration = Duration::from_hours(1);
    const MS: Duration = Duration::from_millis(1);
    const NS: Duration = Duration::from_nanos(1);

    /// The errors of runs with the policy, each for another kind of stage or sink that fails at its item for ever. The
    /// token cancels the run.
    fn everywhere<W>(policy: impl Fn(&CancelToken) -> Retry<W>) -> Vec<Error>
    where
        W: FnMut(&BoxError) -> bool,
    {
        fn bad<T>(_: T) -> Result<u32, Halt> {
            Err(Failure::new("busy").at("one").into())
        }
        let items = || Pipeline::new("items", from_iter([1_u32]));
        let chunks = || items().buffer(size(1));
        let end = || for_each(|_: u32| Ok(()));
        let mut errors = Vec::new();
        macro_rules! run {
            ($token:ident, $run:expr) => {{
                let $token = CancelToken::new();
                errors.push($run.cancelled_by(&$token).run().map(drop).unwrap_err());
            }};
        }
        run!(token, items().try_map(bad).on_error(policy(&token)).end(end()));
        run!(token, chunks().try_map(bad).on_error_split(policy(&token)).end(end()));
        run!(token, items().end(for_each(|n| bad(n).map(drop))).on_error(policy(&token)));
        run!(token, chunks().end(for_each(|n| bad(n).map(drop))).on_error_split(policy(&token)));
        let parallel = || items().try_map_parallel(size(2), 2, bad);
        run!(token, parallel().on_error(policy(&token)).end(end()));
        run!(token, parallel().by_key(|n| *n).on_error(policy(&token)).end(end()));
        #[cfg(feature = "futures")]
        run!(token, {
            let replies = items().try_map_async(size(2), |n| std::future::ready(bad(n)));
            replies.on_error(policy(&token)).end(end())
        });
        errors
    }

    fn messages<W: FnMut(&BoxError) -> bool>(policy: impl Fn() -> Retry<W>) -> Vec<String> {
        everywhere(|_| policy()).iter().map(Error::to_string).collect()
    }

    #[test]
    fn a_delay_is_doubled_up_to_the_cap() {
        let second = Duration::from_secs(1);
        let delays: Vec<_> = (1..=5).map(|count| doubled(second, count, 5 * second).as_secs()).collect();
        assert_eq!(delays, [1, 2, 4, 5, 5]);
        assert_eq!(doubled(second, 3, MS), MS);
        assert_eq!(doubled(second, 3, Duration::ZERO), Duration::ZERO);
        // Beyond the range of the factor.
        assert_eq!(doubled(NS, 41, Duration::MAX), Duration::from_nanos(1 << 40));
        assert_eq!(doubled(NS, u32::MAX, Duration::MAX), Duration::MAX);
        assert_eq!(doubled(Duration::MAX, 9, Duration::MAX), Duration::MAX);
        assert_eq!(doubled(Duration::ZERO, u32::MAX, Duration::MAX), Duration::ZERO);
    }

    #[test]
    fn jitter_gives_a_time_from_half_of_the_delay_to_the_whole() {
        assert_eq!(jittered(8 * MS, 0), 4 * MS);
        assert_eq!(jittered(8 * MS, u64::MAX), 8 * MS);
        assert_eq!(jittered(8 * MS, u64::from(u32::MAX / 2 + 1) << 32).as_micros(), 6000);
        assert_eq!(jittered(Duration::ZERO, u64::MAX), Duration::ZERO);
        assert!(jittered(NS, u64::MAX) <= NS);
        assert!(jittered(Duration::MAX, u64::MAX) >= Duration::MAX / 2);
    }

    #[test]
    fn jitter_differs_between_items_and_policies_and_not_between_two_questions() {
        let [one, other] = [(); 2].map(|()| retry(9, HOUR, |_| true).jitter());
        let start = Instant::now();
        let delays = |policy: &Retry<_>| -> Vec<Duration> {
            let delay = |item: u32| {
                let mut attempts = Attempts::new();
                attempts.add_failure_at(start + item * MS);
                assert_eq!(policy.delay(attempts), policy.delay(attempts));
                policy.delay(attempts)
            };
            (0..64).map(delay).collect()
        };
        let mut drawn = delays(&one);
        assert!(drawn.iter().all(|delay| (HOUR / 2..=HOUR).contains(delay)), "{drawn:?}");
        assert_ne!(drawn, delays(&other));
        drawn.sort();
        drawn.dedup();
        assert!(drawn.len() > 60, "{drawn:?}");
        // Both halves of the range.
        assert!(drawn[0] < HOUR / 4 * 3 && drawn[drawn.len() - 1] > HOUR / 4 * 3, "{drawn:?}");
    }

    #[test]
    fn no_attempt_begins_after_the_limit() {
        let mut policy = retry(9, 10 * MS, |_| true).within(100 * MS);
        let mut delay = |failures: &[u32]| {
            let (start, mut attempts) = (Instant::now(), Attempts::new());
            for at in failures {
                attempts.add_failure_at(start + *at * MS);
            }
            policy.try_again(&1, &Failure::new("busy"), attempts).map(|(_, delay): (u32, _)| delay)
        };
        assert_eq!(delay(&[0]), Some(10 * MS));
        // Measured from the first failure, whenever that was.
        assert_eq!(delay(&[500]), Some(10 * MS));
        assert_eq!(delay(&[500, 580]), Some(20 * MS));
        assert_eq!(delay(&[500, 581]), None);
        assert_eq!(delay(&[0, 5, 10, 15, 20]), None);
    }

    #[test]
    fn a_limit_of_any_size_is_compared() {
        let mut attempts = Attempts::new();
        attempts.add_failure();
        let asked = |policy: Retry<fn(&BoxError) -> bool>| {
            let mut policy = policy;
            policy.try_again(&1, &Failure::new("busy"), attempts).map(|(_, delay): (u32, _)| delay)
        };
        let policy = |backoff| retry(u32::MAX, backoff, (|_| true) as fn(&BoxError) -> bool);
        assert_eq!(asked(policy(Duration::MAX).within(Duration::MAX)), Some(Duration::MAX));
        assert_eq!(asked(policy(Duration::MAX).within(HOUR)), None);
        assert_eq!(asked(policy(Duration::ZERO).within(Duration::ZERO)), Some(Duration::ZERO));
    }

    #[test]
    fn a_delay_that_would_end_after_the_limit_is_not_begun() {
        for message in messages(|| retry(9, HOUR, |_| true).within(MS)) {
            assert!(message.starts_with("pipeline items failed in stage "), "{message}");
            assert!(
                message.ends_with(" at one after 1 attempt; the next would begin after the limit of 1ms"),
                "{message}"
            );
        }
    }

    #[test]
    fn the_limit_ends_retries_without_a_number() {
        for message in messages(|| retry(u32::MAX, MS, |_| true).cap(MS).jitter().within(6 * MS)) {
            assert!(message.contains(" attempts in "), "{message}");
            assert!(message.ends_with("; the next would begin after the limit of 6ms"), "{message}");
        }
    }

    /// Without the cap the last delay is 36 years.
    #[test]
    fn the_cap_holds_everywhere() {
        for message in messages(|| retry(60, NS, |_| true).cap(Duration::from_micros(1))) {
            assert!(message.contains(" at one after 61 attempts in "), "{message}");
        }
    }

    #[test]
    fn the_number_of_attempts_is_given_if_there_were_several() {
        for message in messages(|| retry(0, HOUR, |_| true)) {
            assert!(message.ends_with(" at one"), "{message}");
        }
        let refused = || {
            let mut questions = 0;
            retry(9, Duration::ZERO, move |_| {
                questions += 1;
                questions == 1
            })
        };
        for message in messages(refused) {
            assert!(message.contains(" at one after 2 attempts in "), "{message}");
        }
    }

    #[test]
    fn the_next_policy_decides_after_the_limit() {
        let run = Pipeline::new("items", from_iter([1_u32, 2]))
            .try_map(|n| if n == 1 { Err("busy".into()) } else { Ok(n) })
            .on_error(retry(9, HOUR, |_| true).within(MS))
            .on_error(skip(1))
            .count()
            .run();
        assert_eq!(run.unwrap().output, 1);
    }

    #[test]
    fn a_delay_with_jitter_ends_with_the_run() {
        let cancelling = |token: &CancelToken| {
            let token = token.clone();
            let when = move |_: &BoxError| {
                let token = token.clone();
                thread::spawn(move || {
                    thread::sleep(3 * MS);
                    token.cancel();
                });
                true
            };
            retry(9, HOUR, when).cap(HOUR).jitter().within(Duration::MAX)
        };
        assert!(everywhere(cancelling).iter().all(Error::is_cancelled));
    }
}
