//! A failure after a given number of chunks.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::emit::Emit;
use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::plural;
use crate::sink::Commit;
use crate::sink::SideSink;
use crate::sink::Sink;
use crate::sink::delegate::delegate_sink;
use crate::source::delegate::delegate_source;
use crate::source::{Progress, Source};
use crate::stage::{Stage, StageFacts, Yield};
use crate::testing::Planned;

/// A failure after a given number of chunks. Insert it at one place of a pipeline: around the source, around the sink,
/// or between two stages. [`fail_at_each_chunk`](crate::testing::fail_at_each_chunk) and
/// [`fail_every`](crate::testing::fail_every) create faults.
///
/// ```
/// use syncline_core::testing::Fault;
/// use syncline_core::{Collect, Pipeline, from_iter, size};
///
/// let fault = Fault::after(2);
/// let run = Pipeline::new("copy", from_iter(0..9)).buffer(size(3)).pipe(fault.stage()).end(Collect::new()).run();
/// assert_eq!(run.unwrap_err().into_source().to_string(), "failed as told, after 2 chunks");
/// assert!(fault.has_struck());
/// ```
#[derive(Debug, Clone)]
pub struct Fault(Arc<State>);

#[derive(Debug)]
struct State {
    after: u64,
    left: AtomicU64,
    struck: AtomicBool,
}

impl Fault {
    /// Creates a fault that occurs after `chunks` chunks.
    #[must_use]
    pub fn after(chunks: u64) -> Self {
        Self(Arc::new(State { after: chunks, left: AtomicU64::new(chunks), struck: AtomicBool::new(false) }))
    }

    /// Creates a fault that never occurs.
    #[must_use]
    pub fn never() -> Self {
        Self::after(u64::MAX)
    }

    /// Wraps `source`: the fault occurs instead of the next chunk. A chunk is the items of one advance; an idle advance
    /// is none.
    pub fn source<S: Source>(&self, source: S) -> Faulty<S> {
        Faulty { inner: source, fault: self.clone() }
    }

    /// Wraps `sink`: the fault occurs instead of the next item or of `finish`. So put it behind a `buffer`.
    pub fn sink<K: Sink>(&self, sink: K) -> Faulty<K> {
        Faulty { inner: sink, fault: self.clone() }
    }

    /// A stage that passes all items on: the fault occurs instead of the next item or of the end. So put it behind a
    /// `buffer`.
    pub fn stage<T>(&self) -> FaultyStage<T> {
        FaultyStage { fault: self.clone(), items: PhantomData }
    }

    /// Returns `true` if the fault has occurred.
    #[must_use]
    pub fn has_struck(&self) -> bool {
        self.0.struck.load(Ordering::Acquire)
    }

    /// Lets one chunk pass, or fails. It is for places other than sources, stages and sinks, for example a database
    /// function that a trigger calls, or a commit hook.
    ///
    /// ```
    /// use syncline_core::testing::Fault;
    ///
    /// let fault = Fault::after(1);
    /// assert!(fault.pass().is_ok());
    /// assert_eq!(fault.pass().unwrap_err().into_source().to_string(), "failed as told, after 1 chunk");
    /// ```
    ///
    /// # Errors
    ///
    /// If the fault occurs, and at each later call.
    pub fn pass(&self) -> Result<(), Failure> {
        let left = self.0.left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1));
        if left.is_ok() {
            return Ok(());
        }
        self.0.struck.store(true, Ordering::Release);
        Err(Planned::new(format!("failed as told, after {}", plural(self.0.after, "chunk"))).into())
    }

    /// Takes back one chunk.
    fn not_passed(&self) {
        self.0.left.fetch_add(1, Ordering::AcqRel);
    }
}

/// A source or sink with a [`Fault`] around it. Its items and its name are those of the inner one.
#[must_use]
pub struct Faulty<S> {
    inner: S,
    fault: Fault,
}

#[deny(clippy::missing_trait_methods)]
impl<S: Source> Source for Faulty<S> {
    type Item = S::Item;

    fn advance(&mut self, out: &mut impl Emit<S::Item>) -> Result<Progress, Halt> {
        self.fault.pass()?;
        let progress = self.inner.advance(out)?;
        if progress == Progress::Idle {
            self.fault.not_passed();
        }
        Ok(progress)
    }

    delegate_source!(self.inner: start, wait, remaining, stop, drain, close, waited, tally, name, node);
}

#[diagnostic::do_not_recommend]
impl<K: SideSink<u64>> SideSink<u64> for Faulty<K> {}

#[deny(clippy::missing_trait_methods)]
impl<K: Sink> Sink for Faulty<K> {
    type In = K::In;
    type Output = K::Output;

    fn consume(&mut self, item: K::In) -> Result<(), Halt> {
        self.fault.pass()?;
        self.inner.consume(item)
    }

    fn finish(self) -> Result<K::Output, Failure> {
        self.fault.pass()?;
        self.inner.finish()
    }

    // One by one: each item may be the one at which the fault occurs.
    fn consume_all(&mut self, items: impl Items<K::In>) -> Result<(), Halt> {
        items.each(|item| self.consume(item))
    }

    delegate_sink!(self.inner: start, before_retry, waited, tally, name, node);
}

/// The fault occurs instead of an item or the end, never of a commit.
impl<K: Commit> Commit for Faulty<K> {
    fn commit(&mut self) -> Result<(), Failure> {
        self.inner.commit()
    }
}

/// Stage of [`Fault::stage`].
///
/// * Shape: the same items.
/// * Memory: nothing is held.
#[must_use]
pub struct FaultyStage<T> {
    fault: Fault,
    items: PhantomData<fn(T)>,
}

impl<T> Stage for FaultyStage<T> {
    type In = T;
    type Out = T;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::One);

    fn push(&mut self, item: T, out: &mut impl Emit<T>) -> Result<(), Halt> {
        self.fault.pass()?;
        out.emit(item)
    }

    fn finish(&mut self, _: &mut impl Emit<T>) -> Result<(), Halt> {
        Ok(self.fault.pass()?)
    }

    fn name(&self) -> &'static str {
        "fault"
    }
}

impl<S> fmt::Debug for Faulty<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").field("fault", &self.fault).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for FaultyStage<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStage").field("fault", &self.fault).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::Fault;
    use crate::testing::{Ending, Probe, Script};
    use crate::{
        Collect, Commit, Failure, Halt, Pipeline, Sink, Source, from_channel, from_iter, merge, size,
    };

    #[test]
    fn a_source_fails_in_the_place_of_a_chunk_and_idling_is_none() {
        let fault = Fault::after(2);
        let source = fault.source(Script::new().items([1, 2]).idle().items([3]).items([4]));
        let probe = Probe::new();
        let seen = probe.seen();
        let error = Pipeline::new("source", source).end(probe).run().unwrap_err();
        assert_eq!((error.stage(), seen.items()), (Some("Script"), vec![1, 2, 3]));
    }

    #[test]
    fn a_source_is_waited_for_and_finished_as_without_it() {
        let (sender, receiver) = mpsc::sync_channel(1);
        let copies = Probe::new();
        let seen = copies.seen();
        let inside = Pipeline::new("inside", from_channel(receiver)).tee(copies);
        let source = Fault::never().source(inside);
        assert_eq!(source.remaining(), None);
        assert_eq!(Fault::never().source(from_iter(0..3)).remaining(), Some(3));
        let faulty = Fault::never().source(from_iter(0..3));
        let without = Pipeline::new("drawn", from_iter(0..3)).graph().to_string();
        assert_eq!(Pipeline::new("drawn", faulty).graph().to_string(), without);
        let producer = thread::spawn(move || (0..9).take_while(|n| sender.send(*n).is_ok()).count());
        let run = Pipeline::new("outside", merge([source])).take(2).end(Collect::new()).run();
        assert_eq!(run.unwrap().output, [0, 1]);
        assert_eq!((seen.items(), seen.ending()), (vec![0, 1], Ending::Finished));
        assert!(producer.join().unwrap() >= 2);
    }

    #[test]
    fn a_sink_commits_as_without_it() {
        /// Records the number of items at each commit.
        struct Noting<'a>(usize, &'a mut Vec<usize>);

        impl Sink for Noting<'_> {
            type In = usize;
            type Output = ();

            fn consume(&mut self, _: usize) -> Result<(), Halt> {
                self.0 += 1;
                Ok(())
            }

            fn finish(self) -> Result<(), Failure> {
                Ok(())
            }
        }

        impl Commit for Noting<'_> {
            fn commit(&mut self) -> Result<(), Failure> {
                self.1.push(self.0);
                Ok(())
            }
        }

        let mut commits = Vec::new();
        let sink = Fault::after(5).sink(Noting(0, &mut commits));
        let run = Pipeline::new("commits", from_iter(0..9)).end(sink).commit_every(size(2)).run();
        assert_eq!((run.is_err(), commits), (true, vec![2, 4]));
    }

    #[test]
    fn a_sink_fails_in_the_place_of_an_item_or_of_its_end() {
        for (after, taken, ending) in [
            (0, 0, Ending::Dropped),
            (2, 2, Ending::Dropped),
            (3, 3, Ending::Dropped),
            (4, 3, Ending::Finished),
        ] {
            let fault = Fault::after(after);
            let probe = Probe::new();
            let seen = probe.seen();
            let run = Pipeline::new("sink", from_iter(0..3)).end(fault.sink(probe)).run();
            assert_eq!((seen.take().len(), seen.ending()), (taken, ending));
            assert_eq!((run.is_err(), fault.has_struck()), (after < 4, after < 4));
        }
    }
}
