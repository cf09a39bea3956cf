//! The checks on the values of a column, as data.
//!
//! A field type lists its checks ([`FieldValue::CHECKS`](super::FieldValue::CHECKS)). Everything that refuses a value
//! follows from that list: the conditions of a table's triggers, the compile-time check of a `default`, and the words of
//! the messages. A new rule on values is a new variant here.

use std::fmt;

use super::{ColumnValue, Limit};
use crate::const_message::{Message, equal};

/// A check on the value of a column. `NULL` passes every check: a column's nullability is declared separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Check {
    /// An integer within these bounds.
    Integer {
        /// The smallest number.
        min: i64,
        /// The largest number.
        max: i64,
    },
    /// One of these integers.
    IntegerOf(&'static [i64]),
    /// The integer 0 or 1.
    Boolean,
    /// A floating-point number, or an integer, which the column converts.
    Number,
    /// A number that an `f32` holds exactly. A table accepts any number.
    SingleNumber,
    /// Text.
    Text,
    /// One of these texts.
    TextOf(&'static [&'static str]),
    /// Text of at most this many characters.
    Longest(usize),
    /// Text of at least one character.
    NotEmpty,
    /// A number that is not less than this.
    Least(Limit),
    /// A number that is not greater than this.
    Most(Limit),
    /// Text without a NUL character.
    NoNul,
    /// A blob.
    Blob,
    /// A blob of this many bytes.
    Bytes(usize),
    /// Any value with a JSON form.
    NoBlob,
    /// The id of a record.
    Id,
    /// A UUID: 32 hex digits, with or without hyphens.
    Uuid,
    /// A date. A table accepts text in which three numbers with hyphens between them follow each other.
    Date,
    /// A time of day. A table accepts text that starts with two numbers and a colon between them.
    Time,
    /// A date and time. A table accepts text that starts as a date does.
    DateTime,
}

impl Check {
    /// Returns `true` if `value` passes. Dates and times pass in the format in which a field stores them, and with `T`
    /// and `Z`; reading a field accepts more formats.
    #[must_use]
    pub const fn allows(self, value: ColumnValue<'_>) -> bool {
        match (self, value) {
            (_, ColumnValue::Null)
            | (Self::Number, ColumnValue::Integer(_) | ColumnValue::Real(_))
            | (Self::Text, ColumnValue::Text(_))
            | (Self::Blob, ColumnValue::Blob(_)) => true,
            (Self::Integer { min, max }, ColumnValue::Integer(number)) => min <= number && number <= max,
            (Self::IntegerOf(numbers), ColumnValue::Integer(number)) => is_number_of(number, numbers),
            (Self::Boolean, ColumnValue::Integer(number)) => number == 0 || number == 1,
            (Self::SingleNumber, ColumnValue::Integer(number)) => is_single_integer(number),
            (Self::SingleNumber, ColumnValue::Real(number)) => is_single(number),
            (Self::TextOf(texts), ColumnValue::Text(text)) => is_text_of(text, texts),
            (Self::Longest(longest), ColumnValue::Text(text)) => characters(text) <= longest,
            (Self::NotEmpty, ColumnValue::Text(text)) => !text.is_empty(),
            (Self::Least(limit), ColumnValue::Integer(number)) => !limit.is_above(number),
            (Self::Least(limit), ColumnValue::Real(number)) => !limit.is_above_real(number),
            (Self::Most(limit), ColumnValue::Integer(number)) => !limit.is_below(number),
            (Self::Most(limit), ColumnValue::Real(number)) => !limit.is_below_real(number),
            (Self::NoNul, ColumnValue::Text(text)) => !has_nul(text),
            (Self::Bytes(length), ColumnValue::Blob(bytes)) => bytes.len() == length,
            (Self::NoBlob, value) => !matches!(value, ColumnValue::Blob(_) | ColumnValue::NotUtf8(_)),
            (Self::Id, ColumnValue::Text(text)) => is_id(text),
            (Self::Uuid, ColumnValue::Text(text)) => is_uuid(text.as_bytes()),
            (Self::Date, ColumnValue::Text(text)) => Text::new(text).date().is_end(),
            (Self::Time, ColumnValue::Text(text)) => Text::new(text).time().is_end(),
            (Self::DateTime, ColumnValue::Text(text)) => Text::new(text).date_time().is_end(),
            _ => false,
        }
    }

    /// Adds the words for the values that pass: `an integer from 0 to 255`.
    pub(crate) const fn describe(self, message: Message) -> Message {
        match self {
            Self::Integer { min: i64::MIN, max: i64::MAX } => message.text("an integer"),
            Self::Integer { min, max } => {
                message.text("an integer from ").integer(min).text(" to ").integer(max)
            }
            Self::IntegerOf(numbers) => {
                let mut message = message.text("one of ");
                let mut index = 0;
                while index < numbers.len() {
                    message = message.text(if index > 0 { ", " } else { "" }).integer(numbers[index]);
                    index += 1;
                }
                message
            }
            Self::TextOf(texts) => {
                let mut message = message.text("one of ");
                let mut index = 0;
                while index < texts.len() {
                    message = message.text(if index > 0 { ", " } else { "" }).quoted(texts[index]);
                    index += 1;
                }
                message
            }
            Self::Boolean => message.text("0 or 1"),
            Self::Number => message.text("a floating-point number"),
            Self::SingleNumber => message.text("a floating-point number that an `f32` holds"),
            Self::Text => message.text("text"),
            #[expect(clippy::cast_possible_wrap, reason = "no text is that long")]
            Self::Longest(longest) => {
                message.text("text of at most ").integer(longest as i64).text(" characters")
            }
            Self::NotEmpty => message.text("text that is not empty"),
            Self::Least(limit) => message.text("a number from ").text(limit.as_str()),
            Self::Most(limit) => message.text("a number up to ").text(limit.as_str()),
            Self::NoNul => message.text("text without a NUL character"),
            Self::Blob => message.text("a blob"),
            #[expect(clippy::cast_possible_wrap, reason = "no array is that long")]
            Self::Bytes(length) => message.text("a blob of ").integer(length as i64).text(" bytes"),
            Self::NoBlob => message.text("no blob"),
            Self::Id => message.text("32 lower-case hex digits"),
            Self::Uuid => message.text("a UUID"),
            Self::Date => message.text("a date"),
            Self::Time => message.text("a time"),
            Self::DateTime => message.text("a date and time"),
        }
    }
}

/// Prints the values that pass: `an integer from 0 to 255`.
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.describe(Message::new()).as_str())
    }
}

/// The first of `checks` that `value` does not pass.
#[must_use]
pub const fn first_failed(checks: &[Check], value: ColumnValue<'_>) -> Option<Check> {
    let mut index = 0;
    while index < checks.len() {
        if !checks[index].allows(value) {
            return Some(checks[index]);
        }
        index += 1;
    }
    None
}

const fn is_number_of(number: i64, numbers: &[i64]) -> bool {
    let mut index = 0;
    while index < numbers.len() {
        if numbers[index] == number {
            return true;
        }
        index += 1;
    }
    false
}

const fn is_text_of(text: &str, texts: &[&str]) -> bool {
    let mut index = 0;
    while index < texts.len() {
        if equal(texts[index], text) {
            return true;
        }
        index += 1;
    }
    false
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the result is compared with the number"
)]
const fn is_single_integer(number: i64) -> bool {
    (number as f32) as i64 == number
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "the result is compared with the number, and must be equal"
)]
const fn is_single(number: f64) -> bool {
    (number as f32) as f64 == number
}

const fn characters(text: &str) -> usize {
    let (bytes, mut index, mut count) = (text.as_bytes(), 0, 0);
    while index < bytes.len() {
        // The other bytes of a character begin with the bits 10.
        count += (bytes[index] & 0b1100_0000 != 0b1000_0000) as usize;
        index += 1;
    }
    count
}

const fn has_nul(text: &str) -> bool {
    let (bytes, mut index) = (text.as_bytes(), 0);
    while index < bytes.len() {
        if bytes[index] == 0 {
            return true;
        }
        index += 1;
    }
    false
}

/// 32 lower-case hex digits, other than the placeholder for an id that is not set, which is all zeros.
const fn is_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut index, mut is_set) = (0, false);
    while index < bytes.len() {
        if !matches!(bytes[index], b'0'..=b'9' | b'a'..=b'f') {
            return false;
        }
        is_set |= bytes[index] != b'0';
        index += 1;
    }
    bytes.len() == 32 && is_set
}

const fn is_uuid(bytes: &[u8]) -> bool {
    let (mut index, mut digits) = (0, 0);
    while index < bytes.len() {
        match bytes[index] {
            b'-' => {}
            byte if byte.is_ascii_hexdigit() => digits += 1,
            _ => return false,
        }
        index += 1;
    }
    digits == 32
}

/// The rest of a text that is being parsed. `None` if it does not match.
#[derive(Clone, Copy)]
struct Text<'a>(Option<&'a [u8]>);

impl<'a> Text<'a> {
    const fn new(text: &'a str) -> Self {
        Self(Some(text.as_bytes()))
    }

    const fn is_end(self) -> bool {
        matches!(self.0, Some([]))
    }

    /// Removes one of `bytes`.
    const fn one_of(self, bytes: &[u8]) -> Self {
        if let Some([first, rest @ ..]) = self.0 {
            let mut index = 0;
            while index < bytes.len() {
                if bytes[index] == *first {
                    return Self(Some(rest));
                }
                index += 1;
            }
        }
        Self(None)
    }

    /// Removes a number of `digits` digits from `min` to `max`.
    const fn number(self, digits: usize, min: u32, max: u32) -> (Self, u32) {
        let (mut rest, mut number, mut index) = (self.0, 0, 0);
        while index < digits {
            match rest {
                Some([digit @ b'0'..=b'9', behind @ ..]) => {
                    number = number * 10 + (*digit - b'0') as u32;
                    rest = Some(behind);
                }
                _ => return (Self(None), 0),
            }
            index += 1;
        }
        if number < min || number > max { (Self(None), 0) } else { (Self(rest), number) }
    }

    const fn date(self) -> Self {
        let (rest, year) = self.number(4, 1, 9999);
        let (rest, month) = rest.one_of(b"-").number(2, 1, 12);
        let is_leap_year = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 if is_leap_year => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        rest.one_of(b"-").number(2, 1, days).0
    }

    const fn time(self) -> Self {
        let minutes = self.number(2, 0, 23).0.one_of(b":").number(2, 0, 59).0;
        let seconds = minutes.one_of(b":").number(2, 0, 59).0;
        if seconds.0.is_none() {
            return minutes;
        }
        let mut rest = seconds.one_of(b".").number(1, 0, 9).0;
        if rest.0.is_none() {
            return seconds;
        }
        let mut digits = 1;
        while digits < 9 {
            let next = rest.number(1, 0, 9).0;
            if next.0.is_none() {
                break;
            }
            rest = next;
            digits += 1;
        }
        rest
    }

    const fn date_time(self) -> Self {
        let time = self.date().one_of(b" T").time();
        let in_utc = time.one_of(b"Z");
        if in_utc.0.is_some() { in_utc } else { time }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(check: Check, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(check.allows(ColumnValue::Text(text)), "{text:?} is {check}");
        }
        for text in bad {
            assert!(!check.allows(ColumnValue::Text(text)), "{text:?} is not {check}");
        }
    }

    #[test]
    fn dates_and_times_are_of_the_calendar() {
        check(
            Check::Date,
            &["2025-01-31", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"],
            &[
                "",
                "yesterday",
                "2025-02-29",
                "1900-02-29",
                "2025-04-31",
                "2025-13-01",
                "0000-01-01",
                "2025-1-2",
                "2025-01-02 ",
            ],
        );
        check(
            Check::Time,
            &["00:00", "23:59:59", "01:02:03.5", "01:02:03.123456789"],
            &["", "24:00", "1:2", "01:02:", "01:02:60", "01:02:03.", "01:02:03.1234567891", "01:02 pm"],
        );
        check(
            Check::DateTime,
            &["2025-01-02 03:04", "2025-01-02T03:04:05.678901Z"],
            &["2025-01-02", "2025-02-30 00:00", "2025-01-02 25:00", "soon", "2025-01-02 03:04:05ZZ"],
        );
    }

    #[test]
    fn texts() {
        check(Check::Longest(3), &["", "abc", "\u{e9}\u{1f600}a"], &["abcd", "a\0bcd"]);
        check(Check::NoNul, &["", "abc"], &["a\0b", "\0"]);
        check(Check::TextOf(&["a", "b"]), &["a", "b"], &["", "A", "ab", "a "]);
        check(
            Check::Id,
            &["0123456789abcdef0123456789abcdef"],
            &["", "0123456789ABCDEF0123456789abcdef", "00000000000000000000000000000000", "0123456789abcdef"],
        );
        check(
            Check::Uuid,
            &["01234567-89AB-cdef-0123-456789abcdef", "0123456789abcdef0123456789abcdef"],
            &["", "x", "0123456789abcdef0123456789abcdef0"],
        );
    }

    #[test]
    fn numbers() {
        let byte = Check::Integer { min: 0, max: 255 };
        for (number, is_byte, is_one_of, is_boolean) in [
            (0, true, false, true),
            (1, true, true, true),
            (255, true, false, false),
            (256, false, false, false),
            (-1, false, true, false),
        ] {
            let number = ColumnValue::Integer(number);
            assert_eq!(byte.allows(number), is_byte);
            assert_eq!(Check::IntegerOf(&[1, -1]).allows(number), is_one_of);
            assert_eq!(Check::Boolean.allows(number), is_boolean);
            assert!(Check::Number.allows(number) && !Check::Text.allows(number));
        }
        assert!(!byte.allows(ColumnValue::Real(1.0)) && !byte.allows(ColumnValue::Text("1")));
        assert!(Check::SingleNumber.allows(ColumnValue::Real(0.5)));
        assert!(!Check::SingleNumber.allows(ColumnValue::Real(0.1)));
        assert!(
            Check::Bytes(2).allows(ColumnValue::Blob(b"ab"))
                && !Check::Bytes(2).allows(ColumnValue::Blob(b"a"))
        );
        assert_eq!(first_failed(&[Check::Text, Check::NoNul], ColumnValue::Text("\0")), Some(Check::NoNul));
        assert_eq!(first_failed(&[Check::Text, Check::NoNul], ColumnValue::Null), None);
    }

    #[test]
    fn words() {
        for (check, words) in [
            (Check::Integer { min: -128, max: 127 }, "an integer from -128 to 127"),
            (Check::Integer { min: i64::MIN, max: i64::MAX }, "an integer"),
            (Check::Integer { min: i64::MIN, max: 0 }, "an integer from -9223372036854775808 to 0"),
            (Check::IntegerOf(&[1, 5]), "one of 1, 5"),
            (Check::TextOf(&["a", "b"]), "one of `a`, `b`"),
            (Check::Longest(128), "text of at most 128 characters"),
            (Check::Bytes(4), "a blob of 4 bytes"),
        ] {
            assert_eq!(check.to_string(), words);
        }
    }
}
