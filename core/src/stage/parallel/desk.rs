//! `Desk`: the waiting items and the results of a parallel stage, in the order of the items.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::queue::Queue;
use super::work::Unmade;
use crate::error::{Failure, Halt};

/// The result of the work on an item, or the panic.
pub(super) type Made<U> = std::thread::Result<Result<U, Unmade>>;

/// The result of an item: `None` while it waits or a worker is at it.
pub(super) type Slot<U> = Option<Made<U>>;

pub(super) struct Desk<T, U> {
    pub(super) waiting: Queue<T>,
    /// The items to retry: the time, the number and the item.
    pub(super) resting: Vec<(Instant, u64, T)>,
    /// The results of the items from number `first` on, with the hashes of their keys.
    results: VecDeque<(u64, Slot<U>)>,
    first: u64,
    /// The key of the item that was taken from the front last.
    taken: u64,
    /// The numbers of failed items that the stage has not handled yet.
    failed: Vec<u64>,
    /// `true` if the last item took long, so that waking the stage for each result costs little.
    pub(super) is_slow: bool,
    pub(super) stage: Attention,
    pub(super) dismissed: bool,
}

/// The attention of the stage.
#[derive(Default)]
pub(super) struct Attention {
    /// `true` while the stage wants to be woken for each result.
    pub(super) hurries: bool,
    /// `true` while the stage sleeps and nobody has woken it.
    pub(super) sleeps: bool,
}

/// Items and results that were removed from a desk.
pub(super) struct Forgotten<T, U> {
    _waiting: Queue<T>,
    _resting: Vec<(Instant, u64, T)>,
    _results: VecDeque<(u64, Slot<U>)>,
}

impl<T, U> Desk<T, U> {
    pub(super) fn new(waiting: Queue<T>) -> Self {
        Self {
            waiting,
            resting: Vec::new(),
            results: VecDeque::new(),
            first: 0,
            taken: 0,
            failed: Vec::new(),
            is_slow: false,
            stage: Attention::default(),
            dismissed: false,
        }
    }

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

    /// Returns `true` if the stage should wake up. If items are short, it does not wake up for each result while there is
    /// enough work left.
    pub(super) fn is_worth_a_call(&self) -> bool {
        self.has_failed()
            || self.is_first_done()
                && (self.stage.hurries || self.is_slow || self.waiting.runs_out(self.results.len() / 4))
    }

    /// Returns `true`, once, if the stage sleeps and is to be woken.
    #[must_use = "wake the stage"]
    pub(super) fn takes_a_call(&mut self) -> bool {
        self.stage.sleeps && self.is_worth_a_call() && std::mem::take(&mut self.stage.sleeps)
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

    /// Takes the result of item `number`. Returns it if the item was forgotten.
    pub(super) fn accept(&mut self, number: u64, result: Made<U>) -> Option<Made<U>> {
        let Some((key, slot)) = self.place(number).and_then(|place| self.results.get_mut(place)) else {
            return Some(result);
        };
        match &result {
            Ok(Ok(_)) => self.waiting.release(*key),
            Ok(Err(Unmade::Halt(Halt::Failed(_)))) => self.failed.push(number),
            _ => {}
        }
        *slot = Some(result);
        None
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

    /// Adds `item` behind all others.
    pub(super) fn take_on(&mut self, item: T, key: u64) {
        let number = self.first + self.results.len() as u64;
        self.results.push_back((key, None));
        self.waiting.push(number, key, item);
    }

    /// Removes all held items. The caller drops them after it has released the lock, because the `drop` of an item is
    /// code of the user. An item that a worker is processing is dropped when it is done.
    #[must_use = "drop the items after the lock is released"]
    pub(super) fn forget_all(&mut self) -> Forgotten<T, U> {
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
    pub(super) fn wake(&mut self) -> Option<Duration> {
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
