//! `Chunk`: the number of items in one advance of a source, or between two checks of a stage.

use std::time::{Duration, Instant};

/// The number of items in one advance of a source, or between two checks of a stage. It starts with 1, and adapts to the
/// time that these items take.
///
/// The driver has its turn between two advances. So slow items are advanced one by one, and fast ones by 256, where one
/// look at the clock costs little.
#[derive(Debug)]
pub(crate) struct Chunk {
    items: usize,
    /// The time of the last call of [`advanced`](Chunk::advanced).
    since: Option<Instant>,
}

impl Chunk {
    /// The largest number of items.
    pub(crate) const MOST: usize = 256;
    /// An advance that takes longer has fewer items the next time.
    const LONGEST: Duration = Duration::from_millis(5);

    /// Starts with `items`.
    pub(crate) fn of(items: usize) -> Self {
        Self { items, since: None }
    }

    /// The number of items of the next advance.
    #[inline]
    pub(crate) fn items(&self) -> usize {
        self.items
    }

    /// Adapts the number to the time since the last call. Called after each advance. The clock is read once, so the time
    /// between two advances counts too: it only makes the next advance shorter.
    #[inline]
    pub(crate) fn advanced(&mut self) {
        let now = Instant::now();
        if let Some(since) = self.since.replace(now) {
            self.took(now.duration_since(since));
        }
    }

    /// Adapts the number to the time of the last advance.
    #[inline]
    fn took(&mut self, time: Duration) {
        if time > Self::LONGEST {
            let fewer = self.items as u128 * Self::LONGEST.as_nanos() / time.as_nanos();
            self.items = usize::try_from(fewer).unwrap_or(Self::MOST).max(1);
        } else if time < Self::LONGEST / 2 {
            self.items = (self.items * 2).min(Self::MOST);
        }
    }
}

impl Default for Chunk {
    fn default() -> Self {
        Self::of(1)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Chunk;

    /// The numbers of items of `advances` advances whose items take `each`, without a clock.
    fn chunks(chunk: &mut Chunk, advances: usize, each: Duration) -> Vec<usize> {
        let advance = |_| {
            let items = chunk.items();
            chunk.took(each * u32::try_from(items).unwrap());
            items
        };
        (0..advances).map(advance).collect()
    }

    #[test]
    fn fast_items_are_advanced_together() {
        let chunk = &mut Chunk::default();
        assert_eq!(chunks(chunk, 10, Duration::from_nanos(2)), [1, 2, 4, 8, 16, 32, 64, 128, 256, 256]);
    }

    #[test]
    fn slow_items_are_advanced_one_by_one() {
        for slow in [3, 10, 100_000].map(Duration::from_millis) {
            let chunk = &mut Chunk::default();
            assert_eq!(chunks(chunk, 3, slow), [1, 1, 1], "{slow:?}");
            // Also behind fast ones: after the advance that they begin with.
            chunks(chunk, 9, Duration::ZERO);
            assert_eq!(chunks(chunk, 3, slow), [256, 1, 1], "{slow:?}");
        }
    }

    #[test]
    fn an_advance_of_items_in_between_takes_some_milliseconds() {
        let chunk = &mut Chunk::default();
        chunks(chunk, 20, Duration::from_micros(100));
        let items = chunk.items();
        assert!((25..=50).contains(&items), "{items}");
    }
}
