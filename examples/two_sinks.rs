//! A log that is archived and also split by level into two files.
//!
//! ```text
//! cargo run --example two_sinks
//! ```

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use anyhow::ensure;
use syncline::io::{ToCsv, lines, to_csv};
use syncline::prelude::*;

const LOG: &str = "\
info starting
warning paper is low
error no paper
info printing
";

type Files = Vec<ToCsv<(String, String), File>>;

/// Splits a line into its level and its text.
fn split(line: &str) -> (String, String) {
    let (level, text) = line.split_once(' ').unwrap_or(("", line));
    (level.to_owned(), text.to_owned())
}

pipeline! {
    /// Writes every line to `archive`, and to one of two `files`: warnings and errors, or the rest.
    Sort(log: &[u8], archive: &mut Vec<String>, files: Files) -> Vec<u64> {
        lines(log)
            => tee(for_each(|line| { archive.push(line); Ok(()) }))
            => map(|line: String| split(&line))
            => route(files, |(level, _): &(String, String)| usize::from(level == "info"))
    }
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let create = |path: &Path| Ok::<_, io::Error>(to_csv(File::create(path)?));
    let (bad, fine) = (folder.path().join("bad.csv"), folder.path().join("fine.csv"));

    let mut archive = Vec::new();
    let outcome = Sort::run(LOG.as_bytes(), &mut archive, vec![create(&bad)?, create(&fine)?])?;
    writeln!(
        out,
        "{} lines; bad:\n{}\nfine:\n{}",
        archive.len(),
        fs::read_to_string(bad)?,
        fs::read_to_string(fine)?
    )?;
    ensure!(
        (archive.len(), outcome.output) == (4, vec![2, 2]),
        "each line is in the archive and in one file"
    );
    Ok(())
}
