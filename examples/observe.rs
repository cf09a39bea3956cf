//! The graph of a pipeline before a run, its progress during the run, and its report afterwards.
//!
//! ```text
//! cargo run --example observe
//! ```

use std::io::{self, Write};
use std::thread::sleep;
use std::time::Duration;

use anyhow::ensure;
use syncline::RunOptions;
use syncline::prelude::*;
use syncline::run::tell_progress;

pipeline! {
    /// Prices with tax, in pages of a hundred.
    Prices(cents: &[u64], tax_percent: u64) -> Vec<Vec<u64>> {
        from_iter(cents.iter().copied())
            => filter(|cents| *cents > 0)
            => map(|cents| ask_the_office(cents, tax_percent))
            => buffer(100)
            => Collect::new()
    }
}

/// A slow calculation.
fn ask_the_office(cents: u64, tax_percent: u64) -> u64 {
    sleep(Duration::from_micros(20));
    cents + cents * tax_percent / 100
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    // The graph needs no run. `mermaid()` and `dot()` return it for drawing tools.
    writeln!(out, "{}\n", Prices::graph())?;

    // The observer of the run is a closure. `syncline::Bar` draws a bar on a terminal.
    let cents: Vec<u64> = (0..600).collect();
    let mut told = Vec::new();
    let options = RunOptions::new().observed_by(tell_progress(|done, total| told.push((done, total))));
    let report = Prices::run_with(&cents, 20, options)?.report;
    for (done, total) in &told {
        writeln!(out, "{done} of {}", total.map_or("?".to_owned(), |total| total.to_string()))?;
    }

    // The report of the finished run.
    writeln!(out, "\n{report}")?;
    let slowest = report.bottleneck().map(syncline::report::StageReport::name);
    ensure!(slowest == Some("map"), "`map` is the slowest stage");
    Ok(())
}
