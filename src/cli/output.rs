//! Printing of results, notes and errors.

use std::io::{self, Write as _};

use anyhow::Context as _;
use serde::Serialize;

use super::table::printable;

/// Prints `text` and a line break on stdout. A closed pipe, as after `| head`, is no error.
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
    // `anstream` removes colours if stdout is no terminal, or if the user does not want them.
    let mut stdout = anstream::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// Prints a line about the progress of the command on stderr.
pub(super) fn note(program: &str, message: &str) {
    // A closed stderr is no reason to stop.
    let _ = writeln!(io::stderr(), "{program}: {}", printable(message));
}

/// Prints `error` and what caused it on stderr, as one line.
pub(super) fn error(program: &str, error: &anyhow::Error) {
    let line = format!("{program}: {}", printable(&chain(error)));
    // If stderr is closed, the exit status still reports the failure.
    let _ = writeln!(io::stderr(), "{line}");
}

/// The messages of an error and its causes, joined by colons. A cause that only repeats the message before it is left out;
/// SQLite's does.
pub(super) fn chain(error: &anyhow::Error) -> String {
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
