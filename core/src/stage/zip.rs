//! `zip`: pairs of items with those of a second source.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::report::Tally;
use crate::run::RunContext;
use crate::source::Source;
use crate::stage::second_source::SecondSource;
use crate::stage::{Stage, StageFacts, Yield};

/// Stage of [`Pipeline::zip`](crate::Pipeline::zip).
///
/// * Shape: pairs, in order. The stage stops the run at the first item without a partner, which counts as filtered.
/// * Memory: the items of one advance of the second source.
/// * End: with the shorter of both. Items of the second source without a partner are dropped. The second source is
///   stopped.
/// * Error: that of the second source, under its name. No policy is called.
#[must_use]
pub struct Zip<T, S: Source> {
    second: SecondSource<S>,
    items: PhantomData<fn(T)>,
}

impl<T, S: Source> Zip<T, S> {
    /// Creates a stage for pairs with the items of `second`.
    pub fn new(second: S) -> Self {
        Self { second: SecondSource::new(second), items: PhantomData }
    }
}

impl<T, S: Source> Stage for Zip<T, S> {
    type In = T;
    type Out = (T, S::Item);

    const FACTS: StageFacts = StageFacts::new().yields(Yield::AtMostOne);

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<(T, S::Item)>) -> Result<(), Halt> {
        match self.second.next()? {
            Some(partner) => out.emit((item, partner)),
            None => Err(Halt::Stop),
        }
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.second.start(context);
    }

    fn finish(&mut self, _: &mut impl Emit<(T, S::Item)>) -> Result<(), Halt> {
        Ok(self.second.stop()?)
    }

    fn tally(&self) -> Tally {
        self.second.tally()
    }

    fn name(&self) -> &'static str {
        "zip"
    }

    fn node(&self) -> Node {
        Node::operator(format!("zip({})", self.second.name()))
            .holding_in_words("a chunk of the second source")
    }
}

impl<T, S: Source> fmt::Debug for Zip<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zip").field("second", &self.second.name()).finish_non_exhaustive()
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Pairs each item with the next item of `second`, as [`Iterator::zip`] does. The pipeline ends with the shorter of
    /// both; the items of the other that are left are dropped.
    ///
    /// `second` is any source, so also a pipeline without a sink. It is advanced on the run's thread when a partner is
    /// needed. While it is idle, the run waits for it, and can be cancelled; in a stream (`into_stream`) that
    /// blocks the executor's thread.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter};
    /// let numbered = Pipeline::new("lines", from_iter(["a", "b"])).zip(from_iter(1..));
    /// assert_eq!(numbered.end(Collect::new()).run()?.output, [("a", 1), ("b", 2)]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn zip<S: Source>(self, second: S) -> Piped<(T, S::Item), C, Zip<T, S>, M> {
        self.then(Zip::new(second))
    }
}

#[cfg(test)]
mod tests {
    use super::Zip;
    use crate::stage::tests::{FailAfter, outputs, passes_errors_on};
    use crate::testing::{Cue, Ending, Probe, Script};
    use crate::{CancelToken, Collect, Pipeline, from_iter, size, skip};

    #[test]
    fn it_does_what_its_namesake_of_iterators_does() {
        for n in [0, 1, 2, 255, 256, 257, 600] {
            for m in [0, 1, 2, 256, 300, 700] {
                let wanted: Vec<_> = (0..n).zip(100..100 + m).collect();
                assert_eq!(outputs(Zip::new(from_iter(100..100 + m)), n), wanted);
            }
        }
        passes_errors_on(|| Zip::new(from_iter(0..)));
    }

    #[test]
    fn it_ends_with_the_shorter_and_finishes_the_second_source() {
        for (first, second, pairs) in [(3, 1000, 3), (1000, 3, 3), (0, 5, 0), (5, 0, 0)] {
            let copies = Probe::new();
            let seen = copies.seen();
            let other = Pipeline::new("other", from_iter(0..second)).tee(copies).buffer(size(2)).unbuffer();
            let run = Pipeline::new("zip", from_iter(0..first)).zip(other).end(Collect::new()).run().unwrap();
            assert_eq!(run.output.len(), pairs);
            assert_eq!(seen.ending(), Ending::Finished, "{first} and {second}");
        }
        let endless = Pipeline::new("endless", from_iter(0_u64..)).zip(from_iter(["a", "b"]));
        let outcome = endless.end(Collect::new()).run().unwrap();
        assert_eq!(outcome.output, [(0, "a"), (1, "b")]);
        assert_eq!(outcome.report.stage("zip").unwrap().filtered(), 1);
    }

    #[test]
    fn a_failure_of_the_second_source_has_its_name_and_no_policy() {
        let run = Pipeline::new("zip", from_iter(0..9)).zip(FailAfter(3)).on_error(skip(9)).count().run();
        let error = run.unwrap_err();
        assert_eq!(error.stage(), Some("FailAfter"));
        let copies = Probe::new();
        let seen = copies.seen();
        let other = Pipeline::new("other", from_iter(0..9000)).tee(copies);
        let run = Pipeline::new("zip", FailAfter(3)).zip(other).count().run();
        assert_eq!(run.unwrap_err().stage(), Some("FailAfter"));
        assert_eq!(seen.ending(), Ending::Dropped);
    }

    #[test]
    fn an_idle_second_source_is_waited_for() {
        let cue = Cue::new();
        let second = Script::new().items([1]).idle().idle().until(&cue).items([2, 3]);
        std::thread::spawn({
            let cue = cue.clone();
            move || {
                std::thread::sleep(std::time::Duration::from_millis(20));
                cue.give();
            }
        });
        let run = Pipeline::new("zip", from_iter(0..3)).zip(second).end(Collect::new()).run();
        assert_eq!(run.unwrap().output, [(0, 1), (1, 2), (2, 3)]);
    }

    #[test]
    fn a_run_that_waits_for_the_second_source_is_cancelled() {
        let token = CancelToken::new();
        let canceller = token.clone();
        std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(30));
            canceller.cancel();
        });
        let silent = Script::<u8>::new().then_wait();
        let run = Pipeline::new("zip", from_iter(0..3)).zip(silent).count().cancelled_by(&token).run();
        assert!(run.unwrap_err().is_cancelled());
    }

    #[test]
    fn it_can_be_sent_to_another_thread() {
        let zipped = Pipeline::new("zip", from_iter(0..3)).zip(Pipeline::new("b", from_iter(3..)).map(|n| n));
        let run = std::thread::spawn(|| zipped.end(Collect::new()).run()).join().unwrap();
        assert_eq!(run.unwrap().output, [(0, 3), (1, 4), (2, 5)]);
    }
}
