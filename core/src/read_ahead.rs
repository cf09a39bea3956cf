//! A source that runs on a thread of its own.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
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
    let name = source.name();
    let (sender, receiver) = sync_channel(chunks.get());
    let thread = scope.spawn(move || read(source, &sender));
    ReadAhead { receiver: Some(receiver), thread: Some(thread), name, waited: Duration::ZERO }
}

/// What one advance of a source gave: its items, and how things stand.
type Advanced<T> = (Vec<T>, Result<Progress, Halt>);

/// Runs on the thread.
fn read<S: Source>(mut source: S, out: &SyncSender<Advanced<S::Item>>) {
    loop {
        let mut chunk = Vec::new();
        let progress = source.advance(&mut Gather(&mut chunk));
        let goes_on = matches!(progress, Ok(Progress::More | Progress::Idle));
        // Nobody is left to take it when the run has ended early.
        if !send_patiently(out, (chunk, progress)) || !goes_on {
            return;
        }
    }
}

struct Gather<'a, T>(&'a mut Vec<T>);

impl<T> Emit<T> for Gather<'_, T> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        self.0.push(item);
        Ok(())
    }
}

/// Source of [`read_ahead`].
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct ReadAhead<'scope, T> {
    receiver: Option<Receiver<Advanced<T>>>,
    thread: Option<ScopedJoinHandle<'scope, ()>>,
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
        let Some(Some((chunk, progress))) = received else {
            // The thread went away without a word.
            let panic = self.thread.take().and_then(|thread| thread.join().err());
            let panic = panic.as_deref().and_then(|panic| {
                panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied())
            });
            return Err(Failure::new(Panicked(panic.unwrap_or("no message").to_owned())).into());
        };
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
        // First the channel, so that a thread which waits to hand something over is told that nobody takes it.
        self.receiver = None;
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

    use super::read_ahead;
    use crate::{Collect, Error, Outcome, Pipeline, from_iter, size};

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
    fn a_panic_is_an_error() {
        let error = run((0..1000).inspect(|n| assert!(*n < 700, "{n} is too many")), usize::MAX).unwrap_err();
        assert_eq!(error.stage(), "from_iter");
        assert_eq!(error.source().unwrap().to_string(), "the source panicked on its thread: 700 is too many");
    }
}
