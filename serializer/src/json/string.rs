//! Writer for strings: quoted, with everything outside of printable ASCII escaped.

/// Appends `text` as a JSON string.
///
/// Printable ASCII is written as it is. `"`, `\` and the usual control characters get their short escapes. Other
/// characters are written as `\uXXXX` in lower case, as a surrogate pair where one unit is not enough. `/` is not
/// escaped, DEL is.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    loop {
        let (plain, special) = rest.split_at(plain_run(rest.as_bytes()));
        out.push_str(plain);
        let mut characters = special.chars();
        let Some(character) = characters.next() else { break };
        push_character(out, character);
        rest = characters.as_str();
    }
    out.push('"');
}

/// Appends a text with unpaired surrogates, given as code points, as a JSON string.
pub(crate) fn write_code_points(out: &mut String, points: &[u32]) {
    out.push('"');
    for point in points {
        match (char::from_u32(*point), u16::try_from(*point)) {
            (Some(character), _) => push_character(out, character),
            (None, Ok(surrogate)) => push_hex_escape(out, surrogate),
            (None, Err(_)) => push_character(out, char::REPLACEMENT_CHARACTER),
        }
    }
    out.push('"');
}

/// Converts the part of `out` from byte `start` on to one JSON string, in place.
///
/// This makes a JSON string that holds JSON, without a temporary allocation: [`recode`](super::recode) appends the
/// inner text, and this function quotes it.
///
/// # Panics
///
/// If `start` is behind the end of `out` or within a character.
pub fn quote_in_place(out: &mut String, start: usize) {
    let end = out.len();
    out.push('"');
    let mut at = start;
    loop {
        let run = plain_run(&out.as_bytes()[at..end]);
        out.extend_from_within(at..at + run);
        at += run;
        let Some(character) = out[at..end].chars().next() else { break };
        push_character(out, character);
        at += character.len_utf8();
    }
    out.push('"');
    out.drain(start..end);
}

/// The number of bytes at the start of `bytes` that need no escape.
///
/// It checks eight bytes at a time: most strings are identifiers with nothing to escape.
pub(super) fn plain_run(bytes: &[u8]) -> usize {
    let (words, tail) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let plain_tail = tail.iter().take_while(|byte| is_plain(**byte)).count();
    bytes.len() - tail.len() + plain_tail
}

/// Appends one character, escaped as needed within a JSON string.
pub(super) fn push_character(out: &mut String, character: char) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        ' '..='~' => out.push(character),
        other => other.encode_utf16(&mut [0; 2]).iter().for_each(|unit| push_hex_escape(out, *unit)),
    }
}

/// Appends one UTF-16 code unit, escaped as needed within a JSON string.
///
/// An unpaired surrogate stays as it is. A pair may come in two calls: the output is the same as for the whole
/// character.
pub(super) fn push_code_unit(out: &mut String, unit: u16) {
    match char::from_u32(unit.into()) {
        Some(character) => push_character(out, character),
        None => push_hex_escape(out, unit),
    }
}

fn push_hex_escape(out: &mut String, unit: u16) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";

    out.push_str("\\u");
    for shift in [12, 8, 4, 0] {
        out.push(char::from(DIGITS[usize::from(unit >> shift & 0xf)]));
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// Returns a word whose top bits mark the bytes that are not [plain](is_plain). Only the lowest mark is reliable: a
/// subtraction may borrow from the next higher byte and mark it as well.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const TOPS: u64 = ONES << 7;

    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let equal = |byte: u8| zeros(word ^ (ONES * u64::from(byte)));
    let control = word.wrapping_sub(ONES * u64::from(b' ')) & !word;
    (word | control | equal(b'"') | equal(b'\\') | equal(0x7f)) & TOPS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut out = String::from("[");
        write_string(&mut out, text);
        assert_eq!(out, format!("[{expected}"));

        let mut out = format!("[{text}");
        quote_in_place(&mut out, 1);
        assert_eq!(out, format!("[{expected}"), "in place");
    }

    #[test]
    fn printable_ascii_stays() {
        check("", r#""""#);
        check("plain/text with 'quotes' ~", r#""plain/text with 'quotes' ~""#);
    }

    #[test]
    fn short_escapes() {
        check("\"\\\n\r\t\u{8}\u{c}", r#""\"\\\n\r\t\b\f""#);
    }

    #[test]
    fn everything_else_is_hexadecimal() {
        check("\0\u{1f}\u{7f}\u{80}é李\u{2028}", r#""\u0000\u001f\u007f\u0080\u00e9\u674e\u2028""#);
    }

    #[test]
    fn the_golden_row_of_the_spec() {
        check("é😀/\"", r#""\u00e9\ud83d\ude00/\"""#);
    }

    #[test]
    fn runs_end_at_each_special_byte_in_each_place() {
        for byte in 0..=u8::MAX {
            for place in 0..17 {
                let mut bytes = [b'a'; 17];
                bytes[place] = byte;
                let expected = if is_plain(byte) { 17 } else { place };
                assert_eq!(plain_run(&bytes), expected, "byte {byte:#x} at {place}");
            }
        }
    }
}
