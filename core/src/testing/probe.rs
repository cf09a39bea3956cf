//! A sink that records its calls.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Failure, Halt};
use crate::sink::Commit;
use crate::sink::SideSink;
use crate::sink::Sink;
use crate::testing::Planned;

/// A sink that records its items and its end. It can be set to reject items, to stop or to fail.
///
/// [`seen`](Probe::seen) returns the record, which outlives the run.
///
/// * Shape: takes any item; the output is the number of items taken.
/// * Memory: every item, until [`Seen::take`].
/// * Commit: recorded with the number of items taken so far: [`Seen::commits`].
/// * End: recorded as [`Ending::Finished`], or as [`Ending::Dropped`] if the probe was not finished.
/// * Error: as configured.
///
/// ```
/// use syncline_core::testing::{Ending, Probe};
/// use syncline_core::{Pipeline, from_iter, size};
///
/// let probe = Probe::new().refuse(|chunk: &Vec<u32>| chunk.contains(&4));
/// let seen = probe.seen();
/// let run = Pipeline::new("pairs", from_iter(0..9)).buffer(size(2)).end(probe).run();
/// assert_eq!(run.unwrap_err().stage(), Some("Probe"));
/// assert_eq!(seen.items(), [[0, 1], [2, 3]]);
/// assert_eq!(seen.ending(), Ending::Dropped);
/// ```
#[must_use]
pub struct Probe<T> {
    seen: Seen<T>,
    stop_after: Option<u64>,
    refuse: Option<Refuse<T>>,
    fail_at_end: bool,
    taken: u64,
}

/// A predicate for items to reject.
type Refuse<T> = Box<dyn FnMut(&T) -> bool + Send>;

impl<T> Probe<T> {
    /// Creates a probe that takes every item.
    pub fn new() -> Self {
        let seen = Seen(Arc::new(Mutex::new(Notes::default())));
        Self { seen, stop_after: None, refuse: None, fail_at_end: false, taken: 0 }
    }

    /// Stops after `items` items: the last of them returns [`Halt::Stop`]. With 0 it takes none.
    pub fn stop_after(mut self, items: u64) -> Self {
        self.stop_after = Some(items);
        self
    }

    /// Fails with a [`Planned`] error at the items for which `f` returns `true`, and does not take them.
    pub fn refuse(mut self, f: impl FnMut(&T) -> bool + Send + 'static) -> Self {
        self.refuse = Some(Box::new(f));
        self
    }

    /// Fails with a [`Planned`] error when it is finished.
    pub fn fail_at_end(mut self) -> Self {
        self.fail_at_end = true;
        self
    }

    /// The record of this probe, to keep while a pipeline owns the probe.
    #[must_use]
    pub fn seen(&self) -> Seen<T> {
        self.seen.clone()
    }
}

impl<T> Default for Probe<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[diagnostic::do_not_recommend]
impl<T> SideSink<u64> for Probe<T> {}

impl<T> Sink for Probe<T> {
    type In = T;
    type Output = u64;

    fn consume(&mut self, item: T) -> Result<(), Halt> {
        if self.stop_after == Some(0) {
            return Err(Halt::Stop);
        }
        let mut notes = self.seen.notes();
        if self.refuse.as_mut().is_some_and(|refuse| refuse(&item)) {
            notes.refused += 1;
            return Err(Planned::new("refused as told").into());
        }
        notes.items.push(item);
        self.taken += 1;
        if self.stop_after == Some(self.taken) { Err(Halt::Stop) } else { Ok(()) }
    }

    fn finish(self) -> Result<u64, Failure> {
        if self.fail_at_end {
            return Err(Planned::new("could not finish, as told").into());
        }
        self.seen.notes().ending = Ending::Finished;
        Ok(self.taken)
    }
}

impl<T> Commit for Probe<T> {
    fn commit(&mut self) -> Result<(), Failure> {
        self.seen.notes().commits.push(self.taken);
        Ok(())
    }
}

impl<T> Drop for Probe<T> {
    fn drop(&mut self) {
        let mut notes = self.seen.notes();
        if notes.ending == Ending::Open {
            notes.ending = Ending::Dropped;
        }
    }
}

/// The record of a [`Probe`]. All clones share it, on any thread.
pub struct Seen<T>(Arc<Mutex<Notes<T>>>);

struct Notes<T> {
    items: Vec<T>,
    refused: u64,
    commits: Vec<u64>,
    ending: Ending,
}

impl<T> Default for Notes<T> {
    fn default() -> Self {
        Self { items: Vec::new(), refused: 0, commits: Vec::new(), ending: Ending::Open }
    }
}

/// The end of a [`Probe`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The probe is still in use.
    Open,
    /// The probe was finished: its items are durable.
    Finished,
    /// The probe was dropped without being finished: no item is durable.
    Dropped,
}

impl<T> Seen<T> {
    fn notes(&self) -> MutexGuard<'_, Notes<T>> {
        // Every change is complete before the lock is released, so a panic elsewhere does not matter.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The items taken so far, in order.
    #[must_use]
    pub fn items(&self) -> Vec<T>
    where
        T: Clone,
    {
        self.notes().items.clone()
    }

    /// Removes and returns the items taken so far, in order.
    #[must_use]
    pub fn take(&self) -> Vec<T> {
        std::mem::take(&mut self.notes().items)
    }

    /// The number of rejected items.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.notes().refused
    }

    /// The number of items taken at each commit during the run. The end of the run is not a commit.
    #[must_use]
    pub fn commits(&self) -> Vec<u64> {
        self.notes().commits.clone()
    }

    /// The end of the probe.
    #[must_use]
    pub fn ending(&self) -> Ending {
        self.notes().ending
    }
}

impl<T> Clone for Seen<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Probe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").field("seen", &self.seen).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Seen<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let notes = self.notes();
        f.debug_struct("Seen")
            .field("items", &notes.items.len())
            .field("refused", &notes.refused)
            .field("commits", &notes.commits)
            .field("ending", &notes.ending)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Ending, Probe};
    use crate::{Pipeline, from_iter, size};

    #[test]
    fn it_notes_items_and_that_it_was_finished() {
        let probe = Probe::new();
        let seen = probe.seen();
        assert_eq!(seen.ending(), Ending::Open);
        assert_eq!(Pipeline::new("all", from_iter(0..3)).end(probe).run().unwrap().output, 3);
        assert_eq!((seen.items(), seen.ending()), (vec![0, 1, 2], Ending::Finished));
        assert_eq!(seen.take(), [0, 1, 2]);
        assert_eq!(seen.items(), [0; 0]);
    }

    #[test]
    fn it_stops_on_cue_and_is_finished_then() {
        for (after, expected) in [(0, vec![]), (1, vec![0]), (2, vec![0, 1])] {
            let probe = Probe::new().stop_after(after);
            let seen = probe.seen();
            assert_eq!(Pipeline::new("stop", from_iter(0..)).end(probe).run().unwrap().output, after);
            assert_eq!((seen.items(), seen.ending()), (expected, Ending::Finished));
        }
    }

    #[test]
    fn it_refuses_on_cue() {
        let probe = Probe::new().refuse(|n| *n == 2);
        let seen = probe.seen();
        let error = Pipeline::new("refuse", from_iter(0..9)).end(probe).run().unwrap_err();
        assert_eq!(error.into_source().to_string(), "refused as told");
        assert_eq!((seen.items(), seen.refused(), seen.ending()), (vec![0, 1], 1, Ending::Dropped));
    }

    #[test]
    fn it_fails_to_finish_on_cue() {
        let probe = Probe::new().fail_at_end();
        let seen = probe.seen();
        Pipeline::new("end", from_iter(0..2)).end(probe).run().unwrap_err();
        assert_eq!((seen.items(), seen.ending()), (vec![0, 1], Ending::Dropped));
    }

    #[test]
    fn it_notes_after_how_many_items_it_committed() {
        let probe = Probe::new();
        let seen = probe.seen();
        let run = Pipeline::new("commits", from_iter(0..5)).end(probe).commit_every(size(2)).run();
        assert_eq!((run.unwrap().output, seen.commits()), (5, vec![2, 4]));
    }
}
