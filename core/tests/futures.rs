//! Pipelines between streams and sinks of the crate `futures`.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use futures_executor::{LocalPool, block_on};
use futures_util::task::LocalSpawnExt as _;
use futures_util::{SinkExt as _, Stream, StreamExt as _, TryStreamExt as _, stream};
use syncline_core::testing::{Cue, Ending, Planned, Probe, Script, fail_if};
use syncline_core::{
    AsyncSink, AsyncSinkError, BoxError, CancelToken, Collect, Pipeline, WouldBlock, from_iter, from_stream,
    from_try_stream, size, to_async_sink,
};

/// A waker that counts its calls.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_pipeline_is_a_stream() {
    for n in [0, 1, 256, 257, 1000] {
        let stream = Pipeline::new("stream", from_iter(0..n)).buffer(size(3)).unbuffer().into_stream();
        assert_eq!(block_on(stream.try_collect::<Vec<_>>()).unwrap(), (0..n).collect::<Vec<_>>());
    }
}

#[test]
fn a_stream_ends_in_its_error() {
    let mut stream = Pipeline::new("stream", from_iter(0..9)).pipe(fail_if(|n| *n == 2)).into_stream();
    block_on(async {
        assert_eq!(stream.next().await.unwrap().unwrap(), 0);
        assert_eq!(stream.next().await.unwrap().unwrap(), 1);
        assert_eq!(stream.next().await.unwrap().unwrap_err().record(), Some("item 2"));
        assert!(stream.next().await.is_none());
        assert!(stream.next().await.is_none());
    });
}

#[test]
fn a_poll_advances_by_one_chunk_and_asks_to_be_polled_again() {
    let source = Script::new().one_by_one(0..3).items([3]);
    let watch = source.watch();
    let mut stream = Pipeline::new("filtered", source).filter(|n| *n == 3).into_stream();
    let woken = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    for polls in 1..=3 {
        assert!(stream.poll_next_unpin(&mut context).is_pending());
        assert_eq!((watch.advances(), woken.0.load(Ordering::SeqCst)), (polls, polls.try_into().unwrap()));
    }
    assert!(matches!(stream.poll_next_unpin(&mut context), Poll::Ready(Some(Ok(3)))));
    assert!(matches!(stream.poll_next_unpin(&mut context), Poll::Ready(None)));
}

/// The second task sets the cue that the first waits for. It can only run if the first leaves the thread.
#[test]
fn an_idle_source_leaves_the_executors_thread_to_others() {
    let cue = Cue::new();
    let source = Script::new().items([1]).until(&cue).items([2]);
    let stream = Pipeline::new("idle", source).into_stream();
    let got_one = Rc::new(Cell::new(false));
    let mut pool = LocalPool::new();
    let flag = Rc::clone(&got_one);
    pool.spawner()
        .spawn_local(async move {
            poll_fn(|context| {
                if flag.get() {
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
            cue.give();
        })
        .unwrap();
    let items: Vec<_> = pool.run_until(stream.inspect_ok(|_| got_one.set(true)).try_collect()).unwrap();
    assert_eq!(items, [1, 2]);
}

/// A stream of the items that the test puts into it. It keeps the waker of its last poll.
#[derive(Default, Clone)]
struct Tap(Arc<Mutex<TapState>>);

#[derive(Default)]
struct TapState {
    items: VecDeque<u32>,
    closed: bool,
    waker: Option<Waker>,
}

impl Tap {
    fn state(&self) -> MutexGuard<'_, TapState> {
        self.0.lock().expect("nobody panics while it is locked")
    }

    fn put(&self, item: u32) {
        let mut state = self.state();
        state.items.push_back(item);
        state.waker.take().into_iter().for_each(Waker::wake);
    }

    fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.waker.take().into_iter().for_each(Waker::wake);
    }
}

impl Stream for Tap {
    type Item = u32;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<u32>> {
        let mut state = self.state();
        match state.items.pop_front() {
            Some(item) => Poll::Ready(Some(item)),
            None if state.closed => Poll::Ready(None),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

#[test]
fn a_stream_inside_a_polled_pipeline_has_the_tasks_waker() {
    let tap = Tap::default();
    let mut stream = Pipeline::new("tap", from_stream(tap.clone())).map(|n| n + 1).into_stream();
    let waker = Waker::from(Arc::new(Count::default()));
    let mut context = Context::from_waker(&waker);
    assert!(stream.poll_next_unpin(&mut context).is_pending());
    assert!(tap.state().waker.as_ref().unwrap().will_wake(&waker));
    tap.put(1);
    assert!(matches!(stream.poll_next_unpin(&mut context), Poll::Ready(Some(Ok(2)))));
    tap.close();
    assert!(matches!(stream.poll_next_unpin(&mut context), Poll::Ready(None)));
}

#[test]
fn two_tasks_on_one_thread_feed_each_other() {
    let tap = Tap::default();
    let stream = Pipeline::new("tap", from_stream(tap.clone())).into_stream();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let mut pool = LocalPool::new();
    let items = Rc::clone(&seen);
    pool.spawner()
        .spawn_local(async move {
            for n in 0..10 {
                // Waits until the other task has taken the items before.
                poll_fn(|context| {
                    if items.borrow().len() == n as usize {
                        return Poll::Ready(());
                    }
                    context.waker().wake_by_ref();
                    Poll::Pending
                })
                .await;
                tap.put(n);
            }
            tap.close();
        })
        .unwrap();
    pool.run_until(stream.try_for_each(|n| {
        seen.borrow_mut().push(n);
        async { Ok(()) }
    }))
    .unwrap();
    assert_eq!(*seen.borrow(), (0..10).collect::<Vec<_>>());
}

#[test]
fn a_run_waits_for_a_stream_that_another_thread_feeds() {
    let tap = Tap::default();
    let (taken, next) = mpsc::channel();
    let feeding = {
        let tap = tap.clone();
        thread::spawn(move || {
            for n in 0..10 {
                tap.put(n);
                assert_eq!(next.recv(), Ok(n));
            }
            tap.close();
        })
    };
    let outcome = Pipeline::new("tap", from_stream(tap))
        .inspect(|n| taken.send(*n).unwrap())
        .end(Collect::new())
        .run()
        .unwrap();
    feeding.join().unwrap();
    assert_eq!(outcome.output, (0..10).collect::<Vec<_>>());
}

#[test]
fn a_stream_that_fails_names_the_number_of_the_item() {
    let items = stream::iter([Ok(1), Ok(2), Err(Planned::new("torn")), Ok(4)]);
    let error = Pipeline::new("try", from_try_stream(items)).end(Collect::new()).run().unwrap_err();
    assert_eq!(error.to_string(), "pipeline try failed in stage from_try_stream at item 3");
}

/// A sink that is ready at every third poll.
struct Reluctant {
    taken: Rc<RefCell<Vec<u32>>>,
    polls: u32,
    closed: Rc<Cell<bool>>,
}

impl Reluctant {
    fn poll(&mut self, context: &Context<'_>) -> Poll<Result<(), Planned>> {
        self.polls += 1;
        if self.polls.is_multiple_of(3) {
            return Poll::Ready(Ok(()));
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl futures_util::Sink<u32> for Reluctant {
    type Error = Planned;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Planned>> {
        self.poll(context)
    }

    fn start_send(self: Pin<&mut Self>, item: u32) -> Result<(), Planned> {
        if item == 99 {
            return Err(Planned::new("not this one"));
        }
        self.taken.borrow_mut().push(item);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Planned>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Planned>> {
        let poll = self.poll(context);
        self.closed.set(poll.is_ready());
        poll
    }
}

#[test]
fn a_run_waits_for_a_sink_and_closes_it_unless_it_fails() {
    for (last, whole) in [(9, true), (99, false)] {
        let (taken, closed) = (Rc::default(), Rc::default());
        let sink = Reluctant { taken: Rc::clone(&taken), polls: 0, closed: Rc::clone(&closed) };
        let run = Pipeline::new("sink", from_iter([7, 8, last])).end(to_async_sink(sink)).run();
        assert_eq!((run.is_ok(), closed.get()), (whole, whole));
        assert_eq!(taken.borrow().len(), if whole { 3 } else { 2 });
    }
}

/// A sink that completes the second poll of a flush, and records the number of items before it.
#[derive(Default)]
struct Flushing {
    sent: u32,
    asked: bool,
    flushed: Rc<RefCell<Vec<u32>>>,
}

impl futures_util::Sink<u32> for Flushing {
    type Error = Planned;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Planned>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, _: u32) -> Result<(), Planned> {
        self.sent += 1;
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Planned>> {
        self.asked = !self.asked;
        if self.asked {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.flushed.borrow_mut().push(self.sent);
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Planned>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_run_that_commits_flushes_a_sink_and_waits_for_it() {
    let sink = Flushing::default();
    let flushed = Rc::clone(&sink.flushed);
    let run = Pipeline::new("flush", from_iter(0..5)).end(to_async_sink(sink)).commit_every(size(2));
    assert_eq!(run.run().unwrap().output, 5);
    assert_eq!(*flushed.borrow(), [2, 4]);
}

#[test]
fn a_sink_that_would_block_an_executor_says_so() {
    let inner = |n| {
        let run =
            Pipeline::new("inner", from_iter([n])).end(to_async_sink(futures_util::sink::drain())).run();
        run.unwrap_err().into_source().is::<WouldBlock>()
    };
    let stream = Pipeline::new("outer", from_iter(0..2)).map(inner).into_stream();
    assert_eq!(block_on(stream.try_collect::<Vec<_>>()).unwrap(), [true, true]);
}

#[test]
fn a_pipeline_runs_as_a_task_into_a_sink() {
    let probe = Probe::new();
    let seen = probe.seen();
    let mut sink = AsyncSink::new(probe);
    let pipeline = Pipeline::new("task", from_iter(0..600)).buffer(size(100));
    let stream = pipeline.into_stream().map_err(BoxError::from);
    block_on(stream.forward((&mut sink).sink_map_err(BoxError::from))).unwrap();
    assert_eq!((sink.take_output(), seen.ending()), (Some(6), Ending::Finished));
    assert_eq!(sink.take_output(), None);
}

#[test]
fn a_sink_that_wants_no_more_says_so_and_can_be_closed() {
    let mut sink = AsyncSink::new(Probe::new().stop_after(2));
    block_on(async {
        sink.send(1).await.unwrap();
        sink.send(2).await.unwrap();
        assert!(matches!(sink.send(3).await, Err(AsyncSinkError::Stopped)));
        sink.close().await.unwrap();
        assert!(matches!(sink.send(4).await, Err(AsyncSinkError::Closed)));
    });
    assert_eq!(sink.take_output(), Some(2));
}

#[test]
fn a_sink_that_fails_is_dropped_and_keeps_its_source() {
    let probe = Probe::new().refuse(|n| *n == 2);
    let seen = probe.seen();
    let mut sink = AsyncSink::new(probe);
    let error = block_on(sink.send_all(&mut stream::iter([1, 2, 3]).map(Ok))).unwrap_err();
    assert_eq!(error.to_string(), "sink Probe failed");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "refused as told");
    assert_eq!((seen.items(), seen.ending()), (vec![1], Ending::Dropped));

    let mut sink = AsyncSink::new(Probe::<u32>::new().fail_at_end());
    block_on(sink.close()).unwrap_err();
    assert_eq!(sink.take_output(), None);
}

/// A sink that is never ready, and sets a cue when it is polled.
struct Never(Cue);

impl futures_util::Sink<u32> for Never {
    type Error = Planned;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Planned>> {
        self.0.give();
        Poll::Pending
    }

    fn start_send(self: Pin<&mut Self>, _: u32) -> Result<(), Planned> {
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Planned>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Planned>> {
        self.poll_ready(context)
    }
}

#[test]
fn a_run_that_waits_for_a_sink_can_be_cancelled() {
    // Waiting for room, and for the end.
    for items in [1, 0] {
        let (token, waits) = (CancelToken::new(), Cue::new());
        let sink = to_async_sink(Never(waits.clone()));
        let run = thread::scope(|scope| {
            scope.spawn(|| {
                while !waits.is_given() {
                    thread::yield_now();
                }
                token.cancel();
            });
            Pipeline::new("never", from_iter(0..items)).end(sink).cancelled_by(&token).run()
        });
        assert!(run.unwrap_err().is_cancelled());
    }
}
