//! The error of a failure on cue.

use std::fmt;

/// A failure that a test asked for. It prints as the text that the test gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned(String);

impl Planned {
    /// A failure that prints as `text`.
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
