//! Pipelines between streams and sinks of the crate `futures`.

pub use syncline_core::{
    AsyncSink, AsyncSinkError, FromStream, FromTryStream, MapAsync, ToAsyncSink, WouldBlock, from_stream,
    from_try_stream, to_async_sink,
};
