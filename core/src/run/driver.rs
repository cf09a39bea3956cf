//! Who advances a chain: chunk by chunk, with a look at the clock and at the cancel token between.

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

/// Advances a chain to its end.
pub(crate) struct Driver<M> {
    pub(crate) sampler: Sampler,
    pub(crate) cancel: CancelToken,
    /// How long the chunks that were timed took.
    pub(crate) timed: Duration,
    pub(crate) idle: Duration,
    /// How long the source had nothing.
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
        // Cancelled during the last chunk is cancelled too: nothing of it is durable yet.
        if self.cancel.is_cancelled() { Err(Failure::cancelled()) } else { Ok(()) }
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

    /// Advances by a chunk, and waits where the source is idle. Whether there may be more.
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

    /// The source is not idle any more: a wait for it begins short again.
    pub(crate) fn has_something(&mut self) {
        self.idle = Self::SHORTEST_IDLE;
    }

    /// How long it has taken so far.
    pub(crate) fn time(&self) -> RunTime {
        RunTime { elapsed: self.sampler.elapsed(), idled: self.idled }
    }

    /// Waits for a while, longer each time, or until the source has more, where it can tell.
    pub(crate) fn wait(&mut self, chain: &mut impl Chain) {
        if !self.cancel.is_cancelled() {
            let start = Instant::now();
            chain.wait(self.idle);
            self.idled += start.elapsed();
        }
        self.idle = (self.idle * 2).min(Self::LONGEST_IDLE);
    }

    /// Advances by a chunk. Not inlined: the stages are in it, and once is enough.
    #[inline(never)]
    pub(crate) fn step<C: Chain>(
        &mut self,
        chain: &mut C,
        out: &mut impl Emit<C::Item>,
    ) -> Result<Progress, Failure> {
        if self.cancel.is_cancelled() {
            return Err(Failure::cancelled());
        }
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
