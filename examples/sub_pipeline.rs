//! A part that several pipelines have in common: stages without a source and a sink, declared once.
//!
//! ```text
//! cargo run --example sub_pipeline
//! ```

use std::io::{self, Write};

use anyhow::ensure;
use syncline::BoxedPipeline;
use syncline::prelude::*;

pipeline! {
    /// Lines without comments, space around them, and blank ones, in lower case.
    Tidy(comment: char): String -> String {
        map(move |line| line.split(comment).next().unwrap_or_default().trim().to_lowercase())
            => filter(|line| !line.is_empty())
    }
}

pipeline! {
    /// How long the lines of a text are.
    Lengths(text: &[u8]) -> Vec<usize> {
        syncline::io::lines(text) => through(Tidy('#')) => map(|line| line.len()) => Collect::new()
    }
}

/// A shopping list, and what makes a list of another kind of it: a pipeline as a value.
struct Shop<'a> {
    name: &'static str,
    list: BoxedPipeline<'a, Vec<String>>,
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// The whole example. It prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let lengths = Lengths::run(b"Bread  # rye\n\n# nothing else\n  MILK\n")?;
    writeln!(out, "lengths: {:?}\n\n{}\n", lengths.output, lengths.report)?;
    writeln!(out, "{}\n", Lengths::graph())?;

    // The same part behind another source, without the macro; and the whole put away, to be run later.
    let items = ["Salt -- fine".to_owned(), "--".to_owned()];
    let list = Pipeline::new("list", from_iter(items)).through(|lines| Tidy::extend(lines, '-'));
    let shop = Shop { name: "corner", list: list.end(Collect::new()).boxed() };
    let listed = shop.list.run()?.output;
    writeln!(out, "{}: {listed:?}", shop.name)?;

    ensure!(lengths.output == [5, 4] && listed == ["salt"], "the same was done to both");
    // The part's stages are stages of the whole: they have rows of their own in the report.
    let filtered = lengths.report.stage("filter").map(syncline::StageReport::filtered);
    ensure!(filtered == Some(2), "two were filtered");
    Ok(())
}
