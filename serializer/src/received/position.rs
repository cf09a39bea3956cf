//! The position of a mistake in a JSON text, as Python's errors describe it.

use super::failure::{ExceptionClass, Failure};

/// The failure for a text that is not JSON: `Expecting value: line 1 column 1 (char 0)`. Positions count code points.
pub(super) fn mistake(text: &str, at: usize, what: &str) -> Failure {
    let before = &text[..text.floor_char_boundary(at)];
    let (lines, last) = match before.rsplit_once('\n') {
        Some((lines, last)) => (lines.matches('\n').count() + 2, last),
        None => (1, before),
    };
    let (column, character) = (last.chars().count() + 1, before.chars().count());
    Failure::new(
        ExceptionClass::JSON_DECODE_ERROR,
        format!("{what}: line {lines} column {column} (char {character})"),
    )
}
