//! The figures of sources that are done, for a source that is made of several.

use std::time::Duration;

use super::Source;
use crate::error::Halt;
use crate::report::Tally;

/// The sums over the sources that are done and dropped. The report still counts them.
#[derive(Debug, Default)]
pub(super) struct Finished {
    waited: Duration,
    tally: Tally,
}

impl Finished {
    /// Adds a source that is done.
    pub(super) fn add(&mut self, source: &impl Source) {
        self.waited += source.waited();
        self.tally = self.tally.plus(source.tally());
    }

    /// The time that the finished sources and those in `open` have waited.
    pub(super) fn waited<'a, S: Source + 'a>(&self, open: impl Iterator<Item = &'a S>) -> Duration {
        self.waited + open.map(Source::waited).sum::<Duration>()
    }

    /// The items that the finished sources and those in `open` have left out.
    pub(super) fn tally<'a, S: Source + 'a>(&self, open: impl Iterator<Item = &'a S>) -> Tally {
        open.map(Source::tally).fold(self.tally, Tally::plus)
    }
}

/// Stops and closes a part of a source that is made of several.
pub(super) fn stop_and_close(source: &mut impl Source) -> Result<(), Halt> {
    source.stop()?;
    Ok(source.close()?)
}
