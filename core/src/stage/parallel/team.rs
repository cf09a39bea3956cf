//! The shared state of a parallel stage and its worker threads: waiting items and results.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::queue::Queue;
use super::strides::Strides;
use super::work::{Lazy, Unmade, Work};
use crate::channel::spin::spin;
use crate::error::{Failure, Halt};
use crate::run::context::Dismiss;

pub(super) struct Team<F, T, U> {
    pub(super) work: F,
    /// The items that the stage has added, with the hashes of their keys, until a worker or the stage moves them to the
    /// desk. So the stage needs no lock that the workers need for each item.
    inbox: Mutex<Vec<(u64, T)>>,
    /// For each lane: the number of workers that wait, or are about to.
    idle: Box<[AtomicUsize]>,
    /// `true` if an item has failed since the stage looked.
    has_failed: AtomicBool,
    /// Locked before the inbox.
    desk: Mutex<Desk<T, U>>,
    /// For each lane: signalled when an item can be taken, or when the worker must stop.
    to_do: Box<[Condvar]>,
    /// Signalled when the next item in order is done, or an item has failed.
    done: Condvar,
}

/// The result of an item: `None` while it waits or a worker is at it.
pub(super) type Slot<U> = Option<std::thread::Result<Result<U, Unmade>>>;

pub(super) struct Desk<T, U> {
    waiting: Queue<T>,
    /// The items to retry: the time, the number and the item.
    resting: Vec<(Instant, u64, T)>,
    /// The results of the items from number `first` on, with the hashes of their keys.
    results: VecDeque<(u64, Slot<U>)>,
    first: u64,
    /// The key of the item that was taken from the front last.
    taken: u64,
    /// The numbers of failed items that the stage has not handled yet.
    failed: Vec<u64>,
    /// `true` if the last item took long, so that waking the stage for each result costs little.
    is_slow: bool,
    dismissed: bool,
}

/// Items and results that were removed from a desk.
pub(super) struct Forgotten<T, U> {
    _waiting: Queue<T>,
    _resting: Vec<(Instant, u64, T)>,
    _results: VecDeque<(u64, Slot<U>)>,
}

impl<T, U> Desk<T, U> {
    /// The number of held items.
    pub(super) fn held(&self) -> usize {
        self.results.len()
    }

    pub(super) fn is_first_done(&self) -> bool {
        self.results.front().is_some_and(|(_, result)| result.is_some())
    }

    /// Returns `true` if an item waits for a retry.
    pub(super) fn rests(&self) -> bool {
        !self.resting.is_empty()
    }

    /// Returns `true` if there are failed items to handle.
    pub(super) fn has_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Returns `true` if there are finished or failed items to handle.
    pub(super) fn is_worth_a_look(&self) -> bool {
        self.is_first_done() || self.has_failed()
    }

    /// Returns `true` if the stage should be woken for results. If items are short, it is not woken for each result while
    /// there is enough work left.
    pub(super) fn is_worth_a_call(&self) -> bool {
        self.is_first_done() && (self.is_slow || self.waiting.runs_out(self.results.len() / 2))
    }

    /// Returns `true` if taking the last item made [`is_worth_a_call`](Self::is_worth_a_call) true: earlier results did
    /// not wake the stage.
    fn has_become_worth_a_call(&self) -> bool {
        self.is_first_done() && self.waiting.has_run_out(self.results.len() / 2)
    }

    pub(super) fn take_first(&mut self) -> Slot<U> {
        self.first += 1;
        let (key, result) = self.results.pop_front()?;
        self.taken = key;
        result
    }

    /// Removes and returns the failed items: their positions and their errors. Until they get a result they count as
    /// being processed.
    pub(super) fn take_failed(&mut self) -> Vec<(usize, Failure)> {
        let numbers = std::mem::take(&mut self.failed);
        let places = numbers.into_iter().filter_map(|number| self.place(number));
        let mut failed = Vec::new();
        for place in places.collect::<Vec<_>>() {
            match self.results.get_mut(place).and_then(|(_, result)| result.take()) {
                Some(Ok(Err(Unmade::Halt(Halt::Failed(failure))))) => failed.push((place, failure)),
                other => self.put(place, other),
            }
        }
        failed
    }

    pub(super) fn put(&mut self, place: usize, result: Slot<U>) {
        if let Some((_, slot)) = self.results.get_mut(place) {
            *slot = result;
        }
    }

    /// Schedules a retry of `item`, which is at `place`, in `time`.
    pub(super) fn rest(&mut self, place: usize, item: T, time: Duration) {
        // A time beyond the clock's range is replaced by a time that never comes.
        let now = Instant::now();
        let due = now.checked_add(time).unwrap_or_else(|| now + Duration::from_secs(1 << 30));
        self.resting.push((due, self.first + place as u64, item));
    }

    /// Schedules a retry of `item` before all other items. It takes the position of the first item, which was just
    /// removed. Returns the lane.
    pub(super) fn put_first_again(&mut self, item: T) -> usize {
        self.first -= 1;
        self.results.push_front((self.taken, None));
        self.waiting.push_again(self.first, self.taken, item);
        self.waiting.lane(self.taken)
    }

    /// Releases the key of the first item, which was just removed and is left out. Returns the lane.
    pub(super) fn leave_out(&mut self) -> usize {
        self.waiting.release(self.taken);
        self.waiting.lane(self.taken)
    }

    /// Adds `item` behind all others. Returns the lane.
    pub(super) fn take_on(&mut self, item: T, key: u64) -> usize {
        let number = self.first + self.results.len() as u64;
        self.results.push_back((key, None));
        self.waiting.push(number, key, item);
        self.waiting.lane(key)
    }

    /// Removes all held items. The caller drops them after it has released the lock, because the `drop` of an item is
    /// code of the user. An item that a worker is processing is dropped when it is done.
    #[must_use = "drop the items after the lock is released"]
    fn forget_all(&mut self) -> Forgotten<T, U> {
        self.failed.clear();
        self.first += self.results.len() as u64;
        Forgotten {
            _waiting: self.waiting.take_all(),
            _resting: std::mem::take(&mut self.resting),
            _results: std::mem::take(&mut self.results),
        }
    }

    fn place(&self, number: u64) -> Option<usize> {
        number.checked_sub(self.first).and_then(|place| usize::try_from(place).ok())
    }

    /// Moves the items whose retry is due to the front. Returns the time until the next retry.
    fn wake(&mut self) -> Option<Duration> {
        if self.resting.is_empty() {
            return None;
        }
        let now = Instant::now();
        for (_, number, item) in self.resting.extract_if(.., |(due, ..)| *due <= now) {
            let place = number.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
            let key = place.and_then(|place| self.results.get(place)).map_or(0, |(key, _)| *key);
            self.waiting.push_again(number, key, item);
        }
        self.resting.iter().map(|(due, ..)| due.saturating_duration_since(now)).min()
    }
}

impl<F, T, U> Team<F, T, U> {
    pub(super) fn new(work: F, waiting: Queue<T>) -> Self {
        let to_do = std::iter::repeat_with(Condvar::new).take(waiting.lanes()).collect();
        let idle = std::iter::repeat_with(AtomicUsize::default).take(waiting.lanes()).collect();
        let desk = Desk {
            waiting,
            resting: Vec::new(),
            results: VecDeque::new(),
            first: 0,
            taken: 0,
            failed: Vec::new(),
            is_slow: false,
            dismissed: false,
        };
        Self {
            work,
            inbox: Mutex::default(),
            idle,
            has_failed: AtomicBool::new(false),
            desk: Mutex::new(desk),
            to_do,
            done: Condvar::new(),
        }
    }

    fn inbox(&self) -> MutexGuard<'_, Vec<(u64, T)>> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds `item` behind all others.
    #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
    pub(super) fn add(&self, item: T, key: u64) {
        let lane = key as usize % self.to_do.len();
        self.inbox().push((key, item));
        if self.idle[lane].load(Ordering::SeqCst) > 0 {
            // A worker that has looked at the inbox before holds the lock until it sleeps.
            drop(self.desk());
            self.call_one(lane);
        }
    }

    /// Moves the added items to the desk. Returns `true` if there were any.
    fn arrive(&self, desk: &mut Desk<T, U>) -> bool {
        let mut inbox = self.inbox();
        let has_any = !inbox.is_empty();
        for (key, item) in inbox.drain(..) {
            desk.take_on(item, key);
        }
        has_any
    }

    /// The desk with all items that were added.
    pub(super) fn desk_with_all(&self) -> MutexGuard<'_, Desk<T, U>> {
        let mut desk = self.desk();
        self.arrive(&mut desk);
        desk
    }

    /// Removes all held items, which the caller drops. An item that a worker is processing is dropped when it is done.
    #[must_use = "drop the items after the lock is released"]
    pub(super) fn forget_all(&self) -> Forgotten<T, U> {
        self.desk_with_all().forget_all()
    }

    /// Returns `true`, once, if an item has failed since the last call.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed) && self.has_failed.swap(false, Ordering::Acquire)
    }

    /// A worker never panics while it holds the lock, so the state is consistent.
    pub(super) fn desk(&self) -> MutexGuard<'_, Desk<T, U>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the first item may be done, or an item has failed.
    pub(super) fn wait<'a>(&self, desk: MutexGuard<'a, Desk<T, U>>) -> MutexGuard<'a, Desk<T, U>> {
        self.done.wait(desk).unwrap_or_else(PoisonError::into_inner)
    }

    /// Like [`wait`](Self::wait), but for at most `time`.
    pub(super) fn wait_for<'a>(
        &self,
        desk: MutexGuard<'a, Desk<T, U>>,
        time: Duration,
    ) -> MutexGuard<'a, Desk<T, U>> {
        self.done.wait_timeout(desk, time).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Signals that there is one more item to take in `lane`.
    pub(super) fn call_one(&self, lane: usize) {
        self.to_do[lane].notify_one();
    }

    /// Signals all workers, because the next retry has changed.
    pub(super) fn call_all(&self) {
        self.to_do.iter().for_each(Condvar::notify_all);
    }
}

impl<F: Work<T, U>, T, U> Team<F, T, U> {
    /// The loop of worker `number`, until it is told to stop.
    pub(super) fn serve(&self, number: usize) {
        let lane = number % self.to_do.len();
        let to_do = &self.to_do[lane];
        let mut state = Lazy::new();
        let mut strides = Strides::new();
        let mut until_look = strides.items;
        let mut has_spun = false;
        let mut desk = self.desk();
        loop {
            if desk.dismissed {
                return;
            }
            let next = desk.wake();
            let Some((number, item)) = desk.waiting.take(lane) else {
                if self.arrive(&mut desk) {
                    continue;
                }
                if !std::mem::replace(&mut has_spun, true) {
                    // To sleep and to be woken takes longer than most items.
                    drop(desk);
                    spin(|| (!self.inbox().is_empty()).then_some(()));
                    desk = self.desk();
                    continue;
                }
                // Counted before the last look at the inbox: whoever adds an item behind that look sees the count.
                self.idle[lane].fetch_add(1, Ordering::SeqCst);
                if !self.arrive(&mut desk) {
                    desk = match next {
                        None => to_do.wait(desk).unwrap_or_else(PoisonError::into_inner),
                        Some(time) => {
                            to_do.wait_timeout(desk, time).unwrap_or_else(PoisonError::into_inner).0
                        }
                    };
                }
                self.idle[lane].fetch_sub(1, Ordering::SeqCst);
                has_spun = false;
                continue;
            };
            has_spun = false;
            // This item may take long, and no other worker may have an item whose end would wake the stage.
            if desk.has_become_worth_a_call() {
                self.done.notify_one();
            }
            drop(desk);
            let result = catch_unwind(AssertUnwindSafe(|| state.work(&self.work, item)));
            if result.is_err() {
                // The state is unknown after a panic, so the next item gets a new one.
                drop_caught(std::mem::replace(&mut state, Lazy::new()));
            }
            until_look -= 1;
            let mut is_slow = false;
            if until_look == 0 {
                is_slow = strides.look() >= SLOW;
                until_look = strides.items;
            }
            desk = self.desk();
            desk.is_slow = is_slow;
            let failed = matches!(result, Ok(Err(Unmade::Halt(Halt::Failed(_)))));
            let is_made = matches!(result, Ok(Ok(_)));
            let Some(place) = desk.place(number) else {
                drop(desk);
                drop_caught(result);
                desk = self.desk();
                continue;
            };
            if is_made && let Some((key, _)) = desk.results.get(place) {
                let key = *key;
                desk.waiting.release(key);
            }
            desk.put(place, Some(result));
            if failed {
                desk.failed.push(number);
                self.has_failed.store(true, Ordering::Release);
            }
            if failed || desk.is_worth_a_call() {
                self.done.notify_one();
            }
        }
    }
}

impl<F: Send + Sync, T: Send, U: Send> Dismiss for Team<F, T, U> {
    fn dismiss(&self) {
        let mut desk = self.desk();
        desk.dismissed = true;
        let added = std::mem::take(&mut *self.inbox());
        let items = (added, desk.waiting.take_all(), std::mem::take(&mut desk.resting));
        drop(desk);
        self.call_all();
        drop(items);
    }
}

/// The time since the last look at the clock from which on the stage is woken for each result. It is much longer than
/// waking a thread takes.
const SLOW: Duration = Duration::from_micros(200);

/// Drops `value` on a worker's thread. A panic in it must not end the worker, because the stage waits for the results of
/// its other items. The message of the panic is printed as usual.
fn drop_caught<V>(value: V) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::{Queue, Team};
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
        let team = Team::new(work, Queue::in_order());
        thread::scope(|scope| {
            team.desk().take_on(0, 0);
            scope.spawn(|| team.serve(1));
            while !began.is_given() {
                thread::yield_now();
            }
            drop(team.forget_all());
            team.add(1, 0);
            forgotten.give();
            let is_open = |desk: &mut super::Desk<u32, Fragile>| !desk.is_first_done();
            let (desk, _) =
                team.done.wait_timeout_while(team.desk(), Duration::from_secs(20), is_open).unwrap();
            let is_done = desk.is_first_done();
            drop(desk);
            team.dismiss();
            assert!(is_done, "the worker is gone");
        });
    }

    #[test]
    fn a_worker_survives_a_state_that_panics_when_it_is_dropped_after_a_panic() {
        let is_first = std::sync::atomic::AtomicBool::new(true);
        let start = || Ok(Fragile(is_first.swap(false, std::sync::atomic::Ordering::Relaxed)));
        let team = Team::new(PlainWith(start, |_: &mut Fragile, n: u32| 6 / n), Queue::in_order());
        thread::scope(|scope| {
            (0..2).for_each(|n| {
                team.desk().take_on(n, 0);
            });
            scope.spawn(|| team.serve(1));
            let is_open =
                |desk: &mut super::Desk<u32, u32>| desk.results.iter().any(|(_, slot)| slot.is_none());
            let (mut desk, _) =
                team.done.wait_timeout_while(team.desk(), Duration::from_secs(20), is_open).unwrap();
            let (first, second) = (desk.take_first(), desk.take_first());
            drop(desk);
            team.dismiss();
            assert!(matches!(first, Some(Err(_))), "the work has panicked");
            assert!(matches!(second, Some(Ok(Ok(6)))), "the worker is gone");
        });
    }

    #[test]
    fn forgotten_items_are_dropped_by_the_caller() {
        let team = Team::<_, Fragile, Fragile>::new(Plain(|item: Fragile| item), Queue::in_order());
        team.desk().take_on(Fragile(true), 0);
        let forgotten = team.forget_all();
        assert_eq!(team.desk().held(), 0);
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(forgotten))).is_err());
    }

    /// The worker finishes the first of four items while enough work is left, and needs long for the second.
    #[test]
    fn what_is_done_is_called_out_though_the_next_item_takes_long() {
        let looked = Cue::new();
        let work = Plain(|n: u32| {
            while n > 0 && !looked.is_given() {
                thread::yield_now();
            }
            n
        });
        let team = Team::new(work, Queue::in_order());
        thread::scope(|scope| {
            let mut desk = team.desk();
            (0..4).for_each(|n| {
                desk.take_on(n, 0);
            });
            scope.spawn(|| team.serve(1));
            // The main thread sleeps until it is woken. If nobody wakes it, the test is slow and fails.
            let (desk, slept) = team
                .done
                .wait_timeout_while(desk, Duration::from_mins(1), |desk| !desk.is_worth_a_call())
                .unwrap();
            drop(desk);
            looked.give();
            team.dismiss();
            assert!(!slept.timed_out(), "it was not called");
        });
    }
}
