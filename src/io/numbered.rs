//! `Numbered`: reads lines, counts them, and bounds their length.

use std::io::{BufRead, Read};

use syncline_core::{Emit, Failure, Halt};

use super::watched::Watched;
use super::{NotText, RECORD_LIMIT, RecordTooLong};

/// A line reader that counts lines and reuses its buffer. It skips a byte order mark at the start of the text.
pub(super) struct Numbered<R> {
    reader: Watched<R>,
    line: Vec<u8>,
    limit: usize,
    /// The number of the current line.
    pub(super) number: u64,
    /// The number of bytes that were read.
    pub(super) bytes: u64,
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

impl<R: BufRead> Numbered<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader: Watched::new(reader), line: Vec::new(), limit: RECORD_LIMIT, number: 0, bytes: 0 }
    }

    /// The same reader with another bound for the length of a line.
    pub(super) fn with_limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    /// Tells the stages if reading the next line may block.
    pub(super) fn before_next<T>(&self, out: &mut impl Emit<T>) -> Result<(), Halt> {
        if self.reader.may_block() { out.before_blocking() } else { Ok(()) }
    }

    /// Reads the next line, without its line end. `None` at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, Failure> {
        self.line.clear();
        self.number += 1;
        let with_line_end = (self.limit as u64).saturating_add(2);
        let read = match (&mut self.reader).take(with_line_end).read_until(b'\n', &mut self.line) {
            Ok(0) => return Ok(None),
            Ok(read) => read,
            Err(error) => return Err(self.failure(error)),
        };
        self.bytes += read as u64;
        let mut start = 0;
        if self.number == 1 {
            if let Some(other) = NotText::recognise(&self.line) {
                return Err(self.failure(other));
            }
            if self.line.starts_with(MARK) {
                start = MARK.len();
            }
        }
        let mut end = self.line.len();
        if self.line[start..end].ends_with(b"\n") {
            end -= 1;
        }
        if self.line[start..end].ends_with(b"\r") {
            end -= 1;
        }
        if end > self.limit {
            return Err(self.failure(RecordTooLong::new(self.limit, "line_limit")));
        }
        Ok(Some(&self.line[start..end]))
    }

    /// Wraps `error` in a failure with the number of the current line.
    pub(super) fn failure<E: std::error::Error + Send + Sync + 'static>(&self, error: E) -> Failure {
        Failure::new(error).at(format_args!("line {}", self.number))
    }
}

#[cfg(test)]
mod tests {
    use super::Numbered;

    /// The lines of `text` with at most `limit` bytes, and the error behind them.
    fn read(text: &[u8], limit: usize) -> (Vec<String>, Option<String>) {
        let mut numbered = Numbered::new(text).with_limit(limit);
        let mut lines = Vec::new();
        loop {
            match numbered.next() {
                Ok(Some(line)) => lines.push(String::from_utf8_lossy(line).into_owned()),
                Ok(None) => return (lines, None),
                Err(failure) => return (lines, failure.record().map(str::to_owned)),
            }
        }
    }

    #[test]
    fn a_line_that_is_too_long_has_its_number_and_its_end_does_not_count() {
        for text in ["abc\nde", "abc\r\nde\r\n", "abc\nabc", "\n\nabc"] {
            let (lines, error) = read(text.as_bytes(), 3);
            let expected: Vec<_> = text.lines().collect();
            assert_eq!(
                (lines, error),
                (expected.iter().map(ToString::to_string).collect(), None),
                "{text:?}"
            );
        }
        for text in ["abc\nabcd", "abc\nabcd\n", "abc\r\nabcd\r\n", "abc\nabcdefghi\nj"] {
            let (lines, error) = read(text.as_bytes(), 3);
            assert_eq!((lines.len(), error.as_deref()), (1, Some("line 2")), "{text:?}");
        }
    }
}
