//! Django's `DateTimeField`.

use std::fmt::{self, Write};

use syncline::{ColumnType, ColumnValue, FieldValue, InvalidValue, StoredValue};

use super::{Clock, python};

/// A moment, as Django's `DateTimeField` stores it in `SQLite`: `2025-01-02 03:04:05.678901`, in UTC.
///
/// It syncs as `2025-01-02T03:04:05.678Z`: what is below a millisecond is cut off. A fraction is left out only if it is
/// zero to the microsecond, so that half a millisecond is `.000`.
///
/// Django reads more than it writes: a `T` in the middle, single digits, no seconds, a comma, up to twelve digits of a
/// fraction, and an offset, which is kept. A text of any other shape it reads as nothing: `null` is what syncs then, and
/// [`read`](FieldValue::read) refuses it. The shape of a moment that no calendar has, such as 30 February, is refused in
/// either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    clock: Clock,
    offset_minutes: i16,
}

impl DateTime {
    /// Date and time of day, [`offset_minutes`](Self::offset_minutes) ahead of UTC.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// How far the clock is ahead of UTC; 0 for all that Django writes.
    #[must_use]
    pub fn offset_minutes(&self) -> i16 {
        self.offset_minutes
    }

    /// `+05:30`, and nothing at UTC.
    fn offset(&self) -> String {
        let (sign, offset) =
            (if self.offset_minutes < 0 { '-' } else { '+' }, self.offset_minutes.unsigned_abs());
        if offset == 0 { String::new() } else { format!("{sign}{:02}:{:02}", offset / 60, offset % 60) }
    }

    /// What Django reads from `text`: nothing, where it has another shape.
    fn parse(text: &str) -> Result<Option<Self>, InvalidValue> {
        python::refuse_foreign_digits(text)?;
        let Some(parts) = Parts::parse(text) else { return Ok(None) };
        let invalid = || InvalidValue::new(format!("`{text}` is not in the calendar"));
        let clock = Clock::new(parts.date, parts.time, parts.microsecond).ok_or_else(invalid)?;
        // Python's offsets are shorter than a day.
        let offset = i16::try_from(parts.offset_minutes).ok().filter(|offset| offset.abs() < 24 * 60);
        Ok(Some(Self { clock, offset_minutes: offset.ok_or_else(invalid)? }))
    }

    /// Also a blob is read as text, and a number has never the shape of a moment.
    fn from_column(value: ColumnValue<'_>) -> Result<Option<Self>, InvalidValue> {
        match value {
            ColumnValue::Text(text) => Self::parse(text),
            ColumnValue::Blob(bytes) => {
                let text = std::str::from_utf8(bytes);
                Self::parse(text.map_err(|_| InvalidValue::expected("a date and time", value))?)
            }
            ColumnValue::Null | ColumnValue::Integer(_) | ColumnValue::Real(_) => Ok(None),
        }
    }
}

impl FieldValue for DateTime {
    const COLUMN_TYPE: ColumnType = ColumnType::DateTime;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        Self::from_column(value)?.ok_or_else(|| match value {
            ColumnValue::Text(text) => InvalidValue::new(format!("`{text}` is not a date and time")),
            other => InvalidValue::expected("a date and time", other),
        })
    }

    /// As Django writes it: to the microsecond, and without a fraction that is zero.
    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        let Clock { year, month, day, hour, minute, second, microsecond } = self.clock;
        let mut text = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
        if microsecond > 0 {
            let _ = write!(text, ".{microsecond:06}");
        }
        text.push_str(&self.offset());
        Ok(StoredValue::Text(text.into()))
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        let _ = match Self::from_column(value)? {
            Some(moment) => write!(json, "\"{moment}\""),
            None => json.write_str("null"),
        };
        Ok(())
    }
}

/// As it syncs: `2025-01-02T03:04:05.678Z`.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Clock { year, month, day, hour, minute, second, microsecond } = self.clock;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if microsecond > 0 {
            write!(f, ".{:03}", microsecond / 1000)?;
        }
        if self.offset_minutes == 0 { f.write_str("Z") } else { f.write_str(&self.offset()) }
    }
}

/// What stands in a text of the right shape, in range or not.
struct Parts {
    date: [u32; 3],
    time: [u32; 3],
    microsecond: u32,
    offset_minutes: i32,
}

impl Parts {
    fn parse(text: &str) -> Option<Self> {
        let mut rest = Rest(text.strip_suffix('\n').unwrap_or(text).as_bytes());
        let year = rest.number(4, 4)?;
        let month = rest.one_of(b"-").and_then(|_| rest.number(1, 2))?;
        let day = rest.one_of(b"-").and_then(|_| rest.number(1, 2))?;
        let hour = rest.one_of(b"T ").and_then(|_| rest.number(1, 2))?;
        let minute = rest.one_of(b":").and_then(|_| rest.number(1, 2))?;
        let (mut second, mut microsecond) = (0, 0);
        if rest.one_of(b":").is_some() {
            second = rest.number(1, 2)?;
            if rest.one_of(b".,").is_some() {
                microsecond = rest.fraction()?;
            }
        }
        let offset_minutes = rest.offset()?;
        let is_all = rest.0.is_empty();
        is_all.then_some(Self {
            date: [year, month, day],
            time: [hour, minute, second],
            microsecond,
            offset_minutes,
        })
    }
}

/// What is still to be read.
struct Rest<'text>(&'text [u8]);

impl Rest<'_> {
    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first().filter(|(first, _)| bytes.contains(first))?;
        self.0 = rest;
        Some(*first)
    }

    /// As many digits as there are, from `least` to `most`.
    fn digits(&mut self, least: usize, most: usize) -> Option<&[u8]> {
        let count = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(count).filter(|_| count >= least)?;
        self.0 = rest;
        Some(digits)
    }

    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        Some(self.digits(least, most)?.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    /// One to twelve digits after the point; six of them count.
    fn fraction(&mut self) -> Option<u32> {
        let digits = self.digits(1, 12)?.iter().copied().chain([b'0'; 6]).take(6);
        Some(digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    /// `Z`, `+05:30`, `+0530`, `+05` or nothing.
    fn offset(&mut self) -> Option<i32> {
        let Some(sign) = self.one_of(b"Z+-").filter(|sign| *sign != b'Z') else { return Some(0) };
        let hours = self.number(2, 2)?;
        let has_colon = self.one_of(b":").is_some();
        let minutes = self.number(2, 2).or((!has_colon).then_some(0))?;
        let offset = i32::try_from(hours * 60 + minutes).ok()?;
        Some(if sign == b'-' { -offset } else { offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut json = String::new();
        DateTime::write_json(ColumnValue::Text(text), &mut json).unwrap();
        assert_eq!(json, expected);
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        let error = DateTime::read(ColumnValue::Text(text)).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn microseconds_are_cut_to_milliseconds() {
        check("2025-01-02 03:04:05.678901", r#""2025-01-02T03:04:05.678Z""#);
        check("2025-01-02 03:04:05.000500", r#""2025-01-02T03:04:05.000Z""#);
        check("2025-01-02 03:04:05.000000", r#""2025-01-02T03:04:05Z""#);
    }

    #[test]
    fn an_offset_is_kept() {
        check("2025-1-2 3:04:05.5-0330", r#""2025-01-02T03:04:05.500-03:30""#);
        check("2025-01-02T03:04+00:00", r#""2025-01-02T03:04:00Z""#);
    }

    #[test]
    fn another_shape_is_nothing_and_cannot_be_read() {
        check("2025-01-02", "null");
        check_error("2025-01-02", "`2025-01-02` is not a date and time");
        check_error("2025-02-30 00:00:00", "`2025-02-30 00:00:00` is not in the calendar");
    }
}
