//! What is wrong with a record of CSV.

use std::error::Error;
use std::fmt;

use csv::ErrorKind;

/// A record is not the CSV that is expected. It prints as what is wrong, and the field, 0 for the first. Which record it
/// is, is said by whoever has it.
#[derive(Debug)]
pub struct InvalidCsv(csv::Error);

impl InvalidCsv {
    pub(super) fn new(error: csv::Error) -> Self {
        Self(error)
    }

    /// What the crate `csv` says. Where lines end in `\r\n`, its lines are one less than ours.
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
