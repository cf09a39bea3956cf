//! The CSV sources `from_csv`, `from_csv_reader` and `from_csv_results`.

use std::fmt;
use std::io::Read;
use std::marker::PhantomData;

use csv::StringRecord;
use serde::de::DeserializeOwned;
use syncline_core::{Emit, Failure, Halt, Progress, Source};

use super::InvalidCsv;
use crate::io::{BadRecord, CHUNK};

/// A source that reads a value of type `T` from each CSV record, after a header. Needs the feature `csv`.
///
/// A struct's fields are matched by the names in the header. A tuple or a `Vec<String>` is read by position.
///
/// ```
/// use syncline::io::from_csv;
/// use syncline::prelude::*;
///
/// #[derive(serde::Deserialize)]
/// struct Pupil { name: String, age: u8 }
///
/// let file: &[u8] = b"age,name\n9,Ada\n10,\"Lovelace, Ida\"\nten,Tim\n";
/// let mut pupils = Pipeline::new("pupils", from_csv::<Pupil, _>(file)).into_iter();
/// assert_eq!(pupils.next().unwrap()?.age, 9);
/// assert_eq!(pupils.next().unwrap()?.name, "Lovelace, Ida");
/// let error = pupils.next().unwrap().err().unwrap();
/// assert_eq!(error.to_string(), "pipeline pupils failed in stage from_csv at line 4");
/// # Ok::<(), syncline::Error>(())
/// ```
pub fn from_csv<T: DeserializeOwned, R: Read>(reader: R) -> FromCsv<T, R> {
    from_csv_reader(csv::Reader::from_reader(reader))
}

/// Like [`from_csv`], with a configured reader: for another delimiter, no header, or records of different lengths.
pub fn from_csv_reader<T: DeserializeOwned, R: Read>(reader: csv::Reader<R>) -> FromCsv<T, R> {
    FromCsv { reader, record: StringRecord::new(), headers: None, line_ends: None, items: PhantomData }
}

/// Source of [`from_csv`].
///
/// * Shape: one item for each record, in order. A record ends in `\n`, `\r` or `\r\n`, or at the end of the text. Blank
///   lines are skipped, but counted. A quoted field may contain line ends. Space around fields is kept.
/// * Memory: one record, the header, and the reader's buffer. The reader needs no [`std::io::BufReader`].
/// * Error: a read error, or a record that is not UTF-8, has another number of fields than the record before, or is not
///   a `T` ([`InvalidCsv`]). The error has the number of the line behind the previous record: the first line of this
///   record, or a blank line before it. Lines are assumed to end as the first line does. Lines that end in a lone `\r`
///   are not counted.
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct FromCsv<T, R> {
    reader: csv::Reader<R>,
    record: StringRecord,
    headers: Option<StringRecord>,
    /// `None` until the header or the first record is read.
    line_ends: Option<LineEnds>,
    items: PhantomData<fn() -> T>,
}

/// The line ends of the text, which decide how to correct line numbers of the crate `csv`.
///
/// The crate ends a record at a `\r` and counts a line at each `\n`. So with `\r\n` it reports the line of the previous
/// record.
#[derive(Debug, Clone, Copy, PartialEq)]
enum LineEnds {
    Lf,
    CrLf,
}

impl LineEnds {
    /// The line ends of the text, found after `reader` has read its first record, `record`.
    fn behind<R: Read>(record: &StringRecord, reader: &csv::Reader<R>) -> Self {
        let inside: u64 = record.iter().map(|field| field.matches('\n').count() as u64).sum();
        if reader.position().line() == 1 + inside { Self::CrLf } else { Self::Lf }
    }
}

/// Like [`from_csv`], but an invalid record is an item as well, so that a policy can skip it or send it to another
/// sink:
///
/// ```
/// use syncline::io::{BadRecord, from_csv_results};
/// use syncline::prelude::*;
///
/// pipeline! {
///     /// Names and ages. One record may be bad.
///     Pupils(file: &[u8]) -> Vec<(String, u8)> {
///         from_csv_results(file)
///             => try_map(|pupil: Result<(String, u8), BadRecord>| Ok(pupil?)) on_error skip(1)
///             => Collect::new()
///     }
/// }
///
/// let pupils = Pupils::run(b"name,age\nAda,9\nTim,ten\nIda,10\n")?.output;
/// assert_eq!(pupils, [("Ada".to_owned(), 9), ("Ida".to_owned(), 10)]);
/// # Ok::<(), syncline::Error>(())
/// ```
pub fn from_csv_results<T: DeserializeOwned, R: Read>(reader: R) -> FromCsvResults<T, R> {
    FromCsvResults(from_csv(reader))
}

/// Source of [`from_csv_results`].
///
/// * Shape: that of [`FromCsv`], and a [`BadRecord`] for each record that is not UTF-8, has another number of fields
///   than the first, or is not a `T`.
/// * Memory: that of [`FromCsv`].
/// * Error: a read error, or an invalid header.
#[derive(Debug)]
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct FromCsvResults<T, R>(FromCsv<T, R>);

impl<T: DeserializeOwned, R: Read> Source for FromCsvResults<T, R> {
    type Item = Result<T, BadRecord>;

    fn advance(&mut self, out: &mut impl Emit<Self::Item>) -> Result<Progress, Halt> {
        let source = &mut self.0;
        for _ in 0..CHUNK {
            match source.next() {
                Ok(Some(item)) => out.emit(Ok(item))?,
                Ok(None) => return Ok(Progress::Done),
                Err(error) => {
                    let is_invalid_record = !error.is_io_error() && !source.lacks_header();
                    let failure = source.failure(error);
                    if !is_invalid_record {
                        return Err(failure.into());
                    }
                    out.emit(Err(BadRecord::new(&failure)))?;
                }
            }
        }
        Ok(Progress::More)
    }

    fn name(&self) -> &'static str {
        "from_csv_results"
    }
}

impl<T: DeserializeOwned, R: Read> FromCsv<T, R> {
    fn lacks_header(&self) -> bool {
        self.headers.is_none() && self.reader.has_headers()
    }

    fn next(&mut self) -> Result<Option<T>, csv::Error> {
        if self.lacks_header() {
            let headers = self.reader.headers()?.clone();
            self.line_ends = Some(LineEnds::behind(&headers, &self.reader));
            self.headers = Some(headers);
        }
        if !self.reader.read_record(&mut self.record)? {
            return Ok(None);
        }
        if self.line_ends.is_none() {
            self.line_ends = Some(LineEnds::behind(&self.record, &self.reader));
        }
        self.record.deserialize(self.headers.as_ref()).map(Some)
    }

    fn failure(&self, error: csv::Error) -> Failure {
        let counted = error.position().map_or_else(|| self.reader.position().line(), csv::Position::line);
        let line = if self.line_ends == Some(LineEnds::CrLf) { counted + 1 } else { counted };
        let failure =
            if error.is_io_error() { Failure::new(error) } else { Failure::new(InvalidCsv::new(error)) };
        failure.at(format_args!("line {line}"))
    }
}

impl<T: DeserializeOwned, R: Read> Source for FromCsv<T, R> {
    type Item = T;

    fn advance(&mut self, out: &mut impl Emit<T>) -> Result<Progress, Halt> {
        for _ in 0..CHUNK {
            match self.next() {
                Ok(Some(item)) => out.emit(item)?,
                Ok(None) => return Ok(Progress::Done),
                Err(error) => return Err(self.failure(error).into()),
            }
        }
        Ok(Progress::More)
    }

    fn name(&self) -> &'static str {
        "from_csv"
    }
}

impl<T, R> fmt::Debug for FromCsv<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromCsv").field("record", &self.record).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use syncline_core::{Collect, Error, Pipeline};

    use super::{from_csv, from_csv_reader, from_csv_results};

    fn read(text: &[u8]) -> Result<Vec<(u32, String)>, Error> {
        Ok(Pipeline::new("test", from_csv(text)).end(Collect::new()).run()?.output)
    }

    #[test]
    fn a_record_ends_in_lf_crlf_or_the_end_and_may_have_lines_of_its_own() {
        assert_eq!(read(b"").unwrap(), []);
        assert_eq!(read(b"n,text\n").unwrap(), []);
        let expected = [(1, "a".to_owned()), (2, "b\nc".to_owned())];
        assert_eq!(read(b"n,text\r\n1,a\r\n\r\n2,\"b\nc\"").unwrap(), expected);
        let many = format!("n,text\n{}", "1,a\n".repeat(600));
        assert_eq!(read(many.as_bytes()).unwrap().len(), 600);
    }

    #[test]
    fn a_bad_record_has_the_line_behind_the_record_before() {
        for text in [
            &b"n,text\n1,\"a\nb\"\nx,y\n"[..],
            b"n,text\n1,\"a\nb\"\n2\n",
            b"n,text\n1,\"a\nb\"\n2,y,z\n",
            b"n,text\n1,\"a\nb\"\n2,\xff\n",
            b"n,text\n1,\"a\nb\"\n\nx,y\n",
        ] {
            assert_eq!(read(text).unwrap_err().record(), Some("line 4"), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn lines_that_end_in_cr_and_lf_are_counted_alike() {
        for text in
            ["n,text\n1,a\nx,y\n", "n,text\n1,a\n2\n", "n,text\nx,y", "n,\"te\nxt\"\n1,\"a\nb\"\n\nx,y\n"]
        {
            let with_lf = read(text.as_bytes()).unwrap_err();
            let with_crlf = read(text.replace('\n', "\r\n").as_bytes()).unwrap_err();
            assert_eq!(with_crlf.record(), with_lf.record(), "{text:?}");
            assert_eq!(with_crlf.into_source().to_string(), with_lf.into_source().to_string());
        }
        let without_header = csv::ReaderBuilder::new().has_headers(false).from_reader(&b"1,a\r\nx,b\r\n"[..]);
        let run = Pipeline::new("test", from_csv_reader::<(u32, String), _>(without_header));
        assert_eq!(run.end(Collect::new()).run().unwrap_err().record(), Some("line 2"));
    }

    #[test]
    fn what_is_wrong_is_said_once() {
        let wrong = |record: &[u8]| {
            let text = [b"n,text\n1,a\n", record].concat();
            read(&text).unwrap_err().into_source().to_string()
        };
        assert_eq!(wrong(b"x,y\n"), "field 0: invalid digit found in string");
        assert_eq!(wrong(b"2\n"), "1 field where 2 are expected");
        assert_eq!(wrong(b"2,y,z\n"), "3 fields where 2 are expected");
        assert_eq!(wrong(b"2,\xff\n"), "field 1: invalid UTF-8");
    }

    fn read_all(text: &[u8]) -> Result<Vec<Result<u32, String>>, Error> {
        let source = from_csv_results::<(u32, String), _>(text);
        let pipeline = Pipeline::new("test", source).map(|item| item.map(|(n, _)| n).map_err(|bad| bad.at));
        Ok(pipeline.end(Collect::new()).run()?.output)
    }

    #[test]
    fn what_is_behind_a_bad_record_is_read() {
        let bad = |line: u32| Err(format!("line {line}"));
        let text = b"n,text\n1,a\nx,y\n2\n3,\xff\n\n4,b,c\n5,d\n";
        assert_eq!(read_all(text).unwrap(), [Ok(1), bad(3), bad(4), bad(5), bad(6), Ok(5)]);
        let many = format!("n,text\n{}", "x,a\n".repeat(600));
        assert_eq!(read_all(many.as_bytes()).unwrap().len(), 600);
    }

    #[test]
    fn a_bad_header_is_an_error() {
        assert_eq!(read_all(b"n,\xff\n1,a\n").unwrap_err().stage(), Some("from_csv_results"));
    }

    #[test]
    fn a_reader_of_ones_own_is_taken_as_it_is() {
        let reader =
            csv::ReaderBuilder::new().delimiter(b';').has_headers(false).from_reader(&b"1;a\n2;b\n"[..]);
        let outcome =
            Pipeline::new("test", from_csv_reader::<(u32, String), _>(reader)).end(Collect::new()).run();
        assert_eq!(outcome.unwrap().output, [(1, "a".to_owned()), (2, "b".to_owned())]);
    }
}
