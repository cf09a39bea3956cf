//! The driver of a run: it advances a chain chunk by chunk, and checks the clock and the cancel token in between.

use std::marker::PhantomData;
use std::time::{Duration, Instant};

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::pipeline::chain::Chain;
use crate::report::meter::{Meter, Sampler, Timed, Untimed};
use crate::report::{Rows, RunTime};
use crate::run::CancelToken;
use crate::run::Observer;
use crate::source::Progress;

/// The driver of a run.
pub(crate) struct Driver<M> {
    pub(crate) sampler: Sampler,
    pub(crate) cancel: CancelToken,
    /// The time of all timed chunks.
    pub(crate) timed: Duration,
    pub(crate) idle: Duration,
    /// The time in which the source had no items.
    pub(crate) idled: Duration,
    meter: PhantomData<M>,
}

impl<M: Meter> Driver<M> {
    pub(crate) const SHORTEST_IDLE: Duration = Duration::from_micros(100);
    pub(crate) const LONGEST_IDLE: Duration = Duration::from_millis(20);

    pub(crate) fn start(cancel: CancelToken) -> Self {
        Self {
            sampler: Sampler::start(),
            cancel,
            timed: Duration::ZERO,
            idle: Self::SHORTEST_IDLE,
            idled: Duration::ZERO,
            meter: PhantomData,
        }
    }

    pub(crate) fn run<C: Chain>(
        &mut self,
        chain: &mut C,
        out: &mut impl Emit<C::Item>,
        observer: Option<&mut (dyn Observer + '_)>,
    ) -> Result<(), Failure> {
        match observer {
            None => while self.advance(chain, out)? {},
            Some(observer) => self.run_observed(chain, out, observer)?,
        }
        // A cancellation during the last chunk counts, since the end of a run makes work durable. With `commit_every`
        // earlier commits stay.
        self.cancel.check()
    }

    fn run_observed<C: Chain>(
        &mut self,
        chain: &mut C,
        out: &mut impl Emit<C::Item>,
        observer: &mut dyn Observer,
    ) -> Result<(), Failure> {
        let mut told = 0;
        loop {
            let advanced = self.advance(chain, out);
            let (read, _) = chain.reading();
            if read > told {
                observer.advance(read - told);
                told = read;
            }
            if !advanced? {
                return Ok(());
            }
        }
    }

    /// Advances by one chunk, and waits if the source is idle. Returns `true` if there may be more.
    pub(crate) fn advance<C: Chain>(
        &mut self,
        chain: &mut C,
        out: &mut impl Emit<C::Item>,
    ) -> Result<bool, Failure> {
        match self.step(chain, out)? {
            Progress::More => self.idle = Self::SHORTEST_IDLE,
            Progress::Idle => self.wait(chain),
            Progress::Done => return Ok(false),
        }
        Ok(true)
    }

    /// Resets the delay of the next wait, because the source has items.
    pub(crate) fn has_something(&mut self) {
        self.idle = Self::SHORTEST_IDLE;
    }

    /// The length of the run so far.
    pub(crate) fn time(&self) -> RunTime {
        RunTime { elapsed: self.sampler.elapsed(), idled: self.idled }
    }

    /// Waits until the source has more, if it can tell, or else for a delay that grows each time.
    pub(crate) fn wait(&mut self, chain: &mut impl Chain) {
        if !self.cancel.is_cancelled() {
            let start = Instant::now();
            chain.wait(self.idle);
            self.idled += start.elapsed();
        }
        self.idle = (self.idle * 2).min(Self::LONGEST_IDLE);
    }

    /// Advances by one chunk. Not inlined: all stages are compiled into it, which once is enough.
    #[inline(never)]
    pub(crate) fn step<C: Chain>(
        &mut self,
        chain: &mut C,
        out: &mut impl Emit<C::Item>,
    ) -> Result<Progress, Failure> {
        self.cancel.check()?;
        let progress = if M::ON && self.sampler.is_due() {
            let start = Instant::now();
            let progress = chain.advance::<Timed>(out);
            self.timed += start.elapsed();
            let mut rows = Rows::default();
            chain.describe(&mut rows);
            self.sampler.timed(rows.timed());
            progress
        } else {
            chain.advance::<Untimed>(out)
        };
        match progress {
            Ok(progress) => Ok(progress),
            Err(Halt::Stop) => Ok(Progress::Done),
            Err(Halt::Failed(failure)) => Err(failure),
        }
    }
}
