//! Tests of parallel stages with a state for each worker.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::testing::{Cue, Script};
use crate::{Collect, Failure, Halt, Pipeline, for_each, from_iter, size, skip};

#[test]
fn each_worker_makes_one_state_on_its_own_thread_and_drops_it_there() {
    /// A state that records the thread on which it is created, and is dropped on the same thread. It is not `Send`.
    struct Here<'a>(thread::ThreadId, Rc<()>, &'a AtomicUsize);

    impl Drop for Here<'_> {
        fn drop(&mut self) {
            assert_eq!(self.0, thread::current().id());
            self.2.fetch_add(1, Ordering::SeqCst);
        }
    }

    let (dropped, made) = (AtomicUsize::new(0), Mutex::new(HashSet::new()));
    let main = thread::current().id();
    let outcome = Pipeline::new("state", from_iter(0..100))
        .map_parallel_with(
            size(3),
            8,
            || {
                let id = thread::current().id();
                assert!(made.lock().unwrap().insert(id), "a worker makes one");
                Ok(Here(id, Rc::new(()), &dropped))
            },
            |here, n: u32| {
                assert_eq!((here.0, Rc::strong_count(&here.1)), (thread::current().id(), 1));
                n * 2
            },
        )
        .end(Collect::new())
        .run()
        .unwrap();
    assert_eq!(outcome.output, (0..100).map(|n| n * 2).collect::<Vec<_>>());
    let made = made.into_inner().unwrap();
    assert!((1..=3).contains(&made.len()) && !made.contains(&main), "{made:?}");
    assert_eq!(dropped.load(Ordering::SeqCst), made.len());
}

#[test]
fn state_that_cannot_be_made_fails_the_run_at_the_item_that_needed_it_and_no_policy_is_asked() {
    // The second worker cannot start. The first one has processed the item before, and the policy would skip any number
    // of items.
    let begun = Cue::new();
    let source = Script::new().items([0]).until(&begun).items(1..9);
    let started = AtomicUsize::new(0);
    let mut seen = Vec::new();
    let init = || match started.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(()),
        _ => Err(Failure::new("no connection is left")),
    };
    let work = |(): &mut (), n: u32| {
        begun.give();
        while started.load(Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
        Ok::<_, Halt>(n)
    };
    let error = Pipeline::new("state", source)
        .try_map_parallel_with(size(2), 4, init, work)
        .on_error(skip(100))
        .end(for_each(|n| {
            seen.push(n);
            Ok(())
        }))
        .run()
        .unwrap_err();
    assert_eq!(error.stage(), Some("try_map"));
    assert_eq!(error.report().stage("try_map").unwrap().skipped(), 0);
    assert_eq!(error.into_source().to_string(), "no connection is left");
    assert_eq!(seen[0], 0, "what came before is handed on");
}

#[test]
fn nothing_is_made_for_workers_that_get_no_item() {
    let init = || -> Result<(), Failure> { panic!("no item needs it") };
    let none = Pipeline::new("none", from_iter(0..0)).map_parallel_with(size(3), 2, init, |(), n: u32| n);
    assert_eq!(none.end(Collect::new()).run().unwrap().output, [0; 0]);
}

#[test]
fn state_is_kept_after_an_error_and_made_anew_after_a_panic() {
    let made = AtomicUsize::new(0);
    let init = || {
        made.fetch_add(1, Ordering::SeqCst);
        Ok(0)
    };
    let count = |calls: &mut u32, n: u32| {
        *calls += 1;
        if n == 1 { Err(std::fmt::Error.into()) } else { Ok(*calls) }
    };
    let counted = Pipeline::new("error", from_iter(0..4)).try_map_parallel_with(size(1), 4, init, count);
    assert_eq!(counted.on_error(skip(1)).end(Collect::new()).run().unwrap().output, [1, 3, 4]);
    assert_eq!(made.swap(0, Ordering::SeqCst), 1);

    let seen = Mutex::new(Vec::new());
    let panics = |calls: &mut u32, n: u32| {
        *calls += 1;
        seen.lock().unwrap().push((n, *calls));
        assert!(n != 0, "at zero");
        n
    };
    let held = Pipeline::new("panic", from_iter(0..2)).map_parallel_with(size(1), 1, init, panics);
    assert!(catch_unwind(AssertUnwindSafe(|| held.end(Collect::new()).run())).is_err());
    // The second item was processed, or dropped at the end of the run.
    let calls = seen.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    assert!(calls == [(0, 1)] || calls == [(0, 1), (1, 1)], "{calls:?}");
}

#[test]
fn an_iterator_makes_one_state_when_the_first_item_is_asked_for() {
    let made = AtomicUsize::new(0);
    let items = Pipeline::new("iterator", from_iter(0..3)).map_parallel_with(
        size(2),
        2,
        || Ok(made.fetch_add(1, Ordering::SeqCst)),
        |_, n: u32| n + 1,
    );
    let mut items = items.into_iter();
    assert_eq!(made.load(Ordering::SeqCst), 0);
    assert_eq!(items.by_ref().map(Result::unwrap).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(made.load(Ordering::SeqCst), 1);
    let fails = || Err::<(), _>(Failure::new("no state"));
    let items =
        Pipeline::new("fails", from_iter(0..3)).try_map_parallel_with(size(2), 2, fails, |(), n: u32| Ok(n));
    let mut items = items.on_error(skip(9)).into_iter();
    assert_eq!(items.next().unwrap().unwrap_err().into_source().to_string(), "no state");
    assert!(items.next().is_none());
}
