//! The sink `to_async_sink`: a sink of the crate `futures` as the sink of a pipeline.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;

use crate::error::{BoxError, Failure, Halt};
use crate::interop::waker;
use crate::run::CancelToken;
use crate::run::RunContext;
use crate::sink::Commit;
use crate::sink::SideSink;
use crate::sink::Sink;

/// Wraps a [`futures::Sink`](futures_sink::Sink) as the sink of a pipeline that is run. Needs the feature `futures`.
///
/// It waits until the other sink is ready, so the thread that runs the pipeline **blocks**: use a thread that may
/// block, not a thread of an executor. On an executor, convert the pipeline to a [stream](crate::Pipeline::into_stream)
/// and forward it to the other sink: then nothing blocks. In a pipeline that a task polls, this sink fails with
/// [`WouldBlock`] instead of blocking.
///
/// ```
/// use futures_util::sink::drain;
/// use syncline_core::{Pipeline, from_iter, to_async_sink};
///
/// let outcome = Pipeline::new("drain", from_iter(0..5)).end(to_async_sink(drain())).run()?;
/// assert_eq!(outcome.output, 5);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn to_async_sink<T, S>(sink: S) -> ToAsyncSink<T, S>
where
    S: futures_sink::Sink<T>,
    S::Error: Into<BoxError>,
{
    ToAsyncSink { sink: Box::pin(sink), sent: 0, cancel: CancelToken::new(), items: PhantomData }
}

/// Sink of [`to_async_sink`].
///
/// * Shape: the items of the other sink. The output is the number of items.
/// * Memory: that of the other sink.
/// * End: closes the other sink, which flushes it. If the run fails, the other sink is dropped without that.
/// * Commit: flushes the other sink and waits for it.
/// * Error: the error of the other sink. A cancelled run ends a wait at once.
#[must_use]
pub struct ToAsyncSink<T, S> {
    sink: Pin<Box<S>>,
    sent: u64,
    cancel: CancelToken,
    items: PhantomData<fn(T)>,
}

/// The error of a pipeline that a task polls: waiting for a `futures::Sink` would block the executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WouldBlock;

impl fmt::Display for WouldBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an executor polls this pipeline, and waiting for a sink of `futures` would block it")
    }
}

impl std::error::Error for WouldBlock {}

impl<T, S> Sink for ToAsyncSink<T, S>
where
    S: futures_sink::Sink<T>,
    S::Error: Into<BoxError>,
{
    type In = T;
    type Output = u64;

    fn consume(&mut self, item: T) -> Result<(), Halt> {
        if waker::is_polled() {
            return Err(WouldBlock.into());
        }
        let Self { sink, sent, cancel, .. } = self;
        waker::block_on(poll_fn(|context| sink.as_mut().poll_ready(context)), cancel)?
            .and_then(|()| sink.as_mut().start_send(item))
            .map_err(Failure::new)?;
        *sent += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<u64, Failure> {
        if waker::is_polled() {
            return Err(WouldBlock.into());
        }
        waker::block_on(poll_fn(|context| self.sink.as_mut().poll_close(context)), &self.cancel)?
            .map_err(Failure::new)?;
        Ok(self.sent)
    }

    fn name(&self) -> &'static str {
        "to_async_sink"
    }

    fn start(&mut self, context: &RunContext<'_, '_>) {
        self.cancel = context.cancel_token().clone();
    }
}

impl<T, S> Commit for ToAsyncSink<T, S>
where
    S: futures_sink::Sink<T>,
    S::Error: Into<BoxError>,
{
    fn commit(&mut self) -> Result<(), Failure> {
        if waker::is_polled() {
            return Err(WouldBlock.into());
        }
        let Self { sink, cancel, .. } = self;
        waker::block_on(poll_fn(|context| sink.as_mut().poll_flush(context)), cancel)?.map_err(Failure::new)
    }
}

#[diagnostic::do_not_recommend]
impl<T, S> SideSink<u64> for ToAsyncSink<T, S> {}

impl<T, S> fmt::Debug for ToAsyncSink<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToAsyncSink").field("sent", &self.sent).finish_non_exhaustive()
    }
}
