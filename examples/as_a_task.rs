//! A pipeline on an async executor, between a stream and a sink of `futures`. It does not block the thread.
//!
//! ```text
//! cargo run --example as_a_task
//! ```

use std::io::{self, Write};

use anyhow::ensure;
use futures_executor::block_on;
use futures_util::{SinkExt as _, StreamExt as _, TryStreamExt as _, stream};
use syncline::interop::{AsyncSink, from_stream};
use syncline::prelude::*;
use syncline::{BoxError, size};

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    // The stream yields to other tasks before each number, like a socket that waits for data.
    let numbers = stream::iter(1..=10_u32).then(|n| async move {
        yield_once().await;
        n
    });
    let pipeline = Pipeline::new("squares", from_stream(numbers)).map(|n| n * n).buffer(const { size(4) });

    let mut sink = AsyncSink::new(Collect::new());
    block_on(
        // The pipeline is polled. It is pending while the stream is pending.
        pipeline.into_stream().map_err(BoxError::from).forward((&mut sink).sink_map_err(BoxError::from)),
    )
    .map_err(anyhow::Error::from_boxed)?;

    let chunks = sink.take_output().unwrap_or_default();
    writeln!(out, "{chunks:?}")?;
    ensure!(chunks.concat() == (1..=10).map(|n| n * n).collect::<Vec<_>>(), "all numbers arrive in order");
    Ok(())
}

/// A future that is pending once.
async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
