//! What becomes of items that fail, and work on several threads.
//!
//! ```text
//! cargo run --example policies
//! ```

use std::io::{self, Write};

use anyhow::ensure;
use syncline::prelude::*;
use syncline::{size, skip};

/// Reads numbers.
struct Parse;

impl Transform for Parse {
    type In = &'static str;
    type Out = u64;

    fn transform(&mut self, text: &'static str) -> Result<Option<u64>, Halt> {
        Ok(Some(text.parse().map_err(|error| Failure::new(error).at(format_args!("{text:?}")))?))
    }
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
        .pipe(Parse)
        .on_error(skip(2))
        // On two threads, in order; at most ten items are held.
        .map_parallel(const { size(2) }, 8, |n| (n, steps(n)))
        .end(Collect::new())
        .run()?;
    writeln!(out, "{:?}\n\n{}\n", outcome.output, outcome.report)?;
    ensure!(outcome.output == [(27, 111), (97, 118), (871, 178)], "order is kept");

    // One item may fail, and the second ends the run.
    match Pipeline::new("strict", from_iter(numbers)).pipe(Parse).on_error(skip(1)).end(Collect::new()).run()
    {
        Ok(_) => anyhow::bail!("two are no numbers"),
        Err(error) => writeln!(out, "{error}")?,
    }
    Ok(())
}
