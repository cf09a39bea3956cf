//! A pipeline as an iterator.

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

    /// The items that leave the last stage, as an iterator. What came before an error is given before it,
    /// and nothing after it.
    fn into_iter(self) -> IntoIter<T, C, M> {
        IntoIter { pull: Pull::new(self, "iterator"), observer: () }
    }
}

/// The items of a [`Pipeline`], as an iterator.
///
/// The run begins when the first item is asked for, and ends when the iterator has given its last item or its error.
///
/// * Memory: all that the stages make of one advance of the source. So an endless `flat_map` never gives its first item.
/// * What waits inside a stage, as [`retry`](crate::retry) does before it tries again, waits on the thread that asks.
/// * Spans: as those of a run, from the first item asked for to the end. An iterator that is dropped before its end closes
///   them with the counts so far; the end that they log is `dropped`.
///
/// ```
/// use syncline_core::{CancelToken, Pipeline, from_iter};
///
/// let token = CancelToken::new();
/// let mut evens = Pipeline::new("evens", from_iter(0..)).filter(|n| n % 2 == 0).into_iter().cancelled_by(&token);
/// assert_eq!(evens.by_ref().take(3).collect::<Result<Vec<u64>, _>>()?, [0, 2, 4]);
/// assert_eq!(evens.report().stage("filter").unwrap().items_in(), Some(256));
/// token.cancel();
/// // The chunk that was read is still given.
/// assert!(evens.find_map(Result::err).unwrap().is_cancelled());
/// # Ok::<(), syncline_core::Error>(())
/// ```
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct IntoIter<T, C: Chain<Item = T>, M: Meter = Metered, O = ()> {
    pub(super) pull: Pull<T, C, M>,
    pub(super) observer: O,
}

impl<T, C: Chain<Item = T>, M: Meter, O> IntoIter<T, C, M, O> {
    /// Ends the run in an error, at the next chunk of its source, when `token` is cancelled. Where several are given, each
    /// of them ends it. To be called before the first item is asked for: the stages are told of the token then.
    pub fn cancelled_by(mut self, token: &CancelToken) -> Self {
        self.pull.cancelled_by(token);
        self
    }

    /// Tells `observer` how far the run is, instead of any observer that was given before. One that is dropped before its
    /// end tells it nothing more.
    pub fn observed_by<P: Observer>(self, observer: P) -> IntoIter<T, C, M, P> {
        IntoIter { pull: self.pull, observer }
    }

    /// The report of what was done so far, or of the whole run once that has ended. The code that takes the items is its
    /// last row, `iterator`.
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
