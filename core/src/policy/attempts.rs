//! `Attempts`: the failed attempts at one item.

use std::time::{Duration, Instant};

/// The failed attempts at one item: their number, and the time from the first failure to the last.
///
/// A part that retries its items itself, by [`Shared::ask`](crate::Shared::ask), adds each failure with
/// [`add_failure`](Self::add_failure).
#[derive(Debug, Clone, Copy, Default)]
pub struct Attempts {
    count: u32,
    first: Option<Instant>,
    time: Duration,
}

impl Attempts {
    /// No attempt.
    #[must_use]
    pub const fn new() -> Self {
        Self { count: 0, first: None, time: Duration::ZERO }
    }

    /// Counts an attempt that has just failed.
    pub fn add_failure(&mut self) {
        self.add_failure_at(Instant::now());
    }

    pub(crate) fn add_failure_at(&mut self, now: Instant) {
        self.count = self.count.saturating_add(1);
        let first = *self.first.get_or_insert(now);
        self.time = now.saturating_duration_since(first);
    }

    /// The number of failed attempts.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The time from the first failure to the last.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.time
    }

    /// The time of the first failure.
    pub(crate) fn first(&self) -> Option<Instant> {
        self.first
    }
}
