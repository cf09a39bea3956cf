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
        let at = &line[error.column().saturating_sub(1).min(line.len())..];
        let line = line.trim_ascii();
        let message = error.to_string();
        let layout = if is_first && is_array(&error, &message, line) {
            Some(
                "the text is a JSON array, and JSON lines are expected: one value on each line, without brackets and commas",
            )
        } else if is_first && line.starts_with(b"<") {
            Some("the text is HTML or XML, and JSON lines are expected: is it the page of an error?")
        } else if message.starts_with("recursion limit") {
            Some("the value is nested more than 127 times")
        } else if error.is_syntax() && WORDS.iter().any(|word| at.starts_with(word)) {
            Some(
                "NaN, Infinity, None, True, False and undefined are no values of JSON: write `null`, `true`, `false` or a text",
            )
        } else if error.is_eof() && matches!(line.first(), Some(b'{' | b'[')) {
            Some("the value goes on behind this line, and JSON lines are expected: each value on one line")
        } else if error.is_syntax() && line.ends_with(b",") {
            Some(
                "a comma follows the value, and JSON lines are expected: one value on each line, without commas",
            )
        } else if error.is_syntax() && line.contains(&b'\r') {
            Some("the lines end in `\\r` alone, and `\\n` or `\\r\\n` is expected")
        } else if message.starts_with("trailing characters") && matches!(at.first(), Some(b'{' | b'[')) {
            Some(
                "another value follows on this line, and JSON lines are expected: each value on a line of its own",
            )
        } else {
            None
        };
        Self { error, layout }
    }
}

/// Words of other languages for values.
const WORDS: &[&[u8]] = &[b"NaN", b"Infinity", b"inf", b"None", b"True", b"False", b"undefined"];

/// `true` if the type expects another value than the array that `line` begins.
fn is_array(error: &serde_json::Error, message: &str, line: &[u8]) -> bool {
    let Some((b'[', inside)) = line.split_first() else { return false };
    let is_of_objects = inside.trim_ascii_start().starts_with(b"{");
    error.is_eof() || (error.is_data() && (is_of_objects || message.starts_with("invalid type: sequence")))
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

#[cfg(test)]
mod tests {
    use super::InvalidJson;

    #[test]
    fn lines_that_end_in_a_return_alone_are_not_several_values() {
        for (line, says) in [
            (&b"{\"a\":1}\r{\"a\":2}\r"[..], "the lines end in `\\r` alone"),
            (b"{\"a\":1} {\"a\":2}", "another value follows on this line"),
            (b"{\"a\":1},", "a comma follows the value"),
        ] {
            let error = serde_json::from_slice::<serde_json::Value>(line).unwrap_err();
            let text = InvalidJson::new(error, line, true).to_string();
            assert!(text.starts_with(says), "{text}");
        }
    }
}
