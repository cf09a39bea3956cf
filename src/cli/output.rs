//! Printing: to a pipe that nobody reads any more, too.

use std::io::{self, Write as _};

use anyhow::Context as _;
use serde::Serialize;

use super::table::printable;

/// Prints `text` and a line break on stdout. That the reader has gone, as `head` does, is no error.
pub(super) fn text(text: &str) -> anyhow::Result<()> {
    match write_line(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("printing the result"),
        _ => Ok(()),
    }
}

/// Prints `value` as JSON, on one line.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    text(&serde_json::to_string(value)?)
}

fn write_line(text: &str) -> io::Result<()> {
    // Colours are for terminals, and for those who want them.
    let mut stdout = anstream::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// Prints `error` and what caused it on stderr, as one line.
pub(super) fn error(program: &str, error: &anyhow::Error) {
    let line = format!("{program}: {}", printable(&chain(error)));
    // When stderr is gone too, the exit status is all that is left.
    let _ = writeln!(io::stderr(), "{line}");
}

/// What happened, and why, and why that. A cause that only says again what was just said is left out, as SQLite's does.
fn chain(error: &anyhow::Error) -> String {
    let mut chain = String::new();
    let mut last = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !last.is_empty() {
            if cause.ends_with(&last) {
                continue;
            }
            chain.push_str(": ");
        }
        chain.push_str(&cause);
        last = cause;
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_not_said_twice() {
        let sqlite = anyhow::anyhow!("Error code 5: database is locked").context("database is locked");
        assert_eq!(chain(&sqlite.context("cannot serialize x")), "cannot serialize x: database is locked");
    }
}
