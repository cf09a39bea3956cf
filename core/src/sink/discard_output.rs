//! `discard_output`: a sink without the output of another.

use super::{Commit, Sink};
use crate::emit::items::Items;
use crate::error::Failure;
use crate::error::Halt;
use crate::sink::delegate::delegate_sink;

/// A sink that does the same as `sink`, and drops its output: the output is `()`.
///
/// The second sink of a pipeline, that of a [`tee`](crate::Pipeline::tee) or a [`dead_letter`](crate::dead_letter()),
/// has no output that is lost by mistake (see [`SideSink`](crate::sink::SideSink)). This function says that nobody needs
/// the output.
///
/// ```
/// use syncline_core::{BoxedSink, Collect, Pipeline, discard_output, for_each, from_iter};
///
/// let mut copies = Vec::new();
/// let boxed = BoxedSink::new(for_each(|n| { copies.push(n); Ok(()) }));
/// let numbers = Pipeline::new("numbers", from_iter(0..3)).tee(discard_output(boxed));
/// assert_eq!(numbers.end(Collect::new()).run()?.output, [0, 1, 2]);
/// assert_eq!(copies, [0, 1, 2]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn discard_output<K: Sink>(sink: K) -> DiscardOutput<K> {
    DiscardOutput { inner: sink }
}

/// Sink of [`discard_output`].
///
/// * Shape, memory, commit, error: those of the other sink.
/// * End: the other sink is finished. The output is `()`.
#[derive(Debug)]
#[must_use]
pub struct DiscardOutput<K> {
    inner: K,
}

#[deny(clippy::missing_trait_methods)]
impl<K: Sink> Sink for DiscardOutput<K> {
    type In = K::In;
    type Output = ();

    #[inline]
    fn consume(&mut self, item: K::In) -> Result<(), Halt> {
        self.inner.consume(item)
    }

    #[inline]
    fn consume_all(&mut self, items: impl Items<K::In>) -> Result<(), Halt> {
        self.inner.consume_all(items)
    }

    fn finish(self) -> Result<(), Failure> {
        self.inner.finish().map(drop)
    }

    delegate_sink!(self.inner: start, before_retry, waited, tally, name, node);
}

impl<K: Commit> Commit for DiscardOutput<K> {
    fn commit(&mut self) -> Result<(), Failure> {
        self.inner.commit()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::discard_output;
    use crate::report::Tally;
    use crate::run::RunContext;
    use crate::testing::{Ending, Probe};
    use crate::{Collect, Commit, Failure, Halt, Pipeline, Sink, count, from_iter, route, size};

    #[test]
    fn the_other_sink_takes_every_item_and_is_finished() {
        let probe = Probe::new();
        let seen = probe.seen();
        let timed = Pipeline::new("timed", from_iter(0..300)).end(discard_output(probe));
        let () = timed.run().unwrap().output;
        assert_eq!((seen.items(), seen.ending()), ((0..300).collect(), Ending::Finished));
        let probe = Probe::new();
        let seen = probe.seen();
        let bulk = Pipeline::unmetered("bulk", from_iter(0..300)).end(discard_output(probe));
        let () = bulk.run().unwrap().output;
        assert_eq!((seen.items().len(), seen.ending()), (300, Ending::Finished));
    }

    #[test]
    fn errors_of_the_other_sink_end_the_run() {
        let probe = Probe::new().fail_at_end();
        let run = Pipeline::new("fails", from_iter(0..3)).end(discard_output(probe)).run();
        assert!(run.is_err());
    }

    /// Records its calls.
    struct Told<'a>(&'a Cell<[u32; 3]>);

    impl Told<'_> {
        fn called(&self, place: usize) {
            let mut calls = self.0.get();
            calls[place] += 1;
            self.0.set(calls);
        }
    }

    impl Sink for Told<'_> {
        type In = usize;
        type Output = &'static str;

        fn consume(&mut self, n: usize) -> Result<(), Halt> {
            if n == 7 { Err(std::fmt::Error.into()) } else { Ok(()) }
        }

        fn finish(self) -> Result<&'static str, Failure> {
            Ok("lost")
        }

        fn start(&mut self, _: &RunContext<'_, '_>) {
            self.called(0);
        }

        fn before_retry(&mut self) {
            self.called(1);
        }

        fn waited(&self) -> Duration {
            Duration::from_secs(5)
        }

        fn tally(&self) -> Tally {
            Tally::of_skipped(3)
        }

        fn name(&self) -> &'static str {
            "told"
        }
    }

    impl Commit for Told<'_> {
        fn commit(&mut self) -> Result<(), Failure> {
            self.called(2);
            Ok(())
        }
    }

    #[test]
    fn the_other_sink_is_told_and_asked_everything() {
        let calls = Cell::default();
        let mut sink = discard_output(Told(&calls));
        assert_eq!((sink.name(), sink.waited()), ("told", Duration::from_secs(5)));
        assert_eq!(sink.tally().skipped, 3);
        assert!(sink.consume(7).is_err());
        sink.before_retry();
        Pipeline::new("told", from_iter(0..5)).end(sink).commit_every(size(2)).run().unwrap();
        assert_eq!(calls.get(), [1, 1, 2]);
    }

    #[test]
    fn second_sinks_take_it() {
        let numbers = Pipeline::new("numbers", from_iter(0..5))
            .tee(discard_output(count()))
            .tee(route([discard_output(Collect::new()), discard_output(Collect::new())], |n: &usize| n % 2));
        assert_eq!(numbers.end(Collect::new()).run().unwrap().output, [0, 1, 2, 3, 4]);
    }
}
