//! The sources `from_stream` and `from_try_stream`: the items of a stream of the crate `futures`.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::interop::waker;
use crate::source::ItemOrError;
use crate::source::{Progress, Source};

/// A source of the items of a [`futures::Stream`](Stream). Needs the feature `futures`.
///
/// While the stream is pending, the source is [idle](Progress::Idle). It does not wait itself.
///
/// * If the pipeline is [run](crate::Runnable::run), or used as an iterator, the thread parks, and the stream's waker
///   unparks it. So run it on a thread that may block, and never on a thread of the stream's executor.
/// * If the pipeline is [polled](crate::Pipeline::into_stream), the stream gets the task's waker, and nothing blocks.
///
/// ```
/// use futures_util::stream;
/// use syncline_core::{Collect, Pipeline, from_stream};
///
/// let outcome = Pipeline::new("stream", from_stream(stream::iter([1, 2, 3]))).end(Collect::new()).run()?;
/// assert_eq!(outcome.output, [1, 2, 3]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn from_stream<S: Stream>(stream: S) -> FromStream<S> {
    FromStream { stream: Box::pin(stream) }
}

/// A source of the items of a stream of [`Result`]s. Like [`from_stream`], but the first error ends the run, with the
/// number of the item, from 1, as its record.
pub fn from_try_stream<S: Stream<Item: ItemOrError>>(stream: S) -> FromTryStream<S> {
    FromTryStream { stream: Box::pin(stream), count: 0 }
}

/// Source of [`from_stream`].
///
/// * Shape: the items, in order.
/// * Memory: that of the stream.
/// * End: when the stream ends. Error: none.
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct FromStream<S> {
    stream: Pin<Box<S>>,
}

/// Source of [`from_try_stream`].
///
/// * Shape: the `Ok` items, in order.
/// * Memory: that of the stream.
/// * End: when the stream ends. Error: the first `Err`, with the number of the item.
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct FromTryStream<S> {
    stream: Pin<Box<S>>,
    count: u64,
}

/// Calls `each` with the items that are ready.
fn advance<S: Stream>(
    mut stream: Pin<&mut S>,
    chunk: usize,
    mut each: impl FnMut(S::Item) -> Result<(), Halt>,
) -> Result<Progress, Halt> {
    let waker = waker::current();
    let mut context = Context::from_waker(&waker);
    for taken in 0..chunk {
        match stream.as_mut().poll_next(&mut context) {
            Poll::Ready(Some(item)) => each(item)?,
            Poll::Ready(None) => return Ok(Progress::Done),
            Poll::Pending if taken == 0 => return Ok(Progress::Idle),
            Poll::Pending => return Ok(Progress::More),
        }
    }
    Ok(Progress::More)
}

impl<S: Stream> Source for FromStream<S> {
    type Item = S::Item;

    fn advance(&mut self, out: &mut impl Emit<S::Item>) -> Result<Progress, Halt> {
        advance(self.stream.as_mut(), out.chunk(), |item| out.emit(item))
    }

    fn name(&self) -> &'static str {
        "from_stream"
    }
}

impl<S: Stream<Item: ItemOrError>> Source for FromTryStream<S> {
    type Item = <S::Item as ItemOrError>::Item;

    fn advance(&mut self, out: &mut impl Emit<Self::Item>) -> Result<Progress, Halt> {
        let Self { stream, count } = self;
        advance(stream.as_mut(), out.chunk(), |result| {
            *count += 1;
            match result.into_result() {
                Ok(item) => out.emit(item),
                Err(error) => Err(Failure::new(error).at(format_args!("item {count}")).into()),
            }
        })
    }

    fn name(&self) -> &'static str {
        "from_try_stream"
    }
}

impl<S> fmt::Debug for FromStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromStream").finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for FromTryStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromTryStream").field("count", &self.count).finish_non_exhaustive()
    }
}
