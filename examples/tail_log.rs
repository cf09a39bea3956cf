//! Follows a log that another thread writes, until the log says that it ends.
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

/// Source of the lines of a file that grows: at its end it is idle rather than done.
///
/// * Shape: whole lines. One that is not yet written to its end is kept until it is.
/// * Memory: a line.
/// * Error: what cannot be read, or is not UTF-8.
#[derive(Debug)]
struct Tail {
    file: BufReader<File>,
    /// Bytes: what there is of a line may end inside a letter.
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
        // Appends to what there is of a line.
        self.file.read_until(b'\n', &mut self.line)?;
        match self.line.strip_suffix(b"\n") {
            Some(line) => {
                out.emit(std::str::from_utf8(line)?.to_owned())?;
                self.line.clear();
                Ok(Progress::More)
            }
            None => Ok(Progress::Idle), // whoever runs the pipeline asks again in a while
        }
    }
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// The whole example. It prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("server.log");
    let mut log = File::create(&path)?;
    let (read, until_read) = mpsc::channel();
    let server = thread::spawn(move || -> io::Result<()> {
        let parts: [&[u8]; 5] = [
            // The second line is cut in the middle of the last letter of "Zoë".
            b"started\nERROR: no paper, says Zo\xc3",
            b"\xab\nserving\n",
            b"ERROR: paper jam\n",
            b"shutting down\n",
            b"gone\n",
        ];
        for part in parts {
            log.write_all(part)?;
            // Goes on once the reader has read a line, so that it comes to the end of the file again and again.
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
    ensure!(outcome.output == 2, "a line that was written in two pieces is one");
    Ok(())
}
