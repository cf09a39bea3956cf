//! `Records`: reads one CSV record after the other with the crate `csv-core`, and knows the line of each.

use std::io::{self, BufRead, BufReader, Read};

use csv_core::ReadRecordResult;

use super::fields::{Fields, Texts};
use super::quotes::{Quotes, lone_returns};
use super::{CsvFormat, InvalidCsv};
use crate::io::{NotText, RecordTooLong};

/// A reader of records. It bounds their size, and counts lines as editors do: `\n`, `\r\n` and `\r` each end one.
pub(super) struct Records<R> {
    reader: BufReader<R>,
    core: csv_core::Reader,
    format: CsvFormat,
    fields: Fields,
    /// The bytes of the current record, if they came in several pieces.
    raw: Vec<u8>,
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
            raw: Vec::new(),
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
        self.raw.clear();
        let mut left = self.format.limit;
        loop {
            let input = fill(&mut self.reader)?;
            let is_end = input.is_empty();
            if is_end && let Some((field, line)) = self.open_quote() {
                return Err(Unreadable::Fatal(InvalidCsv::open_quote(field, line).into()));
            }
            if left == 0 && !is_end {
                let error = RecordTooLong::new(self.format.limit, "CsvFormat::record_limit");
                let open_quote = self.open_quote().map(|(_, line)| line);
                return Err(Unreadable::Fatal(error.quoted_since(open_quote).into()));
            }
            let input = self.reader.buffer();
            let input = &input[..input.len().min(left)];
            let (text, ends) = self.fields.space();
            let (result, taken, wrote, ended) = self.core.read_record(input, text, ends);
            let is_record = matches!(result, ReadRecordResult::Record);
            self.fields.wrote(wrote, ended);
            // The line end is no part of the record. At the end of the text there is none.
            let line_end = usize::from(is_record && taken > 0);
            let piece = &input[..taken - line_end];
            let ends_in_cr = line_end == 1 && input[taken - 1] == b'\r';
            let is_whole = is_record && self.raw.is_empty();
            if !is_whole {
                self.raw.extend_from_slice(piece);
            }
            let mut misplaced = None;
            if is_record {
                let raw = if is_whole { piece } else { &self.raw };
                // Without quotes, the record is its fields and the delimiters between them.
                if raw.len() != self.fields.text_length() + self.fields.len().saturating_sub(1) {
                    let quotes = Quotes::of(raw, &self.format, self.fields.quoted());
                    misplaced = quotes.misplaced;
                    // `core` counts each `\n`.
                    self.unseen_lines += lone_returns(raw);
                }
            }
            self.reader.consume(taken);
            self.bytes += taken as u64;
            // Many empty fields take memory as well.
            left = left.saturating_sub(taken + ended * Fields::BYTES_OF_AN_END);
            match result {
                ReadRecordResult::InputEmpty
                | ReadRecordResult::OutputFull
                | ReadRecordResult::OutputEndsFull => {}
                ReadRecordResult::End => return Ok(false),
                ReadRecordResult::Record => {
                    self.is_after_cr = ends_in_cr;
                    return match misplaced {
                        Some(field) => Err(Unreadable::Invalid(InvalidCsv::behind_quote(field))),
                        None => Ok(true),
                    };
                }
            }
        }
    }

    /// The field of the current record whose quote is open, and the line on which it begins.
    fn open_quote(&mut self) -> Option<(usize, u64)> {
        let quotes = Quotes::of(&self.raw, &self.format, self.fields.quoted());
        let (field, at) = quotes.open?;
        let before = &self.raw[..at];
        let lines = before.split(|&byte| byte == b'\n').count() as u64 - 1 + lone_returns(before);
        Some((field, self.line + lines))
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
