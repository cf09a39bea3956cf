//! `on_error` of a stage: a policy for the items at which the stage fails.

use std::fmt;

use super::Policy;
use crate::emit::Emit;
use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline, Then};
use crate::policy::decider::{Decider, Offered};
use crate::report::Tally;
use crate::run::RunContext;
use crate::stage::Stage;
use crate::stage::delegate::delegate_stage;

/// Stage of [`Pipeline::on_error`](crate::Pipeline::on_error).
///
/// * Shape: that of the inner stage, without the failed items. Items that the stage emitted for a failed item are
///   dropped.
/// * Memory: the items that the stage emits for one item, and the policy's copy of each item that the stage holds.
/// * End: an error of `finish`, or of a later stage, does not belong to an item: the run fails.
#[must_use]
pub struct OnError<S: Stage, P> {
    stage: S,
    decider: Decider<P>,
    /// The emitted items of the current item, until the stage is done with it.
    made: Vec<S::Out>,
}

impl<S: Stage, P> OnError<S, P> {
    pub(crate) fn new(stage: S, policy: P) -> Self {
        Self { stage, decider: Decider::new(policy), made: Vec::new() }
    }
}

/// Pushes `item` to `stage` and collects the emitted items in `made`. Empty if the stage fails.
#[inline]
pub(super) fn attempt<S: Stage>(stage: &mut S, item: S::In, made: &mut Vec<S::Out>) -> Result<(), Halt> {
    let pushed = stage.push(item, &mut Gather(made));
    if let Err(Halt::Failed(_)) = pushed {
        made.clear();
    }
    pushed
}

/// Collects the items that a stage emits for one item.
struct Gather<'a, T>(&'a mut Vec<T>);

impl<T> Emit<T> for Gather<'_, T> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        self.0.push(item);
        Ok(())
    }
}

/// The methods of a stage with a `stage` and a `decider`, except `push`, that involve the decider.
macro_rules! with_decider {
    () => {
        fn push_all(
            &mut self,
            items: impl Items<Self::In>,
            out: &mut impl Emit<Self::Out>,
        ) -> Result<(), Halt> {
            items.each(|item| self.push(item, out))
        }

        fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
        where
            Self: 'env,
        {
            self.decider.attach(context.cancel_token());
            self.stage.start(context);
            self.decider.add_commit_hooks(context, self.stage.name());
        }

        fn close(&mut self) -> Result<(), Failure> {
            self.stage.close()?;
            self.decider.policy.finish()
        }

        fn tally(&self) -> Tally {
            self.decider.tally.plus(self.stage.tally())
        }

        fn node(&self) -> Node {
            self.decider.policy.draw(self.stage.node())
        }
    };
}

pub(super) use with_decider;

#[deny(clippy::missing_trait_methods)]
impl<S: Stage, P: Policy<S::In>> Stage for OnError<S, P> {
    type In = S::In;
    type Out = S::Out;

    fn push(&mut self, item: S::In, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        let Self { stage, decider, made } = self;
        let offered = decider.offer(stage, item, S::name, |stage, item| attempt(stage, item, made));
        // A stage may emit items before it stops.
        if let Ok(Offered::Taken) | Err(Halt::Stop) = offered {
            made.drain(..).try_for_each(|item| out.emit(item))?;
        }
        offered.map(|_| ())
    }

    with_decider!();

    delegate_stage!(FACTS = S::FACTS.leaving_out(), self.stage: tick, before_blocking, finish, is_shut, held, name);
}

impl<S: Stage, P: fmt::Debug> fmt::Debug for OnError<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnError").field("decider", &self.decider).finish_non_exhaustive()
    }
}

impl<T, C, S: Stage<Out = T>, M> Pipeline<T, Then<C, S, M>, M> {
    /// Sets the policy for items at which the last stage fails. Without a policy the run fails.
    ///
    /// A failed item and everything that the stage emitted for it are dropped. Policies may follow each other: an error
    /// that one policy does not handle goes to the next. A pair of policies, `on_error((first, second))`, does the
    /// same. A `buffer` cannot fail and takes no policy.
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

    /// Emits each number twice, and fails after the first of a multiple of three. It can be set to succeed after some
    /// attempts.
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

    /// Retries after a long delay, during which `token` is cancelled.
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

    /// Passes the items of chunks to another sink.
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
