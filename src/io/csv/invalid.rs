//! The error for an invalid CSV record.

use std::error::Error;
use std::fmt;

use csv::ErrorKind;

/// A CSV record that is malformed or does not match the item type.
///
/// The message contains the reason and the index of the field, from 0. The failure that wraps this error contains the
/// line.
#[derive(Debug)]
pub struct InvalidCsv(csv::Error);

impl InvalidCsv {
    pub(super) fn new(error: csv::Error) -> Self {
        Self(error)
    }

    /// The error of the crate `csv`. If lines end in `\r\n`, its line numbers are too small by one.
    #[must_use]
    pub fn error(&self) -> &csv::Error {
        &self.0
    }
}

impl fmt::Display for InvalidCsv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind() {
            ErrorKind::Utf8 { err, .. } => write!(f, "field {}: invalid UTF-8", err.field()),
            ErrorKind::UnequalLengths { expected_len, len, .. } => {
                let fields = if *len == 1 { "field" } else { "fields" };
                write!(f, "{len} {fields} where {expected_len} are expected")
            }
            ErrorKind::Deserialize { err, .. } => err.fmt(f),
            _ => self.0.fmt(f),
        }
    }
}

impl Error for InvalidCsv {}
