use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use futures_executor::block_on;
use futures_util::{StreamExt as _, TryStreamExt as _};

use crate::testing::{Ending, Probe, Script};
use crate::{
    CancelToken, Collect, Error, Halt, Pipeline, dead_letter, for_each, from_iter, merge, retry, size, skip,
};

/// A future that another thread wakes after `time`.
fn sleep(time: Duration) -> impl Future<Output = ()> {
    let waker: Arc<Mutex<(bool, Option<Waker>)>> = Arc::default();
    let mut is_started = false;
    poll_fn(move |context| {
        let mut state = waker.lock().unwrap();
        if state.0 {
            return Poll::Ready(());
        }
        state.1 = Some(context.waker().clone());
        if !std::mem::replace(&mut is_started, true) {
            let waker = Arc::clone(&waker);
            std::thread::spawn(move || {
                std::thread::sleep(time);
                let mut state = waker.lock().unwrap();
                state.0 = true;
                if let Some(waker) = state.1.take() {
                    waker.wake();
                }
            });
        }
        Poll::Pending
    })
}

/// A future that is pending as often as `times`, and wakes itself.
fn pending(times: u32) -> impl Future<Output = ()> {
    let mut left = times;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

const MS: Duration = Duration::from_millis(1);

#[test]
fn outputs_come_in_the_order_of_the_items() {
    for n in [0, 1, 2, 7, 8, 9, 255, 256, 257, 600] {
        for most in [1, 2, 8, 1000] {
            let expected: Vec<_> = (0..n).map(|n| n * 2).collect();
            let double = |n: u32| async move {
                pending(n % 3).await;
                n * 2
            };
            let mapped = || Pipeline::new("double", from_iter(0..n)).map_async(size(most), double);
            assert_eq!(mapped().end(Collect::new()).run().unwrap().output, expected);
            let pulled: Result<Vec<_>, Error> = mapped().into_iter().collect();
            assert_eq!(pulled.unwrap(), expected);
            let streamed = block_on(mapped().into_stream().try_collect::<Vec<_>>());
            assert_eq!(streamed.unwrap(), expected);
            let inside = Pipeline::new("outer", merge([mapped()])).buffer(size(3)).unbuffer();
            assert_eq!(inside.end(Collect::new()).run().unwrap().output, expected);
        }
    }
}

#[test]
fn no_more_futures_run_than_declared() {
    for most in [1, 3, 10] {
        let (running, highest) = (Cell::new(0), Cell::new(0));
        let run = Pipeline::new("bounded", from_iter(0..300_u32)).map_async(size(most), |n| {
            let (running, highest) = (&running, &highest);
            async move {
                running.set(running.get() + 1);
                highest.set(highest.get().max(running.get()));
                pending(1 + n % 5).await;
                running.set(running.get() - 1);
            }
        });
        run.count().run().unwrap();
        assert!(highest.get() <= most, "{} of {most}", highest.get());
        assert!(highest.get() > most / 2, "{} of {most}", highest.get());
    }
}

#[test]
fn unordered_outputs_come_when_their_futures_end() {
    let times = [60, 1, 30];
    let run = || {
        Pipeline::new("unordered", from_iter(times)).map_async_unordered(size(3), |time| async move {
            sleep(time * MS).await;
            time
        })
    };
    assert_eq!(run().end(Collect::new()).run().unwrap().output, [1, 30, 60]);
    assert_eq!(block_on(run().into_stream().try_collect::<Vec<_>>()).unwrap(), [1, 30, 60]);
}

#[test]
fn futures_wait_at_the_same_time() {
    let start = Instant::now();
    let run = Pipeline::new("sleep", from_iter(0..10)).map_async(size(10), |_| sleep(50 * MS)).count().run();
    assert_eq!(run.unwrap().output, 10);
    assert!(start.elapsed() < 400 * MS, "{:?}", start.elapsed());
}

#[test]
fn outputs_do_not_wait_for_an_idle_source() {
    let idle = Script::new().items([1, 2]).then_wait();
    let token = CancelToken::new();
    let seen = RefCell::new(Vec::new());
    let run = Pipeline::new("idle", idle)
        .map_async(size(8), |n| async move {
            sleep(5 * MS).await;
            n
        })
        .end(for_each(|n: i32| {
            seen.borrow_mut().push(n);
            if n == 2 {
                token.cancel();
            }
            Ok(())
        }))
        .cancelled_by(&token)
        .run();
    assert!(run.unwrap_err().is_cancelled());
    assert_eq!(*seen.borrow(), [1, 2]);
}

#[test]
fn the_items_before_an_error_are_emitted() {
    let emitted = Probe::new();
    let seen = emitted.seen();
    let run = Pipeline::new("fails", from_iter(0..100_u32))
        .try_map_async(size(8), |n| async move {
            pending(n % 4).await;
            if n == 20 { Err("twenty")? } else { Ok(n) }
        })
        .named("fetch")
        .end(emitted)
        .run();
    let error = run.unwrap_err();
    assert_eq!(error.stage(), Some("fetch"));
    assert_eq!(error.report().stage("fetch").unwrap().failed(), 1);
    assert_eq!(seen.items(), (0..20).collect::<Vec<_>>());
    assert_eq!(seen.ending(), Ending::Dropped);
    let mut stream = Pipeline::new("fails", from_iter(0..3))
        .try_map_async(size(2), |n| ready(if n == 1 { Err(Halt::from("one")) } else { Ok(n) }))
        .into_stream();
    block_on(async {
        assert_eq!(stream.next().await.unwrap().unwrap(), 0);
        assert!(stream.next().await.unwrap().is_err());
        assert!(stream.next().await.is_none());
    });
}

#[test]
fn policies_decide_in_the_order_of_the_items() {
    let letters = Probe::new();
    let seen = letters.seen();
    let tries = RefCell::new(vec![0; 20]);
    let run = Pipeline::new("policies", from_iter(0..20_u32))
        .try_map_async(size(4), |n| {
            let tries = &tries;
            async move {
                pending(3 - n % 4).await;
                tries.borrow_mut()[n as usize] += 1;
                match n {
                    3 if tries.borrow()[n as usize] < 3 => Err("busy")?,
                    7 | 9 => Err("bad")?,
                    _ => Ok(n),
                }
            }
        })
        .named("fetch")
        .on_error(retry(2, MS, |_| true))
        .on_error(dead_letter(letters))
        .end(Collect::new())
        .run()
        .unwrap();
    assert_eq!(run.output, (0..20).filter(|n| ![7, 9].contains(n)).collect::<Vec<_>>());
    let bad: Vec<_> = seen.take().into_iter().map(|letter| letter.item).collect();
    assert_eq!(bad, [7, 9]);
    assert_eq!(tries.borrow()[3], 3);
    let row = run.report.stage("fetch").unwrap();
    assert_eq!((row.skipped(), row.items_in(), row.items_out()), (2, Some(20), Some(18)));
    assert_eq!(seen.ending(), Ending::Finished);
}

#[test]
fn the_delay_of_a_retry_does_not_block_the_other_futures() {
    let order = RefCell::new(Vec::new());
    let tried = Cell::new(false);
    let run = Pipeline::new("retry", from_iter(0..3))
        .try_map_async_unordered(size(3), |n| {
            let (tried, order) = (&tried, &order);
            async move {
                if n == 0 && !tried.replace(true) {
                    Err("once")?;
                }
                order.borrow_mut().push(n);
                Ok(n)
            }
        })
        .on_error(retry(1, 30 * MS, |_| true));
    assert_eq!(run.end(Collect::new()).run().unwrap().output, [1, 2, 0]);
    assert_eq!(*order.borrow(), [1, 2, 0]);
}

#[test]
fn too_many_failures_end_the_run() {
    let run = Pipeline::new("skip", from_iter(0..9))
        .try_map_async(size(2), |n| ready(if n % 2 == 0 { Err::<i32, _>(Halt::from("even")) } else { Ok(n) }))
        .on_error(skip(2));
    assert_eq!(
        run.end(Collect::new()).run().unwrap_err().report().stage("try_map_async").unwrap().skipped(),
        2
    );
}

/// A future that is never ready, and counts its drops.
struct Never(Rc<Cell<u32>>);

impl Future for Never {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

impl Drop for Never {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn a_cancelled_run_drops_its_futures() {
    let (drops, token) = (Rc::new(Cell::new(0)), CancelToken::new());
    let canceller = token.clone();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(30 * MS);
        canceller.cancel();
    });
    let run = Pipeline::new("never", from_iter(0..9)).map_async(size(4), |_| Never(Rc::clone(&drops)));
    assert!(run.count().cancelled_by(&token).run().unwrap_err().is_cancelled());
    assert_eq!(drops.get(), 4);
    thread.join().unwrap();
}

#[test]
fn a_stop_drops_the_futures_that_are_not_needed() {
    let drops = Rc::new(Cell::new(0));
    let made = Cell::new(0);
    let source = Probe::new();
    let seen = source.seen();
    let run = Pipeline::new("take", from_iter(0..1000))
        .tee(source)
        .map_async_unordered(size(4), |n| {
            let never = (n != 2).then(|| Never(Rc::clone(&drops)));
            made.set(made.get() + u32::from(never.is_some()));
            async move {
                if let Some(never) = never {
                    never.await;
                }
                n
            }
        })
        .take(1);
    assert_eq!(run.end(Collect::new()).run().unwrap().output, [2]);
    assert!(made.get() > 0);
    assert_eq!(drops.get(), made.get());
    // The stages before it are finished, as after any stop.
    assert_eq!(seen.ending(), Ending::Finished);
    let none = Pipeline::new("none", from_iter(0..9)).map_async(size(4), ready).take(0);
    assert_eq!(none.count().run().unwrap().output, 0);
}

#[test]
fn a_future_may_end_the_run() {
    let run = Pipeline::new("stop", from_iter(0..9))
        .try_map_async(size(4), |n| ready(if n == 5 { Err(Halt::Stop) } else { Ok(n) }));
    assert_eq!(run.end(Collect::new()).run().unwrap().output, [0, 1, 2, 3, 4]);
}

#[test]
fn errors_of_other_stages_are_theirs() {
    let refuse = for_each(|n| if n == 3 { Err("three")? } else { Ok(()) });
    let run = Pipeline::new("sink", from_iter(0..9)).map_async(size(4), ready).end(refuse).run();
    assert_eq!(run.unwrap_err().stage(), Some("for_each"));
    let before =
        Pipeline::new("before", from_iter(0..9)).try_map(|n| if n == 3 { Err("three")? } else { Ok(n) });
    let run = before.map_async(size(4), ready).count().run();
    assert_eq!(run.unwrap_err().stage(), Some("try_map"));
}

#[test]
fn chunks_held_before_it_are_mapped_at_the_end() {
    for n in [0, 1, 3, 4, 5] {
        let run = || {
            Pipeline::new("chunks", from_iter(0..n))
                .buffer(size(2))
                .map_async(size(2), |chunk: Vec<usize>| async move {
                    sleep(2 * MS).await;
                    chunk.len()
                })
                .buffer(size(2))
                .unbuffer()
        };
        assert_eq!(run().end(Collect::new()).run().unwrap().output.iter().sum::<usize>(), n);
        assert_eq!(block_on(run().into_stream().try_collect::<Vec<_>>()).unwrap().iter().sum::<usize>(), n);
    }
}

#[test]
fn two_in_a_row_work_in_a_stream_and_a_box() {
    let run = || {
        Pipeline::new("two", from_iter(0..100))
            .map_async(size(3), |n: u32| async move {
                pending(n % 3).await;
                n + 1
            })
            .boxed()
            .map_async(size(2), |n| async move {
                pending(n % 2).await;
                n * 2
            })
    };
    let expected: Vec<_> = (0..100).map(|n| (n + 1) * 2).collect();
    assert_eq!(run().end(Collect::new()).run().unwrap().output, expected);
    assert_eq!(block_on(run().into_stream().try_collect::<Vec<_>>()).unwrap(), expected);
}

#[test]
fn the_graph_has_the_number_of_futures_and_the_policy() {
    let graph = Pipeline::new("graph", from_iter(0..9))
        .try_map_async_unordered(size(4), |n| ready(Ok(n)))
        .named("fetch")
        .on_error(skip(1))
        .graph();
    assert!(
        graph.one_line().contains("try_map_async_unordered(4, ..) named \"fetch\" on_error skip"),
        "{}",
        graph.one_line()
    );
    assert!(graph.to_string().contains("at most 4"), "{graph}");
}

#[test]
fn a_report_has_the_name_of_the_operator() {
    let numbers = || Pipeline::new("names", from_iter(0..9));
    let kept = numbers().map_async(size(2), ready).count().run().unwrap();
    assert!(kept.report.stage("map_async").is_some(), "{}", kept.report);
    let free = numbers().map_async_unordered(size(2), ready).count().run().unwrap();
    assert!(free.report.stage("map_async_unordered").is_some(), "{}", free.report);
    assert!(free.report.stage("map_async").is_none(), "{}", free.report);
    let failing = numbers().try_map_async_unordered(size(2), |n| ready(Ok(n))).count().run().unwrap();
    assert!(failing.report.stage("try_map_async_unordered").is_some(), "{}", failing.report);
}

#[test]
fn a_stream_of_it_can_be_sent() {
    fn is_send(_: &impl Send) {}
    let stream = Pipeline::new("send", from_iter(0..3)).map_async(size(2), ready).into_stream();
    is_send(&stream);
}

#[test]
fn a_drain_stops_the_source_before_the_futures() {
    let token = CancelToken::new();
    let run = Pipeline::new("numbers", from_iter(0_u64..))
        .map_async(size(8), |n| async move {
            pending(1).await;
            n
        })
        .inspect(|n| {
            if *n == 700 {
                token.drain();
            }
        })
        .end(Collect::new())
        .cancelled_by(&token)
        .run();
    let numbers = run.unwrap().output;
    assert!(numbers.len() > 700, "{}", numbers.len());
    assert!(numbers.iter().copied().eq(0..numbers.len() as u64));
}
