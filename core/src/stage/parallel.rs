//! Work on several threads, in the order of the items.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::context::{Context, Dismiss};
use crate::emit::Emit;
use crate::error::Halt;
use crate::graph::Node;
use crate::stage::{Stage, Yield};

/// What several threads do to items.
pub trait Work<T, U>: Send + Sync {
    /// Makes an item of `item`.
    ///
    /// # Errors
    ///
    /// When that fails.
    fn work(&self, item: T) -> Result<U, Halt>;
}

/// Work that cannot fail: of [`Pipeline::map_parallel`](crate::Pipeline::map_parallel).
#[derive(Debug)]
pub struct Plain<F>(pub(crate) F);

/// Work that may fail: of [`Pipeline::try_map_parallel`](crate::Pipeline::try_map_parallel).
#[derive(Debug)]
pub struct Fallible<F>(pub(crate) F);

impl<F: Fn(T) -> U + Send + Sync, T, U> Work<T, U> for Plain<F> {
    fn work(&self, item: T) -> Result<U, Halt> {
        Ok((self.0)(item))
    }
}

impl<F: Fn(T) -> Result<U, Halt> + Send + Sync, T, U> Work<T, U> for Fallible<F> {
    fn work(&self, item: T) -> Result<U, Halt> {
        (self.0)(item)
    }
}

/// Stage of [`Pipeline::map_parallel`](crate::Pipeline::map_parallel).
///
/// * Shape: one in, one out, in order.
/// * Memory: at most `workers + capacity` items, taken and not yet handed on. Item k + workers + capacity is not taken
///   before item k is handed on.
/// * End: what is being worked on is waited for and handed on.
/// * Error, or panic of a worker: what came before that item is handed on, then the run ends in it. What was taken after
///   it is dropped; an item that a worker is at is waited for.
/// * Threads: they live as long as the run. A pipeline that is used as an iterator or as a source has none, and does the
///   work where it is asked for it.
#[must_use]
pub struct Parallel<F, T, U> {
    team: Arc<Team<F, T, U>>,
    workers: NonZeroUsize,
    /// How many items may be held.
    window: usize,
    /// Whether the threads run.
    running: bool,
    ready: VecDeque<U>,
}

/// What the worker threads share with the stage.
struct Team<F, T, U> {
    work: F,
    desk: Mutex<Desk<T, U>>,
    /// There is something to work at, or nothing ever again.
    to_do: Condvar,
    /// The next item in order is done.
    done: Condvar,
}

struct Desk<T, U> {
    waiting: VecDeque<(u64, T)>,
    /// What became of the items from `first` on: `None` while somebody is at it.
    results: VecDeque<Option<std::thread::Result<Result<U, Halt>>>>,
    first: u64,
    dismissed: bool,
}

impl<T, U> Desk<T, U> {
    fn is_first_done(&self) -> bool {
        self.results.front().is_some_and(Option::is_some)
    }

    /// Whether it is worth waking who waits for results: not for each, while there is plenty left to do.
    fn is_worth_a_call(&self) -> bool {
        self.is_first_done() && self.waiting.len() <= self.results.len() / 2
    }
}

impl<F, T, U> Team<F, T, U> {
    /// A worker never panics with the desk in hand, so what is on it is whole.
    fn desk(&self) -> MutexGuard<'_, Desk<T, U>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Work<T, U>, T, U> Team<F, T, U> {
    fn serve(&self) {
        let mut desk = self.desk();
        loop {
            if desk.dismissed {
                return;
            }
            let Some((number, item)) = desk.waiting.pop_front() else {
                desk = self.to_do.wait(desk).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(desk);
            let result = catch_unwind(AssertUnwindSafe(|| self.work.work(item)));
            desk = self.desk();
            let place = usize::try_from(number - desk.first).unwrap_or(usize::MAX);
            if let Some(slot) = desk.results.get_mut(place) {
                *slot = Some(result);
            }
            if desk.is_worth_a_call() {
                self.done.notify_one();
            }
        }
    }
}

impl<F: Send + Sync, T: Send, U: Send> Dismiss for Team<F, T, U> {
    fn dismiss(&self) {
        let mut desk = self.desk();
        desk.dismissed = true;
        desk.waiting.clear();
        self.to_do.notify_all();
    }
}

impl<F, T, U> Parallel<F, T, U> {
    pub(crate) fn new(workers: NonZeroUsize, capacity: usize, work: F) -> Self {
        let desk = Desk { waiting: VecDeque::new(), results: VecDeque::new(), first: 0, dismissed: false };
        let team = Team { work, desk: Mutex::new(desk), to_do: Condvar::new(), done: Condvar::new() };
        let window = workers.get().saturating_add(capacity);
        Self { team: Arc::new(team), workers, window, running: false, ready: VecDeque::new() }
    }

    /// Hands on what is done, in order, as long as more than `held` items are held; and whatever else is done by then.
    fn hand_on(&mut self, held: usize, out: &mut impl Emit<U>) -> Result<(), Halt> {
        let mut desk = self.team.desk();
        while desk.results.len() > held {
            while desk.results.len() > held && !desk.is_worth_a_call() {
                desk = self.team.done.wait(desk).unwrap_or_else(PoisonError::into_inner);
            }
            while desk.is_first_done() {
                desk.first += 1;
                match desk.results.pop_front().flatten() {
                    Some(Ok(Ok(item))) => self.ready.push_back(item),
                    None => {}
                    Some(Ok(Err(halt))) => {
                        drop(desk);
                        self.empty(out)?;
                        return Err(halt);
                    }
                    Some(Err(panic)) => {
                        drop(desk);
                        self.empty(out)?;
                        resume_unwind(panic);
                    }
                }
            }
        }
        drop(desk);
        self.empty(out)
    }

    fn empty(&mut self, out: &mut impl Emit<U>) -> Result<(), Halt> {
        out.emit_all(self.ready.drain(..))
    }
}

impl<F, T, U> Stage for Parallel<F, T, U>
where
    F: Work<T, U>,
    T: Send,
    U: Send,
{
    type In = T;
    type Out = U;

    const YIELD: Yield = Yield::Any;

    const FAILS_LATE: bool = true;

    fn push(&mut self, item: T, out: &mut impl Emit<U>) -> Result<(), Halt> {
        if !self.running {
            return out.emit(self.team.work.work(item)?);
        }
        self.hand_on(self.window - 1, out)?;
        let mut desk = self.team.desk();
        let number = desk.first + desk.results.len() as u64;
        desk.results.push_back(None);
        desk.waiting.push_back((number, item));
        drop(desk);
        self.team.to_do.notify_one();
        Ok(())
    }

    fn tick(&mut self, out: &mut impl Emit<U>) -> Result<(), Halt> {
        let held = {
            let desk = self.team.desk();
            let done = desk.results.iter().take_while(|result| result.is_some()).count();
            desk.results.len() - done
        };
        if self.team.desk().waiting.is_empty() { self.hand_on(held, out) } else { Ok(()) }
    }

    fn finish(&mut self, out: &mut impl Emit<U>) -> Result<(), Halt> {
        self.hand_on(0, out)
    }

    fn name(&self) -> &'static str {
        "map"
    }

    fn node(&self) -> Node {
        let capacity = self.window - self.workers.get();
        let clause = format!("parallel({}, capacity: {capacity})", self.workers);
        Node::operator("map", "map").clause(clause).on_threads(&self.workers.into(), &capacity.into())
    }

    fn attach<'scope, 'env>(&mut self, context: &mut Context<'_, 'scope, 'env>)
    where
        Self: 'env,
    {
        self.running = true;
        for _ in 0..self.workers.get() {
            let team = Arc::clone(&self.team);
            // What the work tells `tracing` belongs to the run.
            let span = tracing::Span::current();
            context.scope.spawn(move || span.in_scope(|| team.serve()));
        }
        let team: Arc<Team<F, T, U>> = Arc::clone(&self.team);
        context.teams.0.push(team);
    }
}

impl<F, T, U> fmt::Debug for Parallel<F, T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parallel")
            .field("workers", &self.workers)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Condvar, Mutex};

    use crate::{CancelToken, Collect, Halt, Pipeline, for_each, from_iter, size};

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

    /// No matter how long the first item takes, no more are taken than the bound allows.
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
        // The item that `inspect` sees waits before the stage until there is room.
        assert!(most.load(Ordering::SeqCst) <= workers + capacity, "{most:?}");
    }

    /// The first item is not done before all that may be taken beside it are.
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
            assert_eq!(error.stage(), "map");
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
        crate::stage::tests::passes_errors_on(|| {
            super::Parallel::new(size(2), 2, super::Plain(|i: usize| i))
        });
    }

    #[test]
    fn it_ends_when_nobody_wants_more_and_when_cancelled() {
        let endless =
            || Pipeline::new("endless", from_iter(0..)).try_map_parallel(size(2), 2, |i: u64| Ok(i));
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
}
