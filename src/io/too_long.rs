//! `RecordTooLong`: the error for a record or a line that exceeds its bound.

use std::error::Error;
use std::fmt;

/// The largest size of a record or a line, in bytes, unless another is set: 16 MiB.
pub const RECORD_LIMIT: usize = 16 * 1024 * 1024;

/// The error for a record or a line that is longer than its source allows. The failure that wraps it has the line on
/// which the record begins.
///
/// The rest of the text cannot be read: the source would have to guess where the next record begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordTooLong {
    limit: usize,
    /// The name of the method that sets the limit.
    setting: &'static str,
    open_quote: Option<u64>,
}

impl RecordTooLong {
    pub(super) fn new(limit: usize, setting: &'static str) -> Self {
        Self { limit, setting, open_quote: None }
    }

    /// The record ended in a field whose quote opens on the line `open_quote`.
    #[cfg(feature = "csv")]
    pub(super) fn quoted_since(self, open_quote: Option<u64>) -> Self {
        Self { open_quote, ..self }
    }

    /// The largest number of bytes that was allowed.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }
}

impl fmt::Display for RecordTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is longer than {} bytes", self.limit)?;
        match self.open_quote {
            Some(line) => write!(f, ": the quote that opens on line {line} is not closed"),
            None => write!(f, ": if that is right, set a larger `{}`", self.setting),
        }
    }
}

impl Error for RecordTooLong {}
