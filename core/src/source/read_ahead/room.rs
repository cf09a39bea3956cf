//! What two threads agree on: how much waits between them, and who is asleep.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;

/// How much may wait between the threads, and how much does.
///
/// Each chunk passes here twice, so nothing is locked but by who has to wait, and to wake it.
#[derive(Debug)]
pub(super) struct Room {
    bytes: usize,
    waiting: AtomicUsize,
    /// Set when nobody takes more: whether the run ends well.
    ended_well: OnceLock<bool>,
    /// Who waits for room holds it while it looks; who makes room passes through it before it gives notice.
    full: Mutex<()>,
    freed: Condvar,
    /// Who found nothing, and may be parked.
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

    /// Waits until there is some, and says whether it is still wanted.
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

    /// What waited before. What weighs nothing changes nothing: then the threads do not write to one cache line in turns.
    fn change(&self, bytes: usize, change: impl Fn(usize, usize) -> usize) -> usize {
        let changed = |waiting| (bytes > 0).then(|| change(waiting, bytes));
        let (Ok(before) | Err(before)) =
            self.waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, changed);
        before
    }

    pub(super) fn close(&self, ended_well: bool) {
        // What is said first counts.
        let _ = self.ended_well.set(ended_well);
        self.give_notice();
    }

    /// Whether nobody takes more, in a run that ends well.
    pub(super) fn has_ended_well(&self) -> bool {
        self.ended_well.get() == Some(&true)
    }

    fn give_notice(&self) {
        drop(locked(&self.full));
        self.freed.notify_one();
    }

    /// Notes that this thread is to be woken when there is something. It has to look once more before it sleeps.
    pub(super) fn sleeps(&self) {
        *locked(&self.sleeper) = Some(std::thread::current());
        self.is_anybody_asleep.store(true, Ordering::Relaxed);
        // Either it sees what was sent before the fence in `wake`, or `wake` sees it asleep.
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
