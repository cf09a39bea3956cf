//! `chain`: several sources, one after the other.

use std::fmt;
use std::time::Duration;

use super::merge::{Alike, Merged};
use super::sources::Sources;
use super::{Progress, Source};
use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Chain, Head, Pipeline};
use crate::report::{Meter, Tally};
use crate::run::RunContext;

/// A source that emits all items of the first of `sources`, then all of the second, and so on.
///
/// All sources have one type. [`Pipeline::boxed`](crate::Pipeline::boxed) gives one type to different sources: a
/// pipeline without a sink is a source. An empty list is a source without items.
///
/// * Shape: the items of each source, in order.
/// * Memory: none of its own. A source is dropped as soon as it is done.
/// * Idle: while the current source is idle, the chain is idle and waits for that source. The later sources are not
///   advanced meanwhile.
/// * End: when the last source is done, or no more items are needed. After success, the stages of sources that are
///   pipelines are finished: those of a source that is done at once, the others at the stop.
/// * Error: the error of a source ends the run. The later sources are not advanced.
///
/// ```
/// use syncline_core::{Collect, Pipeline, chain, from_iter};
///
/// let old = Pipeline::new("old", from_iter([1, 2])).boxed();
/// let new = Pipeline::new("new", from_iter([3, 4])).map(|n| n * 10).boxed();
/// let outcome = Pipeline::new("all", chain([old, new])).end(Collect::new()).run()?;
/// assert_eq!(outcome.output, [1, 2, 30, 40]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn chain<S: Source>(sources: impl IntoIterator<Item = S>) -> Chained<S> {
    Chained { sources: Sources::of(sources) }
}

/// Source of [`chain`].
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct Chained<S> {
    /// The current source is the first.
    sources: Sources<S>,
}

#[deny(clippy::missing_trait_methods)]
impl<S: Source> Source for Chained<S> {
    type Item = S::Item;

    fn advance(&mut self, out: &mut impl Emit<S::Item>) -> Result<Progress, Halt> {
        let Some(current) = self.sources.open.front_mut() else { return Ok(Progress::Done) };
        let progress = current.advance(out);
        if let Ok(Progress::Done) | Err(Halt::Stop) = progress
            && let Some(mut done) = self.sources.open.pop_front()
        {
            done.close()?;
            self.sources.finish(done);
        }
        match progress {
            // The driver has a turn between two sources, as between two chunks.
            Ok(Progress::Done) if !self.sources.open.is_empty() => Ok(Progress::More),
            // The current source has received the stop already.
            Err(Halt::Stop) => Err(self.stop().err().unwrap_or(Halt::Stop)),
            other => other,
        }
    }

    fn wait(&mut self, at_most: Duration) {
        if let Some(current) = self.sources.open.front_mut() {
            current.wait(at_most);
        }
    }

    fn remaining(&self) -> Option<u64> {
        self.sources.remaining()
    }

    fn stop(&mut self) -> Result<(), Halt> {
        self.sources.stop()
    }

    // The later sources have taken nothing yet.
    fn drain(&mut self, out: &mut impl Emit<S::Item>) -> Result<(), Halt> {
        self.sources.drain(out)
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.sources.start(context);
    }

    // Each source is closed as soon as it is done or stopped.
    fn close(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn waited(&self) -> Duration {
        self.sources.waited()
    }

    fn tally(&self) -> Tally {
        self.sources.tally()
    }

    fn name(&self) -> &'static str {
        "chain"
    }

    fn node(&self) -> Node {
        Node::source("chain")
    }
}

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// Appends the items of `other`, as [`chain`] does.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter};
    /// let evens = Pipeline::new("evens", from_iter(0..3)).map(|n| 2 * n);
    /// assert_eq!(evens.chain(from_iter([7, 9])).end(Collect::new()).run()?.output, [0, 2, 4, 7, 9]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn chain<'a, S: Source<Item = T> + 'a>(self, other: S) -> Merged<T, Chained<Alike<'a, T, M>>, M>
    where
        Self: 'a,
        M: 'a,
    {
        Pipeline::of(self.name.clone(), Head::new(chain(self.beside(other))))
    }
}

impl<S> fmt::Debug for Chained<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chained").field("sources", &self.sources.open.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::chain;
    use crate::stage::tests::FailAfter;
    use crate::testing::{Cue, Ending, Probe, Script, Watch, fail_if};
    use crate::{Boxed, CancelToken, Chain, Collect, FromIter, Pipeline, Source};
    use crate::{for_each, from_iter, merge, size};

    type Input = Pipeline<u16, Boxed<'static, u16>>;

    fn collected(source: impl Source<Item = u16>) -> Vec<u16> {
        Pipeline::new("chain", source).end(Collect::new()).run().unwrap().output
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn all_items_come_in_order_whatever_the_chunks(
            inputs in prop::collection::vec(prop::collection::vec(prop::collection::vec(any::<u16>(), 0..4), 0..4), 0..4),
        ) {
            let scripts = inputs.iter().map(|chunks| {
                chunks.iter().fold(Script::new(), |script, chunk| script.items(chunk.clone()).idle())
            });
            prop_assert_eq!(collected(chain(scripts)), inputs.concat().concat());
        }
    }

    #[test]
    fn an_empty_list_is_a_source_without_items() {
        assert_eq!(collected(chain(Vec::<FromIter<std::ops::Range<u16>>>::new())), [0; 0]);
    }

    #[test]
    fn a_source_is_asked_for_nothing_before_those_in_front_of_it_are_done() {
        let cue = Cue::new();
        let first = Script::new().items([1]).until(&cue);
        let second = Script::new().items([2_u16]);
        let watch = second.watch();
        let mut asked = Vec::new();
        let run = Pipeline::new("chain", chain([first, second]))
            .inspect(|_| {
                asked.push(watch.advances());
                cue.give();
            })
            .end(Collect::new())
            .run();
        assert_eq!((run.unwrap().output, asked), (vec![1, 2], vec![0, 1]));
    }

    #[test]
    fn an_error_of_a_source_ends_the_run_and_the_later_ones_are_left_alone() {
        let later = Script::new().items([9_usize]);
        let watch = later.watch();
        let sources = [Pipeline::new("fails", FailAfter(2)).boxed(), Pipeline::new("later", later).boxed()];
        let probe = Probe::new();
        let seen = probe.seen();
        let error = Pipeline::new("chain", chain(sources)).end(probe).run().unwrap_err();
        assert_eq!(error.stage(), Some("FailAfter"));
        assert_eq!((seen.items(), watch.advances()), (vec![0, 1], 0));
        let error = Pipeline::new("chain", chain([FailAfter(0)])).end(Collect::new()).run().unwrap_err();
        assert_eq!(error.stage(), Some("chain"));
    }

    #[test]
    fn a_part_that_wants_no_more_is_followed_by_the_next() {
        let part = || Pipeline::new("part", from_iter(0..)).take(2).boxed();
        assert_eq!(collected(chain([part(), part()])), [0, 1, 0, 1]);
    }

    #[test]
    fn a_stop_finishes_the_second_sinks_of_every_part_and_a_failure_only_those_of_parts_that_are_done() {
        fn check(run: impl FnOnce([Input; 2]) -> bool, wanted: [Ending; 2]) {
            let copies = [(); 2].map(|()| Probe::new());
            let seen = copies.each_ref().map(Probe::seen);
            let parts = copies.map(|copies| {
                let source = Script::new().items([1, 2]).items([3, 4]);
                Pipeline::new("part", source).tee(copies).buffer(size(3)).unbuffer().boxed()
            });
            run(parts);
            assert_eq!(seen.map(|seen| seen.ending()), wanted);
        }
        fn ends<C: Chain<Item = u16>>(pipeline: Pipeline<u16, C>) -> bool {
            pipeline.end(Collect::new()).run().is_ok()
        }
        let finished = [Ending::Finished; 2];
        check(|parts| ends(Pipeline::new("all", chain(parts))), finished);
        for taken in [0, 1, 3, 4, 5, 8] {
            check(|parts| ends(Pipeline::new("some", chain(parts)).take(taken)), finished);
            check(|parts| ends(Pipeline::new("inner", merge([chain(parts)])).take(taken)), finished);
        }
        let mut taken = 0;
        let mut fail_at = |at| {
            taken = 0;
            fail_if(move |_: &u16| {
                taken += 1;
                taken == at
            })
        };
        let (first, second) = (fail_at(2), fail_at(6));
        let run = |parts| ends(Pipeline::new("fails", chain(parts)).pipe(first));
        check(run, [Ending::Dropped; 2]);
        let run = |parts| ends(Pipeline::new("fails", chain(parts)).pipe(second));
        check(run, [Ending::Finished, Ending::Dropped]);
    }

    #[test]
    fn it_knows_how_much_is_to_come_where_all_its_sources_do() {
        assert_eq!(chain([from_iter(0..3), from_iter(0..4)]).remaining(), Some(7));
        assert_eq!(chain([from_iter(0..3), from_iter(0..4)]).name(), "chain");
        let inexact = Pipeline::new("inexact", from_iter(0..9)).filter(|n| n % 2 == 0).boxed();
        assert_eq!(chain([inexact, Pipeline::new("exact", from_iter(0..3)).boxed()]).remaining(), None);
        assert_eq!(chain([from_iter(0..u64::MAX), from_iter(0..u64::MAX)]).remaining(), None);
    }

    #[test]
    fn a_run_is_cancelled_between_two_sources_and_while_one_is_idle() {
        let token = CancelToken::new();
        let sources = [0, 1, 2].map(|n| Script::new().items([n]));
        let watches = sources.each_ref().map(Script::watch);
        let cancelled = Pipeline::new("cancelled", chain(sources)).inspect(|n| {
            if *n == 1 {
                token.cancel();
            }
        });
        assert!(cancelled.end(Collect::new()).cancelled_by(&token).run().unwrap_err().is_cancelled());
        assert_eq!(watches.each_ref().map(Watch::advances), [2, 1, 0]);

        let token = CancelToken::new();
        let idle = chain([Script::new().items([1]).then_wait(), Script::new().items([2])]);
        let run = Pipeline::new("idle", idle).end(for_each(|_| {
            token.cancel();
            Ok(())
        }));
        assert!(run.cancelled_by(&token).run().unwrap_err().is_cancelled());
    }

    #[test]
    fn the_report_counts_all_items_and_the_graph_names_the_chain() {
        let pipeline = Pipeline::new("report", from_iter(0..3_u16)).chain(from_iter(0..4));
        assert!(pipeline.graph().one_line().contains("chain"), "{}", pipeline.graph().one_line());
        let outcome = pipeline.filter(|n| *n > 0).end(Collect::new()).run().unwrap();
        assert_eq!(outcome.output, [1, 2, 1, 2, 3]);
        assert_eq!(outcome.report.stages()[0].name(), "chain");
        assert_eq!(outcome.report.stages()[0].items_out(), Some(7));
    }
}
