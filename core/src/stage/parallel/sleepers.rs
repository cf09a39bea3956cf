//! `Sleepers`: the workers that sleep for one reason, and the calls that wake them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, MutexGuard, PoisonError};
use std::time::Duration;

/// The workers that sleep for one reason. The numbers are read without a lock, and written under the lock of the desk.
#[derive(Default)]
pub(super) struct Sleepers {
    /// The workers that sleep, or are about to, and are not called.
    uncalled: AtomicUsize,
    /// The workers that are called and do not run yet.
    called: AtomicUsize,
    condvar: Condvar,
}

impl Sleepers {
    /// The number of workers that sleep and are not called.
    pub(super) fn uncalled(&self) -> usize {
        self.uncalled.load(Ordering::SeqCst)
    }

    /// The number of workers that are called and do not run yet.
    pub(super) fn called(&self) -> usize {
        self.called.load(Ordering::Relaxed)
    }

    /// Counts the calling worker as asleep. It looks for work once more after that.
    pub(super) fn enter(&self) {
        self.uncalled.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts the calling worker as awake. The numbers stay right if it was not called and uses up the call of another
    /// worker: that one then counts itself as uncalled.
    pub(super) fn leave(&self) {
        let called = self.called.load(Ordering::Relaxed);
        if called > 0 {
            self.called.store(called - 1, Ordering::Relaxed);
        } else {
            self.uncalled.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Sleeps until a call, for at most `time`.
    pub(super) fn sleep<'a, D>(&self, desk: MutexGuard<'a, D>, time: Option<Duration>) -> MutexGuard<'a, D> {
        match time {
            None => self.condvar.wait(desk).unwrap_or_else(PoisonError::into_inner),
            Some(time) => self.condvar.wait_timeout(desk, time).unwrap_or_else(PoisonError::into_inner).0,
        }
    }

    /// Calls one worker. Returns `false` if there is none to call. The lock is released before the worker runs.
    pub(super) fn call_one<D>(&self, desk: MutexGuard<'_, D>) -> bool {
        let uncalled = self.uncalled.load(Ordering::Relaxed);
        if uncalled == 0 {
            return false;
        }
        self.uncalled.store(uncalled - 1, Ordering::SeqCst);
        self.called.fetch_add(1, Ordering::Relaxed);
        drop(desk);
        self.condvar.notify_one();
        true
    }

    /// Wakes all workers. They are not counted as called, because each looks for work and counts itself as awake.
    pub(super) fn wake_all(&self) {
        self.condvar.notify_all();
    }
}
