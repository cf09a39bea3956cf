//! The error of a scripted failure.

use std::fmt;

/// A failure that a test requested. It prints the test's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned(String);

impl Planned {
    /// Creates a failure that prints `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Planned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Planned {}
