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
    let line = format!("{program}: {}", one_line(&format!("{error:#}")));
    // When stderr is gone too, the exit status is all that is left.
    let _ = writeln!(io::stderr(), "{line}");
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
    fn a_message_is_one_line_without_commands() {
        assert_eq!(one_line("`a\nb\u{1b}[2J\0é` is odd"), r"`a\nb\u{1b}[2J\u{0}é` is odd");
    }
}
