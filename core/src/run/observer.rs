//! Observers: they receive the progress and the end of a run.

use std::fmt;

use crate::error::Failure;

/// An observer of a run: a progress bar, a log, a window.
///
/// A run calls `start` once, `advance` after each chunk of its source with the number of its items, and `end` once. The
/// last call tells the truth: a run whose last commit fails has read every item and has [failed](RunEnd::Failed). A run
/// that panics makes no further call and drops the observer.
///
/// ```
/// use syncline_core::{Collect, Observer, Pipeline, RunEnd, RunOptions, from_iter};
///
/// #[derive(Default)]
/// struct Percent { done: u64, total: u64, says: String }
///
/// impl Observer for Percent {
///     fn start(&mut self, total: Option<u64>) { self.total = total.unwrap_or(0); }
///     fn advance(&mut self, items: u64) { self.done += items; }
///     fn end(&mut self, end: RunEnd) { self.says = format!("{} of {}: {end}", self.done, self.total); }
/// }
///
/// let mut percent = Percent::default();
/// let options = RunOptions::new().observed_by(&mut percent);
/// Pipeline::new("numbers", from_iter(0..1000)).end(Collect::new()).run_with(options)?;
/// assert_eq!(percent.says, "1000 of 1000: finished");
/// # Ok::<(), syncline_core::Error>(())
/// ```
///
/// The crate `syncline` has an observer that draws a bar, with the feature `indicatif`.
pub trait Observer {
    /// Called at the start. `total` is the number of items, if it is known.
    fn start(&mut self, total: Option<u64>);

    /// Called after each chunk with the number of its items.
    fn advance(&mut self, items: u64);

    /// Called at the end.
    fn end(&mut self, end: RunEnd);
}

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// The run succeeded, and its work is durable.
    Finished,
    /// The run was [cancelled](crate::CancelToken).
    Cancelled,
    /// The run failed.
    Failed,
}

impl RunEnd {
    /// The end of a run with that failure, or with none.
    pub(crate) fn of(failure: Option<&Failure>) -> Self {
        match failure {
            None => Self::Finished,
            Some(failure) if failure.is_cancellation() => Self::Cancelled,
            Some(_) => Self::Failed,
        }
    }
}

/// Prints `finished`, `cancelled` or `failed`.
impl fmt::Display for RunEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        })
    }
}

/// No observer: for an iterator or a stream that is not observed.
impl Observer for () {
    fn start(&mut self, _: Option<u64>) {}

    fn advance(&mut self, _: u64) {}

    fn end(&mut self, _: RunEnd) {}
}

#[deny(clippy::missing_trait_methods)]
impl<O: Observer + ?Sized> Observer for &mut O {
    fn start(&mut self, total: Option<u64>) {
        (**self).start(total);
    }

    fn advance(&mut self, items: u64) {
        (**self).advance(items);
    }

    fn end(&mut self, end: RunEnd) {
        (**self).end(end);
    }
}

#[deny(clippy::missing_trait_methods)]
impl<O: Observer + ?Sized> Observer for Box<O> {
    fn start(&mut self, total: Option<u64>) {
        (**self).start(total);
    }

    fn advance(&mut self, items: u64) {
        (**self).advance(items);
    }

    fn end(&mut self, end: RunEnd) {
        (**self).end(end);
    }
}

/// An observer that calls `tell` at the start and after each chunk, with the number of items so far and the total, if
/// it is known. It does not receive the end of the run.
///
/// ```
/// use syncline_core::{Collect, Pipeline, RunOptions, from_iter, tell_progress};
///
/// let mut told = Vec::new();
/// let options = RunOptions::new().observed_by(tell_progress(|done, total| told.push((done, total))));
/// Pipeline::new("numbers", from_iter(0..300)).end(Collect::new()).run_with(options)?;
/// // A chunk is one item at first, and at most 256.
/// assert_eq!(told[..2], [(0, Some(300)), (1, Some(300))]);
/// assert_eq!(told.last(), Some(&(300, Some(300))));
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn tell_progress<F: FnMut(u64, Option<u64>)>(tell: F) -> TellProgress<F> {
    TellProgress { tell, done: 0, total: None }
}

/// Observer of [`tell_progress`].
#[must_use]
pub struct TellProgress<F> {
    tell: F,
    done: u64,
    total: Option<u64>,
}

impl<F: FnMut(u64, Option<u64>)> Observer for TellProgress<F> {
    fn start(&mut self, total: Option<u64>) {
        self.total = total;
        (self.tell)(0, total);
    }

    fn advance(&mut self, items: u64) {
        self.done += items;
        (self.tell)(self.done, self.total);
    }

    fn end(&mut self, _: RunEnd) {}
}

impl<F> fmt::Debug for TellProgress<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TellProgress")
            .field("done", &self.done)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Observer, RunEnd};
    use crate::testing::{Probe, Script};
    use crate::{CancelToken, Collect, Error, Pipeline, RunOptions, Source, from_iter, size};

    /// Records its calls.
    #[derive(Default, PartialEq, Debug)]
    struct Notes(Vec<String>);

    impl Observer for Notes {
        fn start(&mut self, total: Option<u64>) {
            self.0.push(format!("of {total:?}"));
        }

        fn advance(&mut self, items: u64) {
            self.0.push(items.to_string());
        }

        fn end(&mut self, end: RunEnd) {
            self.0.push(end.to_string());
        }
    }

    fn told(run: impl FnOnce(RunOptions<'_>) -> Result<(), Error>) -> Vec<String> {
        let mut notes = Notes::default();
        let _ = run(RunOptions::new().observed_by(&mut notes));
        notes.0
    }

    #[test]
    fn a_run_tells_how_far_it_is_and_that_it_has_finished() {
        for n in [0, 1, 256, 1000] {
            let notes = told(|options| {
                let chunks = Pipeline::new("n", from_iter(0..n)).filter(|n| n % 2 == 0).buffer(size(7));
                chunks.end(Collect::new()).run_with(options).map(drop)
            });
            let [start, advances @ .., end] = notes.as_slice() else { panic!("{notes:?}") };
            assert_eq!((start.as_str(), end.as_str()), (format!("of Some({n})").as_str(), "finished"));
            // The chunks are of one item at first, and of at most 256.
            let advances: Vec<u64> = advances.iter().map(|items| items.parse().unwrap()).collect();
            assert_eq!(advances.iter().sum::<u64>(), n);
            assert!(advances.first().is_none_or(|items| *items == 1), "{advances:?}");
            assert!(advances.iter().all(|items| (1..=256).contains(items)), "{advances:?}");
        }
    }

    #[test]
    fn a_run_that_fails_at_its_very_end_has_failed() {
        let notes = told(|options| {
            let probe = Probe::new().fail_at_end();
            Pipeline::new("n", from_iter(0..1)).end(probe).run_with(options).map(drop)
        });
        assert_eq!(notes, ["of Some(1)", "1", "failed"]);
    }

    #[test]
    fn what_was_read_before_a_failure_counts_and_a_total_may_be_unknown() {
        let notes = told(|options| {
            let script = Script::new().items([1, 2]).idle().items([3]).fail("the cable was pulled");
            assert_eq!(script.remaining(), None);
            Pipeline::new("n", script).end(Collect::new()).run_with(options).map(drop)
        });
        assert_eq!(notes, ["of None", "2", "1", "failed"]);
    }

    #[test]
    fn a_run_that_is_cancelled_says_so() {
        let token = CancelToken::new();
        let notes = told(|options| {
            let endless = Pipeline::new("n", from_iter(0..)).inspect(|_| token.cancel());
            endless.end(Collect::new()).run_with(options.cancelled_by(&token)).map(drop)
        });
        // The first chunk is one item.
        assert_eq!(notes, ["of None", "1", "cancelled"]);
    }

    #[test]
    fn an_unmetered_run_tells_only_its_ends() {
        let notes = told(|options| {
            Pipeline::unmetered("n", from_iter(0..3)).end(Collect::new()).run_with(options).map(drop)
        });
        assert_eq!(notes, ["of Some(3)", "finished"]);
    }
}
