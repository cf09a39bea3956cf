//! Pipelines between streams and sinks of the crate `futures`.

pub use syncline_core::{
    AsyncSink, AsyncSinkError, FromStream, FromTryStream, ToAsyncSink, WouldBlock, from_stream,
    from_try_stream, to_async_sink,
};
