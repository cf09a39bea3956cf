//! `throttle`: at most a number of items in a period of time.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::run::{CancelToken, RunContext};
use crate::stage::{Chunking, Stage, StageFacts, Yield};

/// Stage of [`Pipeline::throttle`](crate::Pipeline::throttle).
///
/// * Shape: all items, in order. An item that comes too early waits; none is dropped.
/// * Memory: the times of the last `count` items, in 16 bytes each. No item is held.
/// * End: nothing to emit.
/// * Error: none of its own. A cancelled run ends within 10 ms, also while an item waits.
#[derive(Debug)]
#[must_use]
pub struct Throttle<T> {
    count: NonZeroUsize,
    period: Duration,
    /// The times at which the last items were emitted, the earliest first.
    emitted: VecDeque<Instant>,
    cancel: CancelToken,
    items: PhantomData<fn(T)>,
}

impl<T> Throttle<T> {
    pub(crate) fn new(count: NonZeroUsize, period: Duration) -> Self {
        let cancel = CancelToken::uncancellable();
        Self { count, period, emitted: VecDeque::new(), cancel, items: PhantomData }
    }

    /// The time to wait before another item may be emitted.
    fn delay(&self, now: Instant) -> Duration {
        if self.emitted.len() < self.count.get() {
            return Duration::ZERO;
        }
        self.emitted
            .front()
            .map_or(Duration::ZERO, |first| self.period.saturating_sub(now.saturating_duration_since(*first)))
    }
}

impl<T> Stage for Throttle<T> {
    type In = T;
    type Out = T;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::One).chunking(Chunking::Keeps);

    fn push(&mut self, item: T, out: &mut impl Emit<T>) -> Result<(), Halt> {
        let mut now = Instant::now();
        loop {
            let delay = self.delay(now);
            if delay.is_zero() {
                break;
            }
            if !self.cancel.sleep(delay) {
                return Err(Failure::cancelled().into());
            }
            now = Instant::now();
        }
        if self.emitted.len() == self.count.get() {
            self.emitted.pop_front();
        }
        self.emitted.push_back(now);
        out.emit(item)
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.cancel = context.cancel_token().clone();
    }

    fn name(&self) -> &'static str {
        "throttle"
    }

    fn node(&self) -> Node {
        Node::operator(format!("throttle({}, per: {:?})", self.count, self.period))
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Lets at most `count` items pass in any `period`. Further items wait on the run's thread, and so do the source and
    /// the stages before; none is dropped.
    ///
    /// The first `count` items pass at once. A wait counts as work of this stage in the report. In a
    /// stream (`into_stream`) it blocks the executor's thread.
    ///
    /// ```
    /// # use std::time::{Duration, Instant};
    /// # use syncline_core::{Pipeline, from_iter, size};
    /// let start = Instant::now();
    /// let calls = Pipeline::new("calls", from_iter(0..5)).throttle(const { size(2) }, Duration::from_millis(20));
    /// assert_eq!(calls.count().run()?.output, 5);
    /// assert!(start.elapsed() >= Duration::from_millis(40));
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn throttle(self, count: NonZeroUsize, period: Duration) -> Piped<T, C, Throttle<T>, M> {
        self.then(Throttle::new(count, period))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Throttle;
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::{CancelToken, Collect, Pipeline, from_iter, size};

    #[test]
    fn no_item_is_dropped() {
        for n in [0, 1, 2, 3, 10, 300] {
            let stage = Throttle::new(size(100), Duration::from_millis(1));
            assert_eq!(outputs(stage, n), (0..n).collect::<Vec<_>>());
        }
        passes_errors_on(|| Throttle::new(size(1000), Duration::from_millis(1)));
    }

    #[test]
    fn no_period_has_more_items() {
        let period = Duration::from_millis(15);
        let mut times = Vec::new();
        let items = Pipeline::new("items", from_iter(0..10)).throttle(size(3), period);
        items.inspect(|_| times.push(Instant::now())).count().run().unwrap();
        for (first, fourth) in times.iter().zip(&times[3..]) {
            // The clock of the test is read a little later than that of the stage.
            let between = *fourth - *first;
            assert!(between + Duration::from_millis(3) >= period, "{between:?}");
        }
    }

    #[test]
    fn items_that_come_slowly_do_not_wait() {
        let mut stage = Throttle::<u8>::new(size(2), Duration::from_hours(1));
        let now = Instant::now();
        assert_eq!(stage.delay(now), Duration::ZERO);
        stage.emitted.extend([now, now + Duration::from_secs(1)]);
        assert_eq!(stage.delay(now + Duration::from_mins(50)), Duration::from_mins(10));
        assert_eq!(stage.delay(now + Duration::from_hours(1)), Duration::ZERO);
    }

    #[test]
    fn a_cancelled_run_does_not_wait() {
        let token = CancelToken::new();
        let hour = Duration::from_hours(1);
        let canceller = token.clone();
        let other = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            canceller.cancel();
        });
        let start = Instant::now();
        let run = Pipeline::new("slow", from_iter(0..3)).throttle(size(1), hour).end(Collect::new());
        assert!(run.cancelled_by(&token).run().unwrap_err().is_cancelled());
        assert!(start.elapsed() < Duration::from_mins(1));
        other.join().unwrap();
    }

    #[test]
    fn an_iterator_is_cancelled_while_it_waits() {
        let token = CancelToken::new();
        let slow = Pipeline::new("slow", from_iter(0..3)).throttle(size(1), Duration::from_hours(1));
        let canceller = token.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            canceller.cancel();
        });
        let items: Vec<_> = slow.into_iter().cancelled_by(&token).collect();
        assert!(items.last().is_some_and(|item| item.as_ref().is_err_and(crate::Error::is_cancelled)));
    }
}
