//! The JSON lines sources `from_json_lines` and `from_json_lines_results`.

use std::fmt;
use std::io::BufRead;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use syncline_core::{Emit, Failure, Halt, Progress, Source};

use super::InvalidJson;
use crate::io::BadRecord;
use crate::io::numbered::Numbered;

/// A source that reads a value of type `T` from each line of JSON. Needs the feature `json`.
///
/// ```
/// use syncline::io::from_json_lines;
/// use syncline::prelude::*;
///
/// #[derive(Debug, serde::Deserialize)]
/// struct Note { title: String }
///
/// let text: &[u8] = br#"{"title": "Bread"}
///
/// {"title": 12}
/// "#;
/// let mut notes = Pipeline::new("notes", from_json_lines::<Note, _>(text)).into_iter();
/// assert_eq!(notes.next().unwrap()?.title, "Bread");
///
/// let error = notes.next().unwrap().unwrap_err();
/// assert_eq!(error.to_string(), "pipeline notes failed in stage from_json_lines at line 3");
/// assert_eq!(
///     error.into_source().to_string(),
///     "invalid type: integer `12`, expected a string, at column 12"
/// );
/// # Ok::<(), syncline::Error>(())
/// ```
///
/// Fields of numbers keep all digits. A type that takes any number, such as `serde_json::Value`, has integers up to 64
/// bits, and floats for all others. Of two equal keys in one object a struct refuses the second, and a map keeps its
/// value alone.
pub fn from_json_lines<T: DeserializeOwned, R: BufRead>(reader: R) -> FromJsonLines<T, R> {
    FromJsonLines { lines: Numbered::new(reader), is_first: true, items: PhantomData }
}

/// Source of [`from_json_lines`].
///
/// * Shape: one item for each line, in order. A line ends in `\n` or `\r\n`, or at the end of the text. Blank lines are
///   skipped, but counted. A byte order mark at the start of the text is skipped.
/// * Memory: one line of at most [16 MiB](FromJsonLines::line_limit), its value, and the reader's buffer.
/// * Error: a read error, or a line that is not a `T` in JSON ([`InvalidJson`]) or is
///   [too long](crate::io::RecordTooLong), with the number of the line, or a file that is [no text](crate::io::NotText).
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct FromJsonLines<T, R> {
    lines: Numbered<R>,
    /// `true` until a line was a value.
    is_first: bool,
    items: PhantomData<fn() -> T>,
}

/// Like [`from_json_lines`], but an invalid line is an item as well: a [`BadRecord`]. A policy can skip it or send it
/// to another sink, as in `try_map(|note: Result<Note, BadRecord>| Ok(note?)) on_error skip(10)`.
pub fn from_json_lines_results<T: DeserializeOwned, R: BufRead>(reader: R) -> FromJsonLinesResults<T, R> {
    FromJsonLinesResults(from_json_lines(reader))
}

/// Source of [`from_json_lines_results`].
///
/// * Shape: that of [`FromJsonLines`], and a [`BadRecord`] for each line that is not a `T` in JSON.
/// * Memory: that of [`FromJsonLines`].
/// * Error: a read error, a line that is too long, a file that is no text.
#[derive(Debug)]
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct FromJsonLinesResults<T, R>(FromJsonLines<T, R>);

impl<T: DeserializeOwned, R: BufRead> Source for FromJsonLinesResults<T, R> {
    type Item = Result<T, BadRecord>;

    fn advance(&mut self, out: &mut impl Emit<Self::Item>) -> Result<Progress, Halt> {
        for _ in 0..out.chunk() {
            self.0.lines.before_next(out)?;
            match self.0.next()? {
                Some(Ok(item)) => out.emit(Ok(item))?,
                Some(Err(failure)) => out.emit(Err(BadRecord::new(&failure)))?,
                None => return Ok(Progress::Done),
            }
        }
        Ok(Progress::More)
    }

    fn name(&self) -> &'static str {
        "from_json_lines_results"
    }
}

impl<T, R: BufRead> FromJsonLines<T, R> {
    /// Sets the largest length of a line in bytes, without its line end. The default is 16 MiB. A longer line is an error.
    pub fn line_limit(self, bytes: usize) -> Self {
        Self { lines: self.lines.with_limit(bytes), ..self }
    }
}

impl<T, R: BufRead> FromJsonLinesResults<T, R> {
    /// Sets the largest length of a line: see [`FromJsonLines::line_limit`].
    pub fn line_limit(self, bytes: usize) -> Self {
        Self(self.0.line_limit(bytes))
    }
}

impl<T: DeserializeOwned, R: BufRead> FromJsonLines<T, R> {
    /// The value of the next line, or the failure of an invalid line. `None` at the end of the text.
    fn next(&mut self) -> Result<Option<Result<T, Failure>>, Failure> {
        loop {
            let Some(line) = self.lines.next()? else { return Ok(None) };
            if line.trim_ascii().is_empty() {
                continue;
            }
            return Ok(Some(match serde_json::from_slice(line) {
                Ok(item) => {
                    self.is_first = false;
                    Ok(item)
                }
                Err(error) => {
                    let error = InvalidJson::new(error, line, self.is_first);
                    self.is_first = false;
                    Err(self.lines.failure(error))
                }
            }));
        }
    }
}

impl<T: DeserializeOwned, R: BufRead> Source for FromJsonLines<T, R> {
    type Item = T;

    fn advance(&mut self, out: &mut impl Emit<T>) -> Result<Progress, Halt> {
        for _ in 0..out.chunk() {
            self.lines.before_next(out)?;
            match self.next()? {
                Some(Ok(item)) => out.emit(item)?,
                Some(Err(failure)) => return Err(failure.into()),
                None => return Ok(Progress::Done),
            }
        }
        Ok(Progress::More)
    }

    fn name(&self) -> &'static str {
        "from_json_lines"
    }
}

impl<T, R> fmt::Debug for FromJsonLines<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromJsonLines").field("line", &self.lines.number).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, BufReader, Read};

    use syncline_core::{Collect, Error, Pipeline};

    use super::{from_json_lines, from_json_lines_results};
    use crate::io::BadRecord;

    fn read(text: &[u8]) -> Result<Vec<u32>, Error> {
        Ok(Pipeline::new("test", from_json_lines(text)).end(Collect::new()).run()?.output)
    }

    #[test]
    fn blank_lines_are_passed_over_and_either_end_does() {
        assert_eq!(read(b"").unwrap(), [0; 0]);
        assert_eq!(read(b"1\n\n2\r\n \t\r\n3").unwrap(), [1, 2, 3]);
        assert_eq!(read("7\n".repeat(600).as_bytes()).unwrap().len(), 600);
    }

    #[test]
    fn a_bad_line_has_its_number() {
        for text in ["1\n\n\nx\n5", "1\n\n\n\"4\"\n", "1\r\n\r\n\r\n2 3\r\n", "1\n\n\n{\n}"] {
            assert_eq!(read(text.as_bytes()).unwrap_err().record(), Some("line 4"), "{text:?}");
        }
        assert_eq!(read(b"1\n\xff").unwrap_err().record(), Some("line 2"));
    }

    #[test]
    fn what_is_behind_a_bad_line_is_read() {
        let source = from_json_lines_results::<u32, _>(&b"1\n\nx\n3\n"[..]);
        let items = Pipeline::new("test", source).end(Collect::new()).run().unwrap().output;
        let bad = BadRecord { at: "line 3".to_owned(), reason: "expected value, at column 1".to_owned() };
        assert_eq!(bad.to_string(), "line 3: expected value, at column 1");
        assert_eq!(items, [Ok(1), Err(bad), Ok(3)]);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_line() {
        assert_eq!(read(b"\xef\xbb\xbf1\r\n2\r\n").unwrap(), [1, 2]);
        assert_eq!(read(b"\xef\xbb\xbf").unwrap(), [0; 0]);
        assert_eq!(read(b"1\n\xef\xbb\xbf2\n").unwrap_err().record(), Some("line 2"));
    }

    /// A type that accepts even numbers only.
    #[derive(Debug, serde::Deserialize)]
    #[serde(try_from = "u8")]
    struct Even;

    impl TryFrom<u8> for Even {
        type Error = &'static str;

        fn try_from(n: u8) -> Result<Self, &'static str> {
            if n.is_multiple_of(2) { Ok(Self) } else { Err("an odd number") }
        }
    }

    #[test]
    fn what_the_type_itself_refuses_has_no_column() {
        let source = from_json_lines::<Even, _>(&b"2\n3\n"[..]);
        let error = Pipeline::new("test", source).end(Collect::new()).run().unwrap_err();
        assert_eq!(error.record(), Some("line 2"));
        assert_eq!(error.into_source().to_string(), "an odd number");
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        struct Broken;

        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the cable was pulled"))
            }
        }

        let reader = BufReader::new(b"1\n".chain(Broken));
        let error =
            Pipeline::new("test", from_json_lines::<u32, _>(reader)).end(Collect::new()).run().unwrap_err();
        assert_eq!(error.record(), Some("line 2"));
        assert_eq!(error.into_source().to_string(), "the cable was pulled");
    }
}
