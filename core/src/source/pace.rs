//! `Pace`: the number of items in one advance of a source.

use std::time::{Duration, Instant};

/// The pace of a source: it ends an advance after 256 items, and earlier if the items take long.
///
/// The driver has its turn between two advances: it checks the cancel token, tells the observer, and lets timed buffers
/// close. So a source of slow items, or one in front of a slow stage, must return after each of them, and a source of
/// fast items must not read the clock for each. The pace reads the clock after some of the items, so that this takes
/// about a hundredth of the time.
///
/// ```
/// use syncline_core::{Collect, Emit, Halt, Pace, Pipeline, Progress, Source};
///
/// /// The answers of a service, some of them slow.
/// struct Answers { next: u32, pace: Pace }
///
/// impl Source for Answers {
///     type Item = u32;
///
///     fn advance(&mut self, out: &mut impl Emit<u32>) -> Result<Progress, Halt> {
///         self.pace.begin();
///         while self.pace.goes_on() {
///             if self.next == 1000 {
///                 return Ok(Progress::Done);
///             }
///             out.emit(self.next)?;
///             self.next += 1;
///         }
///         Ok(Progress::More)
///     }
/// }
///
/// let answers = Answers { next: 0, pace: Pace::new() };
/// assert_eq!(Pipeline::new("answers", answers).end(Collect::new()).run()?.output.len(), 1000);
/// # Ok::<(), syncline_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    strides: Strides,
    /// The items until the next look at the clock.
    left: usize,
    /// The items of the advance behind those.
    rest: usize,
    /// `true` once the first item of the advance was allowed.
    has_begun: bool,
    /// The time of this advance, where a pause of the thread counts little.
    spent: Duration,
}

impl Pace {
    /// The largest number of items in one advance.
    pub const MOST: usize = 256;

    /// An advance that took longer is over.
    const LONGEST: Duration = Duration::from_millis(5);

    /// Creates a pace that looks at the clock after the first item.
    #[must_use]
    pub const fn new() -> Self {
        Self { strides: Strides::new(), left: 0, rest: 0, has_begun: false, spent: Duration::ZERO }
    }

    /// Begins an advance.
    #[inline]
    pub fn begin(&mut self) {
        self.left = 0;
        self.rest = Self::MOST;
        self.has_begun = false;
        self.spent = Duration::ZERO;
    }

    /// Returns `true` if the source may emit one more item in this advance.
    #[inline]
    pub fn goes_on(&mut self) -> bool {
        if self.left == 0 {
            self.left = self.stride();
        }
        let goes_on = self.left > 0;
        self.left -= usize::from(goes_on);
        goes_on
    }

    /// The number of items that the source may emit before it asks again, in place of [`goes_on`](Pace::goes_on). 0 at
    /// the end of the advance.
    #[inline]
    pub fn stride(&mut self) -> usize {
        // No look at the clock before the first item.
        if std::mem::replace(&mut self.has_begun, true) && self.is_over() {
            return 0;
        }
        let stride = self.strides.items.min(self.rest);
        self.rest -= stride;
        stride
    }
}

impl Pace {
    #[cold]
    #[inline(never)]
    fn is_over(&mut self) -> bool {
        let took = self.strides.look();
        self.spent += took.min(Strides::SLOW);
        self.strides.is_slow() || self.spent >= Self::LONGEST
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::new()
    }
}

/// The number of items between two looks at the clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strides {
    pub(crate) items: usize,
    last: Option<Instant>,
    /// The number of looks in a row that have found slow items.
    slow: u8,
}

impl Strides {
    /// The length of a stride: a look at the clock takes less than a hundredth of it.
    const LENGTH: Duration = Duration::from_micros(5);
    /// Items between two looks that took longer are slow.
    const SLOW: Duration = Duration::from_millis(1);

    pub(crate) const fn new() -> Self {
        Self { items: 1, last: None, slow: 0 }
    }

    /// Looks at the clock, and adapts the next stride to the time of the last one, which it returns.
    #[cold]
    #[inline(never)]
    pub(crate) fn look(&mut self) -> Duration {
        let now = Instant::now();
        let took = self.last.replace(now).map_or(Duration::ZERO, |last| now.duration_since(last));
        self.adapt(took);
        took
    }

    /// Returns `true` if the items are slow.
    ///
    /// The time since the last look may contain other work, or a pause of the thread. So one slow stride only makes the
    /// next one short, and two in a row are slow items.
    fn is_slow(&self) -> bool {
        self.slow >= 2
    }

    fn adapt(&mut self, took: Duration) {
        if took > 2 * Self::LENGTH {
            let shorter = self.items as u128 * Self::LENGTH.as_nanos() / took.as_nanos();
            self.items = usize::try_from(shorter).unwrap_or(Pace::MOST).max(1);
        } else if took < Self::LENGTH / 2 {
            self.items = (self.items * 2).min(Pace::MOST);
        }
        self.slow = if took < Self::SLOW { 0 } else { self.slow.saturating_add(1) };
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Pace, Strides};

    /// The numbers of items of the strides of one advance, whose items take `each`, without a clock.
    fn advance(strides: &mut Strides, each: Duration) -> Vec<usize> {
        let (mut rest, mut taken) = (Pace::MOST, Vec::new());
        while rest > 0 {
            let stride = strides.items.min(rest);
            taken.push(stride);
            rest -= stride;
            strides.adapt(each * u32::try_from(stride).unwrap());
            if strides.is_slow() {
                break;
            }
        }
        taken
    }

    #[test]
    fn fast_items_are_seldom_looked_at() {
        let mut strides = Strides::new();
        assert_eq!(advance(&mut strides, Duration::from_nanos(2)).iter().sum::<usize>(), Pace::MOST);
        assert_eq!(advance(&mut strides, Duration::from_nanos(2)), [Pace::MOST]);
        // A stride of items of 100 ns takes some microseconds.
        advance(&mut strides, Duration::from_nanos(100));
        let looks = advance(&mut strides, Duration::from_nanos(100)).len();
        assert!((2..=12).contains(&looks), "{looks}");
    }

    #[test]
    fn slow_items_are_alone_in_their_advance() {
        let mut strides = Strides::new();
        advance(&mut strides, Duration::from_millis(10));
        assert_eq!(advance(&mut strides, Duration::from_millis(10)), [1]);
        // Items of 100 µs are looked at one by one.
        assert_eq!(advance(&mut strides, Duration::from_micros(100)), [1; Pace::MOST]);
    }

    #[test]
    fn one_pause_does_not_end_an_advance() {
        let mut strides = Strides::new();
        advance(&mut strides, Duration::from_nanos(2));
        strides.adapt(Duration::from_secs(1));
        assert!(!strides.is_slow());
        assert_eq!(strides.items, 1);
        strides.adapt(Duration::from_nanos(2));
        strides.adapt(Duration::from_secs(1));
        assert!(!strides.is_slow());
    }

    #[test]
    fn an_advance_has_at_most_a_chunk_of_items() {
        let mut pace = Pace::new();
        for _ in 0..3 {
            pace.begin();
            let mut items = 0;
            while pace.goes_on() {
                items += 1;
            }
            // Fewer, if this thread was paused twice.
            assert!((1..=Pace::MOST).contains(&items), "{items}");
        }
    }
}
