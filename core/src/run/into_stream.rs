//! A pipeline as a stream of the crate `futures`.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;

use crate::error::Error;
use crate::interop::{timer::Alarm, waker};
use crate::pipeline::Pipeline;
use crate::pipeline::chain::Chain;
use crate::report::{Meter, Metered, Report};
use crate::run::driver::Driver;
use crate::run::pull::Pull;
use crate::run::{CancelToken, Observer};
use crate::source::Progress;

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// The items that leave the last stage, as a [`futures::Stream`](Stream). With the feature `futures`.
    ///
    /// No thread of an executor is made to wait:
    ///
    /// * A poll that has no item ready advances the pipeline by *one* chunk, on the thread that polls. Where nothing comes
    ///   out of the last stage, the task is woken at once and polled again after others had their turn.
    /// * Where the source is idle, the poll is pending. A source made by [`from_stream`](crate::from_stream) has then
    ///   handed the task's waker to its stream, which wakes the task at once. Whatever the source, it is also asked again
    ///   after 0.1 to 20 ms, the longer the more often it had nothing, so that stages which time concerns have their
    ///   [turn](crate::Stage::tick): a thread of this crate, started when it is first needed, wakes the task.
    ///
    /// What the stages and the source do inside a chunk is done on that thread, though: a closure that computes for
    /// long, or reads a file, holds up the executor for as long as it takes for a chunk. So does
    /// [`retry`](crate::retry), for as long as it waits before it tries again.
    ///
    /// The stream can be sent to another thread, and so be spawned as a task, if all parts of the pipeline can. Behind
    /// [`boxed`](Pipeline::boxed), [`merge`](Pipeline::merge) and [`chain`](Pipeline::chain) it cannot: use
    /// [`boxed_send`](Pipeline::boxed_send) and the functions [`merge`](crate::merge()) and [`chain`](crate::chain()), or
    /// spawn it as a local task.
    ///
    /// ```
    /// use futures_util::TryStreamExt as _;
    /// use syncline_core::{Error, Pipeline, from_iter};
    ///
    /// # futures_executor::block_on(async {
    /// let mut squares = Pipeline::new("squares", from_iter(1..)).map(|n: u64| n * n).take(3).into_stream();
    /// while let Some(square) = squares.try_next().await? {
    ///     println!("{square}");
    /// }
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    pub fn into_stream(self) -> IntoStream<T, C, M> {
        IntoStream {
            pull: Pull::new(self, "stream"),
            observer: (),
            idle: Driver::<M>::SHORTEST_IDLE,
            alarm: Alarm::default(),
        }
    }
}

/// The items of a [`Pipeline`], as a stream. Made by [`Pipeline::into_stream`].
///
/// The run begins with the first poll, and ends when the stream has given its last item or its error.
///
/// * Shape: `Ok` items in order. What came before an error is given before it, and nothing after it.
/// * Memory: all that the stages make of one advance of the source. So an endless `flat_map` never gives its first item.
/// * End: when the source is done, or nobody in the pipeline wants more. Dropping it drops what the stages hold.
/// * Spans: as those of an [iterator](crate::IntoIter). They are entered while it is polled, on the thread that polls.
#[must_use = "streams do nothing unless polled"]
pub struct IntoStream<T, C: Chain<Item = T>, M: Meter = Metered, O = ()> {
    pull: Pull<T, C, M>,
    observer: O,
    idle: Duration,
    alarm: Alarm,
}

impl<T, C: Chain<Item = T>, M: Meter, O> IntoStream<T, C, M, O> {
    /// Ends the run in an error, at the next chunk of its source, when `token` is cancelled. Where several are given, each
    /// of them ends it. To be called before the first poll: the stages are told of the token then.
    ///
    /// A stream whose source is idle notices it within 20 ms.
    pub fn cancelled_by(mut self, token: &CancelToken) -> Self {
        self.pull.cancelled_by(token);
        self
    }

    /// Tells `observer` how far the run is, instead of any observer that was given before. One that is dropped before its
    /// end tells it nothing more.
    pub fn observed_by<P: Observer>(self, observer: P) -> IntoStream<T, C, M, P> {
        let Self { pull, idle, alarm, .. } = self;
        IntoStream { pull, observer, idle, alarm }
    }

    /// The report of what was done so far, or of the whole run once that has ended. The code that takes the items is its
    /// last row, `stream`.
    #[must_use]
    pub fn report(&self) -> Report {
        self.pull.report()
    }
}

/// Nothing in it is ever pinned.
impl<T, C: Chain<Item = T>, M: Meter, O> Unpin for IntoStream<T, C, M, O> {}

impl<T, C: Chain<Item = T>, M: Meter, O: Observer> Stream for IntoStream<T, C, M, O> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { pull, observer, idle, alarm } = &mut *self;
        if pull.needs_advancing() {
            let progress = waker::polled_by(context.waker(), || pull.advance(observer));
            if progress != Progress::Idle {
                *idle = Driver::<M>::SHORTEST_IDLE;
            }
            if pull.needs_advancing() {
                if progress == Progress::Idle {
                    pull.rests();
                    alarm.set(*idle, context.waker());
                    *idle = (*idle * 2).min(Driver::<M>::LONGEST_IDLE);
                } else {
                    context.waker().wake_by_ref();
                }
                return Poll::Pending;
            }
        }
        Poll::Ready(pull.take_ready())
    }
}

impl<T, C: Chain<Item = T>, M: Meter, O: Observer> FusedStream for IntoStream<T, C, M, O> {
    fn is_terminated(&self) -> bool {
        self.pull.is_exhausted()
    }
}

impl<T, C: Chain<Item = T>, M: Meter, O> fmt::Debug for IntoStream<T, C, M, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoStream").field("ready", &self.pull.ready()).finish_non_exhaustive()
    }
}
