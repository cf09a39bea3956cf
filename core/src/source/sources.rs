//! The common part of `merge` and `chain`: the sources that may have more, and the figures of those that are done.

use std::collections::VecDeque;
use std::time::Duration;

use super::Source;
use super::finished::{Finished, stop_and_close};
use crate::emit::Emit;
use crate::error::Halt;
use crate::report::Tally;
use crate::run::RunContext;

/// Several sources, as parts of one source.
#[derive(Debug)]
pub(super) struct Sources<S> {
    /// The sources that are not done, the next one first.
    pub(super) open: VecDeque<S>,
    finished: Finished,
}

impl<S: Source> Sources<S> {
    pub(super) fn of(sources: impl IntoIterator<Item = S>) -> Self {
        Self { open: sources.into_iter().collect(), finished: Finished::default() }
    }

    /// Drops `source`, which was removed from the open ones. The report still has its figures.
    #[expect(clippy::needless_pass_by_value, reason = "it ends here")]
    pub(super) fn finish(&mut self, source: S) {
        self.finished.add(&source);
    }

    /// See [`Source::remaining`]. `None` also if the sum is larger than a `u64`.
    pub(super) fn remaining(&self) -> Option<u64> {
        self.open.iter().try_fold(0_u64, |sum, source| sum.checked_add(source.remaining()?))
    }

    pub(super) fn stop(&mut self) -> Result<(), Halt> {
        self.open.iter_mut().try_for_each(stop_and_close)
    }

    /// Drains and closes each source. If no more items are needed, the rest is stopped.
    pub(super) fn drain(&mut self, out: &mut impl Emit<S::Item>) -> Result<(), Halt> {
        while let Some(mut source) = self.open.pop_front() {
            let drained = source.drain(out);
            if let Ok(()) | Err(Halt::Stop) = drained {
                source.close()?;
            }
            self.finish(source);
            match drained {
                Ok(()) => {}
                Err(Halt::Stop) => return Err(self.stop().err().unwrap_or(Halt::Stop)),
                Err(failed) => return Err(failed),
            }
        }
        Ok(())
    }

    pub(super) fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        S: 'env,
    {
        for source in &mut self.open {
            source.start(context);
        }
    }

    pub(super) fn waited(&self) -> Duration {
        self.finished.waited(self.open.iter())
    }

    pub(super) fn tally(&self) -> Tally {
        self.finished.tally(self.open.iter())
    }
}
