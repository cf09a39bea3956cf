//! A part that several pipelines have in common: a function from a pipeline to a longer one.
//!
//! ```text
//! cargo run --example sub_pipeline
//! ```

use std::io::{self, Write};

use anyhow::ensure;
use syncline::prelude::*;
use syncline::{Chain, Meter};

/// Lines without comments, space around them, and blank ones, in lower case.
///
/// `Chain` is whatever stages came before, `Meter` whether the pipeline counts.
fn tidy<C: Chain<Item = String>, M: Meter>(
    lines: Pipeline<String, C, M>,
) -> Pipeline<String, impl Chain<Item = String>, M> {
    lines
        .map(|line| line.split('#').next().unwrap_or_default().trim().to_lowercase())
        .filter(|line| !line.is_empty())
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// The whole example. It prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let text: &[u8] = b"Bread  # rye\n\n# nothing else\n  MILK\n";

    let from_text = Pipeline::new("from text", syncline::io::lines(text));
    let counted = tidy(from_text).map(|line| line.len()).end(Collect::new()).run()?;
    writeln!(out, "lengths: {:?}\n\n{}\n", counted.output, counted.report)?;

    let from_list = Pipeline::unmetered("from a list", from_iter(["Salt #fine", "#"])).map(str::to_owned);
    let listed = tidy(from_list).end(Collect::new()).run()?.output;
    writeln!(out, "list: {listed:?}")?;

    ensure!(counted.output == [5, 4] && listed == ["salt"], "the same was done to both");
    // The part's stages are stages of the whole: they have rows of their own in the report.
    ensure!(
        counted.report.stage("filter").map(syncline::StageReport::filtered) == Some(2),
        "two were filtered"
    );
    Ok(())
}
