//! What becomes of items that fail, and work on several threads.
//!
//! ```text
//! cargo run --example policies
//! ```

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::ensure;
use syncline::prelude::*;
use syncline::{retry, size, skip};

/// Reads a number.
fn parse(text: &str) -> Result<u64, Failure> {
    text.parse().map_err(|error| Failure::new(error).at(format_args!("{text:?}")))
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// The number of steps that it takes to come to one, by halving what is even and tripling what is odd, plus one.
fn steps(mut n: u64) -> u64 {
    let mut steps = 0;
    while n > 1 {
        n = if n.is_multiple_of(2) { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}

/// The whole example. It prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let numbers = ["27", "six", "97", "", "871"];

    // Two items may fail. What did is left out, and counted.
    let outcome = Pipeline::new("steps", from_iter(numbers))
        .try_map(|text| Ok(parse(text)?))
        .on_error(skip(2))
        // On two threads, in order; at most ten items are held.
        .map_parallel(const { size(2) }, 8, |n| (n, steps(n)))
        .end(Collect::new())
        .run()?;
    writeln!(out, "{:?}\n\n{}\n", outcome.output, outcome.report)?;
    ensure!(outcome.output == [(27, 111), (97, 118), (871, 178)], "order is kept");

    // Calls that fail now and then, on two threads: each that fails is tried again, in its place.
    let calls = AtomicU64::new(0);
    let outcome = Pipeline::new("calls", from_iter(1..=6_u64))
        .try_map_parallel(const { size(2) }, 8, |n| {
            // Every third call fails.
            if calls.fetch_add(1, Ordering::Relaxed) % 3 == 2 {
                Err(Failure::new("busy").into())
            } else {
                Ok(n * n)
            }
        })
        .on_error(retry(9, Duration::from_millis(1), |_| true))
        .end(Collect::new())
        .run()?;
    ensure!(outcome.output == [1, 4, 9, 16, 25, 36], "order is kept");
    let retried = outcome.report.stage("try_map").map_or(0, syncline::StageReport::retried);
    writeln!(out, "{:?}, some after another try\n", outcome.output)?;
    ensure!(retried >= 2, "every third call failed");

    // One item may fail, and the second ends the run.
    match Pipeline::new("strict", from_iter(numbers))
        .try_map(|text| Ok(parse(text)?))
        .on_error(skip(1))
        .end(Collect::new())
        .run()
    {
        Ok(_) => anyhow::bail!("two are no numbers"),
        Err(error) => writeln!(out, "{error}")?,
    }
    Ok(())
}
