//! A pipeline without a sink as an iterator.

use std::fmt;

use crate::error::Error;
use crate::pipeline::Pipeline;
use crate::pipeline::chain::Chain;
use crate::report::{Meter, Metered, Report};
use crate::run::pull::Pull;
use crate::run::{CancelToken, Observer};
use crate::source::Progress;

impl<T, C: Chain<Item = T>, M: Meter> IntoIterator for Pipeline<T, C, M> {
    type Item = Result<T, Error>;
    type IntoIter = IntoIter<T, C, M>;

    /// Converts the pipeline to an iterator over the items of its last stage. The items before an error come first,
    /// then the error, then nothing.
    fn into_iter(self) -> IntoIter<T, C, M> {
        IntoIter { pull: Pull::new(self, "iterator"), observer: () }
    }
}

/// The items of a [`Pipeline`], as an iterator.
///
/// The run starts with the first call of `next`, and ends with the last item or the error.
///
/// * Memory: all items that the stages emit for one advance of the source. So an endless `flat_map` never returns its
///   first item.
/// * Waits inside a stage, such as the delay of [`retry`](crate::retry), block the calling thread.
/// * Spans: as those of a run, from the first item asked for to the end. An iterator that is dropped before its end closes
///   them with the counts so far; the end that they log is `dropped`.
///
/// ```
/// use syncline_core::{CancelToken, Pipeline, from_iter};
///
/// let token = CancelToken::new();
/// let mut evens = Pipeline::new("evens", from_iter(0..)).filter(|n| n % 2 == 0).into_iter().cancelled_by(&token);
/// assert_eq!(evens.by_ref().take(3).collect::<Result<Vec<u64>, _>>()?, [0, 2, 4]);
/// token.cancel();
/// // The rest of the current chunk comes first.
/// assert!(evens.find_map(Result::err).unwrap().is_cancelled());
/// # Ok::<(), syncline_core::Error>(())
/// ```
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct IntoIter<T, C: Chain<Item = T>, M: Meter = Metered, O = ()> {
    pub(super) pull: Pull<T, C, M>,
    pub(super) observer: O,
}

impl<T, C: Chain<Item = T>, M: Meter, O> IntoIter<T, C, M, O> {
    /// Cancels or drains the run with `token`, at the next chunk of its source. Of several tokens each does. Call this
    /// before the first `next`, because stages get the token at the start.
    pub fn cancelled_by(mut self, token: &CancelToken) -> Self {
        self.pull.cancelled_by(token);
        self
    }

    /// Sets the observer of the run, in place of an earlier one. An observer that is set after the first item gets its
    /// start with the next chunk, and then all items so far; after the last chunk it gets nothing. An iterator that is
    /// dropped early does not call it any more.
    pub fn observed_by<P: Observer>(mut self, observer: P) -> IntoIter<T, C, M, P> {
        self.pull.observe_anew();
        IntoIter { pull: self.pull, observer }
    }

    /// The report of the run so far, or of the whole run after its end. The last row, `iterator`, is the code that
    /// takes the items.
    #[must_use]
    pub fn report(&self) -> Report {
        self.pull.report()
    }
}

impl<T, C: Chain<Item = T>, M: Meter, O: Observer> Iterator for IntoIter<T, C, M, O> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { pull, observer } = self;
        while pull.needs_advancing() {
            match pull.advance(observer) {
                Progress::Idle if pull.needs_advancing() => pull.wait(),
                _ => pull.driver.has_something(),
            }
        }
        pull.take_ready()
    }
}

impl<T, C: Chain<Item = T>, M: Meter, O: Observer> std::iter::FusedIterator for IntoIter<T, C, M, O> {}

impl<T, C: Chain<Item = T>, M: Meter, O> fmt::Debug for IntoIter<T, C, M, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").field("ready", &self.pull.ready()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use crate::testing::{Ending, Probe, Script};
    use crate::{CancelToken, Observer, Pipeline, RunEnd, from_iter};

    #[test]
    fn a_cancellation_during_the_last_chunk_finishes_no_second_sink() {
        let token = CancelToken::new();
        let copies = Probe::new();
        let seen = copies.seen();
        let pipeline = Pipeline::new("cancelled", from_iter(0..3)).tee(copies).inspect(|n| {
            if *n == 2 {
                token.cancel();
            }
        });
        let mut items = pipeline.into_iter().cancelled_by(&token);
        assert_eq!(items.by_ref().take(3).collect::<Result<Vec<i32>, _>>().unwrap(), [0, 1, 2]);
        let error = items.next().expect("the run is cancelled").unwrap_err();
        assert!(error.is_cancelled());
        drop(items);
        assert_eq!((seen.items(), seen.ending()), (vec![0, 1, 2], Ending::Dropped));
    }

    /// Records all calls.
    struct Calls<'a>(&'a mut Vec<String>);

    impl Observer for Calls<'_> {
        fn start(&mut self, total: Option<u64>) {
            self.0.push(format!("start {total:?}"));
        }

        fn advance(&mut self, items: u64) {
            self.0.push(format!("advance {items}"));
        }

        fn end(&mut self, end: RunEnd) {
            self.0.push(format!("end {end}"));
        }
    }

    #[test]
    fn an_observer_that_is_set_after_the_first_item_gets_a_start_and_all_items() {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let mut items =
            Pipeline::new("observed", from_iter(0..600)).into_iter().observed_by(Calls(&mut first));
        assert_eq!(items.next().unwrap().unwrap(), 0);
        let items = items.observed_by(Calls(&mut second));
        assert_eq!(items.count(), 599);
        // The first chunk is one item.
        assert_eq!(first, ["start Some(600)", "advance 1"]);
        let (told, end) = second[1..].split_at(second.len() - 2);
        let told = told.iter().map(|call| call.strip_prefix("advance ").unwrap().parse::<u64>().unwrap());
        assert_eq!((second[0].as_str(), told.sum::<u64>()), ("start Some(600)", 600));
        assert!(end[0].starts_with("end "), "{end:?}");
    }

    #[test]
    fn an_iterator_has_ended_after_a_panic() {
        let source = Script::new().items([1]).items([2]).items([3]);
        let watch = source.watch();
        let mut items =
            Pipeline::new("panics", source).map(|n: u32| if n == 2 { panic!("two") } else { n }).into_iter();
        assert_eq!(items.next().unwrap().unwrap(), 1);
        assert!(catch_unwind(AssertUnwindSafe(|| items.next())).is_err());
        assert!(items.next().is_none());
        assert_eq!(watch.advances(), 2);
    }
}
