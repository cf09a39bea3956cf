//! Merges sorted files into one sorted file, in constant memory.
//!
//! ```text
//! cargo run --example merge_sorted
//! ```

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::ensure;
use syncline::io::{Lines, lines};
use syncline::prelude::*;

pipeline! {
    /// The distinct lines of sorted files, in order.
    Merge(files: [Lines<BufReader<File>>; 3], merged: &mut impl Write) -> u64 {
        merge(files, by: String::clone)
            => dedup(String::clone)
            => for_each(|line| Ok(writeln!(merged, "{line}")?))
    }
}

fn open(path: &Path) -> io::Result<Lines<BufReader<File>>> {
    Ok(lines(BufReader::new(File::open(path)?)))
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = |name| folder.path().join(name);
    let numbers: Vec<_> = (0..1000).map(|n| format!("number {n:03}")).collect();
    fs::write(path("fruit"), "apple\nfig\nplum\n")?;
    fs::write(path("trees"), "ash\nfig\noak\n")?;
    fs::write(path("numbers"), numbers.join("\n"))?;

    let files = [open(&path("fruit"))?, open(&path("trees"))?, open(&path("numbers"))?];
    let mut merged = BufWriter::new(File::create(path("merged"))?);
    let outcome = Merge::run(files, &mut merged)?;
    merged.flush()?;

    let text = fs::read_to_string(path("merged"))?;
    let words: Vec<_> = text.lines().filter(|line| !line.starts_with("number")).collect();
    writeln!(out, "{} lines, with {}\n\n{}", outcome.output, words.join(", "), outcome.report)?;
    ensure!(text.lines().is_sorted(), "the merged file is sorted");
    ensure!(outcome.output == 1005, "each distinct line occurs once");
    Ok(())
}
