//! The error for an invalid line of JSON.

use std::error::Error;
use std::fmt;

/// The error for a line that is malformed JSON or does not match the item type. The message contains the reason and, if
/// known, the column. If the text is JSON of another layout than one value on each line, the message says so.
#[derive(Debug)]
pub struct InvalidJson {
    error: serde_json::Error,
    layout: Option<&'static str>,
}

impl InvalidJson {
    /// The error of `line`. `is_first` if no line before it had a value.
    pub(super) fn new(error: serde_json::Error, line: &[u8], is_first: bool) -> Self {
        let line = line.trim_ascii();
        let layout = if is_first && line.starts_with(b"[") {
            Some(
                "the text is a JSON array, and JSON lines are expected: one value on each line, without brackets and commas",
            )
        } else if error.is_eof() && matches!(line.first(), Some(b'{' | b'[')) {
            Some("the value goes on behind this line, and JSON lines are expected: each value on one line")
        } else if error.is_syntax() && line.ends_with(b",") {
            Some(
                "a comma follows the value, and JSON lines are expected: one value on each line, without commas",
            )
        } else if error.is_syntax() && line.contains(&b'\r') {
            Some("the lines end in `\\r` alone, and `\\n` or `\\r\\n` is expected")
        } else {
            None
        };
        Self { error, layout }
    }
}

impl fmt::Display for InvalidJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(layout) = self.layout {
            return f.write_str(layout);
        }
        // Each line is parsed on its own. So the line number in the message is always 1, or 0 if the type itself
        // rejected the value; there is no column then.
        let (line, column) = (self.error.line(), self.error.column());
        let message = self.error.to_string();
        let message = message.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&message);
        match (line, column) {
            (0, _) | (_, 0) => f.write_str(message),
            _ => write!(f, "{message}, at column {column}"),
        }
    }
}

impl Error for InvalidJson {}
