//! Streams and sinks of the crate `futures`, on either side of a pipeline.

pub use syncline_core::{
    AsyncSink, AsyncSinkError, FromStream, FromTryStream, ToAsyncSink, WouldBlock, from_stream,
    from_try_stream, to_async_sink,
};
