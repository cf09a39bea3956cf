//! Rust versions of the Python functions whose results affect what Morango and Django store.
//!
//! They help to implement [`FieldValue`](trait@crate::FieldValue) for a column that a Python program reads and writes
//! as well.

mod number;
mod printable;
mod repr;

use std::borrow::Cow;

pub use number::{ParsedInt, parse_float, parse_int};
pub use repr::write_repr;
pub(crate) use repr::write_repr_of_code_points;

/// The digit zero of each script that has its own digits, except ASCII; the digits one to nine follow each zero. From
/// category `Nd` of `unicodedata` in Python 3.11 (Unicode 14).
const ZEROS: [u32; 65] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
    0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0,
    0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50,
    0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140,
    0x1e2f0, 0x1e950, 0x1fbf0,
];

/// Replaces the digits of other scripts by ASCII digits. Python's `int` accepts both.
///
/// ```
/// use syncline_serializer::python::with_ascii_digits;
///
/// assert_eq!(with_ascii_digits("\u{667}. 7"), "7. 7"); // seven in Arabic
/// assert_eq!(with_ascii_digits("\u{b2}"), "\u{b2}"); // superscript two is no digit
/// ```
#[must_use]
pub fn with_ascii_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let ascii = |character| char::from_digit(digit_value(character)?, 10);
    text.chars().map(|character| ascii(character).unwrap_or(character)).collect()
}

/// Splits `text` at runs of white space, as Python's `str.split` does. Python counts four control characters as white
/// space that Unicode does not.
///
/// ```
/// use syncline_serializer::python::split;
///
/// assert_eq!(split(" a\u{a0}b\x1cc\t").collect::<Vec<_>>(), ["a", "b", "c"]);
/// ```
pub fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|part| !part.is_empty())
}

/// Python's `str.isspace` of a character.
fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}

/// Python's `int` for a text without white space and minus: an optional plus, then ASCII digits, with single
/// underscores allowed between them. Returns `None` where Python raises an error, and for numbers too large for a
/// `u32`.
///
/// ```
/// use syncline_serializer::python::int;
///
/// assert_eq!(int("+1_000"), Some(1000));
/// assert_eq!(int("1__000"), None);
/// ```
#[must_use]
pub fn int(text: &str) -> Option<u32> {
    text.strip_prefix('+').unwrap_or(text).split('_').try_fold(0_u32, |number, digits| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let append = |number: u32, digit: u8| number.checked_mul(10)?.checked_add(u32::from(digit - b'0'));
        is_number.then(|| digits.bytes().try_fold(number, append)).flatten()
    })
}

/// The value of a digit outside of ASCII, or `None` for other characters.
fn digit_value(character: char) -> Option<u32> {
    let behind = ZEROS.partition_point(|zero| *zero <= u32::from(character));
    let zero = ZEROS.get(behind.checked_sub(1)?)?;
    Some(u32::from(character) - zero).filter(|digit| *digit < 10)
}

#[cfg(test)]
mod tests {
    use super::{int, split};

    #[track_caller]
    fn check(text: &str, expected: Option<u32>) {
        assert_eq!(int(text), expected, "{text:?}");
    }

    #[test]
    fn integers() {
        check("0007", Some(7));
        check("+7", Some(7));
        check("1_2", Some(12));
        for text in ["", "+", "++7", "_1", "1_", "1__2", "7x", "\u{667}", "99999999999"] {
            check(text, None);
        }
    }

    #[test]
    fn white_space_is_what_python_says_it_is() {
        // All characters for which `str.isspace` is true in Python 3.11.
        let spaces = ('\t'..='\r')
            .chain('\x1c'..=' ')
            .chain([
                '\u{85}', '\u{a0}', '\u{1680}', '\u{2028}', '\u{2029}', '\u{202f}', '\u{205f}', '\u{3000}',
            ])
            .chain('\u{2000}'..='\u{200a}');
        let spaces: Vec<_> = spaces.collect();
        for character in '\0'..=char::MAX {
            let text = format!("a{character}b");
            let parts = if spaces.contains(&character) { 2 } else { 1 };
            assert_eq!(split(&text).count(), parts, "{character:?}");
        }
    }
}
