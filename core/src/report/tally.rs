//! A tally: the numbers of skipped and retried items, for the report.

/// What a stage or a sink that has a policy of its own tells the report: how often that was needed.
///
/// See [`Stage::tally`](crate::Stage::tally) and [`Sink::tally`](crate::Sink::tally).
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Items that were left out.
    pub(crate) skipped: u64,
    /// Tries after the first.
    pub(crate) retried: u64,
}

impl Tally {
    /// What is counted here and there.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self { skipped: self.skipped + other.skipped, retried: self.retried + other.retried }
    }

    /// So many items were left out, and none was tried again.
    #[must_use]
    pub fn of_skipped(skipped: u64) -> Self {
        Self { skipped, retried: 0 }
    }
}
