//! A pipeline over plain Rust values and a file, without a model or a database: the most frequent words of a text.
//!
//! ```text
//! cargo run --example custom_pipeline [FILE]
//! ```
//!
//! Without a file it reads this project's README.

use std::collections::HashMap;
use std::env;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use syncline::prelude::*;

syncline::pipeline! {
    /// The most frequent words of a text, in lower case.
    MostFrequentWords<R: BufRead>(text: R, keep: usize) -> Frequencies {
        from_iter(text.lines())
            => ReadLine::default()
            => flat_map(|line| words(&line))
            => filter(|word| word.chars().count() > 1)
            => MostFrequent::new(keep)
    }
}

/// A stage of your own: it unwraps the results of reading lines, and adds the number of the line to an error.
#[derive(Debug, Default)]
struct ReadLine {
    lines: u64,
}

impl Transform for ReadLine {
    type In = io::Result<String>;
    type Out = String;

    fn transform(&mut self, line: io::Result<String>) -> Result<Option<String>, Halt> {
        self.lines += 1;
        let line = line.map_err(|error| Failure::new(error).at(format_args!("line {}", self.lines)))?;
        // The report counts blank lines as filtered.
        Ok((!line.trim().is_empty()).then_some(line))
    }
}

/// The words of a line: its runs of letters.
fn words(line: &str) -> Vec<String> {
    line.split(|character: char| !character.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// A sink of your own: it counts words, and returns the most frequent.
///
/// Its memory grows with the number of different words, not with the length of the text.
#[derive(Debug)]
struct MostFrequent {
    keep: usize,
    total: u64,
    counts: HashMap<String, u64>,
}

/// The output of [`MostFrequent`].
#[derive(Debug)]
pub(crate) struct Frequencies {
    /// The number of words.
    total: u64,
    /// The number of different words.
    different: usize,
    /// The most frequent words with their counts, in descending order of counts and then in alphabetical order.
    top: Vec<(String, u64)>,
}

impl MostFrequent {
    fn new(keep: usize) -> Self {
        Self { keep, total: 0, counts: HashMap::new() }
    }
}

impl Sink for MostFrequent {
    type In = String;
    type Output = Frequencies;

    fn consume(&mut self, word: String) -> Result<(), Halt> {
        self.total += 1;
        *self.counts.entry(word).or_default() += 1;
        Ok(())
    }

    fn finish(self) -> Result<Frequencies, Failure> {
        let Self { keep, total, counts } = self;
        let different = counts.len();
        let mut top: Vec<_> = counts.into_iter().collect();
        top.sort_by(|(a, often), (b, less)| less.cmp(often).then_with(|| a.cmp(b)));
        top.truncate(keep);
        Ok(Frequencies { total, different, top })
    }
}

fn main() -> anyhow::Result<()> {
    let path = env::args_os().nth(1).map_or_else(readme, PathBuf::from);
    let file = File::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
    run(BufReader::new(file), &mut io::stdout().lock())
        .with_context(|| format!("cannot count the words of {}", path.display()))
}

fn readme() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// Runs the example and prints to `out`.
pub(crate) fn run(text: impl BufRead, out: &mut impl Write) -> anyhow::Result<()> {
    let outcome = MostFrequentWords::run(text, 10)?;
    let Frequencies { total, different, top } = &outcome.output;
    writeln!(out, "{total} words, {different} of them different; the most frequent:\n")?;
    for (word, count) in top {
        writeln!(out, "{count:>6}  {word}")?;
    }
    writeln!(out, "\n{}\n\n{}", MostFrequentWords::graph().one_line(), outcome.report)?;

    let handed_on = outcome.report.stage("filter").and_then(syncline::report::StageReport::items_out);
    ensure!(handed_on == Some(*total), "every word that the filter passed on is counted");
    ensure!(top.iter().is_sorted_by(|(_, more), (_, less)| more >= less), "the most frequent come first");
    Ok(())
}
