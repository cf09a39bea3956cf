//! A source that runs on a thread of its own.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crate::channel::send_patiently;
use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::patience::patiently;
use crate::source::{Progress, Source};

/// Advances `source` on a thread of its own, and hands on its items, in order, on this one.
///
/// * Memory: what `chunks` advances of `source` emit, and one more on either side.
/// * End: the thread ends with the source; or, when nobody wants more, at its next hand-over.
/// * Error: that of the source ends the run. So does a panic of the source, as an error.
///
/// ```
/// use std::thread;
///
/// use syncline_core::{Collect, Pipeline, from_iter, read_ahead, size};
///
/// let lines = ["1", "2", "3"];
/// let outcome = thread::scope(|scope| {
///     let parsed = from_iter(lines.iter().map(|line| line.len()));
///     Pipeline::new("ahead", read_ahead(scope, parsed, const { size(2) })).end(Collect::new()).run()
/// })?;
/// assert_eq!(outcome.output, [1, 1, 1]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn read_ahead<'scope, S>(
    scope: &'scope Scope<'scope, '_>,
    source: S,
    chunks: NonZeroUsize,
) -> ReadAhead<'scope, S::Item>
where
    S: Source + Send + 'scope,
    S::Item: Send + 'scope,
{
    read_ahead_weighed(scope, source, chunks, NonZeroUsize::MAX, |_| 0)
}

/// Advances `source` as [`read_ahead`] does, and no further while what waits weighs more than `bytes`: where items may be
/// large, so that not as many large ones wait as small ones.
///
/// * Memory: `bytes`, and what two advances of `source` emit.
pub fn read_ahead_weighed<'scope, S>(
    scope: &'scope Scope<'scope, '_>,
    source: S,
    chunks: NonZeroUsize,
    bytes: NonZeroUsize,
    of: impl Fn(&S::Item) -> usize + Send + 'scope,
) -> ReadAhead<'scope, S::Item>
where
    S: Source + Send + 'scope,
    S::Item: Send + 'scope,
{
    let name = source.name();
    let (sender, receiver) = sync_channel(chunks.get());
    let room = Arc::new(Room::new(bytes.get()));
    let thread = scope.spawn({
        let room = Arc::clone(&room);
        move || read(source, &sender, &room, of)
    });
    ReadAhead { receiver: Some(receiver), thread: Some(thread), room, name, waited: Duration::ZERO }
}

/// What one advance of a source gave: its items, what they weigh, and how things stand.
type Advanced<T> = (Vec<T>, usize, Result<Progress, Halt>);

/// Runs on the thread.
fn read<S: Source>(
    mut source: S,
    out: &SyncSender<Advanced<S::Item>>,
    room: &Room,
    weight: impl Fn(&S::Item) -> usize,
) {
    while room.wait() {
        let mut chunk = Vec::new();
        let progress = source.advance(&mut Gather(&mut chunk));
        let goes_on = matches!(progress, Ok(Progress::More | Progress::Idle));
        let weight = chunk.iter().map(&weight).sum();
        room.take(weight);
        // Nobody is left to take it when the run has ended early.
        if !send_patiently(out, (chunk, weight, progress)) || !goes_on {
            return;
        }
    }
}

/// How much may wait between the threads, and how much does.
#[derive(Debug)]
struct Room {
    bytes: usize,
    waiting: Mutex<Waiting>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: usize,
    nobody_takes_more: bool,
}

impl Room {
    fn new(bytes: usize) -> Self {
        Self { bytes, waiting: Mutex::default(), freed: Condvar::new() }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is some, and says whether it is still wanted.
    fn wait(&self) -> bool {
        let is_full = |waiting: &mut Waiting| waiting.bytes > self.bytes && !waiting.nobody_takes_more;
        let waiting = self.freed.wait_while(self.waiting(), is_full);
        !waiting.unwrap_or_else(PoisonError::into_inner).nobody_takes_more
    }

    fn take(&self, bytes: usize) {
        let mut waiting = self.waiting();
        waiting.bytes = waiting.bytes.saturating_add(bytes);
    }

    fn give_back(&self, bytes: usize) {
        let mut waiting = self.waiting();
        let was_full = waiting.bytes > self.bytes;
        waiting.bytes = waiting.bytes.saturating_sub(bytes);
        if was_full {
            self.freed.notify_one();
        }
    }

    fn close(&self) {
        self.waiting().nobody_takes_more = true;
        self.freed.notify_one();
    }
}

struct Gather<'a, T>(&'a mut Vec<T>);

impl<T> Emit<T> for Gather<'_, T> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        self.0.push(item);
        Ok(())
    }
}

/// Source of [`read_ahead`] and [`read_ahead_weighed`].
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct ReadAhead<'scope, T> {
    receiver: Option<Receiver<Advanced<T>>>,
    thread: Option<ScopedJoinHandle<'scope, ()>>,
    room: Arc<Room>,
    name: &'static str,
    waited: Duration,
}

impl<T> Source for ReadAhead<'_, T> {
    type Item = T;

    fn advance(&mut self, out: &mut impl Emit<T>) -> Result<Progress, Halt> {
        let waited = &mut self.waited;
        let received = self.receiver.as_ref().map(|receiver| match receiver.try_recv() {
            // Only who has to wait looks at the clock.
            Err(TryRecvError::Empty) => {
                let start = Instant::now();
                let received = patiently(|| match receiver.try_recv() {
                    Err(TryRecvError::Empty) => None,
                    received => Some(received.ok()),
                });
                let received = received.unwrap_or_else(|| receiver.recv().ok());
                *waited += start.elapsed();
                received
            }
            received => received.ok(),
        });
        let Some(Some((chunk, weight, progress))) = received else {
            // The thread went away without a word.
            let panic = self.thread.take().and_then(|thread| thread.join().err());
            let panic = panic.as_deref().and_then(|panic| {
                panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied())
            });
            return Err(Failure::new(Panicked(panic.unwrap_or("no message").to_owned())).into());
        };
        self.room.give_back(weight);
        out.emit_all(chunk)?;
        progress
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn waited(&self) -> Duration {
        self.waited
    }

    fn node(&self) -> Node {
        Node::source(format!("read_ahead({})", self.name)).holding_in_words("the chunks that it is ahead")
    }
}

impl<T> Drop for ReadAhead<'_, T> {
    fn drop(&mut self) {
        // First the channel and the room, so that a thread which waits for either is told that nobody takes more.
        self.receiver = None;
        self.room.close();
        if let Some(thread) = self.thread.take() {
            // What it holds is closed when this returns. A panic that nobody asked about changes nothing.
            let _ = thread.join();
        }
    }
}

impl<T> fmt::Debug for ReadAhead<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadAhead").field("source", &self.name).finish_non_exhaustive()
    }
}

/// The source panicked on its thread.
#[derive(Debug)]
struct Panicked(String);

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the source panicked on its thread: {}", self.0)
    }
}

impl std::error::Error for Panicked {}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::{read_ahead, read_ahead_weighed};
    use crate::{Collect, Emit, Error, Halt, Outcome, Pipeline, Progress, Source, from_iter, size};

    /// What becomes of `items`, read two chunks ahead, of which `take` are taken.
    fn run(items: impl Iterator<Item = usize> + Send, take: usize) -> Result<Outcome<Vec<usize>>, Error> {
        thread::scope(|scope| {
            let source = read_ahead(scope, from_iter(items), size(2));
            Pipeline::new("ahead", source).take(take).end(Collect::new()).run()
        })
    }

    #[test]
    fn items_come_in_order() {
        for n in [0, 1, 255, 256, 257, 10_000] {
            assert_eq!(run(0..n, usize::MAX).unwrap().output, (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn it_reads_no_further_ahead_than_it_was_told() {
        let read = AtomicUsize::new(0);
        let endless = (0..).inspect(|_| {
            read.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(run(endless, 3).unwrap().output, [0, 1, 2]);
        // Two chunks wait, one is being handed over, and one was taken.
        assert!(read.load(Ordering::Relaxed) <= 4 * 256);
    }

    #[test]
    fn large_items_do_not_pile_up() {
        /// Chunks of one.
        struct One(std::ops::Range<usize>);

        impl Source for One {
            type Item = usize;

            fn advance(&mut self, out: &mut impl Emit<usize>) -> Result<Progress, Halt> {
                let Some(item) = self.0.next() else { return Ok(Progress::Done) };
                out.emit(item)?;
                Ok(Progress::More)
            }
        }

        let waiting = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        let outcome = thread::scope(|scope| {
            let weigh = |_: &usize| {
                let waiting = waiting.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(waiting, Ordering::SeqCst);
                50
            };
            let source = read_ahead_weighed(scope, One(0..500), size(100), size(99), weigh);
            let pipeline = Pipeline::new("large", source).inspect(|_| {
                waiting.fetch_sub(1, Ordering::SeqCst);
                // Time to read further, for who may.
                thread::yield_now();
            });
            pipeline.end(Collect::new()).run()
        });
        assert_eq!(outcome.unwrap().output, (0..500).collect::<Vec<_>>());
        // Two weigh 100, so a third is not read; one more is taken and not counted down yet.
        assert!(most.into_inner() <= 3);
    }

    #[test]
    fn who_waits_for_room_is_told_that_nobody_takes_more() {
        let outcome = thread::scope(|scope| {
            let source = read_ahead_weighed(scope, 0..1_000_000_usize, size(2), size(1), |_| 1);
            Pipeline::new("ended", source).take(1).end(Collect::new()).run()
        });
        assert_eq!(outcome.unwrap().output, [0]);
    }

    #[test]
    fn a_panic_is_an_error() {
        let error = run((0..1000).inspect(|n| assert!(*n < 700, "{n} is too many")), usize::MAX).unwrap_err();
        assert_eq!(error.stage(), Some("from_iter"));
        assert_eq!(error.source().unwrap().to_string(), "the source panicked on its thread: 700 is too many");
    }
}
