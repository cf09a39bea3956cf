//! The source `lines`: the lines of a text.

use std::fmt;
use std::io::{self, BufRead};

use syncline_core::{Emit, Failure, Halt, Progress, Source};

use super::CHUNK;

/// A source of the lines of a text, without their line ends `\n` or `\r\n`.
///
/// ```
/// use syncline::prelude::*;
///
/// let text: &[u8] = b"one\r\n\ntwo";
/// let outcome = Pipeline::new("lines", syncline::io::lines(text)).end(Collect::new()).run()?;
/// assert_eq!(outcome.output, ["one", "", "two"]);
/// # Ok::<(), syncline::Error>(())
/// ```
pub fn lines<R: BufRead>(reader: R) -> Lines<R> {
    Lines { numbered: Numbered::new(reader) }
}

/// Source of [`lines`].
///
/// * Shape: one `String` for each line, including blank lines. The last line needs no line end. A byte order mark is
///   part of the first line.
/// * Memory: one line, of any length, and the reader's buffer.
/// * Error: a read error, or a line that is not UTF-8, with the number of the line.
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct Lines<R> {
    numbered: Numbered<R>,
}

impl<R: BufRead> Source for Lines<R> {
    type Item = String;

    fn advance(&mut self, out: &mut impl Emit<String>) -> Result<Progress, Halt> {
        for _ in 0..CHUNK {
            let Some(line) = self.numbered.next()? else { return Ok(Progress::Done) };
            match std::str::from_utf8(line) {
                Ok(line) => out.emit(line.to_owned())?,
                Err(error) => return Err(self.numbered.failure(error).into()),
            }
        }
        Ok(Progress::More)
    }

    fn name(&self) -> &'static str {
        "lines"
    }
}

impl<R> fmt::Debug for Lines<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("line", &self.numbered.number).finish_non_exhaustive()
    }
}

/// A line reader that counts lines and reuses its buffer.
pub(super) struct Numbered<R> {
    reader: R,
    line: Vec<u8>,
    pub(super) number: u64,
    /// `true` to remove a byte order mark at the start of the text.
    skips_mark: bool,
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

impl<R: BufRead> Numbered<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, line: Vec::new(), number: 0, skips_mark: false }
    }

    /// A reader that removes a byte order mark at the start of the text.
    #[cfg(feature = "json")]
    pub(super) fn without_mark(reader: R) -> Self {
        Self { skips_mark: true, ..Self::new(reader) }
    }

    /// Reads the next line, without its line end. `None` at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, Failure> {
        self.line.clear();
        self.number += 1;
        match self.reader.read_until(b'\n', &mut self.line) {
            Ok(0) => Ok(None),
            Ok(_) => {
                let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                let marked = self.skips_mark && self.number == 1;
                Ok(Some(if marked { line.strip_prefix(MARK).unwrap_or(line) } else { line }))
            }
            Err(error) => Err(self.failure::<io::Error>(error)),
        }
    }

    /// Wraps `error` in a failure with the number of the current line.
    pub(super) fn failure<E: std::error::Error + Send + Sync + 'static>(&self, error: E) -> Failure {
        Failure::new(error).at(format_args!("line {}", self.number))
    }
}

#[cfg(test)]
mod tests {
    use syncline_core::{Collect, Error, Pipeline};

    use super::lines;

    fn read(text: &[u8]) -> Result<Vec<String>, Error> {
        Ok(Pipeline::new("test", lines(text)).end(Collect::new()).run()?.output)
    }

    #[test]
    fn a_line_ends_in_lf_crlf_or_the_end() {
        assert_eq!(read(b"").unwrap(), [""; 0]);
        assert_eq!(read(b"\n").unwrap(), [""]);
        assert_eq!(read(b"a\nb\r\nc\rd").unwrap(), ["a", "b", "c\rd"]);
        assert_eq!(read(b"a\r\n").unwrap(), ["a"]);
        assert_eq!(read("x\n".repeat(1000).as_bytes()).unwrap().len(), 1000);
    }

    #[test]
    fn what_is_not_utf_8_is_an_error_with_its_line() {
        let error = read(b"a\n\nb\xff\nc").unwrap_err();
        assert_eq!(error.to_string(), "pipeline test failed in stage lines at line 3");
    }
}
