//! `timeout`: an error if no item comes in time.

use std::marker::PhantomData;
use std::time::{Duration, Instant};

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::run::RunContext;
use crate::stage::{Chunking, Stage, StageFacts, Yield};

/// Stage of [`Pipeline::timeout`](crate::Pipeline::timeout).
///
/// * Shape: all items, in order.
/// * Memory: no items.
/// * End: nothing to emit.
/// * Error: more than `limit` without an item. It belongs to no item, so no policy is called.
#[derive(Debug)]
#[must_use]
pub struct Timeout<T> {
    limit: Duration,
    /// The time since which the stage waits for an item.
    since: Option<Instant>,
    count: u64,
    items: PhantomData<fn(T)>,
}

impl<T> Timeout<T> {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, since: None, count: 0, items: PhantomData }
    }

    /// Fails if the stage has waited for too long.
    #[inline]
    fn check(&mut self) -> Result<(), Halt> {
        let waited = self.since.get_or_insert_with(Instant::now).elapsed();
        if waited > self.limit { Err(self.too_late()) } else { Ok(()) }
    }

    #[cold]
    fn too_late(&self) -> Halt {
        let text = format!("no item came within {:?}", self.limit);
        let failure = Failure::new(text).fatal();
        match self.count {
            0 => failure.at("the first item").into(),
            count => failure.at(format_args!("the item after item {count}")).into(),
        }
    }
}

impl<T> Stage for Timeout<T> {
    type In = T;
    type Out = T;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::One).chunking(Chunking::Keeps);

    fn push(&mut self, item: T, out: &mut impl Emit<T>) -> Result<(), Halt> {
        self.check()?;
        self.count += 1;
        let emitted = out.emit(item);
        // The time of the later stages does not count.
        self.since = Some(Instant::now());
        emitted
    }

    fn tick(&mut self, _: &mut impl Emit<T>) -> Result<(), Halt> {
        self.check()
    }

    fn start<'env>(&mut self, _: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.since = Some(Instant::now());
    }

    fn name(&self) -> &'static str {
        "timeout"
    }

    fn node(&self) -> Node {
        Node::operator(format!("timeout({:?})", self.limit))
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Ends the run with an error if no item comes within `limit`: after the start of the run, or after the item before
    /// was processed. The time of later stages does not count.
    ///
    /// The time is checked between two chunks of the source, while the source is idle, and at each item. So a source that
    /// [blocks](crate::Progress::Idle) for long inside of a call, such as an iterator over a socket, is noticed when its
    /// next item comes; [`read_ahead`](crate::read_ahead) moves it to a thread of its own.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use syncline_core::{Pipeline, testing::Script};
    /// let silent = Script::new().items([1, 2]).then_wait();
    /// let run = Pipeline::new("readings", silent).timeout(Duration::from_millis(20)).count().run();
    /// let error = run.unwrap_err();
    /// assert_eq!(error.to_string(), "pipeline readings failed in stage timeout at the item after item 2");
    /// assert_eq!(error.into_source().to_string(), "no item came within 20ms");
    /// ```
    pub fn timeout(self, limit: Duration) -> Piped<T, C, Timeout<T>, M> {
        self.then(Timeout::new(limit))
    }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;
    use std::time::Duration;

    use super::Timeout;
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::testing::Script;
    use crate::{Collect, Pipeline, from_iter, merge};

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_hours(1);

    #[test]
    fn items_in_time_pass() {
        for n in [0, 1, 2, 100, 600] {
            assert_eq!(outputs(Timeout::new(LONG), n), (0..n).collect::<Vec<_>>());
        }
        passes_errors_on(|| Timeout::new(LONG));
    }

    #[test]
    fn an_idle_source_is_noticed() {
        let seen = crate::testing::Probe::new();
        let items = seen.seen();
        let error =
            Pipeline::new("idle", Script::new().items([1, 2]).then_wait()).timeout(SHORT).end(seen).run();
        let error = error.unwrap_err();
        assert_eq!((error.stage(), error.record()), (Some("timeout"), Some("the item after item 2")));
        assert_eq!(items.items(), [1, 2]);
        let error = Pipeline::new("silent", Script::<u8>::new().then_wait()).timeout(SHORT).count().run();
        assert_eq!(error.unwrap_err().record(), Some("the first item"));
    }

    #[test]
    fn a_source_or_a_stage_that_takes_too_long_is_noticed() {
        let slow = from_iter((0..3).inspect(|n| {
            if *n == 2 {
                sleep(3 * SHORT);
            }
        }));
        let error = Pipeline::new("source", slow).timeout(SHORT).count().run().unwrap_err();
        assert_eq!(error.record(), Some("the item after item 2"));
        let slow = Pipeline::new("stage", from_iter(0..3)).inspect(|n| {
            if *n == 2 {
                sleep(3 * SHORT);
            }
        });
        assert_eq!(slow.timeout(SHORT).count().run().unwrap_err().stage(), Some("timeout"));
    }

    #[test]
    fn later_stages_take_the_time_that_they_need() {
        let slow = Pipeline::new("later", from_iter(0..3)).timeout(SHORT).inspect(|_| sleep(2 * SHORT));
        assert_eq!(slow.end(Collect::new()).run().unwrap().output, [0, 1, 2]);
    }

    #[test]
    fn it_works_in_a_source_and_in_an_iterator() {
        let idle = || Pipeline::new("idle", Script::<u8>::new().then_wait()).timeout(SHORT);
        let error = Pipeline::new("outer", merge([idle()])).count().run().unwrap_err();
        assert_eq!(error.into_source().to_string(), "no item came within 20ms");
        assert!(idle().into_iter().next().is_some_and(|item| item.is_err()));
    }

    #[test]
    fn no_policy_is_called() {
        let letters = crate::testing::Probe::new();
        let seen = letters.seen();
        let slow = Pipeline::new("slow", from_iter(0..2)).inspect(|_| sleep(2 * SHORT)).timeout(SHORT);
        let run = slow.on_error(crate::dead_letter(letters)).count().run();
        assert_eq!(run.unwrap_err().stage(), Some("timeout"));
        assert!(seen.take().is_empty());
    }
}
