//! A scripted source.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::source::{Progress, Source};
use crate::testing::Planned;

/// A source that executes one step of a script each time it is advanced.
///
/// * Shape: the items of the steps, in order. The items of one step are one chunk.
/// * Memory: the items of the remaining steps.
/// * End: done after the last step, unless [`then_wait`](Script::then_wait) is set.
/// * Error: as scripted. After an error it can be advanced again, and continues with the next step.
///
/// ```
/// use syncline_core::testing::Script;
/// use syncline_core::{Collect, Pipeline};
///
/// let source = Script::new().items(["a", "b"]).idle().items(["c"]);
/// let watch = source.watch();
/// let outcome = Pipeline::new("script", source).take(2).end(Collect::new()).run()?;
/// assert_eq!(outcome.output, ["a", "b"]);
/// assert_eq!(watch.advances(), 1); // the second step was not needed
/// # Ok::<(), syncline_core::Error>(())
/// ```
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct Script<T> {
    steps: VecDeque<Step<T>>,
    waits_at_end: bool,
    ended: bool,
    watched: Arc<Watched>,
}

enum Step<T> {
    Items(Vec<T>),
    Idle,
    Until(Cue),
    Fail(Failure),
}

impl<T> Script<T> {
    /// Creates an empty script: the source is done when it is first advanced.
    pub fn new() -> Self {
        Self { steps: VecDeque::new(), waits_at_end: false, ended: false, watched: Arc::default() }
    }

    /// Emits `items` as one chunk.
    pub fn items(self, items: impl IntoIterator<Item = T>) -> Self {
        let items = items.into_iter().collect();
        self.step(Step::Items(items))
    }

    /// Emits each of `items` as a chunk of its own.
    pub fn one_by_one(self, items: impl IntoIterator<Item = T>) -> Self {
        items.into_iter().fold(self, |script, item| script.items([item]))
    }

    /// Is [`Progress::Idle`] once.
    pub fn idle(self) -> Self {
        self.step(Step::Idle)
    }

    /// Is idle until `cue` is given.
    pub fn until(self, cue: &Cue) -> Self {
        self.step(Step::Until(cue.clone()))
    }

    /// Fails with a [`Planned`] error that prints `text`.
    pub fn fail(self, text: impl Into<String>) -> Self {
        self.fail_with(Failure::new(Planned::new(text)))
    }

    /// Fails with `failure`, which may name a record.
    pub fn fail_with(self, failure: Failure) -> Self {
        self.step(Step::Fail(failure))
    }

    /// Stays idle after the last step, like a source that follows a growing log. Only a later stage can then end the
    /// run.
    pub fn then_wait(mut self) -> Self {
        self.waits_at_end = true;
        self
    }

    /// The counters of this source, to keep while a pipeline owns the source.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch(Arc::clone(&self.watched))
    }

    fn step(mut self, step: Step<T>) -> Self {
        self.steps.push_back(step);
        self
    }

    fn take_step(&mut self, out: &mut impl Emit<T>) -> Result<Progress, Halt> {
        match self.steps.pop_front() {
            Some(Step::Items(items)) => {
                for item in items {
                    // Counted before the call, so that a later stage already sees the count.
                    self.watched.emitted.fetch_add(1, Ordering::Relaxed);
                    out.emit(item)?;
                }
            }
            Some(Step::Idle) => return Ok(Progress::Idle),
            Some(Step::Until(cue)) => {
                if !cue.is_given() {
                    self.steps.push_front(Step::Until(cue));
                    return Ok(Progress::Idle);
                }
            }
            Some(Step::Fail(failure)) => return Err(failure.into()),
            None if self.waits_at_end => return Ok(Progress::Idle),
            None => return Ok(Progress::Done),
        }
        Ok(Progress::More)
    }
}

impl<T> Default for Script<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Source for Script<T> {
    type Item = T;

    /// # Panics
    ///
    /// If it is advanced after it was done or after [`Halt::Stop`]: that is a mistake in the driver.
    fn advance(&mut self, out: &mut impl Emit<T>) -> Result<Progress, Halt> {
        assert!(!self.ended, "a source was advanced after its end");
        self.watched.advances.fetch_add(1, Ordering::Relaxed);
        let result = self.take_step(out);
        self.ended = matches!(result, Ok(Progress::Done) | Err(Halt::Stop));
        result
    }
}

impl<T> Drop for Script<T> {
    fn drop(&mut self) {
        self.watched.dropped.store(true, Ordering::Release);
    }
}

/// The counters of a [`Script`]. Created by [`Script::watch`]; all clones share them.
#[derive(Debug, Clone)]
pub struct Watch(Arc<Watched>);

#[derive(Debug, Default)]
struct Watched {
    advances: AtomicU64,
    emitted: AtomicU64,
    dropped: AtomicBool,
}

impl Watch {
    /// The number of times the source was advanced.
    #[must_use]
    pub fn advances(&self) -> u64 {
        self.0.advances.load(Ordering::Relaxed)
    }

    /// The number of emitted items, including an item that was rejected.
    #[must_use]
    pub fn emitted(&self) -> u64 {
        self.0.emitted.load(Ordering::Relaxed)
    }

    /// Returns `true` if the source was dropped.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        self.0.dropped.load(Ordering::Acquire)
    }
}

/// A signal of a test, from any thread, at which a [`Script`] continues. All clones are the same signal.
///
/// ```
/// use syncline_core::testing::{Cue, Script};
/// use syncline_core::{Collect, Pipeline};
///
/// let cue = Cue::new();
/// let source = Script::new().items([1]).until(&cue).items([2]);
/// let run = Pipeline::new("wait", source)
///     .inspect(|n| {
///         if *n == 1 {
///             cue.give(); // or from another thread
///         }
///     })
///     .end(Collect::new());
/// assert_eq!(run.run()?.output, [1, 2]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Cue(Arc<AtomicBool>);

impl Cue {
    /// Creates a cue that is not given yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the cue. A second call has no effect.
    pub fn give(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Returns `true` if the cue was given.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl<T> fmt::Debug for Script<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("steps_left", &self.steps.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Cue, Script};
    use crate::testing::Planned;
    use crate::{Collect, Emit, Failure, Halt, Pipeline, Progress, Source};

    /// A sink that keeps all items.
    struct Keep(Vec<u32>);

    impl Emit<u32> for Keep {
        fn emit(&mut self, item: u32) -> Result<(), Halt> {
            self.0.push(item);
            Ok(())
        }
    }

    #[test]
    fn each_advance_is_a_step() {
        let mut script = Script::new().items([1, 2]).idle().one_by_one([3, 4]).fail("torn").items([5]);
        let watch = script.watch();
        let mut keep = Keep(Vec::new());
        assert_eq!(script.advance(&mut keep).unwrap(), Progress::More);
        assert_eq!(keep.0, [1, 2]);
        assert_eq!(script.advance(&mut keep).unwrap(), Progress::Idle);
        assert_eq!(script.advance(&mut keep).unwrap(), Progress::More);
        assert_eq!(keep.0, [1, 2, 3]);
        assert_eq!(script.advance(&mut keep).unwrap(), Progress::More);
        match script.advance(&mut keep) {
            Err(Halt::Failed(failure)) => assert!(failure.source().is::<Planned>()),
            other => panic!("not {other:?}"),
        }
        assert_eq!(script.advance(&mut keep).unwrap(), Progress::More);
        assert_eq!(script.advance(&mut keep).unwrap(), Progress::Done);
        assert_eq!(keep.0, [1, 2, 3, 4, 5]);
        assert_eq!((watch.advances(), watch.emitted()), (7, 5));
        assert!(!watch.is_dropped());
        drop(script);
        assert!(watch.is_dropped());
    }

    #[test]
    fn a_cue_can_come_from_another_thread() {
        let cue = Cue::new();
        let source = Script::new().items([1]).until(&cue).items([2]);
        let run =
            std::thread::spawn(|| Pipeline::new("cue", source).end(Collect::new()).run().unwrap().output);
        cue.give();
        assert_eq!(run.join().unwrap(), [1, 2]);
    }

    #[test]
    fn a_source_that_waits_for_ever_is_ended_from_behind() {
        let source = Script::new().items([1, 2]).then_wait();
        let outcome = Pipeline::new("wait", source).take(2).end(Collect::new()).run().unwrap();
        assert_eq!(outcome.output, [1, 2]);
    }

    #[test]
    fn a_failure_may_name_its_record() {
        let source = Script::<u32>::new().fail_with(Failure::new(Planned::new("torn")).at("line 7"));
        let error = Pipeline::new("named", source).end(Collect::new()).run().unwrap_err();
        assert_eq!(error.to_string(), "pipeline named failed in stage Script at line 7");
    }

    #[test]
    #[should_panic(expected = "advanced after its end")]
    fn who_advances_it_after_its_end_has_a_mistake() {
        let mut script = Script::new();
        let mut keep = Keep(Vec::new());
        assert_eq!(script.advance(&mut keep).unwrap(), Progress::Done);
        let _ = script.advance(&mut keep);
    }
}
