//! `CsvFormat`: the settings of the CSV sources and of the CSV sink.

use crate::io::RECORD_LIMIT;

/// The format of a CSV text: delimiter, quotes, header and missing values.
///
/// One format serves both directions: a text that `to_csv` writes in a format is read in the same format to the same
/// values.
///
/// ```
/// use syncline::io::{CsvFormat, from_csv, to_csv};
/// use syncline::prelude::*;
///
/// let format = CsvFormat::new().delimiter(b';').no_header().missing("NULL");
/// let rows = [("Ada", Some("")), ("Tim; Jr", None)].map(|(name, town)| (name.to_owned(), town.map(str::to_owned)));
///
/// let mut file = Vec::new();
/// let write = Pipeline::new("write", from_iter(rows.clone()));
/// write.end(to_csv(&mut file).format(&format)).run()?;
/// assert_eq!(file, b"Ada;\"\"\n\"Tim; Jr\";NULL\n");
///
/// let read = Pipeline::new("read", from_csv::<(String, Option<String>), _>(&file[..]).format(&format));
/// assert_eq!(read.end(Collect::new()).run()?.output, rows);
/// # Ok::<(), syncline::Error>(())
/// ```
///
/// Missing values are the `None` of an `Option`:
///
/// | field | by default | after `missing("NULL")` |
/// |---|---|---|
/// | nothing | `None` | `Some("")` |
/// | `""` | `Some("")`, or `None` if the type is no text | `Some("")` |
/// | `NULL` | `Some("NULL")` | `None` |
/// | `"NULL"` | `Some("NULL")` | `Some("NULL")` |
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
#[must_use]
pub struct CsvFormat {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
    pub(super) escape: Option<u8>,
    pub(super) comment: Option<u8>,
    pub(super) missing: Option<String>,
    pub(super) has_header: bool,
    pub(super) is_flexible: bool,
    pub(super) trims: bool,
    pub(super) ends_in_crlf: bool,
    pub(super) quotes_all: bool,
    pub(super) quoted_empty_is_missing: bool,
    pub(super) limit: usize,
}

impl Default for CsvFormat {
    fn default() -> Self {
        Self::new()
    }
}

impl CsvFormat {
    /// The default: commas, double quotes, a header, and records of at most 16 MiB, all with as many fields as the
    /// header.
    pub const fn new() -> Self {
        Self {
            delimiter: b',',
            quote: b'"',
            escape: None,
            comment: None,
            missing: None,
            has_header: true,
            is_flexible: false,
            trims: false,
            ends_in_crlf: false,
            quotes_all: false,
            quoted_empty_is_missing: false,
            limit: RECORD_LIMIT,
        }
    }

    /// The delimiter between fields, such as `b';'` or `b'\t'`. The default is a comma.
    ///
    /// # Panics
    ///
    /// If it is not ASCII, or a line end.
    pub const fn delimiter(mut self, delimiter: u8) -> Self {
        assert!(is_usable(delimiter), "a delimiter is an ASCII character, and no line end");
        self.delimiter = delimiter;
        self
    }

    /// The quote around fields. The default is `b'"'`. Inside of quotes a quote is written twice.
    ///
    /// # Panics
    ///
    /// If it is not ASCII, or a line end.
    pub const fn quote(mut self, quote: u8) -> Self {
        assert!(is_usable(quote), "a quote is an ASCII character, and no line end");
        self.quote = quote;
        self
    }

    /// Inside of quotes, `escape` stands before a quote, instead of a second quote: often `b'\\'`.
    ///
    /// # Panics
    ///
    /// If it is not ASCII, or a line end.
    pub const fn escape(mut self, escape: u8) -> Self {
        assert!(is_usable(escape), "an escape is an ASCII character, and no line end");
        self.escape = Some(escape);
        self
    }

    /// Reading skips lines that begin with `comment`. By default no line is a comment.
    ///
    /// # Panics
    ///
    /// If it is not ASCII, or a line end.
    pub const fn comment(mut self, comment: u8) -> Self {
        assert!(is_usable(comment), "a comment begins with an ASCII character, and no line end");
        self.comment = Some(comment);
        self
    }

    /// The text of a missing value, such as `NULL` or `NA`: it is written for `None`, and read as `None` where it is not
    /// quoted. Then an empty field is an empty text, quoted or not.
    pub fn missing(mut self, text: impl Into<String>) -> Self {
        self.missing = Some(text.into());
        self
    }

    /// A quoted empty field, `""`, is read as a missing value as well. Use it for files whose fields are all quoted.
    /// Writing refuses `Some("")`, because it would be read as `None`.
    pub const fn quoted_empty_is_missing(mut self) -> Self {
        self.quoted_empty_is_missing = true;
        self
    }

    /// The first record is not a header. Fields are read by position, and no header is written.
    pub const fn no_header(mut self) -> Self {
        self.has_header = false;
        self
    }

    /// Records may have different numbers of fields, for example for items that are a `Vec<String>`.
    pub const fn flexible(mut self) -> Self {
        self.is_flexible = true;
        self
    }

    /// Reading removes white space around fields that are not quoted.
    pub const fn trim(mut self) -> Self {
        self.trims = true;
        self
    }

    /// Written records end in `\r\n`, as RFC 4180 has it, instead of `\n`. Reading takes either, in any format.
    pub const fn crlf(mut self) -> Self {
        self.ends_in_crlf = true;
        self
    }

    /// Writing quotes all fields, but no missing values. By default it quotes where it is necessary.
    pub const fn quote_all(mut self) -> Self {
        self.quotes_all = true;
        self
    }

    /// The largest size of a record in bytes, delimiters and quotes included, with 8 bytes more for each field. The
    /// default is 16 MiB. A longer record is an error with the line on which it begins, so that a missing quote takes neither the rest of the file nor the memory.
    pub const fn record_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }
}

const fn is_usable(byte: u8) -> bool {
    byte.is_ascii() && byte != b'\n' && byte != b'\r'
}
