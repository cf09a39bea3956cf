//! A pipeline as an iterator.

use std::collections::VecDeque;
use std::fmt;

use crate::emit::Emit;
use crate::error::{Error, Halt};
use crate::pipeline::Pipeline;
use crate::pipeline::chain::Chain;
use crate::report::meter::{Meter, Metered};
use crate::report::{Rows, SinkRow};
use crate::run::CancelToken;
use crate::run::driver::Driver;
use crate::source::Progress;

impl<T, C: Chain<Item = T>, M: Meter> IntoIterator for Pipeline<T, C, M> {
    type Item = Result<T, Error>;
    type IntoIter = IntoIter<T, C, M>;

    /// The items that leave the last stage, as an iterator. What came before an error is given before it,
    /// and nothing after it.
    fn into_iter(self) -> IntoIter<T, C, M> {
        IntoIter {
            pipeline: self,
            driver: Driver::start(CancelToken::new()),
            ready: VecDeque::new(),
            done: false,
            error: None,
        }
    }
}

/// The items of a [`Pipeline`], as an iterator.
///
/// * Memory: all that the stages make of one advance of the source. So an endless `flat_map` never gives its first item.
/// * What waits inside a stage, as [`retry`](crate::retry) does before it tries again, waits on the thread that asks.
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct IntoIter<T, C, M = Metered> {
    pub(super) pipeline: Pipeline<T, C, M>,
    pub(super) driver: Driver<M>,
    pub(super) ready: VecDeque<T>,
    pub(super) done: bool,
    pub(super) error: Option<Error>,
}

/// Puts what it is given into a queue.
struct Enqueue<'a, T>(&'a mut VecDeque<T>);

impl<T> Emit<T> for Enqueue<'_, T> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        self.0.push_back(item);
        Ok(())
    }
}

impl<T, C: Chain<Item = T>, M: Meter> IntoIter<T, C, M> {
    /// Whether nothing is ready, and there may be more.
    pub(super) fn needs_advancing(&self) -> bool {
        self.ready.is_empty() && !self.done
    }

    /// Advances the pipeline by a chunk.
    pub(super) fn advance(&mut self) -> Progress {
        let Self { driver, pipeline, ready, .. } = self;
        let advanced = driver.step(&mut pipeline.chain, &mut Enqueue(ready)).and_then(|progress| {
            if progress == Progress::Done {
                pipeline.chain.close()?;
            }
            Ok(progress)
        });
        let progress = match advanced {
            Ok(progress) => progress,
            Err(failure) => {
                let mut rows = Rows::new(self.driver.timed);
                self.pipeline.chain.describe(&mut rows);
                let name = self.pipeline.name.clone();
                let report = rows.into_report(name.clone(), &SinkRow::named("iterator"), self.driver.time());
                self.error = Some(Error::new(name, failure, report));
                Progress::Done
            }
        };
        self.done = progress == Progress::Done;
        progress
    }

    /// Items that came before a failure are handed out before it.
    pub(super) fn take_ready(&mut self) -> Option<Result<T, Error>> {
        self.ready.pop_front().map(Ok).or_else(|| self.error.take().map(Err))
    }
}

impl<T, C: Chain<Item = T>, M: Meter> Iterator for IntoIter<T, C, M> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.needs_advancing() {
            match self.advance() {
                Progress::Idle if self.ready.is_empty() => self.driver.wait(&mut self.pipeline.chain),
                _ => self.driver.idle = Driver::<M>::SHORTEST_IDLE,
            }
        }
        self.take_ready()
    }
}

impl<T, C: Chain<Item = T>, M: Meter> std::iter::FusedIterator for IntoIter<T, C, M> {}

impl<T, C, M> fmt::Debug for IntoIter<T, C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").field("ready", &self.ready.len()).finish_non_exhaustive()
    }
}
