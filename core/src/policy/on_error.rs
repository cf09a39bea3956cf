//! A stage with a policy for the items that it fails at.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline, Then};
use crate::policy::{Decision, Failed, Policy};
use crate::report::Tally;
use crate::run::CancelToken;
use crate::run::context::Context;
use crate::stage::{Packing, Stage, Yield};

/// Stage of [`Pipeline::on_error`](crate::Pipeline::on_error).
///
/// * Shape: as the stage inside, less the items that it failed at. What it made of such an item before it failed is not
///   handed on.
/// * Memory: what the stage makes of one item, and what the policy keeps of each item that the stage holds.
/// * End: an error of the stage when it finishes, or of a later one, is no item's: the run fails.
#[must_use]
pub struct OnError<S: Stage, P: Policy<S::In>> {
    stage: S,
    guard: Guard<P, P::Kept, S::Out>,
}

impl<S: Stage, P: Policy<S::In>> OnError<S, P> {
    pub(crate) fn new(stage: S, policy: P) -> Self {
        const {
            assert!(
                !S::FAILS_LATE || S::SAYS_WHICH_FAILED,
                "a parallel stage has one policy: several are given as a pair, `on_error((first, second))`"
            );
        }
        let guard = Guard {
            policy,
            made: Vec::new(),
            held: VecDeque::new(),
            tally: Tally::default(),
            cancel: CancelToken::new(),
        };
        Self { stage, guard }
    }
}

/// A policy, and what it is to decide about.
#[doc(hidden)]
pub struct Guard<P, K, U> {
    policy: P,
    /// What a stage makes of one item.
    made: Vec<U>,
    /// What is kept of the items that a stage holds, the first one first, and how often each was tried.
    held: VecDeque<(K, u32)>,
    tally: Tally,
    cancel: CancelToken,
}

impl<P, K, U> Guard<P, K, U> {
    /// Gives `stage` an item that it hands on before it takes the next, or never.
    pub(crate) fn each<S: Stage<Out = U>>(
        &mut self,
        stage: &mut S,
        mut item: S::In,
        out: &mut impl Emit<U>,
    ) -> Result<(), Halt>
    where
        P: Policy<S::In, Kept = K>,
    {
        let mut attempts = 0;
        let stopped = loop {
            let kept = self.policy.keep(&item);
            let failure = match stage.push(item, &mut Gather(&mut self.made)) {
                Ok(()) => break false,
                Err(Halt::Stop) => break true,
                Err(Halt::Failed(failure)) => failure,
            };
            self.made.clear();
            attempts += 1;
            match self.decide(Failed { kept, failure, attempts, stage: stage.name() })? {
                Decision::LeaveOut => return Ok(()),
                Decision::TryAgain(again) => item = again,
            }
        };
        self.made.drain(..).try_for_each(|item| out.emit(item))?;
        if stopped { Err(Halt::Stop) } else { Ok(()) }
    }

    fn decide<T>(&mut self, failed: Failed<K>) -> Result<Decision<T>, Failure>
    where
        P: Policy<T, Kept = K>,
    {
        // An item that was in hand when the run was cancelled has not failed.
        if failed.failure.is_cancellation() {
            return Err(failed.failure);
        }
        let decision = self.policy.decide(failed, &self.cancel)?;
        match decision {
            Decision::LeaveOut => self.tally.skipped += 1,
            Decision::TryAgain(_) => self.tally.retried += 1,
        }
        Ok(decision)
    }

    /// Keeps what may be needed of `item`, which a stage is about to hold behind those that it has.
    pub(crate) fn keep<T>(&mut self, item: &T)
    where
        P: Policy<T, Kept = K>,
    {
        let kept = self.policy.keep(item);
        self.held.push_back((kept, 0));
    }

    /// The first item is no longer held.
    pub(crate) fn let_go(&mut self) {
        self.held.pop_front();
    }

    /// The item at `place` failed. Whether it is to be tried again right away, and how long it rests before that.
    pub(crate) fn again<T>(
        &mut self,
        place: usize,
        failure: &Failure,
    ) -> Result<Option<(T, Duration)>, Failure>
    where
        P: Policy<T, Kept = K>,
    {
        if failure.is_cancellation() {
            return Ok(None);
        }
        let Some((kept, attempts)) = self.held.get_mut(place) else { return Ok(None) };
        *attempts += 1;
        let again = self.policy.try_again(kept, failure, *attempts);
        if again.is_some() {
            if self.cancel.is_cancelled() {
                return Err(Failure::cancelled());
            }
            self.tally.retried += 1;
        }
        Ok(again)
    }

    /// The first item failed, and was not tried again right away.
    pub(crate) fn decide_first<T>(
        &mut self,
        failure: Failure,
        stage: &'static str,
    ) -> Result<Decision<T>, Failure>
    where
        P: Policy<T, Kept = K>,
    {
        let Some((kept, attempts)) = self.held.pop_front() else { return Err(failure) };
        let decision = self.decide(Failed { kept, failure, attempts, stage })?;
        if let Decision::TryAgain(item) = &decision {
            let kept = self.policy.keep(item);
            self.held.push_front((kept, attempts));
        }
        Ok(decision)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

/// Gathers what a stage makes of one item.
pub(super) struct Gather<'a, T>(pub(super) &'a mut Vec<T>);

impl<T> Emit<T> for Gather<'_, T> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        self.0.push(item);
        Ok(())
    }
}

impl<S: Stage, P: Policy<S::In>> Stage for OnError<S, P> {
    type In = S::In;
    type Out = S::Out;

    const YIELD: Yield = match S::YIELD {
        Yield::One => Yield::AtMostOne,
        other => other,
    };

    const FAILS_LATE: bool = S::FAILS_LATE;

    fn push(&mut self, item: S::In, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        self.stage.push_guarded(item, &mut self.guard, out)
    }

    fn tick(&mut self, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        self.stage.tick_guarded(&mut self.guard, out)
    }

    fn finish(&mut self, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        self.stage.finish_guarded(&mut self.guard, out)
    }

    fn close(&mut self) -> Result<(), Failure> {
        self.stage.close()?;
        self.guard.policy.finish()
    }

    fn name(&self) -> &'static str {
        self.stage.name()
    }

    fn node(&self) -> Node {
        self.guard.policy.draw(self.stage.node())
    }

    fn packing(&self) -> Packing {
        self.stage.packing()
    }

    fn attach<'scope, 'env>(&mut self, context: &mut Context<'_, 'scope, 'env>)
    where
        Self: 'env,
    {
        self.guard.cancel = context.cancel.clone();
        self.guard.policy.attach(context.cancel);
        self.stage.attach(context);
        if let Some(commits) = &mut context.commits {
            self.guard.policy.share(commits.of(self.stage.name()));
        }
    }

    fn is_shut(&self) -> bool {
        self.stage.is_shut()
    }

    fn tally(&self) -> Tally {
        self.guard.tally.plus(self.stage.tally())
    }

    fn tally_beside(&self) -> Tally {
        self.stage.tally_beside()
    }
}

impl<S: Stage, P: Policy<S::In> + fmt::Debug> fmt::Debug for OnError<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnError")
            .field("policy", &self.guard.policy)
            .field("tally", &self.guard.tally)
            .finish_non_exhaustive()
    }
}

impl<P: fmt::Debug, K, U> fmt::Debug for Guard<P, K, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("policy", &self.policy)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}

impl<T, C, S: Stage<Out = T>, M> Pipeline<T, Then<C, S, M>, M> {
    /// Says what becomes of the items that the last stage fails at. Without a policy the run fails.
    ///
    /// A failed item is not handed on, nor is anything that the stage made of it. Policies may follow each other: what
    /// one would fail the run for, the next decides. A `buffer` cannot fail and takes none. A parallel stage takes one:
    /// several are given to it as a pair, `on_error((first, second))`, which goes for any stage.
    ///
    /// ```
    /// # use syncline_core::{Collect, Halt, Pipeline, Transform, from_iter, skip};
    /// # struct Parse;
    /// # impl Transform for Parse {
    /// #     type In = &'static str;
    /// #     type Out = i64;
    /// #     fn transform(&mut self, line: &'static str) -> Result<Option<i64>, Halt> { Ok(Some(line.parse()?)) }
    /// # }
    /// let numbers = Pipeline::new("numbers", from_iter(["1", "two", "3"])).pipe(Parse).on_error(skip(10));
    /// let outcome = numbers.end(Collect::new()).run()?;
    /// assert_eq!(outcome.output, [1, 3]);
    /// assert_eq!(outcome.report.stage("Parse").unwrap().skipped(), 1);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn on_error<P: Policy<S::In>>(self, policy: P) -> Piped<T, C, OnError<S, P>, M> {
        self.with_chain(|chain| chain.with_stage(|stage| OnError::new(stage, policy)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::testing::{Ending, Probe};
    use crate::{
        BoxError, CancelToken, Collect, DeadLetter, Error, Failure, FlatMap, Halt, Letter, Pipeline,
    };
    use crate::{Retry, Sink, dead_letter, for_each, from_iter, retry, size, skip};

    /// Makes two of each number, and fails at the second of a multiple of three. It can be healed after so many tries.
    struct Twice {
        tries: u32,
    }

    impl FlatMap for Twice {
        type In = u32;
        type Out = u32;

        fn flat_map(&mut self, n: u32) -> Result<impl IntoIterator<Item = u32>, Halt> {
            if n.is_multiple_of(3) && self.tries > 0 {
                self.tries -= 1;
                return Err(Failure::new("a multiple of three").at(n).into());
            }
            Ok([n, n])
        }
    }

    fn twice(
        tries: u32,
    ) -> crate::pipeline::Piped<
        u32,
        crate::Head<crate::FromIter<std::ops::Range<u32>>, crate::Metered>,
        Twice,
        crate::Metered,
    > {
        Pipeline::new("twice", from_iter(0..5)).pipe(Twice { tries })
    }

    #[test]
    fn what_is_skipped_is_counted_and_the_rest_is_handed_on() {
        let outcome = twice(u32::MAX).on_error(skip(2)).end(Collect::new()).run().unwrap();
        assert_eq!(outcome.output, [1, 1, 2, 2, 4, 4]);
        let stage = outcome.report.stage("Twice").unwrap();
        assert_eq!(
            (stage.items_in(), stage.items_out(), stage.failed(), stage.skipped()),
            (Some(5), Some(6), 2, 2)
        );
    }

    #[test]
    fn one_more_than_the_limit_fails_the_run() {
        for limit in [0, 1] {
            let error = twice(u32::MAX).on_error(skip(limit)).end(Collect::new()).run().unwrap_err();
            assert_eq!(
                (error.stage(), error.record()),
                (Some("Twice"), Some(["0", "3"][usize::try_from(limit).unwrap()]))
            );
            assert_eq!(error.report().stage("Twice").unwrap().failed(), limit + 1);
        }
    }

    #[test]
    fn what_is_tried_again_arrives_once() {
        let outcome =
            twice(2).on_error(retry(2, Duration::ZERO, |_| true)).end(Collect::new()).run().unwrap();
        assert_eq!(outcome.output, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
        let stage = outcome.report.stage("Twice").unwrap();
        assert_eq!((stage.failed(), stage.retried()), (0, 2));
    }

    #[test]
    fn an_error_that_is_not_worth_it_is_not_tried_again() {
        for (times, worth) in [(5, false), (1, true)] {
            let run = twice(2).on_error(retry(times, Duration::ZERO, |_| worth)).end(Collect::new()).run();
            assert_eq!(run.unwrap_err().record(), Some("0"));
        }
    }

    #[test]
    fn a_retry_that_is_cancelled_does_not_wait() {
        let token = CancelToken::new();
        let run = twice(u32::MAX).on_error(cancelling(&token)).end(Collect::new()).cancelled_by(&token).run();
        assert!(run.unwrap_err().is_cancelled());
    }

    #[test]
    fn an_item_whose_retry_is_cancelled_is_no_dead_letter() {
        fn check(run: impl FnOnce(CancelToken, DeadLetter<Probe<Letter<u32>>>) -> Result<Vec<u32>, Error>) {
            let (token, letters) = (CancelToken::new(), Probe::new());
            let seen = letters.seen();
            assert!(run(token, dead_letter(letters)).unwrap_err().is_cancelled());
            assert_eq!((seen.take().len(), seen.ending()), (0, Ending::Dropped));
        }
        fn refused() -> Probe<u32> {
            Probe::new().refuse(|n| *n == 3)
        }
        check(|token, letters| {
            let first = twice(u32::MAX).on_error(cancelling(&token));
            let run = first.on_error(letters).end(Collect::new()).cancelled_by(&token).run();
            run.map(|outcome| outcome.output)
        });
        check(|token, letters| {
            let pair = (cancelling(&token), letters);
            let run = twice(u32::MAX).on_error(pair).end(Collect::new()).cancelled_by(&token).run();
            run.map(|outcome| outcome.output)
        });
        check(|token, letters| {
            let first = Pipeline::new("sink", from_iter(0..5)).end(refused()).on_error(cancelling(&token));
            first.on_error(letters).cancelled_by(&token).run().map(|_| Vec::new())
        });
        check(|token, letters| {
            let sink = Chunks(refused());
            let chunks = Pipeline::new("chunks", from_iter(0..5)).buffer(size(1)).end(sink);
            let first = chunks.on_error(cancelling(&token));
            first.on_error_split(letters).cancelled_by(&token).run().map(|_| Vec::new())
        });
    }

    /// Tries again after a long time, unless `token` is cancelled meanwhile: which happens as soon as it waits.
    fn cancelling(token: &CancelToken) -> Retry<impl FnMut(&BoxError) -> bool + use<>> {
        let token = token.clone();
        retry(u32::MAX, Duration::from_mins(10), move |_| {
            let token = token.clone();
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                token.cancel();
            });
            true
        })
    }

    /// Gives the items of chunks to another sink.
    struct Chunks(Probe<u32>);

    impl Sink for Chunks {
        type In = Vec<u32>;
        type Output = ();

        fn consume(&mut self, chunk: Vec<u32>) -> Result<(), Halt> {
            chunk.into_iter().try_for_each(|item| self.0.consume(item))
        }

        fn finish(self) -> Result<(), Failure> {
            self.0.finish().map(|_| ())
        }
    }

    #[test]
    fn dead_letters_have_the_item_and_the_error_and_policies_follow_each_other() {
        let mut letters = Vec::new();
        let sink = for_each(|letter: Letter<u32>| {
            letters.push((letter.stage, letter.record, letter.error.to_string(), letter.item));
            Ok(())
        });
        let outcome = twice(2)
            .on_error(retry(1, Duration::ZERO, |_| true))
            .on_error(dead_letter(sink))
            .end(Collect::new())
            .run()
            .unwrap();
        assert_eq!(outcome.output, [1, 1, 2, 2, 3, 3, 4, 4]);
        assert_eq!(letters, [("Twice", Some("0".to_owned()), "a multiple of three".to_owned(), 0)]);
    }

    #[test]
    fn an_error_behind_it_is_none_of_its_own() {
        let refuse = for_each(|_| Err(std::fmt::Error.into()));
        let error = twice(u32::MAX).on_error(skip(9)).end(refuse).run().unwrap_err();
        assert_eq!(error.stage(), Some("for_each"));
        assert_eq!(error.report().stage("Twice").unwrap().skipped(), 1);
    }
}
