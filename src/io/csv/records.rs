//! `Records`: reads one CSV record after the other with the crate `csv-core`, and knows the line of each.

use std::io::{self, BufRead, BufReader, Read};

use csv_core::ReadFieldResult;

use super::fields::{Fields, Texts};
use super::{CsvFormat, InvalidCsv};
use crate::io::{NotText, RecordTooLong};

/// A reader of records. It bounds their size, and counts lines as editors do: `\n`, `\r\n` and `\r` each end one.
pub(super) struct Records<R> {
    reader: BufReader<R>,
    core: csv_core::Reader,
    format: CsvFormat,
    fields: Fields,
    /// The line on which that record begins.
    pub(super) line: u64,
    /// The number of bytes that were read.
    pub(super) bytes: u64,
    /// The number of line ends that `core` did not see.
    unseen_lines: u64,
    /// `true` if the last byte was a `\r` that ended a line, which a `\n` may follow.
    is_after_cr: bool,
    is_begun: bool,
}

/// The reason why a record could not be read.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// The reader failed, or the text cannot be split into records from here on.
    Fatal(Box<dyn std::error::Error + Send + Sync>),
    /// The record is invalid; the next one can be read.
    Invalid(InvalidCsv),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Fatal(error.into())
    }
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The open field, before quotes are removed.
#[derive(Default)]
struct Raw {
    is_begun: bool,
    /// `None` if the field has no quotes around it.
    quotes: Option<Quotes>,
    /// The last byte of a quoted field.
    last: u8,
    /// The line on which the field begins.
    line: u64,
}

/// The position in a quoted field.
#[derive(Clone, Copy, PartialEq)]
enum Quotes {
    Inside,
    /// Behind an escape inside of the quotes.
    Escaped,
    /// Behind a quote, which closes the field or is the first of two.
    Closed,
    /// In text behind the closing quote. `csv-core` drops the quotes of `"5" disk`.
    Behind,
}

impl Quotes {
    fn after(self, byte: u8, format: &CsvFormat) -> Self {
        match self {
            Self::Inside if Some(byte) == format.escape => Self::Escaped,
            Self::Inside if byte == format.quote => Self::Closed,
            Self::Inside | Self::Escaped => Self::Inside,
            Self::Closed if byte == format.quote && format.escape.is_none() => Self::Inside,
            Self::Closed | Self::Behind => Self::Behind,
        }
    }
}

impl<R: Read> Records<R> {
    pub(super) fn new(reader: R, format: CsvFormat) -> Self {
        let core = csv_core::ReaderBuilder::new()
            .delimiter(format.delimiter)
            .quote(format.quote)
            .escape(format.escape)
            .double_quote(format.escape.is_none())
            .build();
        Self {
            reader: BufReader::with_capacity(32 * 1024, reader),
            core,
            format,
            fields: Fields::default(),
            line: 1,
            bytes: 0,
            unseen_lines: 0,
            is_after_cr: false,
            is_begun: false,
        }
    }

    /// The same reader, which has not read anything yet, with another format.
    pub(super) fn with_format(self, format: CsvFormat) -> Self {
        Self::new(self.reader.into_inner(), format)
    }

    pub(super) fn format(&self) -> &CsvFormat {
        &self.format
    }

    /// The fields of the record that was read last.
    pub(super) fn texts(&self) -> Result<Texts<'_>, InvalidCsv> {
        let fields = self.fields.as_texts().map_err(InvalidCsv::no_text)?;
        Ok(fields.trimmed(self.format.trims))
    }

    /// Reads the next record into `fields`. `false` at the end of the text.
    pub(super) fn read(&mut self) -> Result<bool, Unreadable> {
        self.fields.clear();
        self.line = self.current_line();
        if !self.is_begun {
            self.begin()?;
        }
        if !self.skip_blank_lines()? {
            return Ok(false);
        }
        self.line = self.current_line();
        let mut left = self.format.limit;
        let mut raw = Raw { line: self.line, ..Raw::default() };
        let mut misplaced = None;
        loop {
            let is_inside = matches!(raw.quotes, Some(Quotes::Inside | Quotes::Escaped));
            if fill(&mut self.reader)?.is_empty() && is_inside {
                return Err(Unreadable::Fatal(InvalidCsv::open_quote(self.fields.len(), raw.line).into()));
            }
            let input = self.reader.buffer();
            if left == 0 && !input.is_empty() {
                let error = RecordTooLong::new(self.format.limit, "CsvFormat::record_limit");
                let open_quote = is_inside.then_some(raw.line);
                return Err(Unreadable::Fatal(error.quoted_since(open_quote).into()));
            }
            let input = &input[..input.len().min(left)];
            let is_quote = !raw.is_begun && input.first() == Some(&self.format.quote);
            let (result, taken, wrote) = self.core.read_field(input, self.fields.space());
            let is_end = matches!(result, ReadFieldResult::Field { .. });
            if is_quote {
                raw.quotes = Some(Quotes::Inside);
            }
            if let Some(quotes) = &mut raw.quotes {
                // The byte behind a field is no part of it. At the end of the text there is none.
                let inside = taken - usize::from(is_end && taken > 0);
                for &byte in &input[usize::from(is_quote)..inside] {
                    *quotes = quotes.after(byte, &self.format);
                    // `core` counts each `\n`.
                    self.unseen_lines += u64::from(raw.last == b'\r' && byte != b'\n');
                    raw.last = byte;
                }
            }
            raw.is_begun |= taken > 0;
            let ends_in_cr = is_end && input[..taken].last() == Some(&b'\r');
            self.reader.consume(taken);
            self.bytes += taken as u64;
            left -= taken;
            self.fields.wrote(wrote);
            match result {
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
                ReadFieldResult::End => return Ok(false),
                ReadFieldResult::Field { record_end } => {
                    if misplaced.is_none() && raw.quotes.is_some_and(|quotes| quotes != Quotes::Closed) {
                        misplaced = Some(self.fields.len());
                    }
                    self.fields.end(raw.quotes.is_some());
                    // Many empty fields take memory as well.
                    left = left.saturating_sub(Fields::BYTES_OF_AN_END);
                    if record_end {
                        self.is_after_cr = ends_in_cr;
                        return match misplaced {
                            Some(field) => Err(Unreadable::Invalid(InvalidCsv::behind_quote(field))),
                            None => Ok(true),
                        };
                    }
                    raw = Raw { line: self.current_line(), ..Raw::default() };
                }
            }
        }
    }

    /// Skips a byte order mark, and names a file that is no text.
    fn begin(&mut self) -> Result<(), Unreadable> {
        self.is_begun = true;
        // The mark may come in pieces.
        let mut marked = 0;
        while marked < MARK.len() {
            let input = fill(&mut self.reader)?;
            if marked == 0
                && let Some(other) = NotText::recognise(input)
            {
                return Err(Unreadable::Fatal(other.into()));
            }
            if input.first() != Some(&MARK[marked]) {
                break;
            }
            self.reader.consume(1);
            self.bytes += 1;
            marked += 1;
        }
        if marked != 0 && marked != MARK.len() {
            return Err(Unreadable::Fatal(InvalidCsv::no_text(0).into()));
        }
        Ok(())
    }

    /// Skips blank lines and comments. `false` at the end of the text.
    fn skip_blank_lines(&mut self) -> Result<bool, Unreadable> {
        let mut is_comment = false;
        loop {
            let input = fill(&mut self.reader)?;
            let Some(&byte) = input.first() else { return Ok(false) };
            if self.is_after_cr {
                // `\r\n` is one line end.
                self.is_after_cr = false;
                self.unseen_lines += 1;
                if byte == b'\n' {
                    self.skip(1);
                }
                continue;
            }
            match byte {
                b'\n' => {
                    self.unseen_lines += 1;
                    self.skip(1);
                    is_comment = false;
                }
                b'\r' => {
                    self.is_after_cr = true;
                    self.skip(1);
                    is_comment = false;
                }
                byte if is_comment || Some(byte) == self.format.comment => {
                    is_comment = true;
                    let length = input.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                    let length = length.unwrap_or(input.len());
                    self.skip(length);
                }
                _ => return Ok(true),
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.reader.consume(bytes);
        self.bytes += bytes as u64;
    }

    fn current_line(&self) -> u64 {
        self.unseen_lines + self.core.line()
    }
}

/// Fills the buffer if it is empty.
fn fill<R: Read>(reader: &mut BufReader<R>) -> io::Result<&[u8]> {
    loop {
        match reader.fill_buf() {
            Ok(_) => return Ok(reader.buffer()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
