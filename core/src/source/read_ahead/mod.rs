//! `read_ahead`: a source that runs on a thread of its own.

mod handover;

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};
use std::vec;

use crate::channel::spin::spin;
use crate::emit::Emit;
use crate::emit::items::TakeItems;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::report::meter::Unmetered;
use crate::run::CancelToken;
use crate::run::RunContext;
use crate::run::driver::Driver;
use crate::source::finished::stop_and_close;
use crate::source::{Progress, Source};

use handover::{End, Handover, Taken};

/// Advances `source` on a thread of its own, and emits its items, in order, on this thread.
///
/// * Memory: the items of `chunks` advances of `source`, and of one more on either side. Nothing is allocated before
///   there are items, so `chunks` may be any number.
/// * Latency: a chunk is handed over when `source` ends its advance. While the run waits, it takes the items of a chunk
///   that is not whole as well, within 20 ms: so a source may block between two items, as a reader of a pipe does.
/// * End: the thread ends with the source, or at its next chunk if no more items are needed. In a successful run, the
///   stages of a source that is a pipeline are finished on the thread, and the run waits for them. A source that blocks
///   keeps the run waiting, also after a cancellation, until it returns.
/// * Drain: `source` drains on its thread, and all items that were read ahead are emitted.
/// * Error: an error of the source ends the run, and so does a panic of the source, as an error. An error or panic
///   behind the last item needed has no effect, except that those stages are not finished.
/// * Commits of the sink: those stages are ahead of the sink, so the letters of their policies become durable at the
///   end.
/// * While nothing is ready the source is [idle](Progress::Idle), and a run waits for it as for a channel. The thread
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
    let ahead = Arc::new(Handover::new(chunks.get(), bytes.get()));
    let cancel = CancelToken::new();
    let thread = scope.spawn({
        let (ahead, cancel) = (Arc::clone(&ahead), cancel.clone());
        move || read(source, &ahead, of, &cancel)
    });
    ReadAhead {
        ahead,
        taken: Vec::new().into_iter(),
        end: None,
        is_idle: false,
        thread: Some(thread),
        cancel,
        name,
        remaining,
        waited: Duration::ZERO,
    }
}

/// The body of the thread.
fn read<S: Source>(
    mut source: S,
    ahead: &Handover<S::Item>,
    weight: impl Fn(&S::Item) -> usize,
    cancel: &CancelToken,
) -> Result<(), Halt> {
    let _told = TellEnd(ahead);
    source.start(&mut RunContext::new(cancel));
    let mut out = Gather { ahead, weight, cancel, has_any: false };
    let mut idle = Driver::<Unmetered>::SHORTEST_IDLE;
    while ahead.wait_for_room() {
        out.has_any = false;
        let progress = if cancel.is_draining() {
            source.drain(&mut out).map(|()| Progress::Done)
        } else {
            source.advance(&mut out)
        };
        if !out.has_any && matches!(progress, Ok(Progress::Idle)) {
            source.wait(idle);
            idle = (idle * 2).min(Driver::<Unmetered>::LONGEST_IDLE);
            continue;
        }
        idle = Driver::<Unmetered>::SHORTEST_IDLE;
        let end = match progress {
            Ok(Progress::More | Progress::Idle) => None,
            Ok(Progress::Done) => Some(source.close().map_err(Halt::from)),
            Err(halt) => Some(Err(halt)),
        };
        let is_taken = ahead.close_chunk();
        if let Some(end) = end {
            ahead.end(End::Source(end));
            return Ok(());
        }
        if !is_taken {
            break;
        }
    }
    if ahead.has_ended_well() { stop_and_close(&mut source) } else { Ok(()) }
}

/// Tells the run that the thread is gone, also after a panic.
struct TellEnd<'a, T>(&'a Handover<T>);

impl<T> Drop for TellEnd<'_, T> {
    fn drop(&mut self) {
        self.0.end(End::Gone);
    }
}

/// Hands the items of the source over.
struct Gather<'a, T, W> {
    ahead: &'a Handover<T>,
    weight: W,
    cancel: &'a CancelToken,
    /// `true` if there were items in this advance.
    has_any: bool,
}

impl<T, W: Fn(&T) -> usize> Emit<T> for Gather<'_, T, W> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        self.has_any = true;
        let bytes = (self.weight)(&item);
        self.ahead.put(item, bytes);
        Ok(())
    }

    fn emit_all<I: IntoIterator<Item = T>>(&mut self, items: I) -> Result<(), Halt> {
        let items: Vec<T> = items.into_iter().collect();
        self.has_any |= !items.is_empty();
        let bytes = items.iter().map(&self.weight).fold(0, usize::saturating_add);
        self.ahead.put_all(items, bytes);
        Ok(())
    }

    fn check(&mut self) -> Result<(), Halt> {
        Ok(self.cancel.check()?)
    }

    fn is_draining(&self) -> bool {
        self.cancel.is_draining()
    }
}

/// Source of [`read_ahead`] and [`read_ahead_weighed`].
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct ReadAhead<'scope, T> {
    ahead: Arc<Handover<T>>,
    /// The items that were taken from the thread and not emitted yet, and the end behind them.
    taken: vec::IntoIter<T>,
    end: Option<End>,
    /// `true` if the last attempt to take items found nothing.
    is_idle: bool,
    thread: Option<ScopedJoinHandle<'scope, Result<(), Halt>>>,
    /// The cancel token of the source. The thread may start before the run, so the run's token becomes its parent
    /// later.
    cancel: CancelToken,
    name: &'static str,
    remaining: Option<u64>,
    waited: Duration,
}

impl<T> ReadAhead<'_, T> {
    /// Takes items of the thread, or its end, if there are any.
    fn take(&mut self) -> Option<Taken<T>> {
        // The clock is read only for a wait, and a source that is already waiting does not spin again.
        if !self.is_idle {
            if let Some(taken) = self.ahead.take() {
                return Some(taken);
            }
            let start = Instant::now();
            let taken = spin(|| self.ahead.take());
            self.waited += start.elapsed();
            if taken.is_some() {
                return taken;
            }
        }
        self.ahead.take_or_sleep(self.is_idle)
    }

    /// The error of a thread that ended without the end of its source.
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
        if self.taken.as_slice().is_empty() && self.end.is_none() {
            let taken = self.take();
            self.is_idle = taken.is_none();
            let Some(Taken { items, end }) = taken else { return Ok(Progress::Idle) };
            self.remaining = self.remaining.map(|remaining| remaining.saturating_sub(items.len() as u64));
            (self.taken, self.end) = (items.into_iter(), end);
        }
        let mut left = out.chunk();
        match out.emit_items(TakeItems { items: &mut self.taken, left: &mut left }) {
            Ok(()) if left == 0 => return Ok(Progress::More),
            Ok(()) => {}
            Err(Halt::Stop) => return Err(self.stop().err().unwrap_or(Halt::Stop)),
            Err(failed) => return Err(failed),
        }
        match self.end.take() {
            None => Ok(Progress::More),
            Some(End::Source(end)) => end.map(|()| Progress::Done),
            Some(End::Gone) => Err(self.panicked().into()),
        }
    }

    // The thread unparks this one.
    fn wait(&mut self, at_most: Duration) {
        std::thread::park_timeout(at_most);
    }

    fn remaining(&self) -> Option<u64> {
        self.remaining.map(|remaining| remaining.saturating_add(self.taken.len() as u64))
    }

    fn stop(&mut self) -> Result<(), Halt> {
        self.ahead.close(true);
        // A panic behind the last item needed has no effect.
        self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or(Ok(()))
    }

    // The thread notices by itself that the run drains.
    fn drain(&mut self, out: &mut impl Emit<T>) -> Result<(), Halt> {
        loop {
            match self.advance(out)? {
                Progress::Done => return Ok(()),
                Progress::More => {}
                Progress::Idle => self.wait(Driver::<Unmetered>::LONGEST_IDLE),
            }
            out.check()?;
        }
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
        // First the handover, so that a thread that waits for room learns that no more items are needed; and the token,
        // for a thread that waits for a retry.
        self.ahead.close(false);
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
struct Panicked(String);

crate::debug_with_causes!(Panicked);

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

    /// Collects what a source emits.
    struct Gathered<'a, T>(&'a mut Vec<T>);

    impl<T> Emit<T> for Gathered<'_, T> {
        fn emit(&mut self, item: T) -> Result<(), Halt> {
            self.0.push(item);
            Ok(())
        }
    }

    /// The last lines of a quiet log. Reported for another tool as vectordotdev/vector#10806.
    #[test]
    fn what_was_read_is_handed_on_while_the_source_blocks() {
        let (sender, receiver) = channel();
        (0..3).for_each(|n| sender.send(n).unwrap());
        // The iterator blocks after the third item, until the third item has arrived at the sink.
        let mut sender = Some(sender);
        let outcome = thread::scope(|scope| {
            let source = read_ahead(scope, from_iter(receiver), size(1));
            Pipeline::new("quiet", source)
                .inspect(|n| {
                    if *n == 2 {
                        sender = None;
                    }
                })
                .end(Collect::new())
                .run()
        });
        assert_eq!(outcome.unwrap().output, [0, 1, 2]);
    }

    #[test]
    fn any_number_of_chunks_costs_nothing_in_advance() {
        let outcome = thread::scope(|scope| {
            let source =
                read_ahead_weighed(scope, from_iter(0..3), size(usize::MAX), size(usize::MAX), |_| 1);
            Pipeline::new("far", source).end(Collect::new()).run()
        });
        assert_eq!(outcome.unwrap().output, [0, 1, 2]);
    }

    #[test]
    fn what_was_read_ahead_arrives_in_a_run_that_drains() {
        let token = CancelToken::new();
        let read = AtomicUsize::new(0);
        let outcome = thread::scope(|scope| {
            let endless = (0_usize..).inspect(|_| {
                read.fetch_add(1, Ordering::SeqCst);
            });
            let source = read_ahead(scope, from_iter(endless), size(2));
            Pipeline::new("drained", source)
                .inspect(|n| {
                    if *n == 1000 {
                        token.drain();
                    }
                })
                .end(Collect::new())
                .cancelled_by(&token)
                .run()
        });
        assert_eq!(outcome.unwrap().output, (0..read.into_inner()).collect::<Vec<_>>());
    }

    #[test]
    fn slow_items_that_were_read_ahead_are_cancelled_one_by_one() {
        let token = CancelToken::new();
        let mut seen = 0;
        let run = thread::scope(|scope| {
            let source = read_ahead(scope, 0..10_000_usize, size(2));
            let pipeline = Pipeline::new("slow", source).inspect(|_| {
                seen += 1;
                thread::sleep(Duration::from_millis(2));
                if seen == 5 {
                    token.cancel();
                }
            });
            pipeline.end(Collect::new()).cancelled_by(&token).run()
        });
        assert!(run.unwrap_err().is_cancelled());
        assert!(seen <= 6, "{seen} items");
    }

    #[test]
    fn it_knows_how_much_is_to_come_where_its_source_does() {
        thread::scope(|scope| {
            let mut source = read_ahead(scope, 0..1000_u32, size(2));
            assert_eq!(source.remaining(), Some(1000));
            let mut items = Vec::new();
            while source.advance(&mut Gathered(&mut items)).unwrap() != Progress::Done {
                source.wait(Duration::from_millis(1));
                assert_eq!(source.remaining(), Some(1000 - items.len() as u64));
            }
            assert_eq!(read_ahead(scope, Script::new().items([1]), size(2)).remaining(), None);
        });
    }
}
