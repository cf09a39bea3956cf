//! Single values to text.

use std::fmt::Write;

/// Appends `text` as a JSON string, everything outside printable ASCII escaped.
pub fn write_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            ' '..='~' => json.push(character),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    let _ = write!(json, "\\u{unit:04x}");
                }
            }
        }
    }
    json.push('"');
}

/// Appends an integer.
pub fn write_integer(json: &mut String, integer: i64) {
    let _ = write!(json, "{integer}");
}

/// Appends a float as Python's `repr` writes it.
pub fn write_float(json: &mut String, real: f64) {
    let _ = write!(json, "{real:?}");
}
