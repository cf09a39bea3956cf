//! Parsers for dates and times in the text formats that Django reads from `SQLite`. Django reads more formats than it
//! writes.
//!
//! Django first matches the pattern of a text: text that does not match counts as `None`. It then builds the date: text
//! that matches but is not in the calendar is an error. So these parsers return plain numbers that may be out of range,
//! and the caller builds the date.

use super::InvalidValue;
use crate::python::{self, with_ascii_digits};

/// An hour, minute, second and fraction. They may be out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeOfDay {
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    /// The first nine digits of the fraction.
    pub(super) nanosecond: u32,
    /// `true` if no digit behind the ninth is other than zero.
    pub(super) is_all: bool,
}

/// A date, a time of day, and the offset from UTC in minutes, if the text has one. They may be out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) date: [u32; 3],
    pub(super) time: TimeOfDay,
    pub(super) offset_minutes: Option<i32>,
}

/// Parses `text` as Django's `DateTimeField` does. `None` if the pattern does not match, where Django returns `None` as
/// well.
pub(super) fn date_time(text: &str) -> Option<Moment> {
    let text = with_ascii_digits(text);
    let mut rest = Rest(text.strip_suffix('\n').unwrap_or(&text).as_bytes());
    rest.moment().filter(|_| rest.0.is_empty())
}

/// Parses `text` as Django's `TimeField` does. It ignores everything behind the time.
pub(super) fn time(text: &str) -> Option<TimeOfDay> {
    Rest(with_ascii_digits(text).as_bytes()).time()
}

/// Parses `text` as Python's `sqlite3` does for a `DateField`: three numbers and nothing else. It parses bytes, so only
/// ASCII digits count.
pub(super) fn date(text: &str) -> Result<[u32; 3], InvalidValue> {
    let parts: Vec<_> = text.split('-').map(|part| python::int(part.trim_ascii())).collect();
    match parts[..] {
        [Some(year), Some(month), Some(day)] => Ok([year, month, day]),
        _ => Err(InvalidValue::new(format!("`{text}` is not a date"))),
    }
}

/// Parses `text` as Django's `parse_date` does, for a date that was received. `None` if the pattern does not match.
pub(super) fn received_date(text: &str) -> Option<[u32; 3]> {
    let text = with_ascii_digits(text);
    let mut rest = Rest(text.strip_suffix('\n').unwrap_or(&text).as_bytes());
    rest.date().filter(|_| rest.0.is_empty())
}

/// The part of a text that is not parsed yet.
struct Rest<'text>(&'text [u8]);

impl Rest<'_> {
    fn moment(&mut self) -> Option<Moment> {
        let date = self.date()?;
        self.one_of(b"T ")?;
        let time = self.time()?;
        let offset_minutes = self.offset()?;
        Some(Moment { date, time, offset_minutes })
    }

    fn date(&mut self) -> Option<[u32; 3]> {
        let year = self.number(4, 4)?;
        let month = self.one_of(b"-").and_then(|_| self.number(1, 2))?;
        let day = self.one_of(b"-").and_then(|_| self.number(1, 2))?;
        Some([year, month, day])
    }

    fn time(&mut self) -> Option<TimeOfDay> {
        let hour = self.number(1, 2)?;
        let minute = self.one_of(b":").and_then(|_| self.number(1, 2))?;
        let mut time = TimeOfDay { hour, minute, second: 0, nanosecond: 0, is_all: true };
        let before = self.0;
        let Some(second) = self.one_of(b":").and_then(|_| self.number(1, 2)) else {
            self.0 = before;
            return Some(time);
        };
        time.second = second;
        let before = self.0;
        if let Some(fraction) = self.one_of(b".,").and_then(|_| self.fraction()) {
            (time.nanosecond, time.is_all) = fraction;
        } else {
            self.0 = before;
        }
        Some(time)
    }

    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first().filter(|(first, _)| bytes.contains(first))?;
        self.0 = rest;
        Some(*first)
    }

    /// Reads `least` to `most` digits, as many as there are.
    fn digits(&mut self, least: usize, most: usize) -> Option<&[u8]> {
        let count = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(count).filter(|_| count >= least)?;
        self.0 = rest;
        Some(digits)
    }

    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        Some(self.digits(least, most)?.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    /// Reads one to twelve digits behind the point. Returns the first nine, and `true` if all others are zero.
    fn fraction(&mut self) -> Option<(u32, bool)> {
        let digits = self.digits(1, 12)?;
        let is_all = digits.iter().skip(9).all(|digit| *digit == b'0');
        let nine = digits.iter().copied().chain([b'0'; 9]).take(9);
        Some((nine.fold(0, |number, digit| number * 10 + u32::from(digit - b'0')), is_all))
    }

    /// Reads `Z`, `+05:30`, `+0530`, `+05` or nothing. `None` if an offset is malformed.
    #[expect(clippy::option_option, reason = "an offset of another shape is not one that is missing")]
    fn offset(&mut self) -> Option<Option<i32>> {
        let Some(sign) = self.one_of(b"Z+-") else { return Some(None) };
        if sign == b'Z' {
            return Some(Some(0));
        }
        let hours = self.number(2, 2)?;
        let has_colon = self.one_of(b":").is_some();
        let minutes = self.number(2, 2).or((!has_colon).then_some(0))?;
        let offset = i32::try_from(hours * 60 + minutes).ok()?;
        Some(Some(if sign == b'-' { -offset } else { offset }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(u32, u32, u32, u32)>) {
        let time = time(text).map(|time| (time.hour, time.minute, time.second, time.nanosecond));
        assert_eq!(time, expected, "{text}");
    }

    #[test]
    fn what_is_behind_a_time_is_not_looked_at() {
        check("3:4", Some((3, 4, 0, 0)));
        check("03:04:05,5 and more", Some((3, 4, 5, 500_000_000)));
        check("03:04:x", Some((3, 4, 0, 0)));
        check("03:04:05.x", Some((3, 4, 5, 0)));
        check("x", None);
    }

    #[test]
    fn behind_a_moment_is_nothing() {
        assert!(date_time("2025-01-02 03:04:05.5+05:30\n").is_some());
        for text in ["2025-01-02 03:04:x", "2025-01-02 03:04:05.", "2025-01-02 03:04+5", "2025-01-02"] {
            assert_eq!(date_time(text), None, "{text}");
        }
    }

    #[test]
    fn digits_behind_the_ninth_are_noticed() {
        let is_all = |text| time(text).unwrap().is_all;
        assert!(is_all("3:4:5.123456789000"));
        assert!(!is_all("3:4:5.123456789001"));
    }
}
