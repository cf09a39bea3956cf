//! `BadRecord`: an invalid record as an item, for policies and sinks.

use std::error::Error;
use std::fmt;

use syncline_core::Failure;

/// A record that could not be converted to the item type. `from_csv_results` and `from_json_lines_results` emit it as
/// an item.
///
/// It is also an error, which prints the position and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRecord {
    /// The position of the record, such as `line 4`.
    pub at: String,
    /// The reason why the record is invalid.
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
