//! Sources and sinks for the streams and sinks of the crate `futures`.
//!
//! An executor that polls a pipeline must never wait: each poll advances the pipeline by one chunk, and a stream
//! without an item registers the task's waker. A thread that *runs* a pipeline may wait. It parks, and the stream's
//! waker unparks it.

mod async_sink;
mod from_stream;
pub(crate) mod map_async;
pub(crate) mod timer;
mod to_async_sink;
pub(crate) mod waker;

pub use async_sink::{AsyncSink, AsyncSinkError};
pub use from_stream::{FromStream, FromTryStream, from_stream, from_try_stream};
pub use map_async::MapAsync;
pub use to_async_sink::{ToAsyncSink, WouldBlock, to_async_sink};
