//! A part that several pipelines share: stages without a source and a sink.
//!
//! ```text
//! cargo run --example sub_pipeline
//! ```

use std::io::{self, Write};

use anyhow::ensure;
use syncline::prelude::*;
use syncline::run::BoxedPipeline;

pipeline! {
    /// Removes comments, surrounding space and blank lines, and converts to lower case.
    Tidy(comment: char): String -> String {
        map(move |line| line.split(comment).next().unwrap_or_default().trim().to_lowercase())
            => filter(|line| !line.is_empty())
    }
}

pipeline! {
    /// The lengths of the lines of a text.
    Lengths(text: &[u8]) -> Vec<usize> {
        syncline::io::lines(text) => through(Tidy('#')) => map(|line| line.len()) => Collect::new()
    }
}

/// A shop and a pipeline for its shopping list: a pipeline as a value.
struct Shop<'a> {
    name: &'static str,
    list: BoxedPipeline<'a, Vec<String>>,
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let lengths = Lengths::run(b"Bread  # rye\n\n# nothing else\n  MILK\n")?;
    writeln!(out, "lengths: {:?}\n\n{}\n", lengths.output, lengths.report)?;
    writeln!(out, "{}\n", Lengths::graph())?;

    // The same part behind another source, without the macro. The boxed pipeline runs later.
    let items = ["Salt -- fine".to_owned(), "--".to_owned()];
    let list = Pipeline::new("list", from_iter(items)).through(|lines| Tidy::extend(lines, '-'));
    let shop = Shop { name: "corner", list: list.end(Collect::new()).boxed() };
    let listed = shop.list.run()?.output;
    writeln!(out, "{}: {listed:?}", shop.name)?;

    ensure!(lengths.output == [5, 4] && listed == ["salt"], "the part did the same in both pipelines");
    // The part's stages are stages of the whole pipeline, with rows in its report.
    let filtered = lengths.report.stage("filter").map(syncline::report::StageReport::filtered);
    ensure!(filtered == Some(2), "two lines were filtered");
    Ok(())
}
