//! The futures that a `map_async` has started: a set that polls those that were woken.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use crate::interop::waker;

/// The waker of the task or the thread that polls the set.
#[derive(Debug, Default)]
struct Parent(Mutex<Option<Waker>>);

impl Parent {
    /// Sets the waker of the task or the thread that polls now.
    fn set(&self, waker: Waker) {
        let mut parent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !parent.as_ref().is_some_and(|before| before.will_wake(&waker)) {
            *parent = Some(waker);
        }
    }
}

/// The waker of one future. It notes the wake, and wakes the parent.
struct Woken {
    is_woken: AtomicBool,
    parent: Arc<Parent>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        let parent = self.parent.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(parent) = parent {
            parent.wake();
        }
    }
}

/// An item on its way: its future, or the item itself while it waits for a retry.
enum State<T, Fut: Future> {
    Running { future: Pin<Box<Fut>>, woken: Arc<Woken>, waker: Waker },
    Resting { item: T, until: Instant },
    Done(Fut::Output),
}

/// One item, with the data `D` that belongs to it.
pub(super) struct Flown<T, Fut: Future, D> {
    state: State<T, Fut>,
    pub(super) data: D,
}

/// The items on their way, the first item first.
pub(super) struct Flight<T, Fut: Future, D> {
    items: VecDeque<Flown<T, Fut, D>>,
    parent: Arc<Parent>,
}

impl<T, Fut: Future, D> Flight<T, Fut, D> {
    pub(super) fn new() -> Self {
        Self { items: VecDeque::new(), parent: Arc::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.items.clear();
    }

    fn running(&self, future: Fut) -> State<T, Fut> {
        let woken = Arc::new(Woken { is_woken: AtomicBool::new(true), parent: Arc::clone(&self.parent) });
        State::Running { future: Box::pin(future), waker: Waker::from(Arc::clone(&woken)), woken }
    }

    /// Adds a future as the last one.
    pub(super) fn start(&mut self, future: Fut, data: D) {
        let state = self.running(future);
        self.items.push_back(Flown { state, data });
    }

    /// Polls the futures that were woken. `again` makes the future of an item that has rested.
    pub(super) fn poll(&mut self, mut again: impl FnMut(T) -> Fut) {
        if self.items.is_empty() {
            return;
        }
        self.parent.set(waker::current());
        for index in 0..self.items.len() {
            self.end_rest(index, &mut again);
            let State::Running { future, woken, waker } = &mut self.items[index].state else { continue };
            if !woken.is_woken.swap(false, Ordering::AcqRel) {
                continue;
            }
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(waker)) {
                self.items[index].state = State::Done(output);
            }
        }
    }

    /// Starts the item at `index` again, if its rest is over.
    fn end_rest(&mut self, index: usize, again: &mut impl FnMut(T) -> Fut) {
        if !matches!(&self.items[index].state, State::Resting { until, .. } if *until <= Instant::now()) {
            return;
        }
        let Some(Flown { state, data }) = self.items.remove(index) else { return };
        let state = match state {
            State::Resting { item, .. } => self.running(again(item)),
            other => other,
        };
        self.items.insert(index, Flown { state, data });
    }

    /// Removes the first item if it is done, or with `in_any_order` the first one that is.
    pub(super) fn take_done(&mut self, in_any_order: bool) -> Option<(usize, Fut::Output, D)> {
        let last = if in_any_order { self.items.len() } else { self.items.len().min(1) };
        let index = self.items.iter().take(last).position(|item| matches!(item.state, State::Done(_)))?;
        let Flown { state, data } = self.items.remove(index)?;
        match state {
            State::Done(output) => Some((index, output, data)),
            State::Running { .. } | State::Resting { .. } => None,
        }
    }

    /// Puts an item back at its place. After `delay` its future is started.
    pub(super) fn put_back(&mut self, index: usize, item: T, delay: Duration, data: D) {
        // A delay beyond the range of the clock becomes one of a year.
        let now = Instant::now();
        let until = now.checked_add(delay).unwrap_or_else(|| now + Duration::from_hours(24 * 365));
        self.items.insert(index, Flown { state: State::Resting { item, until }, data });
    }

    /// The time until the first rest ends, if an item rests.
    pub(super) fn rest(&self) -> Option<Duration> {
        let now = Instant::now();
        let rests = self.items.iter().filter_map(|item| match &item.state {
            State::Resting { until, .. } => Some(until.saturating_duration_since(now)),
            State::Running { .. } | State::Done(_) => None,
        });
        rests.min()
    }
}

impl<T, Fut: Future, D> fmt::Debug for Flight<T, Fut, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flight").field("items", &self.items.len()).finish_non_exhaustive()
    }
}
