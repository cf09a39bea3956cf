//! `merge` and `merge_by`: the items of several sources.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Boxed, Chain, Head, Pipeline};
use crate::report::{Meter, Tally};
use crate::run::RunContext;
use crate::source::finished::{Finished, stop_and_close};
use crate::source::sources::Sources;
use crate::source::{Progress, Source};

/// A source of the items of several sources in turn: a chunk of the first, a chunk of the second, and so on.
///
/// * Order: that of each source. A chunk is 1 to 256 items, fewer if they take long: see
///   [`Emit::chunk`](crate::Emit::chunk).
/// * Memory: no items. A source that fails ends the run.
/// * End: when all sources are done, or no more items are needed. Then the stages of sources that are pipelines are
///   finished.
/// * Sources of different types become one type with [`Pipeline::boxed`](crate::Pipeline::boxed): a pipeline without a
///   sink is a source.
///
/// ```
/// use syncline_core::{Collect, Pipeline, from_iter, merge};
///
/// let evens = Pipeline::new("evens", from_iter(0..3)).map(|n| 2 * n).boxed();
/// let more = Pipeline::new("more", from_iter([7])).boxed();
/// let outcome = Pipeline::new("both", merge([evens, more])).end(Collect::new()).run()?;
/// let mut numbers = outcome.output;
/// numbers.sort();
/// assert_eq!(numbers, [0, 2, 4, 7]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn merge<S: Source>(sources: impl IntoIterator<Item = S>) -> Merge<S> {
    Merge { sources: Sources::of(sources), idle: 0 }
}

/// Source of [`merge`].
#[must_use]
pub struct Merge<S> {
    sources: Sources<S>,
    /// The number of idle sources in a row.
    idle: usize,
}

#[deny(clippy::missing_trait_methods)]
impl<S: Source> Source for Merge<S> {
    type Item = S::Item;

    fn advance(&mut self, out: &mut impl Emit<S::Item>) -> Result<Progress, Halt> {
        let Some(mut source) = self.sources.open.pop_front() else { return Ok(Progress::Done) };
        match source.advance(out) {
            Ok(Progress::Done) => {
                source.close()?;
                self.sources.finish(source);
                self.idle = 0;
            }
            Ok(Progress::More) => {
                self.idle = 0;
                self.sources.open.push_back(source);
            }
            Ok(Progress::Idle) => {
                self.idle += 1;
                self.sources.open.push_back(source);
            }
            Err(halt) => {
                let closed = if let Halt::Stop = halt { source.close() } else { Ok(()) };
                self.sources.finish(source);
                closed?;
                return Err(match halt {
                    // That source has received the stop already.
                    Halt::Stop => self.stop().err().unwrap_or(Halt::Stop),
                    failed @ Halt::Failed(_) => failed,
                });
            }
        }
        if self.sources.open.is_empty() {
            return Ok(Progress::Done);
        }
        if self.idle < self.sources.open.len() {
            return Ok(Progress::More);
        }
        self.idle = 0;
        Ok(Progress::Idle)
    }

    fn wait(&mut self, at_most: Duration) {
        // It cannot wait for several sources at once. But some sources unpark the thread.
        match self.sources.open.make_contiguous() {
            [last] => last.wait(at_most),
            _ => std::thread::park_timeout(at_most),
        }
    }

    fn remaining(&self) -> Option<u64> {
        self.sources.remaining()
    }

    fn stop(&mut self) -> Result<(), Halt> {
        self.sources.stop()
    }

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
        "merge"
    }

    fn node(&self) -> Node {
        Node::source("merge")
    }
}

/// A source of the items of several sorted sources, sorted by the same key. Of equal keys the earlier source comes
/// first.
///
/// * Memory: at most the items of one advance of each source.
/// * An idle source delays the others, because its next item may be the smallest. A source that fails ends the run;
///   items read from the others are dropped.
/// * End: when all sources are done, or no more items are needed. Then the stages of sources that are pipelines are
///   finished.
///
/// ```
/// use syncline_core::{Collect, Pipeline, from_iter, merge_by};
///
/// let sorted = merge_by([from_iter([1, 4, 6]), from_iter([2, 3, 9])], |n| *n);
/// let outcome = Pipeline::new("sorted", sorted).end(Collect::new()).run()?;
/// assert_eq!(outcome.output, [1, 2, 3, 4, 6, 9]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn merge_by<S: Source, K: Ord, F: FnMut(&S::Item) -> K>(
    sources: impl IntoIterator<Item = S>,
    key_of: F,
) -> MergeBy<S, K, F> {
    let inputs = sources.into_iter().map(|source| Input { source: Some(source), ready: VecDeque::new() });
    MergeBy { inputs: inputs.collect(), key_of, finished: Finished::default() }
}

/// Source of [`merge_by`].
#[must_use]
pub struct MergeBy<S: Source, K, F> {
    inputs: Vec<Input<S, K>>,
    key_of: F,
    finished: Finished,
}

/// A source, and its items that were read.
struct Input<S: Source, K> {
    source: Option<S>,
    ready: VecDeque<(K, S::Item)>,
}

/// Stores the items of a source, with their keys.
struct Keep<'a, T, K, F> {
    ready: &'a mut VecDeque<(K, T)>,
    key_of: &'a mut F,
}

impl<T, K, F: FnMut(&T) -> K> Emit<T> for Keep<'_, T, K, F> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        self.ready.push_back(((self.key_of)(&item), item));
        Ok(())
    }
}

#[deny(clippy::missing_trait_methods)]
impl<S: Source, K: Ord, F: FnMut(&S::Item) -> K> Source for MergeBy<S, K, F> {
    type Item = S::Item;

    fn advance(&mut self, out: &mut impl Emit<S::Item>) -> Result<Progress, Halt> {
        for Input { source, ready } in &mut self.inputs {
            if !ready.is_empty() {
                continue;
            }
            let Some(reading) = source else { continue };
            let progress = reading.advance(&mut Keep { ready, key_of: &mut self.key_of })?;
            if progress == Progress::Done {
                reading.close()?;
                self.finished.add(reading);
                *source = None;
            } else if ready.is_empty() {
                // It may take long until the source has items, so the driver gets a turn.
                return Ok(progress);
            }
        }
        self.inputs.retain(|input| input.source.is_some() || !input.ready.is_empty());
        // Until a source that may have more has no item ready.
        for _ in 0..out.chunk() {
            let keys = self.inputs.iter().enumerate();
            let smallest = keys.filter_map(|(at, input)| Some((&input.ready.front()?.0, at))).min();
            let Some((_, at)) = smallest else { return Ok(Progress::Done) };
            let input = &mut self.inputs[at];
            if let Some((_, item)) = input.ready.pop_front() {
                match out.emit(item) {
                    Ok(()) => {}
                    Err(Halt::Stop) => return Err(self.stop().err().unwrap_or(Halt::Stop)),
                    Err(failed) => return Err(failed),
                }
            }
            if input.ready.is_empty() {
                break;
            }
        }
        Ok(Progress::More)
    }

    fn wait(&mut self, at_most: Duration) {
        // The first source without a ready item delays the others.
        let mut waited_for = self.inputs.iter_mut().filter(|input| input.ready.is_empty());
        match waited_for.find_map(|input| input.source.as_mut()) {
            Some(source) => source.wait(at_most),
            None => std::thread::park_timeout(at_most),
        }
    }

    fn remaining(&self) -> Option<u64> {
        self.inputs.iter().try_fold(0_u64, |sum, Input { source, ready }| {
            let to_come = source.as_ref().map_or(Some(0), Source::remaining)?;
            sum.checked_add(to_come)?.checked_add(ready.len() as u64)
        })
    }

    fn drain(&mut self, out: &mut impl Emit<S::Item>) -> Result<(), Halt> {
        for Input { source, ready } in &mut self.inputs {
            let Some(mut drained) = source.take() else { continue };
            drained.drain(&mut Keep { ready, key_of: &mut self.key_of })?;
            drained.close()?;
            self.finished.add(&drained);
        }
        // No source has more, so all items can be compared.
        while self.advance(out)? != Progress::Done {}
        Ok(())
    }

    fn stop(&mut self) -> Result<(), Halt> {
        self.inputs.iter_mut().filter_map(|input| input.source.as_mut()).try_for_each(stop_and_close)
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        for source in self.inputs.iter_mut().filter_map(|input| input.source.as_mut()) {
            source.start(context);
        }
    }

    // Each source is closed as soon as it is done or stopped.
    fn close(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn waited(&self) -> Duration {
        self.finished.waited(self.inputs.iter().filter_map(|input| input.source.as_ref()))
    }

    fn tally(&self) -> Tally {
        self.finished.tally(self.inputs.iter().filter_map(|input| input.source.as_ref()))
    }

    fn name(&self) -> &'static str {
        "merge"
    }

    fn node(&self) -> Node {
        Node::source("merge")
    }
}

impl<S> fmt::Debug for Merge<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merge").field("sources", &self.sources.open.len()).finish_non_exhaustive()
    }
}

impl<S: Source, K, F> fmt::Debug for MergeBy<S, K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MergeBy").field("sources", &self.inputs.len()).finish_non_exhaustive()
    }
}

/// Pipelines of any kind, as sources of one type.
pub(super) type Alike<'a, T, M> = Pipeline<T, Boxed<'a, T>, M>;

/// A pipeline that begins with several sources.
pub(super) type Merged<T, S, M> = Pipeline<T, Head<S, M>, M>;

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// Adds the items of `other`, in turn with those of this pipeline, as [`merge`] does. In a `pipeline!` use that
    /// function as the source.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter};
    /// let evens = Pipeline::new("evens", from_iter(0..3)).map(|n| 2 * n);
    /// let all = evens.merge(from_iter([7, 9])).end(Collect::new()).run()?.output;
    /// assert_eq!(all.iter().sum::<i32>(), 22);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn merge<'a, S: Source<Item = T> + 'a>(self, other: S) -> Merged<T, Merge<Alike<'a, T, M>>, M>
    where
        Self: 'a,
        M: 'a,
    {
        Pipeline::of(self.name.clone(), Head::new(merge(self.beside(other))))
    }

    /// Adds the items of `other` in the order of their keys, as [`merge_by`] does: both must be sorted by the key.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter};
    /// let evens = Pipeline::new("evens", from_iter(0..3)).map(|n| 2 * n);
    /// assert_eq!(evens.merge_by(from_iter([1, 3]), |n| *n).end(Collect::new()).run()?.output, [0, 1, 2, 3, 4]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn merge_by<'a, S, K, F>(self, other: S, key_of: F) -> Merged<T, MergeBy<Alike<'a, T, M>, K, F>, M>
    where
        Self: 'a,
        M: 'a,
        S: Source<Item = T> + 'a,
        K: Ord,
        F: FnMut(&T) -> K,
    {
        Pipeline::of(self.name.clone(), Head::new(merge_by(self.beside(other), key_of)))
    }

    /// This pipeline and `other`, as sources of one type.
    pub(super) fn beside<'a, S: Source<Item = T> + 'a>(self, other: S) -> [Alike<'a, T, M>; 2]
    where
        Self: 'a,
        M: 'a,
    {
        let other = Pipeline::<T, _, M>::of(other.name().into(), Head::<S, M>::new(other));
        [self.boxed(), other.boxed()]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Alike, merge, merge_by};
    use crate::stage::tests::FailAfter;
    use crate::testing::{Ending, Probe, Script, Watch, fail_if};
    use crate::{Boxed, CancelToken, Chain, Collect, Emit, Halt, Pipeline, Progress, Source, Stage};
    use crate::{Metered, Outcome, chain, dead_letter, for_each, from_iter, retry, size, skip};

    /// Emits its items one by one, and is idle between any two.
    struct Halting(std::vec::IntoIter<u16>, bool);

    impl Source for Halting {
        type Item = u16;

        fn advance(&mut self, out: &mut impl Emit<u16>) -> Result<Progress, Halt> {
            self.1 = !self.1;
            if self.1 {
                return Ok(Progress::Idle);
            }
            match self.0.next() {
                Some(item) => out.emit(item).map(|()| Progress::More),
                None => Ok(Progress::Done),
            }
        }
    }

    fn collected(source: impl Source<Item = u16>) -> Vec<u16> {
        Pipeline::new("merge", source).end(Collect::new()).run().unwrap().output
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn nothing_is_lost_and_order_is_kept(inputs in prop::collection::vec(prop::collection::vec(any::<u16>(), 0..6), 0..4)) {
            let mut sorted: Vec<_> = inputs.concat();
            sorted.sort_unstable();
            let mut any_order = collected(merge(inputs.iter().map(|items| Halting(items.clone().into_iter(), false))));
            any_order.sort_unstable();
            prop_assert_eq!(&any_order, &sorted);
            let by_key = merge_by(
                inputs.into_iter().map(|mut items| {
                    items.sort_unstable();
                    Halting(items.into_iter(), true)
                }),
                |n| *n,
            );
            prop_assert_eq!(collected(by_key), sorted);
        }
    }

    #[test]
    fn a_source_that_fails_ends_the_run() {
        let error = Pipeline::new("merge", merge([FailAfter(2), FailAfter(9)])).end(Collect::new()).run();
        assert_eq!(error.unwrap_err().stage(), Some("merge"));
        let error =
            Pipeline::new("merge", merge_by([FailAfter(2), FailAfter(9)], |n| *n)).end(Collect::new()).run();
        assert_eq!(error.unwrap_err().stage(), Some("merge"));
    }

    #[test]
    fn endless_sources_end_when_nobody_wants_more() {
        let sorted = merge_by([from_iter(0..), from_iter(0..)], |n: &i32| *n);
        let outcome = Pipeline::new("endless", sorted).take(5).end(Collect::new()).run();
        assert_eq!(outcome.unwrap().output, [0, 0, 1, 1, 2]);
    }

    #[test]
    fn a_merge_of_pipelines_ends_when_nobody_wants_more() {
        fn check(source: impl Source<Item = u16>, watches: &[Watch; 2], asked: [u64; 2]) {
            let outcome = Pipeline::new("stopped", source).take(3).end(Collect::new()).run();
            assert_eq!(outcome.unwrap().output, [1, 2, 3]);
            assert_eq!([watches[0].advances(), watches[1].advances()], asked);
        }
        fn inputs() -> ([Pipeline<u16, Boxed<'static, u16>>; 2], [Watch; 2]) {
            let scripts = [
                Script::new().items([1, 2, 3, 4]),
                Script::new().items([5]).idle().fail("it was waited for"),
            ];
            let watches = scripts.each_ref().map(Script::watch);
            (scripts.map(|script| Pipeline::new("input", script).map(|n| n).boxed()), watches)
        }
        let (sources, watches) = inputs();
        check(merge(sources), &watches, [1, 0]);
        let (sources, watches) = inputs();
        check(merge([merge(sources)]), &watches, [1, 0]);
        let (sources, watches) = inputs();
        check(merge_by(sources, |n| *n), &watches, [1, 1]);
    }

    /// A sink that needs no more items once the source rests.
    struct UntilItRests;

    impl Stage for UntilItRests {
        type In = u16;
        type Out = u16;

        fn push(&mut self, item: u16, out: &mut impl Emit<u16>) -> Result<(), Halt> {
            out.emit(item)
        }

        fn tick(&mut self, _: &mut impl Emit<u16>) -> Result<(), Halt> {
            Err(Halt::Stop)
        }
    }

    #[test]
    fn what_is_inside_is_finished_in_a_run_that_ends_well_and_in_no_other() {
        type Input = Pipeline<u16, Boxed<'static, u16>>;

        /// Checks the end of the second sinks of three inputs, two of which are pipelines of pipelines.
        fn check(wanted: Ending, run: impl FnOnce([Input; 3]) -> bool) {
            let (copies, letters) = ([(); 3].map(|()| Probe::new()), Probe::new());
            let seen = copies.each_ref().map(Probe::seen);
            let lost = letters.seen();
            let [first, second, third] = copies;
            let source = || Script::new().items([1, 2]).items([3, 4]);
            let first = Pipeline::new("first", source()).tee(first).buffer(size(3)).unbuffer().boxed();
            let second =
                Pipeline::new("second", merge([Pipeline::new("inner", source()).tee(second)])).boxed();
            let third = Pipeline::new("third", source()).tee(third).pipe(fail_if(|n| *n == 1));
            let third = third.on_error(dead_letter(letters)).boxed();
            let finished = run([first, second, third]);
            assert_eq!(finished, wanted == Ending::Finished);
            assert_eq!(seen.map(|seen| seen.ending()), [wanted; 3]);
            assert_eq!(lost.ending(), wanted);
        }
        fn ends<C: Chain<Item = u16>>(pipeline: Pipeline<u16, C>) -> bool {
            pipeline.end(Collect::new()).run().is_ok()
        }
        fn stop(n: u16) -> Result<(), Halt> {
            if n == 2 { Err(Halt::Stop) } else { Ok(()) }
        }
        check(Ending::Finished, |inputs| ends(Pipeline::new("all", merge(inputs))));
        check(Ending::Finished, |inputs| ends(Pipeline::new("none", merge(inputs)).take(0)));
        for taken in [1, 2, 5] {
            check(Ending::Finished, |inputs| ends(Pipeline::new("some", merge(inputs)).take(taken)));
            check(Ending::Finished, |inputs| {
                ends(Pipeline::new("some", merge_by(inputs, |n| *n)).take(taken))
            });
        }
        check(Ending::Finished, |inputs| {
            Pipeline::new("sink", merge(inputs)).end(for_each(stop)).run().is_ok()
        });
        check(Ending::Finished, |inputs| ends(Pipeline::new("tick", merge(inputs)).pipe(UntilItRests)));
        check(Ending::Dropped, |inputs| {
            ends(Pipeline::new("failed", merge(inputs)).pipe(fail_if(|n| *n == 2)))
        });
        check(Ending::Dropped, |inputs| {
            ends(Pipeline::new("failed", merge_by(inputs, |n| *n)).pipe(fail_if(|n| *n == 2)))
        });
    }

    #[test]
    fn what_cannot_be_finished_fails_the_run() {
        let inputs = || {
            let good = Pipeline::new("good", from_iter(0..9_u16)).tee(Probe::new());
            [good, Pipeline::new("bad", from_iter(0..9_u16)).tee(Probe::new().fail_at_end())]
        };
        let run = Pipeline::new("torn", merge(inputs())).take(2).end(Collect::new()).run();
        assert_eq!(run.unwrap_err().stage(), Some("tee"));
        let run = Pipeline::new("torn", merge_by(inputs(), |n| *n)).take(2).end(Collect::new()).run();
        assert_eq!(run.unwrap_err().stage(), Some("tee"));
    }

    #[test]
    fn it_knows_how_much_is_to_come_where_all_its_sources_do() {
        let exact = |n| Pipeline::new("exact", from_iter(0..n)).map(|n: u16| n).boxed();
        let inexact = || Pipeline::new("inexact", from_iter(0..9)).filter(|n| n % 2 == 0).boxed();
        assert_eq!(merge([exact(3), exact(4)]).remaining(), Some(7));
        assert_eq!(merge([exact(3), inexact()]).remaining(), None);
        assert_eq!(merge_by([exact(3), exact(4)], |n| *n).remaining(), Some(7));
        assert_eq!(merge_by([exact(3), inexact()], |n| *n).remaining(), None);
        let huge = || [from_iter(0..u64::MAX), from_iter(0..u64::MAX)];
        assert_eq!(merge(huge()).remaining(), None);
        assert_eq!(merge_by(huge(), |n| *n).remaining(), None);
    }

    #[test]
    fn a_run_is_cancelled_while_an_input_has_nothing_that_passes() {
        let token = CancelToken::new();
        let script = Script::new().one_by_one(0..100_u16);
        let watch = script.watch();
        let input = Pipeline::new("input", script).filter(|n| {
            if *n == 2 {
                token.cancel();
            }
            false
        });
        let merged = Pipeline::new("cancelled", merge_by([input], |n| *n));
        assert!(merged.end(Collect::new()).cancelled_by(&token).run().unwrap_err().is_cancelled());
        assert_eq!(watch.advances(), 3);
    }

    #[test]
    fn an_input_that_waits_for_another_try_heeds_the_token_of_the_run() {
        fn check(run: impl FnOnce(Pipeline<u16, Boxed<'_, u16>>, &CancelToken) -> bool) {
            let token = CancelToken::new();
            let from_elsewhere = token.clone();
            let policy = retry(1, Duration::from_mins(10), move |_| {
                let token = from_elsewhere.clone();
                std::thread::spawn(move || token.cancel());
                true
            });
            let input =
                Pipeline::new("input", from_iter(0..9_u16)).pipe(fail_if(|n| *n == 1)).on_error(policy);
            assert!(run(input.boxed(), &token));
        }
        fn is_cancelled(source: impl Source<Item = u16>, token: &CancelToken) -> bool {
            let run = Pipeline::new("cancelled", source).end(Collect::new()).cancelled_by(token).run();
            run.unwrap_err().is_cancelled()
        }
        check(|input, token| is_cancelled(merge([input]), token));
        check(|input, token| is_cancelled(merge([merge([input])]), token));
        check(|input, token| is_cancelled(merge_by([input], |n| *n), token));
    }

    #[test]
    fn the_report_has_what_its_sources_leave_out() {
        fn odd(name: &str, to: u32) -> Alike<'static, u32, Metered> {
            let odd = |n: u32| if n % 2 == 1 { Ok(n) } else { Err(std::fmt::Error.into()) };
            Pipeline::new(name, from_iter(0..to)).try_map(odd).on_error(skip(10)).boxed()
        }
        let skipped = |outcome: Outcome<Vec<u32>>| outcome.report.stages()[0].skipped();
        let both = || [odd("long", 8), odd("short", 2)];
        let merged = Pipeline::new("merge", merge(both())).end(Collect::new()).run().unwrap();
        let sorted = Pipeline::new("sorted", merge_by(both(), |n| *n)).end(Collect::new()).run().unwrap();
        let chained = Pipeline::new("chain", chain(both())).end(Collect::new()).run().unwrap();
        assert_eq!([merged, sorted, chained].map(skipped), [5, 5, 5]);
    }

    #[test]
    fn the_report_has_what_a_source_left_out_before_a_stop_or_a_failure() {
        fn odd(most: u64) -> [Alike<'static, u32, Metered>; 1] {
            let odd = |n: u32| if n % 2 == 1 { Ok(n) } else { Err(std::fmt::Error.into()) };
            [Pipeline::new("odd", from_iter(0..8)).try_map(odd).on_error(skip(most)).boxed()]
        }
        fn stopped(source: impl Source<Item = u32>) -> u64 {
            let outcome = Pipeline::new("stopped", source).take(2).end(Collect::new()).run().unwrap();
            assert_eq!(outcome.output, [1, 3]);
            outcome.report.stages()[0].skipped()
        }
        fn failed(source: impl Source<Item = u32>) -> u64 {
            let error = Pipeline::new("failed", source).end(Collect::new()).run().unwrap_err();
            error.report().stages()[0].skipped()
        }
        assert_eq!([stopped(merge(odd(9))), stopped(chain(odd(9)))], [2, 2]);
        assert_eq!([failed(merge(odd(1))), failed(chain(odd(1)))], [1, 1]);
    }
}
