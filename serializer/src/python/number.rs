//! Python's `int` and `float` of a text.

use super::with_ascii_digits;
use crate::json::MAX_INTEGER_DIGITS;

/// An integer that Python reads from a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParsedInt {
    /// An integer of 64 bits.
    Fits(i64),
    /// A larger one. A database does not store it.
    TooLarge,
}

/// Python's `int` of a text: white space around, a sign, decimal digits of any script, single underscores between digits.
/// `None` where Python raises a `ValueError`.
///
/// ```
/// use syncline_serializer::python::{ParsedInt, parse_int};
///
/// assert_eq!(parse_int(" -5_0\n"), Some(ParsedInt::Fits(-50)));
/// assert_eq!(parse_int("\u{665}"), Some(ParsedInt::Fits(5))); // five in Arabic
/// assert_eq!(parse_int("5.0"), None);
/// ```
#[must_use]
pub fn parse_int(text: &str) -> Option<ParsedInt> {
    let text = with_ascii_digits(trim(text));
    let (sign, digits) = signed(&text);
    let digits = without_underscores(digits)?;
    if digits.is_empty()
        || digits.len() > MAX_INTEGER_DIGITS
        || !digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let number = format!("{sign}{digits}").parse();
    Some(number.map_or(ParsedInt::TooLarge, ParsedInt::Fits))
}

/// Python's `float` of a text: white space around, a sign, digits of any script, single underscores between digits, `inf`,
/// `infinity` and `nan` in any case. `None` where Python raises a `ValueError`.
///
/// ```
/// use syncline_serializer::python::parse_float;
///
/// assert_eq!(parse_float(" 1_0e-1\n"), Some(1.0));
/// assert_eq!(parse_float("-Infinity"), Some(f64::NEG_INFINITY));
/// assert_eq!(parse_float("1,5"), None);
/// ```
#[must_use]
pub fn parse_float(text: &str) -> Option<f64> {
    let text = with_ascii_digits(trim(text));
    without_underscores(&text)?.parse().ok()
}

/// `text` without the white space around it, as Python's `str.strip` removes it.
fn trim(text: &str) -> &str {
    text.trim_matches(super::is_space)
}

fn signed(text: &str) -> (&str, &str) {
    match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    }
}

/// `text` without its underscores, each of which must be between two digits.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit =
        |index: Option<usize>| index.and_then(|index| bytes.get(index)).is_some_and(u8::is_ascii_digit);
    let mut underscores = text.match_indices('_').map(|(index, _)| index);
    underscores
        .all(|index| is_digit(index.checked_sub(1)) && is_digit(Some(index + 1)))
        .then(|| text.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_as_python_reads_them() {
        let fits = |text, number| assert_eq!(parse_int(text), Some(ParsedInt::Fits(number)), "{text:?}");
        fits("5", 5);
        fits("\u{a0}\x1c+007\u{2028}", 7);
        fits("-0", 0);
        fits("1_2_3", 123);
        fits("-9223372036854775808", i64::MIN);
        assert_eq!(parse_int("9223372036854775808"), Some(ParsedInt::TooLarge));
        assert_eq!(parse_int(&"9".repeat(4300)), Some(ParsedInt::TooLarge));
        for text in
            ["", " ", "+", "--5", "+-5", "- 5", "_5", "5_", "5__0", "0x5", "5.0", "1e3", "\u{b2}", "a"]
        {
            assert_eq!(parse_int(text), None, "{text:?}");
        }
        assert_eq!(parse_int(&"9".repeat(4301)), None);
    }

    #[test]
    fn floats_as_python_reads_them() {
        let is = |text, number: f64| {
            assert_eq!(parse_float(text).map(f64::to_bits), Some(number.to_bits()), "{text:?}");
        };
        is("1.5", 1.5);
        is(" .5\n", 0.5);
        is("5.", 5.0);
        is("+1_0.2_5e1_0", 10.25e10);
        is("iNf", f64::INFINITY);
        is("-infinity", f64::NEG_INFINITY);
        is("1e999", f64::INFINITY);
        is("\u{665}.\u{665}", 5.5);
        assert!(parse_float("-NaN").is_some_and(f64::is_nan));
        for text in ["", ".", "e5", "1e", "_1", "1_", "1._5", "1__0", "0x1p3", "1,5", "in f", "infi", "1 2"] {
            assert_eq!(parse_float(text), None, "{text:?}");
        }
    }
}
