//! A service on tokio that writes measurements in chunks. When it is stopped, it writes what it has taken.
//!
//! ```text
//! cargo run --example service
//! ```

use std::io::{self, Write};

use anyhow::ensure;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use syncline::interop::from_stream;
use syncline::prelude::*;
use syncline::size;
use tokio::sync::{mpsc, oneshot};

/// Receives measurements until `stop` is sent or dropped, or no sender is left, and gives `write` chunks of up to four.
async fn serve(
    mut measured: mpsc::Receiver<u32>,
    stop: oneshot::Receiver<()>,
    mut write: impl FnMut(Vec<u32>),
) -> Result<(), syncline::Error> {
    let mut stop = stop.fuse();
    let measurements = stream::poll_fn(move |context| {
        if stop.poll_unpin(context).is_ready() {
            // From now on senders get an error. What they have sent is still received.
            measured.close();
        }
        measured.poll_recv(context)
    });
    let pipeline =
        Pipeline::new("service", from_stream(measurements)).filter(|n| *n > 0).buffer(const { size(4) });
    let mut chunks = pipeline.into_stream();
    while let Some(chunk) = chunks.next().await {
        write(chunk?);
    }
    Ok(())
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let (sender, receiver) = mpsc::channel(16);
    let (stop, stopped) = oneshot::channel();
    let mut stop = Some(stop);
    let mut written = Vec::new();
    let accepted = runtime.block_on(async {
        let client = tokio::spawn(async move {
            let mut accepted = 0;
            while sender.send(accepted + 1).await.is_ok() {
                accepted += 1;
            }
            accepted
        });
        let write = |chunk| {
            written.push(chunk);
            if written.len() == 2 {
                // In a service, a signal of the system does this.
                drop(stop.take());
            }
        };
        serve(receiver, stopped, write).await?;
        Ok::<u32, anyhow::Error>(client.await?)
    })?;
    writeln!(out, "{written:?}")?;
    ensure!(written.concat() == (1..=accepted).collect::<Vec<_>>(), "what was accepted is written");
    Ok(())
}
