//! Sinks of pipelines, as sinks of the crate `futures`.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::{Failure, Halt};
use crate::sink::Sink;

/// A [`Sink`] as a [`futures::Sink`](futures_sink::Sink). With the feature `futures`.
///
/// It is always ready, and never pending: taking an item and closing call the sink's own
/// [`consume`](Sink::consume) and [`finish`](Sink::finish), on the thread that polls. So where *these* block, as a sink
/// does that writes to a slow disk, they block the executor, and belong onto a thread of their own.
///
/// Together with [`Pipeline::into_stream`](crate::Pipeline::into_stream) it runs a pipeline as a task:
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
/// * Shape: takes the sink's items; what the sink gives back is there [after closing](AsyncSink::take_output).
/// * Memory: that of the sink. Flushing does nothing: what a sink took is durable when it is closed.
/// * End: closing finishes the sink. Where it is dropped before, nothing is made durable.
/// * Error: where the sink fails, it is dropped. Where it wants no more it gives [`AsyncSinkError::Stopped`] for what
///   comes after the item with which it said so; it can still be closed.
#[must_use]
pub struct AsyncSink<K: Sink> {
    sink: Option<K>,
    stopped: bool,
    output: Option<K::Output>,
}

/// Why an [`AsyncSink`] takes no more.
#[derive(Debug)]
#[non_exhaustive]
pub enum AsyncSinkError {
    /// The sink wants no more items. What it took is whole: close it, and have its output.
    Stopped,
    /// The sink failed, and was dropped.
    Failed {
        /// Its name.
        sink: &'static str,
        /// What went wrong, and with which record.
        failure: Failure,
    },
    /// It was closed before, or has failed before.
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
    /// `sink`, to be fed by a task.
    pub fn new(sink: K) -> Self {
        Self { sink: Some(sink), stopped: false, output: None }
    }

    /// What the sink gave back when it was closed; `None` before, and a second time.
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

/// Nothing in it is ever pinned.
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
