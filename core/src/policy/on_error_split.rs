//! `on_error_split` of a stage: a chunk that fails is split until the failing item is alone.

use std::fmt;

use super::Policy;
use crate::emit::Emit;
use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline, Then};
use crate::policy::decider::Decider;
use crate::policy::on_error::{attempt, with_decider};
use crate::report::Tally;
use crate::run::RunContext;
use crate::sink::copy_item::{Cloned, CopyItem};
use crate::stage::delegate::delegate_stage;
use crate::stage::{Stage, Yield};

/// Stage of [`Pipeline::on_error_split`](crate::Pipeline::on_error_split).
///
/// * Shape: that of the inner stage, without the failed items. The parts of a split chunk are emitted in order.
/// * Memory: a copy of one chunk, and the items that the stage emits for it.
/// * End: that of the inner stage. An error of `finish` does not belong to an item: the run fails.
/// * Error: the policy is called for each item that fails on its own.
#[must_use]
pub struct OnErrorSplit<S: Stage, P, C = Cloned> {
    stage: S,
    decider: Decider<P>,
    copies: C,
    made: Vec<S::Out>,
}

impl<S: Stage, P, C> OnErrorSplit<S, P, C> {
    pub(crate) fn new(stage: S, policy: P, copies: C) -> Self {
        Self { stage, decider: Decider::new(policy), copies, made: Vec::new() }
    }
}

#[deny(clippy::missing_trait_methods)]
impl<T, S: Stage<In = Vec<T>>, P: Policy<T>, C: CopyItem<T>> Stage for OnErrorSplit<S, P, C> {
    type In = Vec<T>;
    type Out = S::Out;

    fn push(&mut self, chunk: Vec<T>, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        let Self { stage, decider, copies, made } = self;
        // The remaining parts, the next one last.
        let mut parts = vec![chunk];
        let mut is_first = true;
        while let Some(mut part) = parts.pop() {
            if !std::mem::take(&mut is_first) {
                decider.cancel.check()?;
            }
            let taken = if part.len() == 1
                && let Some(item) = part.pop()
            {
                decider
                    .offer(stage, item, S::name, |stage, item| attempt(stage, vec![item], made))
                    .map(|_| ())
            } else {
                let mut copy: Vec<T> = part.iter().map(|item| copies.copy(item)).collect();
                match attempt(stage, part, made) {
                    // An empty chunk has no item to split off, and a fatal failure belongs to no item.
                    Err(Halt::Failed(failure)) if !copy.is_empty() && !failure.is_fatal() => {
                        decider.tally.split += 1;
                        let second = copy.split_off(copy.len() / 2);
                        parts.extend([second, copy]);
                        Ok(())
                    }
                    taken => taken,
                }
            };
            if let Ok(()) | Err(Halt::Stop) = taken {
                made.drain(..).try_for_each(|item| out.emit(item))?;
            }
            taken?;
        }
        Ok(())
    }

    with_decider!();

    delegate_stage!(FACTS = S::FACTS.yields(Yield::Any), self.stage: tick, before_blocking, finish, is_shut, held, name);
}

impl<S: Stage, P: fmt::Debug, C> fmt::Debug for OnErrorSplit<S, P, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnErrorSplit").field("decider", &self.decider).finish_non_exhaustive()
    }
}

impl<T, C, S: Stage<Out = T>, M> Pipeline<T, Then<C, S, M>, M> {
    /// Sets the policy for single items of the chunks that the last stage takes.
    ///
    /// A chunk at which the stage fails is split in halves until the failing item is alone. The policy decides about
    /// that item, and the others are emitted. The stage must undo its work on a chunk at which it fails, because it
    /// gets the other items again. [`Runnable::on_error_split`](crate::Runnable::on_error_split) does the same for a
    /// sink.
    ///
    /// ```
    /// # use syncline_core::{Collect, Halt, Pipeline, from_iter, size, skip};
    /// let parse = |chunk: Vec<&str>| chunk.iter().map(|text| Ok(text.parse::<u8>()?)).collect::<Result<Vec<_>, Halt>>();
    /// let numbers = Pipeline::new("numbers", from_iter(["1", "2", "x", "4"]))
    ///     .buffer(const { size(4) })
    ///     .try_map(parse)
    ///     .on_error_split(skip(1))
    ///     .unbuffer();
    /// assert_eq!(numbers.end(Collect::new()).run()?.output, [1, 2, 4]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn on_error_split<I, P>(self, policy: P) -> Piped<T, C, OnErrorSplit<S, P>, M>
    where
        I: Clone,
        S: Stage<In = Vec<I>>,
        P: Policy<I>,
    {
        self.split_on_error(policy, Cloned)
    }

    /// [`on_error_split`](Pipeline::on_error_split) with `copies` to copy the items.
    pub(crate) fn split_on_error<I, P, D>(self, policy: P, copies: D) -> Piped<T, C, OnErrorSplit<S, P, D>, M>
    where
        S: Stage<In = Vec<I>>,
        P: Policy<I>,
        D: CopyItem<I>,
    {
        self.with_chain(|chain| chain.with_stage(|stage| OnErrorSplit::new(stage, policy, copies)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use crate::{
        CancelToken, Collect, Failure, Halt, Letter, Pipeline, dead_letter, for_each, from_iter, retry, size,
        skip,
    };

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn good_items_arrive_once_in_order_and_bad_ones_are_found(
            bad in prop::collection::btree_set(0..40_u32, 0..6),
            chunk in 1..12_usize,
        ) {
            let mut letters = Vec::new();
            let outcome = Pipeline::new("rows", from_iter(0..40))
                .buffer(size(chunk))
                .try_map(|chunk: Vec<u32>| match chunk.iter().find(|n| bad.contains(n)) {
                    Some(n) => Err(Failure::new("bad").at(n).into()),
                    None => Ok(chunk),
                })
                .on_error_split(dead_letter(for_each(|letter: Letter<u32>| {
                    letters.push(letter.item);
                    Ok(())
                })))
                .unbuffer()
                .end(Collect::new())
                .run()
                .unwrap();
            let good: Vec<_> = (0..40).filter(|n| !bad.contains(n)).collect();
            let bad: Vec<_> = bad.into_iter().collect();
            let skipped = outcome.report.stage("try_map").unwrap().skipped();
            prop_assert_eq!(skipped, bad.len() as u64);
            let whole = u32::try_from(40 / chunk * chunk).unwrap();
            let in_company = |n: &u32| chunk > 1 && (*n < whole || 40 - whole > 1);
            prop_assert_eq!(outcome.report.stage("try_map").unwrap().split() > 0, bad.iter().any(in_company));
            prop_assert_eq!((outcome.output, letters), (good, bad));
        }
    }

    fn refuse_three(chunk: Vec<u32>) -> Result<Vec<u32>, Halt> {
        if chunk.contains(&3) { Err(Failure::new("three").at(3).into()) } else { Ok(chunk) }
    }

    #[test]
    fn without_leave_the_run_fails_at_the_item() {
        let run = Pipeline::new("rows", from_iter(0..9))
            .buffer(size(4))
            .try_map(refuse_three)
            .on_error_split(skip(0))
            .end(Collect::new())
            .run();
        let error = run.unwrap_err();
        assert_eq!((error.stage(), error.record()), (Some("try_map"), Some("3")));
    }

    #[test]
    fn only_the_single_item_is_tried_again() {
        let mut tries = 0;
        let outcome = Pipeline::new("rows", from_iter(0..9))
            .buffer(size(4))
            .try_map(|chunk: Vec<u32>| {
                tries += u32::from(chunk == [3]);
                if tries == 3 { Ok(chunk) } else { refuse_three(chunk) }
            })
            .on_error_split(retry(2, Duration::ZERO, |_| true))
            .unbuffer()
            .end(Collect::new())
            .run()
            .unwrap();
        assert_eq!(outcome.report.stage("try_map").unwrap().retried(), 2);
        assert_eq!(outcome.output, (0..9).collect::<Vec<_>>());
    }

    #[test]
    fn a_cancellation_ends_the_splitting() {
        let token = CancelToken::new();
        let mut chunks = Vec::new();
        let run = Pipeline::new("rows", from_iter(0..8))
            .buffer(size(8))
            .try_map(|chunk: Vec<u32>| {
                chunks.push(chunk.len());
                token.cancel();
                refuse_three(chunk)
            })
            .on_error_split(skip(8))
            .end(Collect::new())
            .cancelled_by(&token)
            .run();
        assert!(run.unwrap_err().is_cancelled());
        assert_eq!(chunks, [8]);
    }
}
