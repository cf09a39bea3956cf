//! A tally: the numbers of skipped and retried items, for the report.

/// The numbers of items that a part of a run has skipped and retried by a policy of its own.
///
/// See [`Source::tally`](crate::Source::tally), [`Stage::tally`](crate::Stage::tally) and [`Sink::tally`](crate::Sink::tally).
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Items that were left out.
    pub(crate) skipped: u64,
    /// Of those, the ones that the stage has handed on all the same: its second sink has left them out.
    pub(crate) handed_on: u64,
    /// Tries after the first.
    pub(crate) retried: u64,
}

impl Tally {
    /// The sums of two tallies.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            skipped: self.skipped + other.skipped,
            handed_on: self.handed_on + other.handed_on,
            retried: self.retried + other.retried,
        }
    }

    /// The tally of a second sink, for the stage that it belongs to: the stage hands on what the sink leaves out.
    pub(crate) fn of_second_sink(self) -> Self {
        Self { handed_on: self.skipped, ..self }
    }

    /// A tally of items that were left out, and none that was tried again.
    #[must_use]
    pub fn of_skipped(skipped: u64) -> Self {
        Self { skipped, ..Self::default() }
    }
}
