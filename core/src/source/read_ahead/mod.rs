//! `read_ahead`: a source that runs on a thread of its own.

mod room;

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crate::channel::send_patiently;
use crate::channel::spin::spin;
use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::report::meter::Unmetered;
use crate::run::CancelToken;
use crate::run::RunContext;
use crate::run::driver::Driver;
use crate::source::finished::stop_and_close;
use crate::source::{CHUNK, Progress, Source};

use room::Room;

/// Advances `source` on a thread of its own, and emits its items, in order, on this thread.
///
/// * Memory: the items of `chunks` advances of `source`, and of one more on either side.
/// * End: the thread ends with the source, or at its next chunk if no more items are needed. In a successful run, the
///   stages of a source that is a pipeline are finished on the thread, and the run waits for them.
/// * Error: an error of the source ends the run, and so does a panic of the source, as an error. An error or panic
///   behind the last item needed has no effect, except that those stages are not finished.
/// * Commits of the sink: those stages are ahead of the sink, so the letters of their policies become durable at the
///   end.
/// * While no chunk is ready the source is [idle](Progress::Idle), and a run waits for it as for a channel. The thread
///   waits for its source in the same way.
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

/// Like [`read_ahead`], but the thread pauses while the waiting items weigh more than `bytes`: for items of different
/// sizes, so that fewer large items wait than small ones.
///
/// * Memory: `bytes`, and the items of two advances of `source`.
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
    let (name, remaining) = (source.name(), source.remaining());
    let (sender, receiver) = sync_channel(chunks.get());
    let room = Arc::new(Room::new(bytes.get()));
    let cancel = CancelToken::new();
    let thread = scope.spawn({
        let (room, cancel) = (Arc::clone(&room), cancel.clone());
        move || read(source, &sender, &room, of, &cancel)
    });
    ReadAhead {
        receiver: Some(receiver),
        waited_for: None,
        is_idle: false,
        thread: Some(thread),
        room,
        cancel,
        name,
        remaining,
        waited: Duration::ZERO,
    }
}

/// The result of one advance of the source: its items, their weight, and its progress.
type Advanced<T> = (Vec<T>, usize, Result<Progress, Halt>);

/// The body of the thread.
fn read<S: Source>(
    mut source: S,
    out: &SyncSender<Advanced<S::Item>>,
    room: &Room,
    weight: impl Fn(&S::Item) -> usize,
    cancel: &CancelToken,
) -> Result<(), Halt> {
    source.start(&mut RunContext::new(cancel));
    let mut idle = Driver::<Unmetered>::SHORTEST_IDLE;
    let mut usual = 0;
    while room.wait() {
        // As large as the last chunk: growing a vector each time takes longer than sending it.
        let mut chunk = Vec::with_capacity(usual.min(CHUNK));
        let progress = match source.advance(&mut Gather(&mut chunk)) {
            Ok(Progress::Done) => source.close().map(|()| Progress::Done).map_err(Halt::from),
            progress => progress,
        };
        if chunk.is_empty() && matches!(progress, Ok(Progress::Idle)) {
            source.wait(idle);
            idle = (idle * 2).min(Driver::<Unmetered>::LONGEST_IDLE);
            continue;
        }
        idle = Driver::<Unmetered>::SHORTEST_IDLE;
        let goes_on = matches!(progress, Ok(Progress::More | Progress::Idle));
        usual = chunk.len();
        let weight = chunk.iter().map(&weight).sum();
        room.take(weight);
        // The receiver is gone if the run has ended early.
        let is_taken = send_patiently(out, (chunk, weight, progress));
        if !goes_on {
            return Ok(());
        }
        if !is_taken {
            break;
        }
        room.wake();
    }
    if room.has_ended_well() { stop_and_close(&mut source) } else { Ok(()) }
}

struct Gather<'a, T>(&'a mut Vec<T>);

impl<T> Emit<T> for Gather<'_, T> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        self.0.push(item);
        Ok(())
    }

    fn emit_all<I: IntoIterator<Item = T>>(&mut self, items: I) -> Result<(), Halt> {
        self.0.extend(items);
        Ok(())
    }
}

/// Source of [`read_ahead`] and [`read_ahead_weighed`].
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct ReadAhead<'scope, T> {
    receiver: Option<Receiver<Advanced<T>>>,
    /// The result of a wait, to be used first.
    waited_for: Option<Result<Advanced<T>, Gone>>,
    /// `true` if the last attempt to receive found nothing.
    is_idle: bool,
    thread: Option<ScopedJoinHandle<'scope, Result<(), Halt>>>,
    room: Arc<Room>,
    /// The cancel token of the source. The thread may start before the run, so the run's token becomes its parent
    /// later.
    cancel: CancelToken,
    name: &'static str,
    remaining: Option<u64>,
    waited: Duration,
}

/// The error of a thread that ended without a last message.
struct Gone;

impl<T> ReadAhead<'_, T> {
    /// Receives a message of the thread, if there is one.
    fn received(&mut self) -> Option<Result<Advanced<T>, Gone>> {
        if let Some(received) = self.waited_for.take() {
            return Some(received);
        }
        let Some(receiver) = &self.receiver else { return Some(Err(Gone)) };
        let look = || match receiver.try_recv() {
            Ok(advanced) => Some(Ok(advanced)),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(Gone)),
        };
        if let Some(received) = look() {
            return Some(received);
        }
        // The clock is read only for a wait, and a source that is already waiting does not spin again.
        if !self.is_idle {
            let start = Instant::now();
            let sent = spin(look);
            self.waited += start.elapsed();
            if sent.is_some() {
                return sent;
            }
        }
        self.room.sleeps();
        look()
    }

    /// The error of a thread that ended without a last message.
    fn panicked(&mut self) -> Failure {
        let panic = self.thread.take().and_then(|thread| thread.join().err());
        let panic = panic.as_deref().and_then(|panic| {
            panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied())
        });
        Failure::new(Panicked(panic.unwrap_or("no message").to_owned()))
    }
}

impl<T> Source for ReadAhead<'_, T> {
    type Item = T;

    fn advance(&mut self, out: &mut impl Emit<T>) -> Result<Progress, Halt> {
        let received = self.received();
        self.is_idle = received.is_none();
        let (chunk, weight, progress) = match received {
            None => return Ok(Progress::Idle),
            Some(Ok(advanced)) => advanced,
            Some(Err(Gone)) => return Err(self.panicked().into()),
        };
        self.room.give_back(weight);
        self.remaining = self.remaining.map(|remaining| remaining.saturating_sub(chunk.len() as u64));
        match out.emit_all(chunk) {
            Ok(()) => progress,
            Err(Halt::Stop) => Err(self.stop().err().unwrap_or(Halt::Stop)),
            Err(failed) => Err(failed),
        }
    }

    fn wait(&mut self, at_most: Duration) {
        let Some(receiver) = self.receiver.as_ref().filter(|_| self.waited_for.is_none()) else { return };
        self.waited_for = match receiver.recv_timeout(at_most) {
            Ok(advanced) => Some(Ok(advanced)),
            Err(RecvTimeoutError::Disconnected) => Some(Err(Gone)),
            Err(RecvTimeoutError::Timeout) => None,
        };
    }

    fn remaining(&self) -> Option<u64> {
        self.remaining
    }

    fn stop(&mut self) -> Result<(), Halt> {
        self.room.close(true);
        (self.receiver, self.waited_for) = (None, None);
        // A panic behind the last item needed has no effect.
        self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or(Ok(()))
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.cancel.heed(vec![context.cancel_token().clone()]);
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
        let Some(thread) = self.thread.take() else { return };
        // First the channel and the room, so that a thread that waits for either learns that no more items are needed;
        // and the token, for a thread that waits for a retry.
        self.receiver = None;
        self.room.close(false);
        self.cancel.cancel();
        // The inner source is closed when this returns. A panic behind the last item needed has no effect.
        let _ = thread.join();
    }
}

impl<T> fmt::Debug for ReadAhead<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadAhead").field("source", &self.name).finish_non_exhaustive()
    }
}

/// The error of a source that panicked on its thread.
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
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::thread;
    use std::time::Duration;

    use super::{read_ahead, read_ahead_weighed};
    use crate::testing::{Cue, Ending, Probe, Script, fail_if};
    use crate::{CancelToken, Collect, Emit, Error, Halt, Outcome, Pipeline, Progress, Source, Stage};
    use crate::{for_each, from_iter, merge, retry, size};

    /// Runs a pipeline that reads `items` two chunks ahead and takes `take` of them.
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
        // Two chunks wait, one is being sent, and one was taken.
        assert!(read.load(Ordering::Relaxed) <= 4 * 256);
    }

    #[test]
    fn large_items_do_not_pile_up() {
        /// A source with chunks of one item.
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
                // Time for the thread to read further, if it is allowed to.
                thread::yield_now();
            });
            pipeline.end(Collect::new()).run()
        });
        assert_eq!(outcome.unwrap().output, (0..500).collect::<Vec<_>>());
        // Two items weigh 100, so a third is not read. One more is taken and not subtracted yet.
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

    /// A source that blocks until it receives an item, which it emits.
    struct Blocking(Receiver<u32>);

    impl Source for Blocking {
        type Item = u32;

        fn advance(&mut self, out: &mut impl Emit<u32>) -> Result<Progress, Halt> {
            let Ok(item) = self.0.recv() else { return Ok(Progress::Done) };
            out.emit(item).map(|()| Progress::More)
        }
    }

    /// A stage that sends a number at each tick, three times.
    struct AtRest(Option<Sender<u32>>, u32);

    impl Stage for AtRest {
        type In = u32;
        type Out = u32;

        fn push(&mut self, item: u32, out: &mut impl Emit<u32>) -> Result<(), Halt> {
            out.emit(item)
        }

        fn tick(&mut self, _: &mut impl Emit<u32>) -> Result<(), Halt> {
            if let Some(sender) = self.0.as_ref().filter(|_| self.1 < 3) {
                sender.send(self.1)?;
                self.1 += 1;
            } else {
                self.0 = None;
            }
            Ok(())
        }
    }

    #[test]
    fn a_thread_that_has_nothing_holds_up_nobody() {
        let (sender, receiver) = channel();
        let outcome = thread::scope(|scope| {
            let source = read_ahead(scope, Blocking(receiver), size(2));
            Pipeline::new("rests", source).pipe(AtRest(Some(sender), 0)).end(Collect::new()).run()
        });
        assert_eq!(outcome.unwrap().output, [0, 1, 2]);
        // Neither another source.
        let cue = Cue::new();
        let outcome = thread::scope(|scope| {
            let waits = read_ahead(scope, Script::new().until(&cue).items([9]), size(2));
            let gives = read_ahead(scope, Script::new().items([1]), size(2));
            let pipeline = Pipeline::new("both", merge([waits, gives])).inspect(|_| cue.give());
            pipeline.end(Collect::new()).run()
        });
        assert_eq!(outcome.unwrap().output, [1, 9]);
    }

    #[test]
    fn a_source_that_has_nothing_is_waited_for_on_its_thread() {
        /// A source that has an item only after a wait.
        struct Waited(bool);

        impl Source for Waited {
            type Item = u32;

            fn advance(&mut self, out: &mut impl Emit<u32>) -> Result<Progress, Halt> {
                if !self.0 {
                    return Ok(Progress::Idle);
                }
                out.emit(1).map(|()| Progress::Done)
            }

            fn wait(&mut self, _: Duration) {
                self.0 = true;
            }
        }

        let outcome = thread::scope(|scope| {
            Pipeline::new("waited", read_ahead(scope, Waited(false), size(2))).end(Collect::new()).run()
        });
        assert_eq!(outcome.unwrap().output, [1]);
    }

    #[test]
    fn what_is_on_the_thread_is_finished_in_a_run_that_ends_well_and_in_no_other() {
        fn check(take: usize, fatal: u32, wanted: Ending) {
            let copies = Probe::new();
            let seen = copies.seen();
            let run = thread::scope(|scope| {
                let inside = Pipeline::new("inside", Script::new().one_by_one(0..50_u32)).tee(copies);
                let source = merge([read_ahead(scope, inside, size(2))]);
                let pipeline = Pipeline::new("outside", source).pipe(fail_if(move |n| *n == fatal));
                pipeline.take(take).end(for_each(|_| Ok(()))).run()
            });
            assert_eq!((run.is_ok(), seen.ending()), (wanted == Ending::Finished, wanted));
        }
        for take in [0, 1, 10, 50, 99] {
            check(take, 99, Ending::Finished);
        }
        check(99, 0, Ending::Dropped);
        check(99, 10, Ending::Dropped);
    }

    #[test]
    fn who_waits_on_the_thread_for_another_try_is_told_that_the_run_is_over() {
        fn check(is_cancelled: bool, fatal: u32) {
            let (token, waits) = (CancelToken::new(), Cue::new());
            let policy = retry(1, Duration::from_mins(10), |_| {
                waits.give();
                true
            });
            let run = thread::scope(|scope| {
                let inside = Script::new().items([1]).items([2]);
                let inside = Pipeline::new("inside", inside).pipe(fail_if(|n| *n == 2)).on_error(policy);
                let pipeline = Pipeline::new("outside", read_ahead(scope, inside, size(2)));
                let end = pipeline.pipe(fail_if(|n| *n == fatal)).inspect(|_| {
                    if is_cancelled {
                        while !waits.is_given() {
                            thread::yield_now();
                        }
                        token.cancel();
                    }
                });
                end.end(Collect::new()).cancelled_by(&token).run()
            });
            assert_eq!(run.unwrap_err().is_cancelled(), is_cancelled);
        }
        check(true, 9);
        check(false, 1);
    }

    #[test]
    fn it_knows_how_much_is_to_come_where_its_source_does() {
        thread::scope(|scope| {
            let mut source = read_ahead(scope, 0..1000_u32, size(2));
            assert_eq!(source.remaining(), Some(1000));
            let mut items = Vec::new();
            while source.advance(&mut super::Gather(&mut items)).unwrap() != Progress::Done {
                source.wait(Duration::from_millis(1));
                assert_eq!(source.remaining(), Some(1000 - items.len() as u64));
            }
            assert_eq!(read_ahead(scope, Script::new().items([1]), size(2)).remaining(), None);
        });
    }
}
