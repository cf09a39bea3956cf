//! A record that cannot be read, as an item.

use std::error::Error;
use std::fmt;

use syncline_core::Failure;

/// A record that is not what is expected: an item of `from_csv_results` and `from_json_lines_results`.
///
/// As an error it prints as where it stands and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRecord {
    /// Where it stands, as in `line 4`.
    pub at: String,
    /// What is wrong with it.
    pub reason: String,
}

impl BadRecord {
    pub(super) fn new(failure: &Failure) -> Self {
        Self { at: failure.record().unwrap_or_default().to_owned(), reason: failure.source().to_string() }
    }
}

impl fmt::Display for BadRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.reason)
    }
}

impl Error for BadRecord {}
