//! A source that follows a growing log, until a line marks its end.
//!
//! ```text
//! cargo run --example tail_log
//! ```

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::sync::mpsc;
use std::thread;

use anyhow::ensure;
use syncline::prelude::*;

/// A source of the lines of a growing file. At the end of the file it is idle instead of done.
///
/// * Shape: complete lines. An incomplete line is held until the rest is written.
/// * Memory: one line.
/// * Error: a read error, or a line that is not UTF-8.
#[derive(Debug)]
struct Tail {
    file: BufReader<File>,
    /// The line so far, as bytes: it may end within a character.
    line: Vec<u8>,
}

impl Tail {
    fn of(file: File) -> Self {
        Self { file: BufReader::new(file), line: Vec::new() }
    }
}

impl Source for Tail {
    type Item = String;

    fn advance(&mut self, out: &mut impl Emit<String>) -> Result<Progress, Halt> {
        // Appends to the incomplete line.
        self.file.read_until(b'\n', &mut self.line)?;
        match self.line.strip_suffix(b"\n") {
            Some(line) => {
                out.emit(std::str::from_utf8(line)?.to_owned())?;
                self.line.clear();
                Ok(Progress::More)
            }
            None => Ok(Progress::Idle), // the driver calls `advance` again later
        }
    }
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("server.log");
    let mut log = File::create(&path)?;
    let (read, until_read) = mpsc::channel();
    let server = thread::spawn(move || -> io::Result<()> {
        let parts: [&[u8]; 5] = [
            // The second line is cut within the last letter of "Zoë".
            b"started\nERROR: no paper, says Zo\xc3",
            b"\xab\nserving\n",
            b"ERROR: paper jam\n",
            b"shutting down\n",
            b"gone\n",
        ];
        for part in parts {
            log.write_all(part)?;
            // Waits until the reader has read a line, so that the reader reaches the end of the file several times.
            if until_read.recv().is_err() {
                break;
            }
        }
        Ok(())
    });

    let outcome = Pipeline::new("tail", Tail::of(File::open(&path)?))
        .take_while(|line| line != "shutting down")
        .inspect(|_| read.send(()).is_ok())
        .filter(|line| line.starts_with("ERROR"))
        .end(for_each(|line: String| Ok(writeln!(out, "{line}")?)))
        .run()?;
    drop(read);
    server.join().expect("the server does not panic")?;

    writeln!(out, "\n{} errors until the end of the log\n\n{}", outcome.output, outcome.report)?;
    ensure!(outcome.output == 2, "a line that was written in two pieces is one item");
    Ok(())
}
