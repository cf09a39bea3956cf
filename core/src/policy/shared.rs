//! `shared(policy)`: one policy for several stages, a source and a sink.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::{Attempts, Decision, Failed, Policy};
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::run::{CancelToken, CommitHooks, RunContext};

/// Shares one policy among several parts of a run: stages, the sink, and sources that call it themselves.
///
/// Each clone is a handle of the same policy, so a limit such as that of [`skip`](crate::skip) is one limit for all of them.
///
/// ```
/// use syncline_core::{Collect, Pipeline, from_iter, shared, skip};
///
/// let policy = shared(skip(2));
/// let halves = Pipeline::new("halves", from_iter(["8", "x", "6", "3"]))
///     .try_map(|text| Ok(text.parse::<u32>()?))
///     .on_error(policy.clone())
///     .try_map(|n| if n % 2 == 0 { Ok(n / 2) } else { Err(std::fmt::Error.into()) })
///     .on_error(policy.clone());
/// assert_eq!(halves.end(Collect::new()).run()?.output, [4, 3]);
/// assert_eq!(policy.skipped(), 2);
/// # Ok::<(), syncline_core::Error>(())
/// ```
///
/// If item types differ from stage to stage, [`by_key`](crate::by_key) gives the policy a key of each item.
///
/// A source, stage or sink that finds a bad item inside its own work calls [`leave_out`](Shared::leave_out). It calls
/// [`start`](Shared::start) and [`close`](Shared::close) in its methods of the same names, so that the policy can be
/// cancelled, commits with the sink, and is finished:
///
/// ```
/// use syncline_core::{Collect, Emit, Failure, Halt, Pipeline, Progress, RunContext, Shared, SkipFailed, Source, Tally};
/// use syncline_core::{shared, skip};
///
/// /// The numbers in a list of words.
/// struct Numbers<'a> {
///     words: &'a [&'a str],
///     policy: Shared<SkipFailed>,
///     left_out: u64,
/// }
///
/// impl Source for Numbers<'_> {
///     type Item = u32;
///
///     fn advance(&mut self, out: &mut impl Emit<u32>) -> Result<Progress, Halt> {
///         for word in self.words {
///             match word.parse() {
///                 Ok(n) => out.emit(n)?,
///                 Err(error) => {
///                     self.policy.leave_out("Numbers", word, Failure::new(error).at(word))?;
///                     self.left_out += 1;
///                 }
///             }
///         }
///         Ok(Progress::Done)
///     }
///
///     fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
///     where
///         Self: 'env,
///     {
///         self.policy.start::<&str>(context, "Numbers");
///     }
///
///     fn close(&mut self) -> Result<(), Failure> {
///         self.policy.close::<&str>()
///     }
///
///     fn tally(&self) -> Tally {
///         Tally::of_skipped(self.left_out)
///     }
/// }
///
/// let policy = shared(skip(1));
/// let numbers = Numbers { words: &["1", "two", "3"], policy, left_out: 0 };
/// let outcome = Pipeline::new("numbers", numbers).end(Collect::new()).run()?;
/// assert_eq!(outcome.output, [1, 3]);
/// assert_eq!(outcome.report.stage("Numbers").unwrap().skipped(), 1);
/// # Ok::<(), syncline_core::Error>(())
/// ```
///
/// * Life of the policy: it is attached with the first handle of a run, its commit hooks are added once, and it is
///   finished when no attached handle is left. A handle that is dropped after a failure is not attached any more, so
///   other handles can be used in another run: the policy is attached again, and keeps its counts. A dead letter after
///   the end fails the run, because the sink of letters is finished.
/// * An iterator or a stream that is dropped before its end does not finish its handles. If it is dropped last, the
///   policy is not finished.
/// * Locking: a handle locks the policy for each call, even while [`retry`](crate::retry) waits. A policy must not call
///   a handle of itself.
pub fn shared<P>(policy: P) -> Shared<P> {
    let cancel = CancelToken::new();
    let state = State { policy, cancel, uses: Weak::new(), shared: false, finished: false, skipped: 0 };
    Shared { state: Arc::new(Mutex::new(state)), attached: None }
}

/// A handle of a shared policy: see [`shared`].
#[must_use]
pub struct Shared<P> {
    state: Arc<Mutex<State<P>>>,
    /// `Some` while this handle is attached and not finished. Its drop ends the use, also after a failure.
    attached: Option<Arc<Use>>,
}

/// The use of the policy by the attached handles, which all hold the same one.
struct Use;

struct State<P> {
    policy: P,
    /// The token of the run that the policy is attached to.
    cancel: CancelToken,
    /// The current use. It is over when no attached handle is left, and the next attached handle begins another.
    uses: Weak<Use>,
    /// `true` once [`Policy::share`] was called in the current use.
    shared: bool,
    /// `true` once the policy was finished in the current use.
    finished: bool,
    skipped: u64,
}

fn lock<P>(state: &Mutex<State<P>>) -> MutexGuard<'_, State<P>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<P> Shared<P> {
    fn lock(&self) -> MutexGuard<'_, State<P>> {
        lock(&self.state)
    }

    /// The number of items that were skipped through any handle.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.lock().skipped
    }

    /// Attaches this handle to a run that starts, and adds the policy's hooks for commits. A source or stage that calls
    /// [`leave_out`](Self::leave_out) or [`ask`](Self::ask) calls it in its own `start`. `part` is the name for the error
    /// of a hook.
    pub fn start<'env, T>(&mut self, context: &mut RunContext<'_, 'env>, part: &'static str)
    where
        P: Policy<T> + 'env,
    {
        Policy::attach(self, context.cancel_token());
        if let Some(hooks) = context.commit_hooks(part) {
            Policy::add_commit_hooks(self, hooks);
        }
    }

    /// Finishes this handle, and the policy with the last attached handle. A source or stage that calls
    /// [`start`](Self::start) calls it in its own `close`.
    ///
    /// # Errors
    ///
    /// If the policy cannot be finished.
    pub fn close<T>(&mut self) -> Result<(), Failure>
    where
        P: Policy<T>,
    {
        Policy::finish(self)
    }

    /// Skips `item`, at which `stage` failed with `failure`, if the policy agrees.
    ///
    /// It is for a part that finds a bad item in the middle of its work and can continue without it: a source, or a
    /// stage or sink that takes chunks and has processed the other items. Such a part counts skipped items in its
    /// `tally`.
    ///
    /// # Errors
    ///
    /// If the policy fails the run. The part cannot retry the item, so a [`retry`](crate::retry) fails too, without a
    /// delay. A [fatal](Failure::fatal) failure and a cancellation are returned unchanged, without a call of the policy.
    pub fn leave_out<T>(&self, stage: &'static str, item: &T, failure: Failure) -> Result<(), Halt>
    where
        P: Policy<T>,
    {
        if failure.is_fatal() {
            return Err(failure.into());
        }
        let mut attempts = Attempts::new();
        attempts.add_failure();
        let mut shared = self.lock();
        let kept = shared.policy.keep(item);
        let cancel = shared.cancel.clone();
        Ok(shared.skip_or_fail(Failed { kept, failure, attempts, stage }, &cancel)?)
    }

    /// Calls the policy for `item`, at which `attempts` of `stage` have failed. A policy that waits stops waiting when
    /// the run that it is [attached](Policy::attach) to is cancelled.
    ///
    /// # Errors
    ///
    /// If the policy fails the run. A [fatal](Failure::fatal) failure and a cancellation are returned unchanged, without
    /// a call of the policy.
    pub fn ask<T>(
        &self,
        stage: &'static str,
        item: &T,
        failure: Failure,
        attempts: Attempts,
    ) -> Result<Decision<T>, Failure>
    where
        P: Policy<T>,
    {
        if failure.is_fatal() {
            return Err(failure);
        }
        let mut shared = self.lock();
        let kept = shared.policy.keep(item);
        let cancel = shared.cancel.clone();
        shared.decide(Failed { kept, failure, attempts, stage }, &cancel)
    }
}

impl<P> State<P> {
    fn decide<T>(&mut self, failed: Failed<P::Kept>, cancel: &CancelToken) -> Result<Decision<T>, Failure>
    where
        P: Policy<T>,
    {
        let decision = self.policy.decide(failed, cancel)?;
        if matches!(decision, Decision::LeaveOut) {
            self.skipped += 1;
        }
        Ok(decision)
    }

    fn skip_or_fail<T>(&mut self, failed: Failed<P::Kept>, cancel: &CancelToken) -> Result<(), Failure>
    where
        P: Policy<T>,
    {
        self.policy.skip_or_fail(failed, cancel)?;
        self.skipped += 1;
        Ok(())
    }
}

#[deny(clippy::missing_trait_methods)]
impl<T, P: Policy<T>> Policy<T> for Shared<P> {
    type Kept = P::Kept;

    fn keep(&mut self, item: &T) -> P::Kept {
        self.lock().policy.keep(item)
    }

    fn decide(&mut self, failed: Failed<P::Kept>, cancel: &CancelToken) -> Result<Decision<T>, Failure> {
        self.lock().decide(failed, cancel)
    }

    fn skip_or_fail(&mut self, failed: Failed<P::Kept>, cancel: &CancelToken) -> Result<(), Failure> {
        self.lock().skip_or_fail(failed, cancel)
    }

    fn try_again(&mut self, kept: &P::Kept, failure: &Failure, attempts: Attempts) -> Option<(T, Duration)> {
        self.lock().policy.try_again(kept, failure, attempts)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.lock().policy.commit()
    }

    fn add_commit_hooks<'env>(&mut self, commits: &mut CommitHooks<'env>)
    where
        Self: 'env,
    {
        let mut state = self.lock();
        if !state.shared {
            state.shared = true;
            state.policy.add_commit_hooks(commits);
        }
    }

    fn finish(&mut self) -> Result<(), Failure> {
        let mut state = lock(&self.state);
        self.attached = None;
        if state.uses.strong_count() > 0 || state.finished {
            return Ok(());
        }
        state.finished = true;
        state.policy.finish()
    }

    fn attach(&mut self, cancel: &CancelToken) {
        let mut state = lock(&self.state);
        self.attached = None;
        self.attached = state.uses.upgrade();
        if self.attached.is_none() {
            let current = Arc::new(Use);
            state.uses = Arc::downgrade(&current);
            self.attached = Some(current);
            (state.shared, state.finished) = (false, false);
            state.cancel = cancel.clone();
            state.policy.attach(cancel);
        }
    }

    fn draw(&self, node: Node) -> Node {
        self.lock().policy.draw(node)
    }
}

impl<P> Clone for Shared<P> {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state), attached: None }
    }
}

impl<P> fmt::Debug for Shared<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::time::Duration;

    use crate::testing::{Ending, Probe};
    use crate::{
        Collect, Commit, Decision, Emit, Failed, Failure, Halt, Letter, Pipeline, Policy, Progress,
        RunContext, Shared, Sink, Source, chain, dead_letter, from_iter, merge, merge_by, read_ahead, retry,
        shared, size, skip,
    };

    fn odd(n: u32) -> Result<u32, Halt> {
        if n % 2 == 1 { Ok(n) } else { Err(Failure::new("even").at(n).into()) }
    }

    fn small(n: u32) -> Result<u32, Halt> {
        if n < 5 { Ok(n) } else { Err(Failure::new("large").at(n).into()) }
    }

    #[test]
    fn the_limit_is_one_for_all_handles() {
        for limit in 0..8 {
            let policy = shared(skip(limit));
            let run = Pipeline::new("odd and small", from_iter(0..9))
                .try_map(odd)
                .on_error(policy.clone())
                .try_map(small)
                .on_error(policy.clone())
                .end(Collect::new())
                .run();
            // 0 to 8: five are even, then 5 and 7 are large.
            match run {
                Ok(outcome) => assert_eq!((limit >= 7, outcome.output), (true, vec![1, 3])),
                Err(error) => {
                    let bad = ["0", "2", "4", "5", "6", "7", "8"][usize::try_from(limit).unwrap()];
                    assert_eq!(error.record(), Some(bad));
                }
            }
            assert_eq!(policy.skipped(), limit.min(7));
        }
    }

    #[test]
    fn the_sink_for_letters_is_finished_once_and_after_the_last_part() {
        let letters = Probe::new();
        let seen = letters.seen();
        let policy = shared(dead_letter(letters));
        Pipeline::new("odd and small", from_iter(0..9))
            .try_map(odd)
            .on_error(policy.clone())
            .end(Probe::new().refuse(|n| *n > 4))
            .on_error(policy)
            .run()
            .unwrap();
        let letters: Vec<u32> = seen.take().into_iter().map(|letter: Letter<u32>| letter.item).collect();
        assert_eq!((letters, seen.ending()), (vec![0, 2, 4, 5, 6, 7, 8], Ending::Finished));
    }

    #[test]
    fn a_part_that_asks_cannot_try_again() {
        let policy = shared(retry(3, Duration::from_hours(1), |_| true));
        let asked = policy.leave_out("part", &7, Failure::new("seven").at(7));
        let Err(Halt::Failed(failure)) = asked else { panic!("it was left out") };
        assert_eq!((failure.record(), failure.source().to_string()), (Some("7"), "seven".to_owned()));
    }

    /// Counts the calls.
    #[derive(Default)]
    struct Told {
        attached: u32,
        commits: u32,
        finished: u32,
    }

    impl Policy<u32> for &mut Told {
        type Kept = ();

        fn keep(&mut self, _: &u32) {}

        fn decide(&mut self, _: Failed<()>, _: &crate::CancelToken) -> Result<Decision<u32>, Failure> {
            Ok(Decision::LeaveOut)
        }

        fn commit(&mut self) -> Result<(), Failure> {
            self.commits += 1;
            Ok(())
        }

        fn attach(&mut self, _: &crate::CancelToken) {
            self.attached += 1;
        }

        fn finish(&mut self) -> Result<(), Failure> {
            self.finished += 1;
            Ok(())
        }
    }

    struct Nowhere;

    impl Sink for Nowhere {
        type In = u32;
        type Output = ();

        fn consume(&mut self, _: u32) -> Result<(), Halt> {
            Ok(())
        }

        fn finish(self) -> Result<(), Failure> {
            Ok(())
        }
    }

    impl Commit for Nowhere {
        fn commit(&mut self) -> Result<(), Failure> {
            Ok(())
        }
    }

    #[test]
    fn the_policy_is_attached_and_finished_once() {
        let mut told = Told::default();
        let policy = shared(&mut told);
        let odd_and_small =
            Pipeline::new("odd", from_iter(0..9)).try_map(odd).on_error(policy.clone()).try_map(small);
        odd_and_small.on_error(policy.clone()).end(Nowhere).on_error(policy).run().unwrap();
        assert_eq!((told.attached, told.finished), (1, 1));
    }

    #[test]
    fn each_run_attaches_and_finishes_the_policy() {
        let mut told = Told::default();
        let policy = shared(&mut told);
        let run = || Pipeline::new("odd", from_iter(0..9)).try_map(odd).on_error(policy.clone()).end(Nowhere);
        run().on_error(policy.clone()).run().unwrap();
        run().on_error(policy.clone()).run().unwrap();
        drop(policy);
        assert_eq!((told.attached, told.finished), (2, 2));
    }

    #[test]
    fn after_a_run_that_failed_the_next_one_attaches_commits_and_finishes_the_letters() {
        let letters = Probe::new();
        let seen = letters.seen();
        let policy = shared(dead_letter(letters).committing());
        let run = |last: u32| {
            Pipeline::new("odd", from_iter([1, 2, 3, last]))
                .try_map(odd)
                .on_error(policy.clone())
                .try_map(|n| if n == 9 { Err(Failure::new("the power goes").into()) } else { Ok(n) })
                .end(Nowhere)
                .commit_every(NonZeroUsize::MIN)
                .run()
        };
        run(9).unwrap_err();
        let before = seen.commits().len();
        run(5).unwrap();
        assert_eq!((seen.commits().len() - before, seen.ending()), (3, Ending::Finished));
    }

    #[test]
    fn a_policy_without_hooks_commits_with_the_sink() {
        let mut told = Told::default();
        let policy = shared(&mut told);
        let numbers = Pipeline::new("odd", from_iter(0..9)).try_map(odd).on_error(policy.clone());
        numbers.end(Nowhere).on_error(policy).commit_every(NonZeroUsize::MIN).run().unwrap();
        assert_eq!(told.commits, 4);
    }

    #[test]
    fn a_policy_without_hooks_beside_one_with_hooks_commits_with_the_sink() {
        let mut told = Told::default();
        let letters = Probe::new();
        let seen = letters.seen();
        let policy = shared((&mut told, dead_letter(letters).committing()));
        let numbers = Pipeline::new("odd", from_iter(0..9)).try_map(odd).on_error(policy.clone());
        numbers.end(Nowhere).on_error(policy).commit_every(NonZeroUsize::MIN).run().unwrap();
        // The letters have a hook, and are not committed a second time.
        assert_eq!((told.commits, seen.commits().len()), (4, 4));
    }

    #[test]
    fn the_handle_of_the_sink_commits_with_it() {
        let mut told = Told::default();
        let numbers = Pipeline::new("odd", from_iter(0..9)).end(Nowhere).on_error(shared(&mut told));
        numbers.commit_every(NonZeroUsize::MIN).run().unwrap();
        assert_eq!(told.commits, 9);
    }

    /// Emits the odd numbers below a bound, two in each advance, and leaves out the even ones.
    struct Odd<P> {
        next: u32,
        end: u32,
        policy: Shared<P>,
    }

    impl<P: Policy<u32>> Source for Odd<P> {
        type Item = u32;

        fn advance(&mut self, out: &mut impl Emit<u32>) -> Result<Progress, Halt> {
            for _ in 0..2 {
                if self.next == self.end {
                    return Ok(Progress::Done);
                }
                let n = self.next;
                self.next += 1;
                if n.is_multiple_of(2) {
                    self.policy.leave_out("Odd", &n, Failure::new("even"))?;
                } else {
                    out.emit(n)?;
                }
            }
            Ok(Progress::More)
        }

        fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
        where
            Self: 'env,
        {
            self.policy.start::<u32>(context, "Odd");
        }

        fn close(&mut self) -> Result<(), Failure> {
            self.policy.close::<u32>()
        }
    }

    #[test]
    fn the_letters_of_a_source_are_finished_with_it() {
        type Letters = crate::DeadLetter<Probe<Letter<u32>>>;

        fn check(run: impl FnOnce(Odd<Letters>) -> usize) {
            let letters = Probe::new();
            let seen = letters.seen();
            let policy = shared(dead_letter(letters));
            let taken = run(Odd { next: 0, end: 8, policy });
            // A source that reads ahead may have left out more.
            let left_out = seen.take().len();
            assert!(left_out >= taken, "{left_out} letters, {taken} items");
            assert_eq!(seen.ending(), Ending::Finished);
        }
        fn taken(source: impl Source<Item = u32>, most: usize) -> usize {
            Pipeline::new("odd", source).take(most).end(Collect::new()).run().unwrap().output.len()
        }
        for most in [2, 9] {
            check(|odd| taken(odd, most));
            check(|odd| taken(Pipeline::new("inner", odd), most));
            check(|odd| taken(merge([odd]), most));
            check(|odd| taken(merge_by([odd], |n| *n), most));
            check(|odd| taken(chain([odd]), most));
            check(|odd| std::thread::scope(|scope| taken(read_ahead(scope, odd, size(1)), most)));
        }
        check(|odd| Pipeline::new("odd", odd).into_iter().map(Result::unwrap).count());
    }

    #[test]
    fn after_a_failure_the_letters_of_a_source_are_dropped() {
        let letters = Probe::new();
        let seen = letters.seen();
        let odd = Odd { next: 0, end: 8, policy: shared(dead_letter(letters)) };
        Pipeline::new("odd", odd).try_map(small).end(Collect::new()).run().unwrap_err();
        assert_eq!(seen.ending(), Ending::Dropped);
    }

    #[test]
    fn the_letters_of_a_source_commit_with_the_sink() {
        let letters = Probe::new();
        let seen = letters.seen();
        let odd = Odd { next: 0, end: 8, policy: shared(dead_letter(letters).committing()) };
        Pipeline::new("odd", odd).end(Nowhere).commit_every(NonZeroUsize::MIN).run().unwrap();
        assert_eq!((seen.commits().len(), seen.ending()), (4, Ending::Finished));
    }
}
