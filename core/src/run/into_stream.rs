//! A pipeline without a sink as a stream of the crate `futures`.

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
    /// Converts the pipeline to a [`futures::Stream`](Stream) of the items of its last stage. Needs the feature
    /// `futures`.
    ///
    /// It does not block the executor's thread while it waits:
    ///
    /// * A poll without a ready item advances the pipeline by *one* chunk, on the polling thread. If the last stage
    ///   emits nothing, the task is woken at once and polled again after other tasks.
    /// * If the source is idle, the poll is pending. A source of [`from_stream`](crate::from_stream) has given the
    ///   task's waker to its stream, which wakes the task. In addition, a timer thread of this crate wakes the task
    ///   after 0.1 to 20 ms, longer each time, so that stages that depend on time get their [tick](crate::Stage::tick).
    ///
    /// The work of the stages and the source within a chunk does run on that thread: a closure that computes for long,
    /// or reads a file, blocks the executor for the time of a chunk. So does the delay of [`retry`](crate::retry).
    ///
    /// The stream is `Send`, and can be spawned as a task, if all parts of the pipeline are `Send`. Behind
    /// [`boxed`](Pipeline::boxed), [`merge`](Pipeline::merge) and [`chain`](Pipeline::chain) it is not: use
    /// [`boxed_send`](Pipeline::boxed_send) and the functions [`merge`](crate::merge()) and [`chain`](crate::chain()),
    /// or spawn it as a local task.
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
/// The run starts with the first poll, and ends with the last item or the error.
///
/// * Shape: `Ok` items in order. The items before an error come first, then the error, then nothing.
/// * Memory: all items that the stages emit for one advance of the source. So an endless `flat_map` never returns its
///   first item.
/// * End: when the source is done, or a stage needs no more items. Drop drops the items that the stages hold.
/// * Spans: those of an [iterator](crate::IntoIter). They are entered during a poll, on the polling thread.
#[must_use = "streams do nothing unless polled"]
pub struct IntoStream<T, C: Chain<Item = T>, M: Meter = Metered, O = ()> {
    pull: Pull<T, C, M>,
    observer: O,
    idle: Duration,
    alarm: Alarm,
}

impl<T, C: Chain<Item = T>, M: Meter, O> IntoStream<T, C, M, O> {
    /// Cancels or drains the run with `token`, at the next chunk of its source. Of several tokens each does. Call this
    /// before the first poll, because stages get the token at the start.
    ///
    /// A stream with an idle source notices the cancellation within 20 ms.
    pub fn cancelled_by(mut self, token: &CancelToken) -> Self {
        self.pull.cancelled_by(token);
        self
    }

    /// Sets the observer of the run, in place of an earlier one. An observer that is set after the first item gets its
    /// start with the next chunk, and then all items so far; after the last chunk it gets nothing. A stream that is
    /// dropped early does not call it any more.
    pub fn observed_by<P: Observer>(self, observer: P) -> IntoStream<T, C, M, P> {
        let Self { mut pull, idle, alarm, .. } = self;
        pull.observe_anew();
        IntoStream { pull, observer, idle, alarm }
    }

    /// The report of the run so far, or of the whole run after its end. The last row, `stream`, is the code that takes
    /// the items.
    #[must_use]
    pub fn report(&self) -> Report {
        self.pull.report()
    }
}

/// No field is pinned.
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
