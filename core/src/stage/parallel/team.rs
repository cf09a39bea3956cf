//! The shared state of a parallel stage and its worker threads.
//!
//! An item goes from the inbox to the [desk](Desk), and from there to a worker. Its result goes back to the desk. A lock
//! and a wake-up for each item cost more than the work on a short item. So a worker takes short items in batches: items for
//! about [`Strides::BATCH`](super::strides::Strides), and at most its part of the waiting items. It keeps them, and their
//! results, in its [share](Share). The share has a lock of its own, so workers seldom wait for each other. Items with keys
//! are taken one by one.
//!
//! A slow item delays only itself. While a result or an item waits, one of the following conditions holds:
//!
//! * A result in a share: the stage does not sleep, and its next look finds the result. Or the stage sleeps for at most
//!   [`PATIENCE`], and then looks. Or the stage hurries: it has set `hurries` and looked into all shares after that. A
//!   worker reads `hurries` after it has put a result into its share, so either the stage has found the result, or the
//!   worker sees the flag and moves the result to the desk at once.
//! * A result at the desk: the stage does not sleep, or it sleeps for at most [`PATIENCE`], or it hurries, and then a worker
//!   that moves the first result to the desk wakes it. Without a hurry it is also woken when few items are left to take.
//! * An item in a share, at the desk or in the inbox: no worker sleeps, or one is called and about to look, or one naps.
//!   A nap lasts at most [`NAP`]. After it, the worker looks everywhere, also in the shares of the other workers. A worker
//!   sleeps for longer only if it found no item while it held the lock of the desk. An item leaves the desk or, for another
//!   worker, a share only under this lock. And the stage calls a worker that sleeps for longer at each new item.
//!
//! Both times are longer than a tick of the system's clock. Shorter ones make the system program a timer at each sleep,
//! which takes several times as long as the sleep itself on a virtual machine.
//!
//! Locks are taken in this order: the desk, then the inbox or one share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::desk::{Desk, Forgotten};
use super::queue::Queue;
use super::share::Share;
use super::sleepers::Sleepers;
use crate::run::context::Dismiss;

/// The longest time for which the stage sleeps before it hurries.
const PATIENCE: Duration = Duration::from_millis(5);

/// The longest time for which a worker sleeps while items may wait.
pub(super) const NAP: Duration = Duration::from_millis(5);

pub(super) struct Team<F, T, U> {
    pub(super) work: F,
    is_in_order: bool,
    /// The items that the stage has added, with the hashes of their keys, until a worker or the stage moves them to the
    /// desk. So the stage needs no lock that the workers need for each item.
    inbox: Mutex<Vec<(u64, T)>>,
    /// The share of each worker.
    shares: Box<[Mutex<Share<T, U>>]>,
    /// `true` if there may be results in shares.
    has_results: AtomicBool,
    /// The same as `Attention::hurries`.
    hurries: AtomicBool,
    /// The number of items that take as long as a batch should.
    batch: AtomicUsize,
    /// Half of the items that the stage can hold.
    half: usize,
    /// `true` if an item has failed since the stage looked.
    has_failed: AtomicBool,
    desk: Mutex<Desk<T, U>>,
    /// For each lane: the workers that sleep until an item can be taken.
    pub(super) idle: Box<[Sleepers]>,
    /// The workers that sleep until a batch of items can be taken, or for a short time.
    pub(super) nappers: Sleepers,
    /// Signalled when the next item in order is done, or an item has failed.
    pub(super) done: Condvar,
}

/// Items and results that were removed from a team.
pub(super) struct AllForgotten<T, U> {
    _desk: Forgotten<T, U>,
    _shares: Vec<Share<T, U>>,
}

impl<F, T, U> Team<F, T, U> {
    /// Creates a team of `workers` workers that holds at most `window` items.
    pub(super) fn new(work: F, waiting: Queue<T>, workers: usize, window: usize) -> Self {
        Self {
            work,
            is_in_order: matches!(waiting, Queue::InOrder(_)),
            inbox: Mutex::default(),
            shares: std::iter::repeat_with(|| Mutex::new(Share::new())).take(workers.max(1)).collect(),
            has_results: AtomicBool::new(false),
            hurries: AtomicBool::new(false),
            batch: AtomicUsize::new(1),
            half: (window / 2).max(1),
            has_failed: AtomicBool::new(false),
            idle: std::iter::repeat_with(Sleepers::default).take(waiting.lanes()).collect(),
            nappers: Sleepers::default(),
            desk: Mutex::new(Desk::new(waiting)),
            done: Condvar::new(),
        }
    }

    fn inbox(&self) -> MutexGuard<'_, Vec<(u64, T)>> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns `true` if items were added that are not at the desk yet.
    pub(super) fn has_arrivals(&self) -> bool {
        !self.inbox().is_empty()
    }

    /// A worker never panics while it holds the lock, so the state is consistent.
    pub(super) fn desk(&self) -> MutexGuard<'_, Desk<T, U>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The share of worker `number`. A worker never panics while it holds the lock.
    pub(super) fn share(&self, number: usize) -> MutexGuard<'_, Share<T, U>> {
        self.shares[number % self.shares.len()].lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn workers(&self) -> usize {
        self.shares.len()
    }

    /// Returns `true` if items have no keys, so that each worker can take each item.
    pub(super) fn is_in_order(&self) -> bool {
        self.is_in_order
    }

    /// Adds `item` behind all others.
    #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
    pub(super) fn add(&self, item: T, key: u64) {
        let idle = &self.idle[key as usize % self.idle.len()];
        let arrived = {
            let mut inbox = self.inbox();
            inbox.push((key, item));
            inbox.len()
        };
        // A worker that has looked at the inbox before holds the lock of the desk until it sleeps.
        if idle.uncalled() > 0 {
            idle.call_one(self.desk());
        } else if self.nappers.uncalled() > 0 && self.is_worth_a_worker(arrived, self.nappers.called()) {
            self.nappers.call_one(self.desk());
        }
    }

    /// Returns `true` if `items` waiting items are worth the call of a worker that naps, beside the work of `busy` others.
    fn is_worth_a_worker(&self, items: usize, busy: usize) -> bool {
        let batch = self.batch.load(Ordering::Relaxed);
        // A worker should start before the stage has no more room for items.
        let is_half = self.awake() == 0 && items >= self.half;
        is_half || items >= batch * (busy + 1)
    }

    /// The number of workers that do not sleep, or are called.
    fn awake(&self) -> usize {
        self.workers().saturating_sub(self.nappers.uncalled() + self.idle[0].uncalled())
    }

    /// Moves the added items to the desk. Returns `true` if there were any.
    pub(super) fn arrive(&self, desk: &mut Desk<T, U>) -> bool {
        let mut inbox = self.inbox();
        let has_any = !inbox.is_empty();
        for (key, item) in inbox.drain(..) {
            desk.take_on(item, key);
        }
        has_any
    }

    /// Moves the results in shares to the desk.
    pub(super) fn gather(&self, desk: &mut Desk<T, U>) {
        if self.has_results.swap(false, Ordering::Relaxed) {
            (0..self.workers()).for_each(|number| self.share(number).hand_over(desk));
        }
    }

    /// Notes that a worker has added a result to its share, which it has locked. Returns `true` if the worker must move it
    /// to the desk.
    pub(super) fn note_result(&self) -> bool {
        // The flag is cleared before the shares are locked, so a result behind that sets it again.
        if !self.has_results.load(Ordering::Relaxed) {
            self.has_results.store(true, Ordering::Relaxed);
        }
        self.hurries.load(Ordering::Relaxed)
    }

    /// The desk with all items that were added, and all results.
    pub(super) fn desk_with_all(&self) -> MutexGuard<'_, Desk<T, U>> {
        let mut desk = self.desk();
        self.arrive(&mut desk);
        self.gather(&mut desk);
        desk
    }

    /// Returns `true` if there are finished or failed items to handle. If all workers sleep and items wait, it calls one.
    pub(super) fn is_worth_a_look(&self) -> bool {
        let mut desk = self.desk();
        self.gather(&mut desk);
        let is_worth_a_look = desk.is_worth_a_look();
        if self.nappers.uncalled() > 0 && self.awake() == 0 && self.has_arrivals() {
            self.nappers.call_one(desk);
        }
        is_worth_a_look
    }

    /// Removes all held items, which the caller drops. An item that a worker is processing is dropped when it is done.
    #[must_use = "drop the items after the lock is released"]
    pub(super) fn forget_all(&self) -> AllForgotten<T, U> {
        let mut desk = self.desk_with_all();
        let shares =
            (0..self.workers()).map(|number| std::mem::replace(&mut *self.share(number), Share::new()));
        AllForgotten { _shares: shares.collect(), _desk: desk.forget_all() }
    }

    /// Notes that an item has failed.
    pub(super) fn note_failure(&self) {
        self.has_failed.store(true, Ordering::Release);
    }

    /// Returns `true`, once, if an item has failed since the last call.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed) && self.has_failed.swap(false, Ordering::Acquire)
    }

    /// Sets the number of items that take as long as a batch should.
    pub(super) fn set_batch(&self, items: usize) {
        self.batch.store(items, Ordering::Relaxed);
    }

    /// Waits until the first item may be done or an item has failed, or for `limit`. A stage that `hurries` is woken for
    /// each result. Returns `false` if it did not sleep.
    pub(super) fn wait<'a>(
        &'a self,
        mut desk: MutexGuard<'a, Desk<T, U>>,
        hurries: bool,
        limit: Option<Duration>,
    ) -> (MutexGuard<'a, Desk<T, U>>, bool) {
        if hurries && !desk.stage.hurries {
            desk.stage.hurries = true;
            self.hurries.store(true, Ordering::Relaxed);
            // Each share is locked, so that its worker sees the flag from now on.
            self.has_results.store(true, Ordering::Relaxed);
            self.gather(&mut desk);
            return (desk, false);
        }
        let waiting = desk.waiting.in_order_len();
        let awake = self.awake();
        if self.nappers.uncalled() > 0
            && waiting > 0
            && (awake == 0 || self.is_worth_a_worker(waiting, awake))
        {
            self.nappers.call_one(desk);
            return (self.desk(), false);
        }
        desk.stage.sleeps = true;
        let limit = if hurries { limit } else { Some(limit.map_or(PATIENCE, |limit| limit.min(PATIENCE))) };
        desk = match limit {
            None => self.done.wait(desk).unwrap_or_else(PoisonError::into_inner),
            Some(limit) => self.done.wait_timeout(desk, limit).unwrap_or_else(PoisonError::into_inner).0,
        };
        desk.stage.sleeps = false;
        self.arrive(&mut desk);
        self.gather(&mut desk);
        (desk, true)
    }

    /// Ends the hurry of the stage.
    pub(super) fn calm_down(&self, desk: &mut Desk<T, U>) {
        if std::mem::take(&mut desk.stage.hurries) {
            self.hurries.store(false, Ordering::Relaxed);
        }
    }

    /// Signals that there is one more item to take in `lane`.
    pub(super) fn call_one(&self, lane: usize) {
        if !self.idle[lane].call_one(self.desk()) {
            self.nappers.call_one(self.desk());
        }
    }

    /// Signals all workers, because the next retry has changed.
    pub(super) fn call_all(&self) {
        self.idle.iter().for_each(Sleepers::wake_all);
        self.nappers.wake_all();
    }
}

impl<F: Send + Sync, T: Send, U: Send> Dismiss for Team<F, T, U> {
    fn dismiss(&self) {
        let mut desk = self.desk();
        desk.dismissed = true;
        let added = std::mem::take(&mut *self.inbox());
        let shared = (0..self.workers()).map(|number| std::mem::take(&mut self.share(number).waiting));
        let shared: Vec<_> = shared.collect();
        let items = (added, shared, desk.waiting.take_all(), std::mem::take(&mut desk.resting));
        drop(desk);
        self.call_all();
        drop(items);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{Desk, Queue, Team};
    use crate::run::context::Dismiss;
    use crate::stage::parallel::{Plain, PlainWith};
    use crate::testing::Cue;

    /// Panics when it is dropped, if it is `true`.
    struct Fragile(bool);

    impl Drop for Fragile {
        fn drop(&mut self) {
            assert!(!self.0, "dropped");
        }
    }

    /// Sleeps like the stage until `is_over`. Returns `false` if it is not woken in time.
    fn is_woken_until<F, T, U>(team: &Team<F, T, U>, is_over: impl Fn(&Desk<T, U>) -> bool) -> bool {
        let start = Instant::now();
        let mut desk = team.desk();
        while !is_over(&desk) {
            desk.stage.sleeps = true;
            let slept;
            (desk, slept) = team.done.wait_timeout(desk, Duration::from_secs(20)).unwrap();
            if slept.timed_out() || start.elapsed() > Duration::from_secs(20) {
                return false;
            }
        }
        true
    }

    #[test]
    fn a_worker_survives_a_forgotten_result_that_panics_when_it_is_dropped() {
        let (began, forgotten) = (Cue::new(), Cue::new());
        let work = Plain(|n: u32| {
            began.give();
            while n == 0 && !forgotten.is_given() {
                thread::yield_now();
            }
            Fragile(n == 0)
        });
        let team = Team::new(work, Queue::in_order(), 1, 9);
        thread::scope(|scope| {
            team.desk().take_on(0, 0);
            scope.spawn(|| team.serve(1));
            while !began.is_given() {
                thread::yield_now();
            }
            drop(team.forget_all());
            team.add(1, 0);
            forgotten.give();
            let is_done = is_woken_until(&team, Desk::is_first_done);
            team.dismiss();
            assert!(is_done, "the worker is gone");
        });
    }

    #[test]
    fn a_worker_survives_a_state_that_panics_when_it_is_dropped_after_a_panic() {
        let is_first = std::sync::atomic::AtomicBool::new(true);
        let start = || Ok(Fragile(is_first.swap(false, std::sync::atomic::Ordering::Relaxed)));
        let team = Team::new(PlainWith(start, |_: &mut Fragile, n: u32| 6 / n), Queue::in_order(), 1, 9);
        thread::scope(|scope| {
            (0..2).for_each(|n| team.desk().take_on(n, 0));
            scope.spawn(|| team.serve(1));
            is_woken_until(&team, Desk::is_first_done);
            let first = team.desk().take_first();
            is_woken_until(&team, Desk::is_first_done);
            let second = team.desk().take_first();
            team.dismiss();
            assert!(matches!(first, Some(Err(_))), "the work has panicked");
            assert!(matches!(second, Some(Ok(Ok(6)))), "the worker is gone");
        });
    }

    #[test]
    fn forgotten_items_are_dropped_by_the_caller() {
        let team = Team::<_, Fragile, Fragile>::new(Plain(|item: Fragile| item), Queue::in_order(), 1, 9);
        team.desk().take_on(Fragile(true), 0);
        let forgotten = team.forget_all();
        assert_eq!(team.desk().held(), 0);
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(forgotten))).is_err());
    }

    /// The worker finishes the first of two items while work is left, and needs long for the second.
    #[test]
    fn what_is_done_is_called_out_though_the_next_item_takes_long() {
        let looked = Cue::new();
        let work = Plain(|n: u32| {
            while n > 0 && !looked.is_given() {
                thread::yield_now();
            }
            n
        });
        let team = Team::new(work, Queue::in_order(), 1, 9);
        thread::scope(|scope| {
            (0..2).for_each(|n| team.desk().take_on(n, 0));
            scope.spawn(|| team.serve(1));
            let is_called = is_woken_until(&team, Desk::is_worth_a_call);
            looked.give();
            team.dismiss();
            assert!(is_called, "it was not called");
        });
    }
}
