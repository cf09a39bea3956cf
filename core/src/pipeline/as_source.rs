//! A pipeline without a sink as the source of another.

use std::time::Duration;

use super::Pipeline;
use crate::emit::items::Items;
use crate::emit::{Draining, Emit};
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::chain::Chain;
use crate::report::meter::{Meter, Untimed};
use crate::report::{Rows, Tally};
use crate::run::RunContext;
use crate::source::{Progress, Source};

/// A pipeline without a sink is a source for another: see [`merge`](crate::merge). It is not metered there. When it is
/// done, the second sinks of its own stages are finished, whatever happens to the other pipeline.
#[deny(clippy::missing_trait_methods)]
impl<T, C: Chain<Item = T>, M: Meter> Source for Pipeline<T, C, M> {
    type Item = T;

    #[inline]
    fn advance(&mut self, out: &mut impl Emit<T>) -> Result<Progress, Halt> {
        let mut out = StopRecorder { out, is_stopped: false };
        match self.chain.advance::<Untimed>(&mut out) {
            // For the chain both are the end. A `merge` continues after the first, but not after the second.
            end @ (Ok(Progress::Done) | Err(Halt::Stop)) => {
                // A chain without stages returns the stop itself.
                let is_stopped = out.is_stopped || end.is_err();
                self.chain.close()?;
                if is_stopped { Err(Halt::Stop) } else { Ok(Progress::Done) }
            }
            progress => progress,
        }
    }

    fn wait(&mut self, at_most: Duration) {
        self.chain.wait(at_most);
    }

    fn remaining(&self) -> Option<u64> {
        self.chain.remaining()
    }

    fn stop(&mut self) -> Result<(), Halt> {
        self.chain.stop()?;
        Ok(self.chain.close()?)
    }

    fn drain(&mut self, out: &mut impl Emit<T>) -> Result<(), Halt> {
        // The chain drains its own source, finishes its stages and closes itself.
        self.advance(&mut Draining(out)).map(|_| ())
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        // A source runs on the caller's thread, so its stages start no threads.
        self.chain.start(&mut context.without_threads());
    }

    // It is closed as soon as it is done or stopped.
    fn close(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn waited(&self) -> Duration {
        self.rows().source_waited()
    }

    fn tally(&self) -> Tally {
        self.rows().tally()
    }

    fn name(&self) -> &'static str {
        "pipeline"
    }

    fn node(&self) -> Node {
        Node::source("pipeline")
    }
}

impl<T, C: Chain<Item = T>, M> Pipeline<T, C, M> {
    fn rows(&self) -> Rows {
        let mut rows = Rows::default();
        self.chain.describe(&mut rows);
        rows
    }
}

/// Emits items, and records that later stages need no more.
struct StopRecorder<'a, O> {
    out: &'a mut O,
    is_stopped: bool,
}

impl<O> StopRecorder<'_, O> {
    #[inline]
    fn note(&mut self, result: Result<(), Halt>) -> Result<(), Halt> {
        if let Err(Halt::Stop) = result {
            self.is_stopped = true;
        }
        result
    }
}

impl<T, O: Emit<T>> Emit<T> for StopRecorder<'_, O> {
    #[inline]
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        let result = self.out.emit(item);
        self.note(result)
    }

    #[inline]
    fn emit_items(&mut self, items: impl Items<T>) -> Result<(), Halt> {
        let result = self.out.emit_items(items);
        self.note(result)
    }

    fn tick(&mut self) -> Result<(), Halt> {
        let result = self.out.tick();
        self.note(result)
    }

    fn check(&mut self) -> Result<(), Halt> {
        self.out.check()
    }

    fn is_draining(&self) -> bool {
        self.out.is_draining()
    }

    fn before_blocking(&mut self) -> Result<(), Halt> {
        let result = self.out.before_blocking();
        self.note(result)
    }

    fn wants_more(&self) -> bool {
        self.out.wants_more()
    }

    fn is_shut(&self) -> bool {
        self.out.is_shut()
    }
}
