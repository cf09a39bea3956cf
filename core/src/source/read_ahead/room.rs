//! The shared state of the two threads of `read_ahead`: the bytes in the channel, and the sleeping thread.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;

/// The capacity of the channel between the threads, in bytes, and the bytes in it.
///
/// Each chunk passes here twice. So a lock is taken only to wait, and to wake a waiting thread.
#[derive(Debug)]
pub(super) struct Room {
    bytes: usize,
    waiting: AtomicUsize,
    /// Set when the receiver takes no more items: `true` if the run ends successfully.
    ended_well: OnceLock<bool>,
    /// A thread that waits for room holds this lock while it checks. A thread that frees room takes the lock before it
    /// notifies.
    full: Mutex<()>,
    freed: Condvar,
    /// The thread that found the channel empty and may be parked.
    sleeper: Mutex<Option<Thread>>,
    is_anybody_asleep: AtomicBool,
}

impl Room {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            bytes,
            waiting: AtomicUsize::new(0),
            ended_well: OnceLock::new(),
            full: Mutex::default(),
            freed: Condvar::new(),
            sleeper: Mutex::default(),
            is_anybody_asleep: AtomicBool::new(false),
        }
    }

    /// Waits until there is room. Returns `false` if no more items are needed.
    pub(super) fn wait(&self) -> bool {
        let is_full = || self.waiting.load(Ordering::Acquire) > self.bytes && self.ended_well.get().is_none();
        if is_full() {
            let full = self.freed.wait_while(locked(&self.full), |()| is_full());
            drop(full.unwrap_or_else(PoisonError::into_inner));
        }
        self.ended_well.get().is_none()
    }

    pub(super) fn take(&self, bytes: usize) {
        self.change(bytes, usize::saturating_add);
    }

    pub(super) fn give_back(&self, bytes: usize) {
        if self.change(bytes, usize::saturating_sub) > self.bytes {
            self.give_notice();
        }
    }

    /// Changes the number of bytes, and returns the former number. A change by 0 writes nothing, which saves the two
    /// threads contention for one cache line.
    fn change(&self, bytes: usize, change: impl Fn(usize, usize) -> usize) -> usize {
        let changed = |waiting| (bytes > 0).then(|| change(waiting, bytes));
        let (Ok(before) | Err(before)) =
            self.waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, changed);
        before
    }

    pub(super) fn close(&self, ended_well: bool) {
        // The first value is kept.
        let _ = self.ended_well.set(ended_well);
        self.give_notice();
    }

    /// Returns `true` if no more items are needed and the run ends successfully.
    pub(super) fn has_ended_well(&self) -> bool {
        self.ended_well.get() == Some(&true)
    }

    fn give_notice(&self) {
        drop(locked(&self.full));
        self.freed.notify_one();
    }

    /// Registers this thread to be woken. It must check the channel once more before it parks.
    pub(super) fn sleeps(&self) {
        *locked(&self.sleeper) = Some(std::thread::current());
        self.is_anybody_asleep.store(true, Ordering::Relaxed);
        // Either this thread sees the item sent before the fence in `wake`, or `wake` sees that this thread sleeps.
        fence(Ordering::SeqCst);
    }

    pub(super) fn wake(&self) {
        fence(Ordering::SeqCst);
        if !self.is_anybody_asleep.load(Ordering::Relaxed) {
            return;
        }
        self.is_anybody_asleep.store(false, Ordering::Relaxed);
        if let Some(sleeper) = locked(&self.sleeper).take() {
            sleeper.unpark();
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
