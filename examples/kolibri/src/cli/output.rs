//! Printing: to a pipe that nobody reads any more, too.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use anyhow::Context as _;
use serde::Serialize;

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
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// Prints `error` and what caused it on stderr, as one line.
pub(super) fn error(program: &str, error: &anyhow::Error) {
    let line = format!("{program}: {}", one_line(&chain(error)));
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

/// A message may quote what a database holds, and that may be anything: it must not break the line, nor reach the
/// terminal as a command.
fn one_line(message: &str) -> String {
    let mut line = String::with_capacity(message.len());
    for character in message.chars() {
        if character.is_control() {
            write!(line, "{}", character.escape_default()).expect("a string takes all that is written to it");
        } else {
            line.push(character);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_not_said_twice() {
        let sqlite = anyhow::anyhow!("Error code 5: database is locked").context("database is locked");
        assert_eq!(chain(&sqlite.context("cannot serialize x")), "cannot serialize x: database is locked");
    }

    #[test]
    fn a_message_is_one_line_without_commands() {
        assert_eq!(one_line("`a\nb\u{1b}[2J\0é` is odd"), r"`a\nb\u{1b}[2J\u{0}é` is odd");
    }
}
