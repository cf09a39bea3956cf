//! Tests of parallel stages without a policy.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::{Parallel, Plain};
use crate::emit::Closed;
use crate::run::RunContext;
use crate::run::context::ScopedThreads;
use crate::stage::Stage;
use crate::testing::{Cue, Script};
use crate::{
    CancelToken, Collect, Error, Halt, Outcome, Pipeline, SkipFailed, for_each, from_iter, size, skip,
};

#[test]
fn order_is_kept_and_nothing_is_lost() {
    for workers in [1, 2, 3] {
        for n in [0, 1, 9, 10, 11, 1000] {
            let outcome = Pipeline::new("parallel", from_iter(0..n))
                .try_map_parallel(size(workers), 10 - workers, |i: u32| Ok(i * 2))
                .end(Collect::new())
                .run();
            assert_eq!(outcome.unwrap().output, (0..n).map(|i| i * 2).collect::<Vec<_>>());
        }
    }
}

/// The stage holds no more items than the bound, even if the first item takes long.
#[test]
fn no_more_is_held_than_was_declared() {
    let (workers, capacity, items) = (2, 3, 100);
    let taken = AtomicUsize::new(0);
    let handed_on = AtomicUsize::new(0);
    let most = AtomicUsize::new(0);
    let outcome = Pipeline::new("bound", from_iter(0..items))
        .inspect(|_| {
            let held = taken.fetch_add(1, Ordering::SeqCst) - handed_on.load(Ordering::SeqCst);
            most.fetch_max(held, Ordering::SeqCst);
        })
        .map_parallel(size(workers), capacity, |i| i)
        .end(for_each(|_| {
            handed_on.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }))
        .run();
    assert_eq!(outcome.unwrap().output, items);
    // The item that `inspect` receives waits before the stage until there is room.
    assert!(most.load(Ordering::SeqCst) <= workers + capacity, "{most:?}");
}

/// The first item waits until all other items that the stage may hold are done.
#[test]
fn a_slow_item_stalls_nobody_before_the_bound() {
    let (done, changed) = (Mutex::new(0), Condvar::new());
    let outcome = Pipeline::new("slow", from_iter(0..50))
        .try_map_parallel(size(2), 8, |i| {
            let mut done = done.lock().unwrap();
            if i == 0 {
                while *done < 9 {
                    done = changed.wait(done).unwrap();
                }
            } else {
                *done += 1;
                changed.notify_all();
            }
            Ok(i)
        })
        .end(Collect::new())
        .run();
    assert_eq!(outcome.unwrap().output, (0..50).collect::<Vec<_>>());
}

#[test]
fn an_error_of_a_worker_ends_the_run() {
    for at in [0, 1, 50, 99] {
        let mut seen = Vec::new();
        let error = Pipeline::new("error", from_iter(0..100))
            .try_map_parallel(size(2), 8, |i| if i == at { Err(std::fmt::Error.into()) } else { Ok(i) })
            .end(for_each(|i| {
                seen.push(i);
                Ok(())
            }))
            .run()
            .unwrap_err();
        assert_eq!(error.stage(), Some("try_map"));
        assert_eq!(seen, (0..at).collect::<Vec<_>>());
    }
}

#[test]
fn a_panic_of_a_worker_or_of_another_stage_ends_the_run() {
    for worker in [true, false] {
        let run = || {
            Pipeline::new("panic", from_iter(0..100))
                .try_map_parallel(size(2), 8, |i| {
                    assert!(i != 50 || !worker, "at fifty");
                    Ok(i)
                })
                .end(for_each(|i| {
                    assert!(i != 50 || worker, "at fifty");
                    Ok(())
                }))
                .run()
        };
        assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    }
}

#[test]
fn an_error_before_or_behind_it_ends_the_run() {
    crate::stage::tests::passes_errors_on(|| super::Parallel::new(size(2), 2, super::Plain(|i: usize| i)));
}

#[test]
fn it_ends_when_nobody_wants_more_and_when_cancelled() {
    let endless = || Pipeline::new("endless", from_iter(0..)).try_map_parallel(size(2), 2, |i: u64| Ok(i));
    assert_eq!(endless().take(3).end(Collect::new()).run().unwrap().output, [0, 1, 2]);
    let token = CancelToken::new();
    let stop = for_each(|i| {
        if i == 7 {
            token.cancel();
        }
        Ok::<(), Halt>(())
    });
    assert!(endless().end(stop).cancelled_by(&token).run().unwrap_err().is_cancelled());
}

#[test]
fn an_iterator_does_the_work_itself() {
    let doubled = Pipeline::new("iterator", from_iter(0..3)).try_map_parallel(size(2), 2, |i| Ok(i * 2));
    assert_eq!(doubled.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [0, 2, 4]);
}

/// Without threads the items behind the stop would not be processed.
#[test]
fn nothing_is_handed_on_behind_an_item_that_wants_no_more() {
    for at in [0, 1, 7, 39] {
        let outcome = Pipeline::new("stop", from_iter(0..40))
            .try_map_parallel(size(2), 8, |i| if i == at { Err(Halt::Stop) } else { Ok(i) })
            .end(Collect::new())
            .run();
        assert_eq!(outcome.unwrap().output, (0..at).collect::<Vec<_>>());
    }
}

#[test]
fn what_is_done_is_handed_on_while_the_source_rests_though_more_waits_for_a_worker() {
    let cue = Cue::new();
    let source = Script::new().items(0..5).until(&cue);
    let outcome = Pipeline::new("rests", source)
        .map_parallel(size(1), 9, |n: u32| {
            let start = Instant::now();
            while n == 1 && !cue.is_given() && start.elapsed() < Duration::from_secs(10) {
                thread::yield_now();
            }
            n > 0 && !cue.is_given()
        })
        .inspect(|_| cue.give())
        .end(Collect::new())
        .run();
    assert_eq!(outcome.unwrap().output, [false; 5]);
}

#[test]
fn a_thread_that_cannot_be_started_is_an_error_and_those_that_were_are_dismissed() {
    fn check(startable: usize) {
        let work: fn(u32) -> u32 = |n| n;
        let mut stage = Parallel::new(size(3), 0, Plain(work));
        let failed = thread::scope(|scope| {
            let mut threads = ScopedThreads::new(scope);
            let cancel = CancelToken::new();
            let mut context = RunContext::new(&cancel).with_threads(&mut threads);
            // No machine has enough memory for this stack.
            stage.start_threads(&mut context, |number| {
                let builder = thread::Builder::new();
                if number > startable { builder.stack_size(usize::MAX / 4) } else { builder }
            });
            stage.push(1, &mut Closed)
        });
        match failed {
            Err(Halt::Failed(failure)) => {
                let number = startable + 1;
                assert_eq!(failure.source().to_string(), format!("thread {number} of 3 cannot be started"));
            }
            other => panic!("not {other:?}"),
        }
    }
    for startable in 0..3 {
        check(startable);
    }
}

/// The standard library ends the process if it cannot allocate a thread.
#[test]
fn too_many_threads_are_an_error_and_none_is_started() {
    let numbers = || Pipeline::new("numbers", from_iter(0..3_u32));
    let check = |run: Result<u64, Error>, workers: usize| {
        let expected = format!("a parallel stage has at most 1024 threads, and {workers} are asked for");
        let error = run.unwrap_err();
        assert_eq!(error.stage().map(|stage| stage.ends_with("map")), Some(true));
        assert_eq!(error.into_source().to_string(), expected);
    };
    let output = |ended: Result<Outcome<u64>, Error>| ended.map(|outcome| outcome.output);
    for workers in [1025, usize::MAX] {
        check(output(numbers().map_parallel(size(workers), 0, |n| n).count().run()), workers);
        check(
            output(numbers().map_parallel(size(workers), usize::MAX, |n| n).by_key(|n| *n).count().run()),
            workers,
        );
        let fallible = numbers().try_map_parallel(size(workers), 0, Ok);
        check(output(fallible.on_error(skip(9)).count().run()), workers);
    }
}

/// An item behind the last needed one is in work when the pipeline needs no more items, and fails or panics after that.
#[test]
fn what_becomes_of_items_that_nobody_wants_changes_nothing() {
    fn check(unwanted: impl Fn() -> Result<u32, Halt> + Send + Sync, policy: SkipFailed) {
        let stopped = Cue::new();
        let outcome = Pipeline::new("unwanted", from_iter(0..))
            .try_map_parallel(size(2), 2, |n: u32| {
                if n < 3 {
                    return Ok(n);
                }
                while !stopped.is_given() {
                    thread::yield_now();
                }
                if n == 3 { unwanted() } else { Ok(n) }
            })
            .on_error(policy)
            .inspect(|n| {
                if *n == 2 {
                    stopped.give();
                }
            })
            .take(3)
            .end(Collect::new())
            .run()
            .unwrap();
        assert_eq!(outcome.output, [0, 1, 2]);
        assert_eq!(outcome.report.stage("try_map").unwrap().failed(), 0);
    }
    // The item may be done before or after the stage is finished.
    for _ in 0..20 {
        check(|| Err(std::fmt::Error.into()), skip(0));
        check(|| Err(std::fmt::Error.into()), skip(9));
        check(|| panic!("nobody wants this"), skip(9));
    }
}
