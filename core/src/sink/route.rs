//! `route`: one of several sinks for each item.

use std::fmt;
use std::time::Duration;

use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Chain, Pipeline};
use crate::report::Meter;
use crate::report::Tally;
use crate::run::RunContext;
use crate::run::Runnable;
use crate::sink::Commit;
use crate::sink::Sink;

/// A sink that passes each item to one of `sinks`: `by` returns the index of the sink. The output is the outputs of all
/// sinks. The sinks have one type; [`BoxedSink`](crate::BoxedSink) gives one type to different sinks.
///
/// * If one of the sinks needs no more items, the run ends for all.
/// * End: the sinks are finished in order. If one fails to finish, those before it are finished and those behind it are
///   not.
/// * Commit: all sinks, in order.
/// * Error: all sinks are dropped without being finished. An index without a sink is an error as well.
///
/// ```
/// use syncline_core::{Collect, Pipeline, from_iter, route};
///
/// let sinks = [Collect::new(), Collect::new()];
/// let outcome = Pipeline::new("parity", from_iter(0..5)).end(route(sinks, |n: &usize| n % 2)).run()?;
/// assert_eq!(outcome.output, [vec![0, 2, 4], vec![1, 3]]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn route<K: Sink, F: FnMut(&K::In) -> usize>(sinks: impl IntoIterator<Item = K>, by: F) -> Route<K, F> {
    Route { sinks: sinks.into_iter().collect(), by, last: 0 }
}

/// Sink of [`route`].
#[must_use]
pub struct Route<K, F> {
    sinks: Vec<K>,
    by: F,
    /// The index of the last item's sink.
    last: usize,
}

#[deny(clippy::missing_trait_methods)]
impl<K: Sink, F: FnMut(&K::In) -> usize> Sink for Route<K, F> {
    type In = K::In;
    type Output = Vec<K::Output>;

    fn consume(&mut self, item: K::In) -> Result<(), Halt> {
        let place = (self.by)(&item);
        self.last = place;
        let sinks = self.sinks.len();
        match self.sinks.get_mut(place) {
            Some(sink) => sink.consume(item),
            None => Err(Failure::new(format!("an item is routed to sink {place} of {sinks}")).into()),
        }
    }

    // Each item may go to another sink.
    fn consume_all(&mut self, items: impl Items<K::In>) -> Result<(), Halt> {
        items.each(|item| self.consume(item))
    }

    fn finish(self) -> Result<Vec<K::Output>, Failure> {
        self.sinks.into_iter().map(Sink::finish).collect()
    }

    fn name(&self) -> &'static str {
        "route"
    }

    fn node(&self) -> Node {
        self.sinks
            .iter()
            .fold(Node::sink("route").holding(0_u64), |node, sink| node.branch("some", sink.name()))
    }

    fn waited(&self) -> Duration {
        self.sinks.iter().map(Sink::waited).sum()
    }

    fn start(&mut self, context: &RunContext<'_, '_>) {
        self.sinks.iter_mut().for_each(|sink| sink.start(context));
    }

    fn before_retry(&mut self) {
        if let Some(sink) = self.sinks.get_mut(self.last) {
            sink.before_retry();
        }
    }

    fn tally(&self) -> Tally {
        self.sinks.iter().map(Sink::tally).fold(Tally::default(), Tally::plus)
    }
}

impl<K: Commit, F: FnMut(&K::In) -> usize> Commit for Route<K, F> {
    fn commit(&mut self) -> Result<(), Failure> {
        self.sinks.iter_mut().try_for_each(Commit::commit)
    }
}

impl<K, F> fmt::Debug for Route<K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("sinks", &self.sinks.len()).finish_non_exhaustive()
    }
}

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// Ends the pipeline with [`route`]: `by` returns the index of the sink for each item.
    pub fn route<K, F>(self, sinks: impl IntoIterator<Item = K>, by: F) -> Runnable<C, Route<K, F>, M>
    where
        K: Sink<In = T>,
        F: FnMut(&T) -> usize,
    {
        self.end(route(sinks, by))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::route;
    use crate::run::RunContext;
    use crate::stage::tests::FailAfter;
    use crate::{BoxedSink, Collect, Commit, Failure, Halt, Pipeline, Sink, for_each, from_iter, size};

    #[test]
    fn every_item_goes_to_one_sink() {
        for n in [0, 1, 2, 3, 4, 30] {
            let sinks = [Collect::new(), Collect::new(), Collect::new()];
            let outcome = Pipeline::new("route", from_iter(0..n)).end(route(sinks, |i: &usize| i % 3)).run();
            let output = outcome.unwrap().output;
            for (place, items) in output.iter().enumerate() {
                assert_eq!(*items, (0..n).filter(|i| i % 3 == place).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn an_error_before_it_or_of_one_of_its_sinks_ends_the_run() {
        let run = Pipeline::new("route", FailAfter(4)).end(route([Collect::new()], |_: &usize| 0)).run();
        assert_eq!(run.unwrap_err().stage(), Some("FailAfter"));
        let mut taken = 0;
        let refuse = for_each(|n: usize| {
            taken += 1;
            if n == 3 { Err(std::fmt::Error.into()) } else { Ok(()) }
        });
        let run = Pipeline::new("route", from_iter(0..9)).end(route([refuse], |_: &usize| 0)).run();
        assert_eq!(run.unwrap_err().stage(), Some("route"));
        assert_eq!(taken, 4);
    }

    /// Counts its starts and commits.
    struct Told<'a>(&'a Cell<(u32, u32)>);

    impl Sink for Told<'_> {
        type In = usize;
        type Output = ();

        fn consume(&mut self, _: usize) -> Result<(), Halt> {
            Ok(())
        }

        fn finish(self) -> Result<(), Failure> {
            Ok(())
        }

        fn waited(&self) -> Duration {
            Duration::from_secs(5)
        }

        fn start(&mut self, _: &RunContext<'_, '_>) {
            let (attached, commits) = self.0.get();
            self.0.set((attached + 1, commits));
        }
    }

    impl Commit for Told<'_> {
        fn commit(&mut self) -> Result<(), Failure> {
            let (attached, commits) = self.0.get();
            self.0.set((attached, commits + 1));
            Ok(())
        }
    }

    #[test]
    fn its_sinks_are_told_what_it_is_told_and_asked_what_it_is_asked() {
        let told = [Cell::default(), Cell::default()];
        let sink = route(told.iter().map(Told), |i| i % 2);
        assert_eq!(sink.waited(), Duration::from_secs(10));
        Pipeline::new("route", from_iter(0..5)).end(sink).commit_every(size(2)).run().unwrap();
        assert_eq!(told.map(Cell::into_inner), [(1, 2), (1, 2)]);
    }

    #[test]
    fn sinks_of_different_make_are_told_too() {
        let told = Cell::default();
        let sinks = [BoxedSink::new(Told(&told)), BoxedSink::new(Told(&told))];
        let run = Pipeline::new("route", from_iter(0..5)).end(route(sinks, |i| i % 2));
        let graph = run.graph().mermaid();
        assert_eq!(graph.matches("some").count(), 2, "{graph}");
        run.run().unwrap();
        assert_eq!(told.get(), (2, 0));
    }

    #[test]
    fn a_place_without_a_sink_is_an_error() {
        let error =
            Pipeline::new("route", from_iter(0..3)).end(route([Collect::new()], |i: &usize| *i)).run();
        assert_eq!(error.unwrap_err().into_source().to_string(), "an item is routed to sink 1 of 1");
    }
}
