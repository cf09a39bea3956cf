//! The second source of a stage, such as `zip`: its items are taken one by one.

use std::collections::VecDeque;

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::report::Tally;
use crate::run::{CHECK_INTERVAL, CancelToken, RunContext};
use crate::source::{Progress, Source};

/// A source inside of a stage. The stage takes an item when it needs one, and waits for it.
///
/// The source is advanced by its chunks: the items of one advance are held at most.
pub(super) struct SecondSource<S: Source> {
    source: S,
    ready: VecDeque<S::Item>,
    state: State,
    cancel: CancelToken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The source is done or stopped, and closed.
    Closed,
    /// The source has failed.
    Failed,
}

/// Stores the items of the source.
struct Keep<'a, T>(&'a mut VecDeque<T>);

impl<T> Emit<T> for Keep<'_, T> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        self.0.push_back(item);
        Ok(())
    }
}

impl<S: Source> SecondSource<S> {
    pub(super) fn new(source: S) -> Self {
        Self { source, ready: VecDeque::new(), state: State::Open, cancel: CancelToken::uncancellable() }
    }

    pub(super) fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.cancel = context.cancel_token().clone();
        // It is advanced on the thread of the stage.
        self.source.start(&mut context.without_threads());
    }

    /// The next item, or `None` if there are no more. Waits while the source is idle.
    ///
    /// # Errors
    ///
    /// If the source fails, under the name of the source, or if the run is cancelled during a wait. No policy is called:
    /// the item that the stage was given is not at fault.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<S::Item>, Failure> {
        match self.ready.pop_front() {
            Some(item) => Ok(Some(item)),
            None => self.read(),
        }
    }

    #[inline(never)]
    fn read(&mut self) -> Result<Option<S::Item>, Failure> {
        while self.state == State::Open {
            self.cancel.check()?;
            match self.source.advance(&mut Keep(&mut self.ready)) {
                Ok(Progress::Idle) if self.ready.is_empty() => self.source.wait(CHECK_INTERVAL),
                Ok(Progress::More | Progress::Idle) => {}
                // A source may stop by itself, like a pipeline with a `take`.
                Ok(Progress::Done) | Err(Halt::Stop) => self.close()?,
                Err(Halt::Failed(failure)) => return Err(self.failed(failure)),
            }
            if let Some(item) = self.ready.pop_front() {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// Stops the source, because no more items are needed. Items that were read are dropped.
    pub(super) fn stop(&mut self) -> Result<(), Failure> {
        self.ready.clear();
        if self.state != State::Open {
            return Ok(());
        }
        match self.source.stop() {
            Ok(()) | Err(Halt::Stop) => self.close(),
            Err(Halt::Failed(failure)) => Err(self.failed(failure)),
        }
    }

    fn close(&mut self) -> Result<(), Failure> {
        self.state = State::Closed;
        self.source.close().map_err(|failure| self.failed(failure))
    }

    fn failed(&mut self, mut failure: Failure) -> Failure {
        self.state = State::Failed;
        failure.blame(self.source.name());
        failure.fatal()
    }

    pub(super) fn tally(&self) -> Tally {
        self.source.tally()
    }

    /// The name of the source.
    pub(super) fn name(&self) -> &'static str {
        self.source.name()
    }
}
