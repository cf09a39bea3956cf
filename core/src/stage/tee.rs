//! `tee`: a second sink for a copy of each item.

use std::fmt;

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline, Then};
use crate::report::Tally;
use crate::run::RunContext;
use crate::sink::Commit;
use crate::sink::SideSink;
use crate::sink::Sink;
use crate::sink::copy_item::{Cloned, CopyItem};
use crate::sink::second_sink::SecondSink;
use crate::stage::{Chunking, Stage, StageFacts, Yield};

/// Stage of [`Pipeline::tee`](crate::Pipeline::tee).
///
/// * Shape: the same items, in order. The second sink consumes each item before it is passed on. Once the second sink
///   needs no more items, it gets none.
/// * End: the second sink is finished just before the pipeline's own sink, when no other stage can fail any more. It has
///   no output that would be lost ([`SideSink`]).
/// * Commit: the second sink becomes durable at the end. If it is [committing](crate::Pipeline::committing), it also
///   commits whenever the pipeline's own sink does.
/// * Report: items that a policy of the second sink leaves out count as skipped, and are passed on all the same.
/// * Error: an error of either sink ends the run, and the second sink is dropped without being finished.
#[must_use]
pub struct Tee<K, C = Cloned> {
    sink: SecondSink<K>,
    full: bool,
    copies: C,
}

impl<K, C> Tee<K, C> {
    #[doc(hidden)]
    pub fn new(sink: K, copies: C) -> Self {
        Self { sink: SecondSink::new(sink), full: false, copies }
    }

    /// Lets the second sink commit whenever the pipeline's own sink does.
    pub(crate) fn committing(self) -> Self
    where
        K: Commit,
    {
        Self { sink: self.sink.committing(), ..self }
    }
}

impl<K: Sink, C: CopyItem<K::In>> Stage for Tee<K, C> {
    type In = K::In;
    type Out = K::In;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::One).chunking(Chunking::Keeps);

    fn push(&mut self, item: K::In, out: &mut impl Emit<K::In>) -> Result<(), Halt> {
        if !self.full {
            let Self { sink, copies, .. } = self;
            match sink.with(|sink| sink.consume(copies.copy(&item))) {
                Some(Ok(())) | None => {}
                Some(Err(Halt::Stop)) => self.full = true,
                Some(Err(failed)) => return Err(failed),
            }
        }
        out.emit(item)
    }

    fn close(&mut self) -> Result<(), Failure> {
        self.sink.finish()
    }

    fn name(&self) -> &'static str {
        "tee"
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.sink.with(|sink| sink.start(context));
        if let Some(hooks) = context.commit_hooks("tee") {
            self.sink.add_commit_hooks(hooks);
        }
    }

    fn tally(&self) -> Tally {
        self.sink.tally().of_second_sink()
    }

    fn node(&self) -> Node {
        let node = Node::operator("tee");
        match self.sink.name() {
            Some(name) => node.branch("a copy of each", name),
            None => node,
        }
    }
}

impl<K, C> fmt::Debug for Tee<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tee").field("full", &self.full).finish_non_exhaustive()
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Gives a copy of each item to a second sink, which is finished before the pipeline's own sink.
    ///
    /// The sink has no output that is lost, see [`SideSink`]: keep copies with
    /// [`for_each`](crate::for_each()).
    ///
    /// ```
    /// use syncline_core::{Collect, Pipeline, for_each, from_iter};
    ///
    /// let mut copies = Vec::new();
    /// let numbers = Pipeline::new("numbers", from_iter(0..3)).tee(for_each(|n| { copies.push(n); Ok(()) }));
    /// let doubled = numbers.map(|n| n * 2).end(Collect::new()).run()?.output;
    /// assert_eq!((doubled, copies), (vec![0, 2, 4], vec![0, 1, 2]));
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    ///
    /// ```compile_fail,E0277
    /// # use syncline_core::{Collect, Pipeline, from_iter};
    /// let numbers = Pipeline::new("numbers", from_iter(0..3)).tee(Collect::new()); // The copies would be lost.
    /// # numbers.end(Collect::new()).run()?;
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn tee<K>(self, sink: K) -> Piped<T, C, Tee<K>, M>
    where
        K: Sink<In = T> + SideSink<<K as Sink>::Output>,
        T: Clone,
    {
        self.then(Tee::new(sink, Cloned))
    }
}

impl<T, C, K: Sink, D, M> Pipeline<T, Then<C, Tee<K, D>, M>, M> {
    /// Lets the sink of the preceding [`tee`](Pipeline::tee) commit just before each
    /// [commit](crate::Runnable::commit_every) of the pipeline's own sink. So when the own sink's items are durable,
    /// their copies are as well. `pipeline!` does this by itself if the sink has `commit every(n)`.
    ///
    /// ```
    /// # use syncline_core::{Commit, Failure, Pipeline, Sink, from_iter, size};
    /// # fn copied<K: Commit<In = u32>, L: Commit<In = u32, Output = ()>>(table: K, journal: L) -> Result<(), syncline_core::Error> {
    /// let numbers = Pipeline::new("numbers", from_iter(0..100)).tee(journal).committing();
    /// numbers.end(table).commit_every(const { size(10) }).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn committing(self) -> Self
    where
        K: Commit,
    {
        self.with_chain(|chain| chain.with_stage(Tee::committing))
    }
}

#[cfg(test)]
mod tests {
    use super::Tee;
    use crate::report::Tally;
    use crate::sink::copy_item::Cloned;
    use crate::stage::tests::{FailAfter, outputs, passes_errors_on};
    use crate::{Collect, Halt, Pipeline, Sink, for_each, from_iter};

    #[test]
    fn both_sinks_take_every_item() {
        for n in [0, 1, 2, 10] {
            let mut copies = Vec::new();
            let second = for_each(|i| {
                copies.push(i);
                Ok(())
            });
            assert_eq!(outputs(Tee::new(second, Cloned), n), (0..n).collect::<Vec<_>>());
            assert_eq!(copies, (0..n).collect::<Vec<_>>());
        }
        passes_errors_on(|| Tee::new(Collect::new(), Cloned));
    }

    #[test]
    fn a_second_sink_that_wants_no_more_does_not_end_the_run() {
        let mut asked = 0;
        let second = for_each(|_| {
            asked += 1;
            Err(Halt::Stop)
        });
        let outcome = Pipeline::new("tee", from_iter(0..5)).tee(second).end(Collect::new()).run().unwrap();
        assert_eq!((outcome.output.len(), asked), (5, 1));
    }

    /// A sink that leaves out odd numbers.
    struct Even(u64);

    impl Sink for Even {
        type In = usize;
        type Output = ();

        fn consume(&mut self, item: usize) -> Result<(), Halt> {
            self.0 += u64::from(!item.is_multiple_of(2));
            Ok(())
        }

        fn finish(self) -> Result<(), crate::Failure> {
            Ok(())
        }

        fn tally(&self) -> Tally {
            Tally::of_skipped(self.0)
        }
    }

    #[test]
    fn what_the_second_sink_leaves_out_is_its_own_in_the_report() {
        let outcome = Pipeline::new("tee", from_iter(0..5)).tee(Even(0)).end(Collect::new()).run().unwrap();
        let tee = outcome.report.stage("tee").unwrap();
        assert_eq!((tee.items_in(), tee.items_out(), tee.failed(), tee.skipped()), (Some(5), Some(5), 2, 2));
        let error = Pipeline::new("tee", FailAfter(4)).tee(Even(0)).end(Collect::new()).run().unwrap_err();
        assert_eq!(error.report().stage("tee").unwrap().skipped(), 2);
    }

    /// A sink that records whether it was finished.
    struct Finished<'a>(&'a mut bool);

    impl Sink for Finished<'_> {
        type In = i32;
        type Output = ();

        fn consume(&mut self, item: i32) -> Result<(), Halt> {
            if item < 3 { Ok(()) } else { Err(std::fmt::Error.into()) }
        }

        fn finish(self) -> Result<(), crate::Failure> {
            *self.0 = true;
            Ok(())
        }
    }

    #[test]
    fn it_is_finished_at_the_end_and_not_after_an_error() {
        let mut finished = false;
        Pipeline::new("tee", from_iter(0..3)).tee(Finished(&mut finished)).end(Collect::new()).run().unwrap();
        assert!(finished);
        finished = false;
        let error =
            Pipeline::new("tee", from_iter(0..4)).tee(Finished(&mut finished)).end(Collect::new()).run();
        assert_eq!(error.unwrap_err().stage(), Some("tee"));
        assert!(!finished);
    }
}
