//! A pipeline that the taker of its items advances: the common part of iterators and streams.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::emit::Emit;
use crate::error::{Error, Failure, Halt};
use crate::pipeline::Pipeline;
use crate::pipeline::chain::Chain;
use crate::report::{Meter, Report, Rows, RunTime, SinkRow};
use crate::run::RunContext;
use crate::run::driver::Driver;
use crate::run::trace::Spans;
use crate::run::{CancelToken, Observer, RunEnd};
use crate::source::Progress;

/// A pipeline, and the items of its last stage that were not taken yet.
pub(super) struct Pull<T, C: Chain<Item = T>, M: Meter> {
    pipeline: Pipeline<T, C, M>,
    pub(super) driver: Driver<M>,
    /// The token of the driver.
    cancel: CancelToken,
    ready: VecDeque<T>,
    state: State,
    error: Option<Error>,
    /// `true` during an advance, and after an advance that has panicked. Then the state of the stages is unknown.
    is_advancing: bool,
    /// `true` once the current observer has a start.
    is_observed: bool,
    /// The number of source items that the observer knows of.
    told: u64,
    /// The name of the taker's row in the report.
    taker: &'static str,
    /// The taker's time for items of timed chunks, and the start of its current time.
    taking: Duration,
    taking_since: Option<Instant>,
    /// The time since which the source has no items, if the wait is elsewhere.
    idle_since: Option<Instant>,
}

/// The state of the run.
enum State {
    NotBegun,
    Running(Spans),
    Ended(RunTime),
}

/// Collects emitted items in a queue.
struct Enqueue<'a, T> {
    ready: &'a mut VecDeque<T>,
    cancel: &'a CancelToken,
}

impl<T> Emit<T> for Enqueue<'_, T> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        self.ready.push_back(item);
        Ok(())
    }

    fn check(&mut self) -> Result<(), Halt> {
        Ok(self.cancel.check()?)
    }

    fn is_draining(&self) -> bool {
        self.cancel.is_draining()
    }
}

impl<T, C: Chain<Item = T>, M: Meter> Pull<T, C, M> {
    pub(super) fn new(pipeline: Pipeline<T, C, M>, taker: &'static str) -> Self {
        Self {
            pipeline,
            driver: Driver::start(CancelToken::uncancellable()),
            cancel: CancelToken::uncancellable(),
            ready: VecDeque::new(),
            state: State::NotBegun,
            error: None,
            is_advancing: false,
            is_observed: false,
            told: 0,
            taker,
            taking: Duration::ZERO,
            taking_since: None,
            idle_since: None,
        }
    }

    /// Cancels the run with `token`, in addition to earlier tokens.
    pub(super) fn cancelled_by(&mut self, token: &CancelToken) {
        self.driver.cancel = CancelToken::of(vec![self.driver.cancel.clone(), token.clone()]);
    }

    /// Prepares the calls of a new observer: a start, and then all items so far.
    pub(super) fn observe_anew(&mut self) {
        self.is_observed = false;
        self.told = 0;
    }

    /// Returns `true` if no item is ready, and there may be more.
    pub(super) fn needs_advancing(&self) -> bool {
        self.ready.is_empty() && !self.has_ended()
    }

    fn has_ended(&self) -> bool {
        self.is_advancing || matches!(self.state, State::Ended(_))
    }

    /// Returns `true` if there is nothing left to take.
    #[cfg(feature = "futures")]
    pub(super) fn is_exhausted(&self) -> bool {
        self.has_ended() && self.ready.is_empty() && self.error.is_none()
    }

    pub(super) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Removes the next item, or the error of the run, which comes behind all items before it.
    pub(super) fn take_ready(&mut self) -> Option<Result<T, Error>> {
        self.ready.pop_front().map(Ok).or_else(|| self.error.take().map(Err))
    }

    /// Advances the pipeline by one chunk. After a panic in it the pipeline has ended.
    pub(super) fn advance(&mut self, observer: &mut impl Observer) -> Progress {
        self.is_advancing = true;
        let progress = self.advance_once(observer);
        self.is_advancing = false;
        progress
    }

    fn advance_once(&mut self, observer: &mut impl Observer) -> Progress {
        if let State::NotBegun = self.state {
            self.begin();
        }
        if !self.is_observed {
            let (read, to_come) = self.pipeline.chain.reading();
            observer.start(to_come.and_then(|to_come| to_come.checked_add(read)));
            self.is_observed = true;
        }
        if let Some(since) = self.taking_since.take() {
            self.taking += since.elapsed();
        }
        if let Some(since) = self.idle_since.take() {
            self.driver.idled += since.elapsed();
        }
        let Self { pipeline: Pipeline { chain, .. }, driver, cancel, ready, state, .. } = self;
        let State::Running(spans) = state else { return Progress::Done };
        let timed = driver.timed;
        let advanced = spans.run.in_scope(|| match driver.step(chain, &mut Enqueue { ready, cancel })? {
            Progress::Done => {
                // A cancellation during the last chunk counts, as in a run: then no second sink is finished.
                driver.cancel.check()?;
                chain.close().map(|()| Progress::Done)
            }
            progress => Ok(progress),
        });
        let (read, _) = chain.reading();
        if read > self.told {
            observer.advance(read - self.told);
            self.told = read;
        }
        match advanced {
            Ok(Progress::Done) => self.end(None, observer),
            Ok(progress) => {
                if progress == Progress::More && self.driver.timed != timed {
                    self.taking_since = Some(Instant::now());
                }
                return progress;
            }
            Err(failure) => self.end(Some(failure), observer),
        }
        Progress::Done
    }

    /// Waits until the idle source may have more.
    pub(super) fn wait(&mut self) {
        self.driver.wait(&mut self.pipeline.chain);
    }

    /// Records that the source is idle until the next advance.
    #[cfg(feature = "futures")]
    pub(super) fn rests(&mut self) {
        self.idle_since = Some(Instant::now());
    }

    fn begin(&mut self) {
        let Pipeline { name, chain, .. } = &mut self.pipeline;
        self.state = State::Running(Spans::open(name, chain, self.taker));
        // The time before the first request does not count.
        self.driver = Driver::start(self.driver.cancel.clone());
        self.cancel = self.driver.cancel.clone();
        chain.start(&mut RunContext::new(&self.driver.cancel));
    }

    fn end(&mut self, failure: Option<Failure>, observer: &mut impl Observer) {
        let end = RunEnd::of(failure.as_ref());
        observer.end(end);
        let spans = std::mem::replace(&mut self.state, State::Ended(self.driver.time()));
        if let State::Running(spans) = spans
            && spans.are_wanted()
        {
            spans.close(&end, failure.as_ref(), &self.report());
        }
        if let Some(failure) = failure {
            self.error = Some(Error::new(self.pipeline.name.clone(), failure, self.report()));
        }
    }

    /// The report of the run so far.
    pub(super) fn report(&self) -> Report {
        let time = match &self.state {
            State::NotBegun => RunTime { elapsed: Duration::ZERO, idled: Duration::ZERO },
            State::Running(_) => self.driver.time(),
            State::Ended(time) => *time,
        };
        let mut rows = Rows::new(self.driver.timed);
        self.pipeline.chain.describe(&mut rows);
        let taker = SinkRow { taking: self.taking, ..SinkRow::named(self.taker) };
        rows.into_report(self.pipeline.name.clone(), &taker, time)
    }
}

/// Closes the spans of a run that is dropped early.
impl<T, C: Chain<Item = T>, M: Meter> Drop for Pull<T, C, M> {
    fn drop(&mut self) {
        let state = std::mem::replace(&mut self.state, State::Ended(self.driver.time()));
        if let State::Running(spans) = state
            && spans.are_wanted()
        {
            spans.close(&"dropped", None, &self.report());
        }
    }
}
