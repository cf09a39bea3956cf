//! A timer thread that wakes tasks, independent of the executor.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

/// An alarm for one task. At most one delay is pending at a time.
#[derive(Debug, Default)]
pub(crate) struct Alarm(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    waker: Option<Waker>,
    is_set: bool,
}

impl Alarm {
    /// Wakes `waker` after `delay`, or when the pending delay ends.
    pub(crate) fn set(&self, delay: Duration, waker: &Waker) {
        let mut state = lock(&self.0);
        state.waker = Some(waker.clone());
        if state.is_set {
            return;
        }
        state.is_set = true;
        drop(state);
        match timer() {
            Some(timer) => {
                let entry = Entry { at: Instant::now() + delay, alarm: Arc::clone(&self.0) };
                lock(&timer.entries).push(entry);
                timer.changed.notify_one();
            }
            // Without a timer thread the task is woken at once, and polls again.
            None => go_off(&self.0),
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        // A task that no longer exists must be neither woken nor kept alive.
        lock(&self.0).waker = None;
    }
}

fn go_off(alarm: &Mutex<State>) {
    let waker = {
        let mut state = lock(alarm);
        state.is_set = false;
        state.waker.take()
    };
    if let Some(waker) = waker {
        waker.wake();
    }
}

struct Timer {
    entries: Mutex<BinaryHeap<Entry>>,
    changed: Condvar,
}

/// A pending alarm. The earliest is the greatest, because the heap returns the greatest.
struct Entry {
    at: Instant,
    alarm: Arc<Mutex<State>>,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.cmp(&self.at)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Wakers are called outside of the lock, so no panic can leave the state incomplete.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The timer of the process. Its thread starts at the first use.
fn timer() -> Option<&'static Timer> {
    static TIMER: OnceLock<Option<&'static Timer>> = OnceLock::new();
    *TIMER.get_or_init(|| {
        let timer: &'static Timer =
            Box::leak(Box::new(Timer { entries: Mutex::new(BinaryHeap::new()), changed: Condvar::new() }));
        let thread = std::thread::Builder::new().name("syncline-timer".to_owned());
        thread.spawn(|| timer.run()).ok().map(|_| timer)
    })
}

impl Timer {
    fn run(&self) {
        let mut entries = lock(&self.entries);
        loop {
            let now = Instant::now();
            let wait = entries.peek().map(|entry| entry.at.saturating_duration_since(now));
            entries = match wait {
                None => self.changed.wait(entries).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => {
                    let entry = entries.pop();
                    drop(entries);
                    if let Some(entry) = entry {
                        go_off(&entry.alarm);
                    }
                    lock(&self.entries)
                }
                Some(wait) => {
                    self.changed.wait_timeout(entries, wait).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}
