//! A source that does what a test tells it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::source::{Progress, Source};
use crate::testing::Planned;

/// A source that follows a script, a step each time it is advanced, and is done at the end of it.
///
/// * Shape: the items of the steps, in order; those of one step are one chunk.
/// * Memory: the items that the script still has.
/// * End: done once all steps are taken, unless [`then_wait`](Script::then_wait) says otherwise.
/// * Error: as scripted. It can be advanced again after one, and then goes on with the next step.
///
/// ```
/// use syncline_core::testing::Script;
/// use syncline_core::{Collect, Pipeline};
///
/// let source = Script::new().items(["a", "b"]).idle().items(["c"]);
/// let watch = source.watch();
/// let outcome = Pipeline::new("script", source).take(2).end(Collect::new()).run()?;
/// assert_eq!(outcome.output, ["a", "b"]);
/// assert_eq!(watch.advances(), 1); // nobody asked for the second step
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
    /// An empty script: the source is done when it is first advanced.
    pub fn new() -> Self {
        Self { steps: VecDeque::new(), waits_at_end: false, ended: false, watched: Arc::default() }
    }

    /// Gives `items`, as one chunk.
    pub fn items(self, items: impl IntoIterator<Item = T>) -> Self {
        let items = items.into_iter().collect();
        self.step(Step::Items(items))
    }

    /// Gives `items`, each as a chunk of its own.
    pub fn one_by_one(self, items: impl IntoIterator<Item = T>) -> Self {
        items.into_iter().fold(self, |script, item| script.items([item]))
    }

    /// Has nothing, once: [`Progress::Idle`].
    pub fn idle(self) -> Self {
        self.step(Step::Idle)
    }

    /// Has nothing until `cue` is given.
    pub fn until(self, cue: &Cue) -> Self {
        self.step(Step::Until(cue.clone()))
    }

    /// Fails with a [`Planned`] error that prints as `text`.
    pub fn fail(self, text: impl Into<String>) -> Self {
        self.fail_with(Failure::new(Planned::new(text)))
    }

    /// Fails with `failure`, which may name a record.
    pub fn fail_with(self, failure: Failure) -> Self {
        self.step(Step::Fail(failure))
    }

    /// Is idle for ever at the end of the script, as a source is that follows something: only what is behind it can
    /// end the run.
    pub fn then_wait(mut self) -> Self {
        self.waits_at_end = true;
        self
    }

    /// A view of what happens to the source, to be kept when the source is given away.
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
                    // Counted before it is handed on: who looks at the watch from behind sees it counted.
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
    /// When it is advanced although it was done, or nobody wanted more: whoever drives it has a mistake.
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

/// What happened to a [`Script`] so far. Made by [`Script::watch`]; clones see the same.
#[derive(Debug, Clone)]
pub struct Watch(Arc<Watched>);

#[derive(Debug, Default)]
struct Watched {
    advances: AtomicU64,
    emitted: AtomicU64,
    dropped: AtomicBool,
}

impl Watch {
    /// How often it was advanced.
    #[must_use]
    pub fn advances(&self) -> u64 {
        self.0.advances.load(Ordering::Relaxed)
    }

    /// How many items it has handed on, that which was refused included.
    #[must_use]
    pub fn emitted(&self) -> u64 {
        self.0.emitted.load(Ordering::Relaxed)
    }

    /// Whether it is gone, and what it held with it.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        self.0.dropped.load(Ordering::Acquire)
    }
}

/// A sign that a test gives, from any thread, when a [`Script`] may go on. Clones are one cue.
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
    /// One that is not given yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives it. Giving it again changes nothing.
    pub fn give(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it was given.
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

    /// Takes all, and keeps it.
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
