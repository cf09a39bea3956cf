//! The items on their way from the thread of `read_ahead` to the run.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;

use crate::channel::spin::spin;
use crate::error::Halt;

/// The chunks between the two threads, and the chunk that the reading thread is filling.
///
/// The open chunk is in here from its first item on, so that the run can take it while the source blocks. Putting an
/// item in takes an uncontended lock, some ten nanoseconds. Whole chunks wake the run; an open chunk does not,
/// since waking a thread takes longer than most items. The run takes it after a wait without a whole chunk.
pub(super) struct Handover<T> {
    state: Mutex<State<T>>,
    /// Signalled when there is room, and when no more items are needed.
    freed: Condvar,
    most_chunks: usize,
    most_bytes: usize,
}

struct State<T> {
    chunks: VecDeque<Weighed<T>>,
    open: Weighed<T>,
    /// The weight of all items in here.
    bytes: usize,
    end: Option<End>,
    /// Set when the run takes no more items: `true` if it ends successfully.
    ended_well: Option<bool>,
    /// The thread that found nothing and may be parked.
    sleeper: Option<Thread>,
}

/// Items and their weight.
struct Weighed<T> {
    items: Vec<T>,
    bytes: usize,
}

/// The end of the thread.
pub(super) enum End {
    /// The source is done, or has failed.
    Source(Result<(), Halt>),
    /// The thread is gone, and its source is not done: it has panicked.
    Gone,
}

/// The items that the run takes, and the end behind them.
pub(super) struct Taken<T> {
    pub(super) items: Vec<T>,
    pub(super) end: Option<End>,
}

impl<T> Handover<T> {
    pub(super) fn new(most_chunks: usize, most_bytes: usize) -> Self {
        let state = State {
            chunks: VecDeque::new(),
            open: Weighed { items: Vec::new(), bytes: 0 },
            bytes: 0,
            end: None,
            ended_well: None,
            sleeper: None,
        };
        Self { state: Mutex::new(state), freed: Condvar::new(), most_chunks, most_bytes }
    }

    /// No code of a user runs while the lock is held, so the state is whole even after a panic.
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `has_room`. Returns `false` if no more items are needed.
    fn wait_for(&self, has_room: impl Fn(&State<T>) -> bool) -> bool {
        let is_over = |state: &State<T>| has_room(state) || state.ended_well.is_some();
        let state = match spin(|| Some(self.state()).filter(|state| is_over(state))) {
            Some(state) => state,
            None => self
                .freed
                .wait_while(self.state(), |state| !is_over(state))
                .unwrap_or_else(PoisonError::into_inner),
        };
        state.ended_well.is_none()
    }

    /// Waits until the waiting items weigh little enough. Returns `false` if no more items are needed.
    pub(super) fn wait_for_room(&self) -> bool {
        self.wait_for(|state| state.bytes <= self.most_bytes)
    }

    /// Adds an item to the open chunk.
    pub(super) fn put(&self, item: T, bytes: usize) {
        let mut state = self.state();
        state.open.items.push(item);
        state.open.bytes = state.open.bytes.saturating_add(bytes);
        state.bytes = state.bytes.saturating_add(bytes);
    }

    /// Adds several items to the open chunk.
    pub(super) fn put_all(&self, mut items: Vec<T>, bytes: usize) {
        let mut state = self.state();
        if state.open.items.is_empty() {
            std::mem::swap(&mut state.open.items, &mut items);
        } else {
            state.open.items.append(&mut items);
        }
        state.open.bytes = state.open.bytes.saturating_add(bytes);
        state.bytes = state.bytes.saturating_add(bytes);
        drop(state);
    }

    /// Closes the open chunk, once there is room for one more. Returns `false` if no more items are needed.
    pub(super) fn close_chunk(&self) -> bool {
        if !self.wait_for(|state| state.open.items.is_empty() || state.chunks.len() < self.most_chunks) {
            return false;
        }
        let mut state = self.state();
        if state.open.items.is_empty() {
            return true;
        }
        // As large as the last chunk: growing a vector each time takes longer than handing it over.
        let next = Weighed { items: Vec::with_capacity(state.open.items.len()), bytes: 0 };
        let closed = std::mem::replace(&mut state.open, next);
        state.chunks.push_back(closed);
        wake(state);
        true
    }

    /// Sets the end of the thread, unless it is set.
    pub(super) fn end(&self, end: End) {
        let mut state = self.state();
        state.end.get_or_insert(end);
        wake(state);
    }

    /// Takes a chunk, or the end. With `takes_open`, also the items of the chunk that is not whole.
    fn take_of(&self, state: &mut State<T>, takes_open: bool) -> Option<Taken<T>> {
        let closed = state.chunks.pop_front();
        let has_freed = closed.is_some();
        let taken = match closed {
            Some(closed) => closed,
            None if (takes_open || state.end.is_some()) && !state.open.items.is_empty() => Weighed {
                items: std::mem::take(&mut state.open.items),
                bytes: std::mem::take(&mut state.open.bytes),
            },
            None if state.end.is_some() => Weighed { items: Vec::new(), bytes: 0 },
            None => return None,
        };
        let had_room = state.bytes <= self.most_bytes;
        state.bytes = state.bytes.saturating_sub(taken.bytes);
        if has_freed || !had_room {
            self.freed.notify_one();
        }
        let is_last = state.chunks.is_empty() && state.open.items.is_empty();
        Some(Taken { items: taken.items, end: if is_last { state.end.take() } else { None } })
    }

    /// Takes a whole chunk, or the end.
    pub(super) fn take(&self) -> Option<Taken<T>> {
        self.take_of(&mut self.state(), false)
    }

    /// Takes what there is, the open chunk included. If there is nothing, this thread is woken by the next whole chunk.
    pub(super) fn take_or_sleep(&self, takes_open: bool) -> Option<Taken<T>> {
        let mut state = self.state();
        let taken = self.take_of(&mut state, takes_open);
        if taken.is_none() {
            state.sleeper = Some(std::thread::current());
        }
        taken
    }

    /// Says that the run takes no more items.
    pub(super) fn close(&self, ended_well: bool) {
        // The first value is kept.
        self.state().ended_well.get_or_insert(ended_well);
        self.freed.notify_one();
    }

    /// Returns `true` if no more items are needed and the run ends successfully.
    pub(super) fn has_ended_well(&self) -> bool {
        self.state().ended_well == Some(true)
    }
}

/// Wakes the run, if it sleeps, after the lock is released.
fn wake<T>(mut state: MutexGuard<'_, State<T>>) {
    let sleeper = state.sleeper.take();
    drop(state);
    if let Some(sleeper) = sleeper {
        sleeper.unpark();
    }
}
