//! A tally: the numbers of skipped and retried items and of split chunks, for the report.

/// The numbers of items that a part of a run has skipped and retried, and of chunks that it has split, with a policy of its
/// own.
///
/// See [`Source::tally`](crate::Source::tally), [`Stage::tally`](crate::Stage::tally) and [`Sink::tally`](crate::Sink::tally).
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// The number of skipped items.
    pub(crate) skipped: u64,
    /// The number of skipped items that the stage has passed on all the same, because only its second sink skipped
    /// them.
    pub(crate) handed_on: u64,
    /// The number of retries.
    pub(crate) retried: u64,
    /// The number of chunks that failed and were split in halves.
    pub(crate) split: u64,
}

impl Tally {
    /// The sum of two tallies.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            skipped: self.skipped + other.skipped,
            handed_on: self.handed_on + other.handed_on,
            retried: self.retried + other.retried,
            split: self.split + other.split,
        }
    }

    /// The tally of a second sink as a part of its stage's: the stage passes skipped items on.
    pub(crate) fn of_second_sink(self) -> Self {
        Self { handed_on: self.skipped, ..self }
    }

    /// A tally of skipped items without retries.
    #[must_use]
    pub fn of_skipped(skipped: u64) -> Self {
        Self { skipped, ..Self::default() }
    }
}
