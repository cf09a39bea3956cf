//! `Worker`: the loop of one thread of a parallel stage.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::MutexGuard;
use std::time::{Duration, Instant};

use super::desk::{Desk, Made};
use super::strides::Strides;
use super::team::{NAP, Team};
use super::work::{Lazy, Work};
use crate::channel::spin::spin;

/// The time since the last look at the clock from which on the stage is woken for each result. It is much longer than
/// waking a thread takes.
const SLOW: Duration = Duration::from_micros(200);

/// The longest sleep after which the next item is expected soon.
const SOON: Duration = Duration::from_millis(1);

/// One thread of a parallel stage.
struct Worker<'a, F, T, U> {
    team: &'a Team<F, T, U>,
    number: usize,
    lane: usize,
    strides: Strides,
    until_look: usize,
    is_slow: bool,
    waited: Waited,
    /// `true` if its last sleep was short, so that the next item probably comes soon.
    comes_soon: bool,
}

/// The last attempt of a worker to wait for an item, since it has found one.
#[derive(PartialEq)]
enum Waited {
    /// None, or a sleep that a call has ended.
    Not,
    /// It has waited without sleep.
    Spun,
    /// It has slept until the end of a nap, and was not called.
    Napped,
}

impl<F: Work<T, U>, T, U> Team<F, T, U> {
    /// The loop of worker `number`, until it is told to stop.
    pub(super) fn serve(&self, number: usize) {
        let strides = Strides::new();
        let mut worker = Worker {
            team: self,
            number,
            lane: number % self.idle.len(),
            until_look: strides.items,
            strides,
            is_slow: false,
            waited: Waited::Not,
            comes_soon: false,
        };
        let mut state = Lazy::new();
        let mut next = worker.next();
        while let Some((number, item)) = next {
            let made = catch_unwind(AssertUnwindSafe(|| state.work(&self.work, item)));
            if made.is_err() {
                // The state is unknown after a panic, so the next item gets a new one.
                drop_caught(std::mem::replace(&mut state, Lazy::new()));
            }
            worker.look_at_the_clock();
            next = match worker.put(number, made) {
                Some(next) => Some(next),
                None => worker.next(),
            };
        }
    }
}

impl<'a, F, T, U> Worker<'a, F, T, U> {
    /// Counts an item, and looks at the clock from time to time.
    fn look_at_the_clock(&mut self) {
        self.until_look -= 1;
        if self.until_look == 0 {
            self.is_slow = self.strides.look() >= SLOW;
            self.until_look = self.strides.items;
            self.team.set_batch(self.strides.batch);
        }
    }

    /// Adds a result to the share. Returns the next item of the share, unless there is none or the results are to be
    /// moved to the desk.
    fn put(&mut self, number: u64, made: Made<U>) -> Option<(u64, T)> {
        let is_urgent = !matches!(made, Ok(Ok(_)));
        let mut share = self.team.share(self.number);
        share.made.push((number, made));
        if self.team.note_result() || is_urgent {
            return None;
        }
        share.waiting.pop_front()
    }

    /// Moves the results to the desk, and returns the next item, for which it waits. `None` if the worker is to stop.
    fn next(&mut self) -> Option<(u64, T)> {
        let team = self.team;
        let mut desk = team.desk();
        loop {
            desk = self.hand_over(desk);
            desk.is_slow = self.is_slow;
            if desk.has_failed() {
                team.note_failure();
            }
            if desk.dismissed {
                return None;
            }
            let due = desk.wake();
            if self.waited == Waited::Napped {
                self.steal();
            }
            let next = self.take(&mut desk);
            // The next item may take long, and no other worker may have an item whose end would wake the stage.
            let calls = desk.takes_a_call();
            match next {
                Some(next) => {
                    drop(desk);
                    if calls {
                        team.done.notify_one();
                    }
                    self.waited = Waited::Not;
                    return Some(next);
                }
                None if calls => {
                    drop(desk);
                    team.done.notify_one();
                    desk = team.desk();
                }
                None => desk = self.wait(desk, due),
            }
        }
    }

    /// Moves the results to the desk.
    fn hand_over(&self, mut desk: MutexGuard<'a, Desk<T, U>>) -> MutexGuard<'a, Desk<T, U>> {
        let mut share = self.team.share(self.number);
        share.hand_over(&mut desk);
        if share.made.is_empty() {
            return desk;
        }
        let forgotten = std::mem::take(&mut share.made);
        drop(share);
        drop(desk);
        forgotten.into_iter().for_each(drop_caught);
        self.team.desk()
    }

    /// Removes the next item from the share or the desk. From the desk it takes a batch.
    fn take(&self, desk: &mut Desk<T, U>) -> Option<(u64, T)> {
        let mut share = self.team.share(self.number);
        if let Some(next) = share.waiting.pop_front() {
            return Some(next);
        }
        let next = desk.waiting.take(self.lane).or_else(|| {
            self.team.arrive(desk);
            desk.waiting.take(self.lane)
        })?;
        // A quarter of a batch is short enough for each.
        let part = (desk.waiting.in_order_len() / (2 * self.team.workers())).max(self.strides.batch / 4);
        desk.waiting.take_several(part.min(self.strides.batch - 1), &mut share.waiting);
        Some(next)
    }

    /// Waits for an item, until the next retry is `due`.
    fn wait(
        &mut self,
        mut desk: MutexGuard<'a, Desk<T, U>>,
        due: Option<Duration>,
    ) -> MutexGuard<'a, Desk<T, U>> {
        let team = self.team;
        if !team.is_in_order() && self.waited != Waited::Spun {
            self.waited = Waited::Spun;
            // To sleep and to be woken takes longer than most items. Items without keys come in batches.
            drop(desk);
            spin(|| team.has_arrivals().then_some(()));
            return team.desk();
        }
        let is_short = self.comes_soon && self.strides.batch > 1;
        let naps =
            team.is_in_order() && self.waited != Waited::Napped && (is_short || self.is_anything_shared());
        let sleepers = if naps { &team.nappers } else { &team.idle[self.lane] };
        let nap = due.map_or(NAP, |due| due.min(NAP));
        // Counted before the last look at the inbox: whoever adds an item behind that look sees the count.
        sleepers.enter();
        self.waited = Waited::Not;
        if !team.arrive(&mut desk) {
            let start = Instant::now();
            desk = sleepers.sleep(desk, if naps { Some(nap) } else { due });
            let now = Instant::now();
            let slept = now - start;
            if naps && slept >= nap {
                self.waited = Waited::Napped;
            }
            self.comes_soon = slept < if naps { NAP } else { SOON };
            self.strides.restart(now);
            self.until_look = self.strides.items;
        }
        sleepers.leave();
        desk
    }

    /// Returns `true` if there are items in the shares of other workers.
    fn is_anything_shared(&self) -> bool {
        (0..self.team.workers()).any(|number| !self.team.share(number).waiting.is_empty())
    }

    /// Moves half of another worker's items to the own share. The caller holds the lock of the desk.
    fn steal(&self) {
        for other in (1..self.team.workers()).map(|step| self.number + step) {
            let mut share = self.team.share(other);
            let half = share.waiting.len().div_ceil(2);
            if half > 0 {
                let stolen: Vec<_> = share.waiting.drain(..half).collect();
                drop(share);
                self.team.share(self.number).waiting.extend(stolen);
                return;
            }
        }
    }
}

/// Drops `value` on a worker's thread. A panic in it must not end the worker, because the stage waits for the results of
/// its other items. The message of the panic is printed as usual.
fn drop_caught<V>(value: V) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
}
