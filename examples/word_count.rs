//! Counts the lines, words and bytes of a large file, in constant memory.
//!
//! ```text
//! cargo run --release --example word_count [FILE]
//! ```
//!
//! Without a file it counts a generated text of 500,000 lines.

use std::env;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, ensure};
use syncline::io::lines;
use syncline::prelude::*;

/// The counts of a line, or of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    lines: u64,
    words: u64,
    /// The bytes of the text without its line ends.
    bytes: usize,
}

/// A sink that adds up the counts of lines.
#[derive(Debug, Default)]
struct Total(Counts);

impl Sink for Total {
    type In = Counts;
    type Output = Counts;

    fn consume(&mut self, line: Counts) -> Result<(), Halt> {
        self.0.lines += line.lines;
        self.0.words += line.words;
        self.0.bytes += line.bytes;
        Ok(())
    }

    fn finish(self) -> Result<Counts, Failure> {
        Ok(self.0)
    }
}

syncline::pipeline! {
    /// Counts the lines of a file and adds them up.
    WordCount(file: File) -> Counts {
        lines(BufReader::new(file))
            => map(|line| Counts {
                lines: 1,
                words: line.split_whitespace().map(|_| 1_u64).sum(),
                bytes: line.len(),
            })
            => Total::default()
    }
}

fn main() -> anyhow::Result<()> {
    let out = &mut io::stdout().lock();
    match env::args_os().nth(1) {
        Some(path) => count(Path::new(&path), out).map(|_| ()),
        None => run(500_000, out),
    }
}

fn count(path: &Path, out: &mut impl Write) -> anyhow::Result<Counts> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let outcome = WordCount::run(file)?;
    let Counts { lines, words, bytes } = outcome.output;
    writeln!(out, "{lines} lines, {words} words, {bytes} bytes\n\n{}", outcome.report)?;
    Ok(outcome.output)
}

/// Runs the example on a generated text of `lines` lines and prints to `out`.
pub(crate) fn run(lines: u64, out: &mut impl Write) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("large.txt");
    let mut file = BufWriter::new(File::create(&path)?);
    for _ in 0..lines {
        writeln!(file, "a rose is a rose")?;
    }
    file.into_inner()?.sync_all()?;

    let counts = count(&path, out)?;
    let expected = Counts { lines, words: 5 * lines, bytes: 16 * usize::try_from(lines)? };
    ensure!(counts == expected, "counted {counts:?}, expected {expected:?}");
    Ok(())
}
