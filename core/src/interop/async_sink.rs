//! `AsyncSink`: a pipeline's sink as a sink of the crate `futures`.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::{Failure, Halt};
use crate::sink::Sink;

/// A [`Sink`] as a [`futures::Sink`](futures_sink::Sink). Needs the feature `futures`.
///
/// It is always ready and never pending. Sending and closing call the sink's [`consume`](Sink::consume) and
/// [`finish`](Sink::finish) on the thread that polls. If these block, for example on a slow disk, they block the
/// executor: use a thread of its own for such a sink.
///
/// With [`Pipeline::into_stream`](crate::Pipeline::into_stream) it runs a pipeline as a task:
///
/// ```
/// use futures_util::{SinkExt as _, TryStreamExt as _, StreamExt as _};
/// use syncline_core::{AsyncSink, BoxError, Collect, Pipeline, from_iter};
///
/// # futures_executor::block_on(async {
/// let squares = Pipeline::new("squares", from_iter(1..=3)).map(|n| n * n);
/// let mut sink = AsyncSink::new(Collect::new());
/// squares.into_stream().map_err(BoxError::from).forward((&mut sink).sink_map_err(BoxError::from)).await?;
/// assert_eq!(sink.take_output(), Some(vec![1, 4, 9]));
/// # Ok::<(), BoxError>(())
/// # }).unwrap();
/// ```
///
/// * Shape: the items of the sink. The sink's output is available [after closing](AsyncSink::take_output).
/// * Memory: that of the sink. Flushing does nothing: consumed items become durable when the sink is closed.
/// * End: closing finishes the sink. If it is dropped before, nothing becomes durable.
/// * Error: if the sink fails, it is dropped. If the sink needs no more items, later sends return
///   [`AsyncSinkError::Stopped`]; it can still be closed.
#[must_use]
pub struct AsyncSink<K: Sink> {
    sink: Option<K>,
    stopped: bool,
    output: Option<K::Output>,
}

/// The error of an [`AsyncSink`] that takes no more items.
#[derive(Debug)]
#[non_exhaustive]
pub enum AsyncSinkError {
    /// The sink needs no more items. Close it to get its output.
    Stopped,
    /// The sink failed, and was dropped.
    Failed {
        /// The sink's name.
        sink: &'static str,
        /// The sink's error, with the record.
        failure: Failure,
    },
    /// The sink was closed or has failed before.
    Closed,
}

impl fmt::Display for AsyncSinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => f.write_str("the sink wants no more items"),
            Self::Failed { sink, failure } => match failure.record() {
                Some(record) => write!(f, "sink {sink} failed at {record}"),
                None => write!(f, "sink {sink} failed"),
            },
            Self::Closed => f.write_str("the sink is closed"),
        }
    }
}

impl StdError for AsyncSinkError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Failed { failure, .. } => Some(failure.source()),
            Self::Stopped | Self::Closed => None,
        }
    }
}

impl<K: Sink> AsyncSink<K> {
    /// Wraps `sink`.
    pub fn new(sink: K) -> Self {
        Self { sink: Some(sink), stopped: false, output: None }
    }

    /// Removes and returns the sink's output. `None` before the sink is closed and after the first call.
    pub fn take_output(&mut self) -> Option<K::Output> {
        self.output.take()
    }

    fn ready(&self) -> Result<(), AsyncSinkError> {
        match self.sink {
            None => Err(AsyncSinkError::Closed),
            Some(_) if self.stopped => Err(AsyncSinkError::Stopped),
            Some(_) => Ok(()),
        }
    }
}

/// No field is pinned.
impl<K: Sink> Unpin for AsyncSink<K> {}

impl<K: Sink> futures_sink::Sink<K::In> for AsyncSink<K> {
    type Error = AsyncSinkError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), AsyncSinkError>> {
        Poll::Ready(self.ready())
    }

    fn start_send(mut self: Pin<&mut Self>, item: K::In) -> Result<(), AsyncSinkError> {
        self.ready()?;
        let Some(sink) = &mut self.sink else { return Err(AsyncSinkError::Closed) };
        match sink.consume(item) {
            Ok(()) => Ok(()),
            Err(Halt::Stop) => {
                self.stopped = true;
                Ok(())
            }
            Err(Halt::Failed(failure)) => {
                let name = sink.name();
                self.sink = None;
                Err(AsyncSinkError::Failed { sink: name, failure })
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), AsyncSinkError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), AsyncSinkError>> {
        let Some(sink) = self.sink.take() else { return Poll::Ready(Ok(())) };
        let name = sink.name();
        Poll::Ready(match sink.finish() {
            Ok(output) => {
                self.output = Some(output);
                Ok(())
            }
            Err(failure) => Err(AsyncSinkError::Failed { sink: name, failure }),
        })
    }
}

impl<K: Sink> fmt::Debug for AsyncSink<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncSink")
            .field("closed", &self.sink.is_none())
            .field("stopped", &self.stopped)
            .finish_non_exhaustive()
    }
}
