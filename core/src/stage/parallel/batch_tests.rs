//! Tests of parallel stages whose workers take short items in batches.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::Plain;
use super::queue::Queue;
use super::team::Team;
use crate::run::context::Dismiss;
use crate::{CancelToken, Collect, Failure, Halt, Pipeline, for_each, from_iter, retry, size, skip};

/// Waits until `is_over`. Panics after a minute.
fn wait_until(what: &str, mut is_over: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_over() {
        assert!(start.elapsed() < Duration::from_mins(1), "{what}");
        thread::yield_now();
    }
}

/// Ends the workers of a team, also if the test fails.
struct Ending<'a, F: Send + Sync, T: Send, U: Send>(&'a Team<F, T, U>);

impl<F: Send + Sync, T: Send, U: Send> Drop for Ending<'_, F, T, U> {
    fn drop(&mut self) {
        self.0.dismiss();
    }
}

#[test]
fn order_is_kept_and_nothing_is_lost_in_batches() {
    for workers in [1, 2, 3, 7] {
        for capacity in [0, 1, 64, 1000] {
            let outcome = Pipeline::new("short", 0..30_000_u32)
                .map_parallel(size(workers), capacity, |n| n * 2)
                .end(Collect::new())
                .run();
            assert!(
                outcome.unwrap().output.into_iter().eq((0..30_000).map(|n| n * 2)),
                "{workers}, {capacity}"
            );
        }
    }
}

/// Some items wait until all earlier results have been emitted. The window is large enough for batches.
#[test]
fn results_of_short_items_do_not_wait_for_a_slow_one() {
    for workers in [1, 2, 3] {
        let emitted = AtomicUsize::new(0);
        let outcome = Pipeline::new("slow", from_iter(0..20_000_usize))
            .map_parallel(size(workers), 64, |n| {
                if n % 499 == 498 {
                    wait_until("the results wait", || emitted.load(Ordering::SeqCst) >= n);
                }
                n
            })
            .end(for_each(|_| {
                emitted.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }))
            .run();
        assert_eq!(outcome.unwrap().output, 20_000);
    }
}

/// Some items wait until all others that the stage may hold are done, also those that the same worker has taken in
/// advance.
#[test]
fn short_items_do_not_wait_for_a_slow_one() {
    for workers in [2, 3] {
        let done: Mutex<HashSet<usize>> = Mutex::default();
        let items = 20_000;
        let outcome = Pipeline::new("slow", from_iter(0..items))
            .map_parallel(size(workers), 64, |n| {
                if n % 499 == 0 {
                    let held = n + 1..items.min(n + workers + 64);
                    let are_done = || {
                        let done = done.lock().unwrap();
                        held.clone().all(|n| n % 499 == 0 || done.contains(&n))
                    };
                    wait_until("the items wait", are_done);
                } else {
                    done.lock().unwrap().insert(n);
                }
                n
            })
            .end(Collect::new())
            .run();
        assert_eq!(outcome.unwrap().output, (0..items).collect::<Vec<_>>());
    }
}

/// Worker 1 has taken four items and does not process them. There is no worker 1, so it is as slow as can be.
#[test]
fn items_of_another_worker_are_taken_over() {
    let team = Team::new(Plain(|n: u32| n * 2), Queue::in_order(), 2, 9);
    {
        let mut desk = team.desk();
        (0..5).for_each(|n| desk.take_on(n, 0));
        desk.waiting.take_several(4, &mut team.share(1).waiting);
    }
    thread::scope(|scope| {
        let _ending = Ending(&team);
        scope.spawn(|| team.serve(2));
        let mut results = Vec::new();
        wait_until("the items are not taken over", || {
            let mut desk = team.desk_with_all();
            while desk.is_first_done() {
                results.push(desk.take_first().and_then(Result::ok).and_then(Result::ok));
            }
            results.len() == 5
        });
        assert_eq!(results, [Some(0), Some(2), Some(4), Some(6), Some(8)]);
    });
}

/// Worker 1 has finished an item and does not report it, and the other worker has nothing to do.
#[test]
fn the_stage_finds_the_results_of_a_worker_that_is_busy() {
    let team = Team::new(Plain(|n: u32| n), Queue::in_order(), 2, 9);
    let mut desk = team.desk();
    (0..2).for_each(|n| desk.take_on(n, 0));
    assert!(desk.waiting.take(0).is_some() && desk.waiting.take(0).is_some());
    thread::scope(|scope| {
        scope.spawn(|| {
            // The stage sleeps while it does not hold the lock.
            drop(team.desk());
            let mut share = team.share(1);
            share.made.push((0, Ok(Ok(7))));
            assert!(!team.note_result(), "the stage hurries too soon");
        });
        let (desk, slept) = team.wait(desk, false, None);
        assert!(slept && desk.is_first_done());
    });
}

/// A stage that hurries is told of each result, before the worker begins with the next item of its batch.
#[test]
fn a_worker_reports_each_result_to_a_stage_that_hurries() {
    let looked = AtomicUsize::new(0);
    let work = Plain(|n: usize| {
        wait_until("the result before was not reported", || looked.load(Ordering::SeqCst) >= n);
        n
    });
    let team = Team::new(work, Queue::in_order(), 1, 99);
    thread::scope(|scope| {
        let _ending = Ending(&team);
        let mut desk = team.desk();
        (0..20).for_each(|n| desk.take_on(n, 0));
        desk.waiting.take_several(20, &mut team.share(1).waiting);
        scope.spawn(|| team.serve(1));
        for n in 0..20 {
            while !desk.is_first_done() {
                (desk, _) = team.wait(desk, true, None);
            }
            assert!(matches!(desk.take_first(), Some(Ok(Ok(result))) if result == n));
            looked.store(n + 1, Ordering::SeqCst);
        }
    });
}

/// An item that counts itself.
struct Counted {
    n: u32,
    _alive: Arc<()>,
}

#[test]
fn items_that_were_taken_in_advance_are_dropped_however_the_run_ends() {
    let alive = Arc::new(());
    let endless = || {
        Pipeline::new("endless", from_iter(0..))
            .map(|n: u32| Counted { n, _alive: Arc::clone(&alive) })
            .try_map_parallel(size(2), 200, |item: Counted| match item.n {
                70_000 => Err(std::fmt::Error.into()),
                80_000 => panic!("as told"),
                90_000 => Err(Halt::Stop),
                _ => Ok(item),
            })
    };
    for n in [1_u32, 5_000, 60_000] {
        let mut last = 0;
        let taken = endless().take(n as usize).end(for_each(|item: Counted| {
            last = item.n + 1;
            Ok(())
        }));
        assert_eq!(taken.run().unwrap().output, u64::from(n));
        assert_eq!((last, Arc::strong_count(&alive)), (n, 1));
    }
    assert!(endless().count().run().is_err());
    assert_eq!(Arc::strong_count(&alive), 1);
    assert!(catch_unwind(AssertUnwindSafe(|| endless().on_error(skip(1)).count().run())).is_err());
    assert_eq!(Arc::strong_count(&alive), 1);
    let token = CancelToken::new();
    let cancelled = endless().end(for_each(|item: Counted| {
        if item.n == 50_000 {
            token.cancel();
        }
        Ok(())
    }));
    assert!(cancelled.cancelled_by(&token).run().unwrap_err().is_cancelled());
    assert_eq!(Arc::strong_count(&alive), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Failures among many short items have the same effect as without threads.
    #[test]
    fn failures_among_short_items_are_handled_in_order(
        failures in prop::collection::hash_set(0..4_000_u32, 0..12),
        (workers, capacity) in (1..4_usize, 0..300_usize),
        (limit, times) in (0..12_u64, 0..2_u32),
    ) {
        let tried = Mutex::new(HashSet::new());
        // The first attempt fails at each of the numbers, and each attempt at the even ones.
        let work = |n| {
            if failures.contains(&n) && (n % 2 == 0 || tried.lock().unwrap().insert(n)) {
                return Err(Failure::new("flaky").at(n).into());
            }
            Ok(n)
        };
        let policy = || (retry(times, Duration::from_micros(10), |_| true), skip(limit));
        macro_rules! ended {
            ($pipeline:expr) => {{
                tried.lock().unwrap().clear();
                let run = $pipeline.on_error(policy()).end(Collect::new()).run();
                run.map(|outcome| outcome.output).map_err(|error| error.record().map(str::to_owned))
            }};
        }
        let one = ended!(Pipeline::new("one", 0..4_000_u32).try_map(work));
        let several = ended!(Pipeline::new("several", 0..4_000_u32).try_map_parallel(size(workers), capacity, work));
        prop_assert_eq!(one, several);
    }
}
