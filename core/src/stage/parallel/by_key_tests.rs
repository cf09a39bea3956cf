//! Tests of parallel stages by key.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

use proptest::prelude::*;

use crate::testing::{Cue, Script};
use crate::{CancelToken, Collect, Failure, Halt, Pipeline, for_each, from_iter, retry, size, skip};

/// The attempts of each key, in the order in which they started, with their threads.
#[derive(Default)]
struct Tries(Mutex<HashMap<u32, Vec<(u32, thread::ThreadId)>>>);

impl Tries {
    /// Records an attempt of an item of `key`, and calls `work`. No other item of the key may be in work at the same
    /// time.
    fn note<T>(&self, n: u32, key: u32, work: impl FnOnce() -> T) -> T {
        let begun = {
            let mut tries = self.0.lock().unwrap();
            let tries = tries.entry(key).or_default();
            tries.push((n, thread::current().id()));
            tries.len()
        };
        let result = work();
        assert_eq!(self.0.lock().unwrap()[&key].len(), begun, "another item of the key was tried meanwhile");
        result
    }

    /// Checks that all items of a key were processed by one thread, in their order.
    fn check(self) {
        for (key, tries) in self.0.into_inner().unwrap() {
            assert!(tries.is_sorted_by_key(|(n, _)| *n), "{key}: {tries:?}");
            assert!(tries.iter().all(|(_, thread)| *thread == tries[0].1), "{key}: {tries:?}");
        }
    }
}

#[test]
fn one_keys_items_go_to_one_worker_in_order_and_results_keep_the_order_of_the_items() {
    for workers in [1, 2, 3] {
        for n in [0, 1, 9, 1000] {
            let tries = Tries::default();
            let outcome = Pipeline::new("by key", from_iter(0..n))
                .map_parallel(size(workers), 7, |n| tries.note(n, n * n % 11, || n * 2))
                .by_key(|n| n * n % 11)
                .end(Collect::new())
                .run();
            assert_eq!(outcome.unwrap().output, (0..n).map(|n| n * 2).collect::<Vec<_>>());
            tries.check();
        }
    }
}

/// The first item waits until an item with another key and on another worker is done. With 100 other keys, some are on
/// another worker.
#[test]
fn items_with_other_keys_go_on_beside_a_slow_one() {
    let (done, changed) = (Mutex::new(0), Condvar::new());
    let outcome = Pipeline::new("slow", from_iter(0..100))
        .map_parallel(size(2), 98, |n: u32| {
            let mut done = done.lock().unwrap();
            if n == 0 {
                let a_minute = Duration::from_mins(1);
                let waited = changed.wait_timeout_while(done, a_minute, |done| *done == 0).unwrap();
                assert!(!waited.1.timed_out(), "nothing else was worked at");
            } else {
                *done += 1;
                changed.notify_all();
            }
            n
        })
        .by_key(|n| *n)
        .end(Collect::new())
        .run();
    assert_eq!(outcome.unwrap().output, (0..100).collect::<Vec<_>>());
}

#[test]
fn no_more_is_held_than_was_declared_though_all_wait_for_one_key() {
    let (workers, capacity, items) = (2, 3, 60);
    let (taken, handed_on, most) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let outcome = Pipeline::new("bound", from_iter(0..items))
        .inspect(|_| {
            let held = taken.fetch_add(1, Ordering::SeqCst) - handed_on.load(Ordering::SeqCst);
            most.fetch_max(held, Ordering::SeqCst);
        })
        .map_parallel(size(workers), capacity, |n| n)
        .by_key(|_| "the one")
        .end(for_each(|_| {
            handed_on.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }))
        .run();
    assert_eq!(outcome.unwrap().output, items);
    assert!(most.load(Ordering::SeqCst) <= workers + capacity, "{most:?}");
}

/// Work that fails at each item as often as the map contains.
struct Flaky(Mutex<HashMap<u32, u32>>);

impl Flaky {
    fn call(&self, n: u32) -> Result<u32, Halt> {
        match self.0.lock().unwrap().get_mut(&n) {
            Some(left) if *left > 0 => {
                *left -= 1;
                Err(Failure::new("flaky").at(n).into())
            }
            _ => Ok(n),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// With a policy, several threads have the same result as one, and items of a key are never processed out of order.
    #[test]
    fn policies_decide_as_on_one_thread_and_keys_stay_in_order(
        failures in prop::collection::hash_map(0..60_u32, 1..4_u32, 0..20),
        (workers, capacity) in (1..4_usize, 0..12_usize),
        keys in 1..9_u32,
        limit in 0..25_u64,
        times in 0..3_u32,
        n in 0..60_u32,
        kind in 0..4_u8,
    ) {
        let again = || retry(times, Duration::from_micros(20), |_| true);
        macro_rules! ended {
            ($pipeline:expr) => {{
                let pipeline = $pipeline;
                let run = match kind {
                    0 => pipeline.on_error(skip(limit)).end(Collect::new()).run(),
                    1 => pipeline.on_error(again()).end(Collect::new()).run(),
                    2 => pipeline.on_error((again(), skip(limit))).end(Collect::new()).run(),
                    // The second policy is not called at once: an item is retried when it is the first one.
                    _ => pipeline.on_error((skip(limit), again())).end(Collect::new()).run(),
                };
                run.map(|outcome| outcome.output).map_err(|error| error.record().map(str::to_owned))
            }};
        }
        let flaky = Flaky(Mutex::new(failures.clone()));
        let one = ended!(Pipeline::new("one", from_iter(0..n)).try_map(|n| flaky.call(n)));
        let (flaky, tries) = (Flaky(Mutex::new(failures)), Tries::default());
        let several = ended!(
            Pipeline::new("several", from_iter(0..n))
                .try_map_parallel(size(workers), capacity, |n| tries.note(n, n % keys, || flaky.call(n)))
                .by_key(|n| n % keys)
        );
        prop_assert_eq!(one, several);
        tries.check();
    }
}

#[test]
fn a_key_waits_while_its_item_rests_and_the_others_go_on() {
    // Item 0 fails and waits until all items with other keys are done. Item 1 has the same key.
    let others = AtomicUsize::new(0);
    let tries = Tries::default();
    let outcome = Pipeline::new("rests", from_iter(0..102_u32))
        .try_map_parallel(size(2), 110, |n| {
            let key = n.max(1);
            tries.note(n, key, || {
                match n {
                    0 if others.load(Ordering::SeqCst) < 100 => return Err(std::fmt::Error.into()),
                    0 | 1 => {}
                    _ => {
                        others.fetch_add(1, Ordering::SeqCst);
                    }
                }
                Ok(n)
            })
        })
        .by_key(|n| (*n).max(1))
        .on_error(retry(30, Duration::from_millis(1), |_| true))
        .end(Collect::new())
        .run();
    assert_eq!(outcome.unwrap().output, (0..102).collect::<Vec<_>>());
    tries.check();
}

#[test]
fn errors_panics_stops_and_cancellation_end_the_run_as_without_keys() {
    let numbers = || Pipeline::new("ends", from_iter(0..100_u32));
    for at in [0, 1, 50, 99] {
        let mut seen = Vec::new();
        let failing = |n| if n == at { Err(std::fmt::Error.into()) } else { Ok(n) };
        let run = numbers().try_map_parallel(size(2), 8, failing).by_key(|n| n % 3).end(for_each(|n| {
            seen.push(n);
            Ok(())
        }));
        assert_eq!(run.run().unwrap_err().stage(), Some("try_map"));
        assert_eq!(seen, (0..at).collect::<Vec<_>>());

        let stops = |n| if n == at { Err(Halt::Stop) } else { Ok(n) };
        let run = numbers().try_map_parallel(size(2), 8, stops).by_key(|n| n % 3).end(Collect::new()).run();
        assert_eq!(run.unwrap().output, (0..at).collect::<Vec<_>>());

        let panics = |n| {
            assert!(n != at, "as told");
            n
        };
        let run = || numbers().map_parallel(size(2), 8, panics).by_key(|n| n % 3).end(Collect::new()).run();
        assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    }
    let token = CancelToken::new();
    let endless = Pipeline::new("endless", from_iter(0..)).map_parallel(size(2), 2, |n: u64| n);
    let stop = for_each(|n| {
        if n == 7 {
            token.cancel();
        }
        Ok(())
    });
    let run = endless.by_key(|n| n % 3).end(stop).cancelled_by(&token).run();
    assert!(run.unwrap_err().is_cancelled());
    let three = Pipeline::new("three", from_iter(0..)).map_parallel(size(2), 2, |n: u64| n).by_key(|n| n % 2);
    assert_eq!(three.take(3).end(Collect::new()).run().unwrap().output, [0, 1, 2]);
}

#[test]
fn a_state_sees_every_item_of_its_keys() {
    let totals = Pipeline::new("totals", from_iter([("a", 1), ("b", 10), ("a", 2), ("b", 20), ("a", 3)]))
        .map_parallel_with(
            size(3),
            4,
            || Ok(HashMap::new()),
            |sums, (key, n): (&str, u32)| {
                let sum = sums.entry(key).or_insert(0);
                *sum += n;
                *sum
            },
        )
        .by_key(|(key, _)| *key);
    let graph = totals.graph().to_string();
    assert!(graph.contains("parallel(3, by: .., capacity: 4)"), "{graph}");
    assert_eq!(totals.end(Collect::new()).run().unwrap().output, [1, 10, 3, 30, 6]);
}

#[test]
fn results_are_handed_on_while_the_source_rests() {
    let cue = Cue::new();
    let source = Script::new().items(0..5_u32).until(&cue);
    let outcome = Pipeline::new("rests", source)
        .map_parallel(size(1), 9, |n| n)
        .by_key(|n| n % 2)
        .inspect(|n| {
            if *n == 4 {
                cue.give();
            }
        })
        .end(Collect::new())
        .run();
    assert_eq!(outcome.unwrap().output, [0, 1, 2, 3, 4]);
}

#[test]
fn where_there_are_no_threads_keys_change_nothing() {
    let items =
        Pipeline::new("iterator", from_iter(0..4)).map_parallel(size(2), 8, |n| n * 2).by_key(|n| n % 2);
    assert_eq!(items.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [0, 2, 4, 6]);
}
