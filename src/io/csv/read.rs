//! The CSV sources `from_csv` and `from_csv_results`.

use std::fmt;
use std::io::Read;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use syncline_core::{Emit, Failure, Halt, Progress, Source};

use super::deserialize::{Columns, deserialize};
use super::records::{Records, Unreadable};
use super::{CsvFormat, InvalidCsv};
use crate::io::BadRecord;

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
/// assert_eq!(error.into_source().to_string(), "field `age`: invalid digit found in string");
/// # Ok::<(), syncline::Error>(())
/// ```
///
/// The delimiter, a text for missing values and other settings are a [`CsvFormat`]:
///
/// ```
/// use syncline::io::{CsvFormat, from_csv};
/// use syncline::prelude::*;
///
/// pipeline! {
///     Ages(file: &[u8]) -> Vec<(String, Option<u8>)> {
///         from_csv(file).format(&CsvFormat::new().delimiter(b';').missing("NA")) => Collect::new()
///     }
/// }
///
/// let ages = Ages::run(b"name;age\nAda;9\nTim;NA\n")?.output;
/// assert_eq!(ages, [("Ada".to_owned(), Some(9)), ("Tim".to_owned(), None)]);
/// # Ok::<(), syncline::Error>(())
/// ```
///
/// # Values
///
/// * An `Option` is `None` for an empty field. A quoted empty field, `""`, is an empty text, or `None` if the type takes
///   no empty text.
/// * `true` and `false` may be in upper case, as spreadsheets write them. A float may be `NaN` or `inf`; a number that is
///   too large for a float is an error.
/// * A struct that is flattened into another (`#[serde(flatten)]`), and a type such as `serde_json::Value`, do not tell
///   their fields' types to serde. There a field is a number if its text is a usual way to write one, and a text if it
///   is not: `701` is a number, and `00701`, `+5` and `12E5` are texts. If a field of the struct then refuses a number,
///   its column is read as text. An empty field is an empty text there.
pub fn from_csv<T: DeserializeOwned, R: Read>(reader: R) -> FromCsv<T, R> {
    FromCsv {
        records: Records::new(reader, CsvFormat::new()),
        header: None,
        length: None,
        is_begun: false,
        columns: Columns::default(),
        items: PhantomData,
    }
}

/// Source of [`from_csv`].
///
/// * Shape: one item for each record, in order. A record ends in `\n`, `\r` or `\r\n`, or at the end of the text. Blank
///   lines are skipped, but counted. A quoted field may contain line ends. Space around fields is kept. A byte order mark
///   is skipped, and so is a first line `sep=,`, if it names the delimiter of the format.
/// * Memory: one record of at most [16 MiB](CsvFormat::record_limit), the header, and 32 KiB. The reader needs no
///   [`std::io::BufReader`].
/// * Error: a read error; a record that is not UTF-8, has another number of fields than the header or the first record,
///   has text behind a closing quote, or is not a `T` ([`InvalidCsv`]); a quote that is not closed; a record that is
///   [too long](crate::io::RecordTooLong); a file that is [no text](crate::io::NotText). The error has the number of the
///   line on which the record begins.
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct FromCsv<T, R> {
    records: Records<R>,
    header: Option<Vec<String>>,
    /// The number of fields of the header or the first record.
    length: Option<usize>,
    is_begun: bool,
    columns: Columns,
    items: PhantomData<fn() -> T>,
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
///   than the first, has text behind a closing quote, or is not a `T`.
/// * Memory: that of [`FromCsv`].
/// * Error: a read error, an invalid header, and the errors behind which no record can be found: a quote that is not
///   closed, a record that is too long, a file that is no text.
#[derive(Debug)]
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct FromCsvResults<T, R>(FromCsv<T, R>);

impl<T, R: Read> FromCsvResults<T, R> {
    /// Sets the format: see [`CsvFormat`].
    pub fn format(self, format: &CsvFormat) -> Self {
        Self(self.0.format(format))
    }
}

impl<T, R: Read> FromCsv<T, R> {
    /// Sets the format: see [`CsvFormat`].
    pub fn format(self, format: &CsvFormat) -> Self {
        Self { records: self.records.with_format(format.clone()), ..self }
    }
}

impl<T: DeserializeOwned, R: Read> FromCsv<T, R> {
    fn next(&mut self) -> Result<Option<T>, Unreadable> {
        if !self.read()? {
            return Ok(None);
        }
        self.item().map(Some).map_err(Unreadable::Invalid)
    }

    /// Reads the next record. The first time it reads the header as well.
    fn read(&mut self) -> Result<bool, Unreadable> {
        if !self.is_begun {
            self.is_begun = true;
            if !self.records.read()? || (self.is_separator()? && !self.records.read()?) {
                return Ok(false);
            }
            if !self.records.format().has_header {
                return Ok(true);
            }
            let header = self.records.texts().map_err(Unreadable::Invalid)?;
            self.length = Some(header.len());
            let header: Vec<_> = header.iter().map(str::to_owned).collect();
            if let Some(other) = InvalidCsv::of_another_format(&header) {
                return Err(Unreadable::Fatal(other.into()));
            }
            self.columns = Columns::of(&header);
            self.header = Some(header);
        }
        self.records.read()
    }

    /// `true` if the first line is `sep=,`, by which spreadsheets name the delimiter.
    fn is_separator(&self) -> Result<bool, Unreadable> {
        let Ok(fields) = self.records.texts() else { return Ok(false) };
        let first = fields.get(0).filter(|_| !fields.is_quoted(0)).unwrap_or_default();
        let Some(named) =
            first.get(..4).filter(|name| name.eq_ignore_ascii_case("sep=")).map(|_| &first[4..])
        else {
            return Ok(false);
        };
        match (fields.len(), named.as_bytes()) {
            // The delimiter itself is read as one.
            (2, []) if fields.get(1) == Some("") => Ok(true),
            (1, &[delimiter]) if delimiter == self.records.format().delimiter => Ok(true),
            (1, &[delimiter]) => Err(Unreadable::Fatal(
                InvalidCsv::new(format!(
                    "the line says that the delimiter is {:?}, and {:?} is expected: set it with \
                     `CsvFormat::delimiter`",
                    char::from(delimiter),
                    char::from(self.records.format().delimiter)
                ))
                .into(),
            )),
            _ => Ok(false),
        }
    }

    /// The item of the record that was read last.
    fn item(&mut self) -> Result<T, InvalidCsv> {
        let header = self.header.as_deref();
        let fields = self.records.texts().map_err(|error| error.named(header))?;
        let length = *self.length.get_or_insert(fields.len());
        if fields.len() != length && !self.records.format().is_flexible {
            return Err(InvalidCsv::other_length(fields.len(), length));
        }
        deserialize(fields, header, self.records.format(), &mut self.columns).map_err(|error| {
            let names = header.unwrap_or_default().iter().map(String::as_str);
            if header.is_some() && fields.iter().map(|text| text.trim_start_matches('\u{feff}')).eq(names) {
                error.with("; the record repeats the header: are several files joined in one?")
            } else {
                error
            }
        })
    }

    fn failure(&self, error: Unreadable) -> Failure {
        let failure = match error {
            Unreadable::Fatal(error) => Failure::new(error),
            Unreadable::Invalid(error) => Failure::new(error.named(self.header.as_deref())),
        };
        failure.at(format_args!("line {}", self.records.line))
    }

    /// `true` if no record can be read behind `error`.
    fn is_fatal(&self, error: &Unreadable) -> bool {
        let lacks_header = self.header.is_none() && self.records.format().has_header;
        lacks_header || matches!(error, Unreadable::Fatal(_))
    }
}

impl<T: DeserializeOwned, R: Read> Source for FromCsv<T, R> {
    type Item = T;

    fn advance(&mut self, out: &mut impl Emit<T>) -> Result<Progress, Halt> {
        for _ in 0..out.chunk() {
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

impl<T: DeserializeOwned, R: Read> Source for FromCsvResults<T, R> {
    type Item = Result<T, BadRecord>;

    fn advance(&mut self, out: &mut impl Emit<Self::Item>) -> Result<Progress, Halt> {
        let source = &mut self.0;
        for _ in 0..out.chunk() {
            match source.next() {
                Ok(Some(item)) => out.emit(Ok(item))?,
                Ok(None) => return Ok(Progress::Done),
                Err(error) => {
                    let is_fatal = source.is_fatal(&error);
                    let failure = source.failure(error);
                    if is_fatal {
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

impl<T, R> fmt::Debug for FromCsv<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromCsv").field("line", &self.records.line).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
