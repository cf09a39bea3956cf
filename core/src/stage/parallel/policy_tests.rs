//! Tests of parallel stages with a policy.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use proptest::prelude::*;

use crate::{
    CancelToken, Collect, Failure, Halt, Letter, Pipeline, dead_letter, for_each, from_iter, retry, size,
    skip,
};

/// Work that fails at each item as often as `failures` contains, and returns the item otherwise.
struct Flaky(Mutex<HashMap<u32, u32>>);

impl Flaky {
    fn new(failures: impl IntoIterator<Item = (u32, u32)>) -> Self {
        Self(Mutex::new(failures.into_iter().collect()))
    }

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

/// The result of a run over the numbers below `n`: the output or the record of the error, the letters, and the numbers
/// of skipped items and of retries.
type Made = (Result<Vec<u32>, Option<String>>, Vec<(u32, String)>, u64, u64);

macro_rules! made {
    ($pipeline:expr, $letters:ident) => {{
        let run = $pipeline.end(Collect::new()).run();
        let (output, report) = match run {
            Ok(outcome) => (Ok(outcome.output), outcome.report),
            Err(error) => (Err(error.record().map(str::to_owned)), error.report().clone()),
        };
        let stage = report.stage("try_map").unwrap();
        (output, std::mem::take(&mut *$letters.borrow_mut()), stage.skipped(), stage.retried())
    }};
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// On several threads a policy has the same effect as on one.
    #[test]
    fn threads_change_nothing(
        failures in prop::collection::hash_map(0..60_u32, 1..5_u32, 0..20),
        (workers, capacity) in (1..4_usize, 0..12_usize),
        limit in 0..25_u64,
        times in 0..4_u32,
        n in 0..60_u32,
        kind in 0..5_u8,
    ) {
        let letters = std::cell::RefCell::new(Vec::new());
        let run = |parallel: bool| -> Made {
            let flaky = Flaky::new(failures.clone());
            let work = |n| flaky.call(n);
            let again = || retry(times, Duration::from_micros(10), |_| true);
            let put_away = || dead_letter(for_each(|letter: Letter<u32>| {
                letters.borrow_mut().push((letter.item, letter.error.to_string()));
                Ok(())
            }));
            macro_rules! with {
                ($policy:expr) => {
                    if parallel {
                        made!(
                            Pipeline::new("threads", from_iter(0..n))
                                .try_map_parallel(size(workers), capacity, work)
                                .on_error($policy),
                            letters
                        )
                    } else {
                        made!(
                            Pipeline::new("one", from_iter(0..n)).try_map(work).on_error($policy),
                            letters
                        )
                    }
                };
            }
            match kind {
                0 => with!(skip(limit)),
                1 => with!(again()),
                2 => with!((again(), skip(limit))),
                3 => with!((skip(limit), again())),
                _ => with!((again(), put_away())),
            }
        };
        let (one, several) = (run(false), run(true));
        // If the run fails, several threads have retried items that one thread would not have reached.
        prop_assert_eq!(&one.0, &several.0);
        prop_assert_eq!((&one.1, one.2), (&several.1, several.2));
        prop_assert!(one.3 == several.3 || one.0.is_err() && one.3 < several.3);
    }
}

/// Failed items wait for their retry at the same time.
#[test]
fn items_rest_and_are_tried_again_side_by_side() {
    let (tries, changed) = (Mutex::new([0_u32; 2]), Condvar::new());
    let outcome = Pipeline::new("side by side", from_iter(0..2_usize))
        .try_map_parallel(size(2), 2, |i| {
            let mut tries = tries.lock().unwrap();
            tries[i] += 1;
            changed.notify_all();
            if tries[i] == 1 {
                return Err(std::fmt::Error.into());
            }
            // The second attempt of each item ends after the second attempt of the other one has started.
            let a_minute = Duration::from_mins(1);
            let waited = changed.wait_timeout_while(tries, a_minute, |tries| tries[1 - i] < 2).unwrap();
            assert!(!waited.1.timed_out(), "the other one was not tried meanwhile");
            Ok(i)
        })
        .on_error(retry(1, Duration::from_millis(1), |_| true))
        .end(Collect::new())
        .run()
        .unwrap();
    assert_eq!(outcome.output, [0, 1]);
    assert_eq!(outcome.report.stage("try_map").unwrap().retried(), 2);
}

/// An item that is retried keeps its position, and the stage holds no more items than the bound.
#[test]
fn no_more_is_held_than_was_declared_while_items_are_tried_again() {
    let (workers, capacity, items) = (2, 3, 60_u32);
    let taken = AtomicUsize::new(0);
    let handed_on = AtomicUsize::new(0);
    let most = AtomicUsize::new(0);
    let flaky = Flaky::new((0..items).filter(|n| n % 7 == 0).map(|n| (n, 3)));
    let mut seen = Vec::new();
    let outcome = Pipeline::new("bound", from_iter(0..items))
        .inspect(|_| {
            let held = taken.fetch_add(1, Ordering::SeqCst) - handed_on.load(Ordering::SeqCst);
            most.fetch_max(held, Ordering::SeqCst);
        })
        .try_map_parallel(size(workers), capacity, |n| flaky.call(n))
        .on_error(retry(3, Duration::from_micros(300), |_| true))
        .end(for_each(|n| {
            handed_on.fetch_add(1, Ordering::SeqCst);
            seen.push(n);
            Ok(())
        }))
        .run()
        .unwrap();
    assert_eq!(outcome.report.stage("try_map").unwrap().retried(), 27);
    assert_eq!(seen, (0..items).collect::<Vec<_>>());
    assert!(most.load(Ordering::SeqCst) <= workers + capacity, "{most:?}");
}

#[test]
fn dead_letters_come_in_order_with_item_and_error() {
    let mut letters = Vec::new();
    let sink = for_each(|letter: Letter<u32>| {
        letters.push((letter.stage, letter.item, letter.record, letter.error.to_string()));
        Ok(())
    });
    let flaky = Flaky::new([(3, 9), (8, 9), (9, 9)]);
    let outcome = Pipeline::new("letters", from_iter(0..10))
        .try_map_parallel(size(3), 8, |n| flaky.call(n))
        .on_error(dead_letter(sink))
        .end(Collect::new())
        .run()
        .unwrap();
    assert_eq!(outcome.output, [0, 1, 2, 4, 5, 6, 7]);
    let stage = outcome.report.stage("try_map").unwrap();
    assert_eq!((stage.items_in(), stage.items_out(), stage.skipped()), (Some(10), Some(7), 3));
    let flaky = "flaky".to_owned();
    let letter = |n: u32| ("try_map", n, Some(n.to_string()), flaky.clone());
    assert_eq!(letters, [letter(3), letter(8), letter(9)]);
}

#[test]
fn a_run_that_is_cancelled_tries_nothing_again() {
    // Cancelled by the work, and by another thread while items wait for a retry.
    for within in [true, false] {
        let token = CancelToken::new();
        let tries = AtomicUsize::new(0);
        let error = std::thread::scope(|scope| {
            if !within {
                scope.spawn(|| {
                    while tries.load(Ordering::SeqCst) < 2 {
                        std::thread::yield_now();
                    }
                    token.cancel();
                });
            }
            Pipeline::new("cancelled", from_iter(0..100_u32))
                .try_map_parallel(size(2), 2, |_| {
                    tries.fetch_add(1, Ordering::SeqCst);
                    Err::<u32, _>(std::fmt::Error.into())
                })
                .on_error(retry(u32::MAX, Duration::MAX, |_| {
                    if within {
                        token.cancel();
                    }
                    true
                }))
                .end(Collect::new())
                .cancelled_by(&token)
                .run()
                .unwrap_err()
        });
        assert!(error.is_cancelled(), "{error}");
        // At most one attempt of each held item.
        assert!(tries.load(Ordering::SeqCst) <= 4, "{tries:?}");
    }
}

#[test]
fn a_panic_ends_the_run_whatever_the_policy() {
    let run = || {
        Pipeline::new("panic", from_iter(0..100))
            .try_map_parallel(size(2), 8, |i| {
                assert!(i != 50, "at fifty");
                if i % 2 == 0 { Err(std::fmt::Error.into()) } else { Ok(i) }
            })
            .on_error(skip(1000))
            .end(Collect::new())
            .run()
    };
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
}

#[test]
fn an_error_behind_it_is_none_of_its_own() {
    let flaky = Flaky::new([(0, 1)]);
    let error = Pipeline::new("behind", from_iter(0..100))
        .try_map_parallel(size(2), 8, |n| flaky.call(n))
        .on_error(skip(9))
        .end(for_each(|_| Err(std::fmt::Error.into())))
        .run()
        .unwrap_err();
    assert_eq!(error.stage(), Some("for_each"));
    assert_eq!(error.report().stage("try_map").unwrap().skipped(), 1);
}

#[test]
fn where_there_are_no_threads_the_policy_is_the_same() {
    let flaky = Flaky::new([(1, 9), (2, 1)]);
    let items = Pipeline::new("iterator", from_iter(0..4))
        .try_map_parallel(size(2), 8, |n| flaky.call(n))
        .on_error((retry(1, Duration::ZERO, |_| true), skip(1)));
    assert_eq!(items.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [0, 2, 3]);
}
