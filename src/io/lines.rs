//! The sources `lines` and `lines_results`: the lines of a text.

use std::fmt;
use std::io::BufRead;

use syncline_core::{Emit, Halt, Progress, Source};

use super::BadRecord;
use super::numbered::Numbered;

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
///
/// Text in another encoding is read through `decode`, with the feature `encoding_rs`.
pub fn lines<R: BufRead>(reader: R) -> Lines<R> {
    Lines { numbered: Numbered::new(reader) }
}

/// Source of [`lines`].
///
/// * Shape: one `String` for each line, including blank lines. The last line needs no line end. A byte order mark at the
///   start of the text is skipped.
/// * Memory: one line of at most [16 MiB](Lines::line_limit), and the reader's buffer.
/// * Latency: lines wait for no other line. In front of a parallel stage, all lines that were read are processed and
///   emitted before a read that may block: one behind a read that did not fill the buffer, as with a pipe. A reader of a
///   file never waits. To read on while lines are processed, use [`read_ahead`](crate::source::read_ahead).
/// * Error: a read error, a line that is not UTF-8 or is [too long](super::RecordTooLong), with the number of the line,
///   or a file that is [no text](super::NotText).
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct Lines<R> {
    numbered: Numbered<R>,
}

impl<R: BufRead> Lines<R> {
    /// Sets the largest length of a line in bytes, without its line end. The default is 16 MiB. A longer line is an error.
    pub fn line_limit(self, bytes: usize) -> Self {
        Self { numbered: self.numbered.with_limit(bytes) }
    }
}

impl<R: BufRead> Source for Lines<R> {
    type Item = String;

    fn advance(&mut self, out: &mut impl Emit<String>) -> Result<Progress, Halt> {
        for _ in 0..out.chunk() {
            self.numbered.before_next(out)?;
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

/// Like [`lines`], but a line that is not UTF-8 is an item as well: a [`BadRecord`]. A policy can skip it or send it to
/// another sink.
///
/// ```
/// use syncline::io::{BadRecord, lines_results};
/// use syncline::prelude::*;
///
/// pipeline! {
///     Words(text: &[u8]) -> Vec<String> {
///         lines_results(text)
///             => try_map(|line: Result<String, BadRecord>| Ok(line?)) on_error skip(1)
///             => Collect::new()
///     }
/// }
///
/// assert_eq!(Words::run(b"one\n\xff\ntwo")?.output, ["one", "two"]);
/// # Ok::<(), syncline::Error>(())
/// ```
pub fn lines_results<R: BufRead>(reader: R) -> LinesResults<R> {
    LinesResults(lines(reader))
}

/// Source of [`lines_results`].
///
/// * Shape: that of [`Lines`], and a [`BadRecord`] for each line that is not UTF-8.
/// * Memory: that of [`Lines`].
/// * Error: a read error, a line that is too long, a file that is no text.
#[derive(Debug)]
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct LinesResults<R>(Lines<R>);

impl<R: BufRead> LinesResults<R> {
    /// Sets the largest length of a line: see [`Lines::line_limit`].
    pub fn line_limit(self, bytes: usize) -> Self {
        Self(self.0.line_limit(bytes))
    }
}

impl<R: BufRead> Source for LinesResults<R> {
    type Item = Result<String, BadRecord>;

    fn advance(&mut self, out: &mut impl Emit<Self::Item>) -> Result<Progress, Halt> {
        let numbered = &mut self.0.numbered;
        for _ in 0..out.chunk() {
            numbered.before_next(out)?;
            let Some(line) = numbered.next()? else { return Ok(Progress::Done) };
            match std::str::from_utf8(line) {
                Ok(line) => out.emit(Ok(line.to_owned()))?,
                Err(error) => out.emit(Err(BadRecord::new(&numbered.failure(error))))?,
            }
        }
        Ok(Progress::More)
    }

    fn name(&self) -> &'static str {
        "lines_results"
    }
}

#[cfg(test)]
mod tests {
    use syncline_core::{Collect, Error, Pipeline};

    use super::{lines, lines_results};

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
    fn a_byte_order_mark_is_no_part_of_the_first_line() {
        assert_eq!(read(b"\xef\xbb\xbfa\n\xef\xbb\xbfb").unwrap(), ["a", "\u{feff}b"]);
        assert_eq!(read(b"\xef\xbb\xbf").unwrap(), [""]);
    }

    #[test]
    fn what_is_not_utf_8_is_an_error_with_its_line() {
        let error = read(b"a\n\nb\xff\nc").unwrap_err();
        assert_eq!(error.to_string(), "pipeline test failed in stage lines at line 3");
    }

    #[test]
    fn what_is_behind_a_bad_line_is_read() {
        let source = lines_results(&b"a\nb\xff\nc"[..]);
        let items = Pipeline::new("test", source).end(Collect::new()).run().unwrap().output;
        let items: Vec<_> = items.into_iter().map(|item| item.map_err(|bad| bad.at)).collect();
        assert_eq!(items, [Ok("a".to_owned()), Err("line 2".to_owned()), Ok("c".to_owned())]);
    }

    #[test]
    fn a_line_that_is_too_long_is_an_error_with_its_line() {
        let run = Pipeline::new("test", lines(&b"abc\nabcd\n"[..]).line_limit(3)).end(Collect::new()).run();
        let error = run.unwrap_err();
        assert_eq!(error.record(), Some("line 2"));
        assert!(error.into_source().to_string().starts_with("it is longer than 3 bytes"));
    }
}
