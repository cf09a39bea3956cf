//! `Strides`: the number of items between two looks at the clock.

use std::time::{Duration, Instant};

/// The number of items between two looks at the clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strides {
    pub(super) items: usize,
    last: Option<Instant>,
    /// The number of items that take as long as a batch should.
    pub(super) batch: usize,
}

impl Strides {
    /// The length of a stride: a look at the clock takes less than a hundredth of it.
    const LENGTH: Duration = Duration::from_micros(5);
    /// The largest number of items.
    const MOST: usize = 256;
    /// The length of a batch. Locking and waking take less than a quarter of it.
    pub(super) const BATCH: Duration = Duration::from_micros(20);

    pub(super) const fn new() -> Self {
        Self { items: 1, last: None, batch: 1 }
    }

    /// Looks at the clock, and adapts the next stride to the time of the last one, which it returns.
    #[cold]
    #[inline(never)]
    pub(super) fn look(&mut self) -> Duration {
        let now = Instant::now();
        let took = self.last.replace(now).map_or(Duration::ZERO, |last| now.duration_since(last));
        self.adapt(took);
        took
    }

    /// Starts the next stride `now`: the time since the last look does not count.
    pub(super) fn restart(&mut self, now: Instant) {
        self.last = Some(now);
    }

    fn adapt(&mut self, took: Duration) {
        if !took.is_zero() {
            let batch = self.items as u128 * Self::BATCH.as_nanos() / took.as_nanos();
            self.batch = usize::try_from(batch).unwrap_or(Self::MOST).clamp(1, Self::MOST);
        }
        if took > 2 * Self::LENGTH {
            let shorter = self.items as u128 * Self::LENGTH.as_nanos() / took.as_nanos();
            self.items = usize::try_from(shorter).unwrap_or(Self::MOST).max(1);
        } else if took < Self::LENGTH / 2 {
            self.items = (self.items * 2).min(Self::MOST);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Strides;

    /// The length of a stride of items that take `each`, without a clock.
    fn stride(each: Duration) -> usize {
        let mut strides = Strides::new();
        (0..20).for_each(|_| strides.adapt(each * u32::try_from(strides.items).unwrap()));
        strides.items
    }

    #[test]
    fn fast_items_are_seldom_looked_at() {
        assert_eq!(stride(Duration::from_nanos(2)), Strides::MOST);
        let items = stride(Duration::from_nanos(100));
        assert!((16..=128).contains(&items), "{items}");
    }

    #[test]
    fn slow_items_are_looked_at_one_by_one() {
        assert_eq!(stride(Duration::from_micros(100)), 1);
    }
}
