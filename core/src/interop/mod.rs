//! Streams and sinks of the crate `futures`, on either side of a pipeline.
//!
//! Who drives decides who may wait. An executor that polls a pipeline is never made to wait: the pipeline is advanced by
//! a chunk, and whoever has nothing registers the task's waker. A thread that *runs* a pipeline may wait, and does so
//! by parking, from which a stream's waker wakes it.

mod async_sink;
mod from_stream;
pub(crate) mod timer;
mod to_async_sink;
pub(crate) mod waker;

pub use async_sink::{AsyncSink, AsyncSinkError};
pub use from_stream::{FromStream, FromTryStream, from_stream, from_try_stream};
pub use to_async_sink::{ToAsyncSink, WouldBlock, to_async_sink};
