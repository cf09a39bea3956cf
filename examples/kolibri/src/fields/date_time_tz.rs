//! The value of Kolibri's `DateTimeTzField`.

use std::fmt::{self, Write};

use syncline::FieldValue;
use syncline::python::{self, with_ascii_digits};
use syncline::received::{FieldFault, JsonValue};
use syncline::value::{ColumnType, ColumnValue, EmptyValues, InvalidValue, StoredValue};

use super::date_time_tz_failure::{failure, failure_of_type};
use super::{Clock, TimeZone};

/// A moment with the time zone to show it in, as Kolibri's `DateTimeTzField` stores it:
/// `2025-01-02 03:04:05.678901(Africa/Nairobi)`. The clock is in UTC, whatever the zone.
///
/// This form syncs unchanged. Other texts that Kolibri reads are converted to it: any number of digits, no fraction, a zone in
/// another case, no zone, or an offset instead of a zone (`+05:30`), which is subtracted. A missing zone becomes UTC. Kolibri
/// uses the zone of its server there, which is UTC by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTimeTz {
    utc: Clock,
    zone: TimeZone,
}

impl DateTimeTz {
    /// Makes a moment. `None` if it is outside of the years 1 to 9999 in `zone`.
    #[must_use]
    pub fn new(utc: Clock, zone: TimeZone) -> Option<Self> {
        zone.has(utc).then_some(Self { utc, zone })
    }

    /// The date and time of day in UTC.
    #[must_use]
    pub fn utc(&self) -> Clock {
        self.utc
    }

    /// The zone to show it in.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        self.zone
    }

    fn parse(text: &str) -> Result<Self, InvalidValue> {
        match Self::parse_canonical(text) {
            Some(moment) => Ok(moment),
            None => Self::parse_as_kolibri(text),
        }
    }

    /// Parses the canonical text, which is the common case.
    fn parse_canonical(text: &str) -> Option<Self> {
        const SHAPE: &[u8; 26] = b"0000-00-00 00:00:00.000000";

        let (clock, zone) = text.split_at_checked(SHAPE.len())?;
        let has_shape = clock.bytes().zip(SHAPE).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            shape => byte == *shape,
        });
        if !has_shape || clock.starts_with('0') {
            return None;
        }
        let name = zone.strip_prefix('(')?.strip_suffix(')')?;
        let zone = TimeZone::find(name).filter(|zone| zone.name() == name)?;
        let number = |from: usize, to: usize| clock[from..to].parse().ok();
        let date = [number(0, 4)?, number(5, 7)?, number(8, 10)?];
        let time = [number(11, 13)?, number(14, 16)?, number(17, 19)?];
        Self::new(Clock::new(date, time, number(20, 26)?)?, zone)
    }

    /// Parses any other text as Kolibri does.
    fn parse_as_kolibri(text: &str) -> Result<Self, InvalidValue> {
        let not_a_moment = || InvalidValue::new(format!("`{text}` is not a date and time"));
        let not_in_calendar = || InvalidValue::new(format!("`{text}` is not in the calendar"));

        let (clock, name) = take_zones(text);
        let clock = with_ascii_digits(&clock);
        let (clock, zone, ahead) = match name {
            Some(name) => (&*clock, find_zone(name)?, 0),
            None => match split_offset(&clock) {
                Some((clock, minutes)) => (clock, TimeZone::UTC, minutes),
                None => (&*clock, TimeZone::UTC, 0),
            },
        };
        if ahead.abs() >= 24 * 60 {
            return Err(InvalidValue::new(format!("`{text}` is a day or more from UTC")));
        }
        let parts = Parts::parse(clock).ok_or_else(not_a_moment)?;
        let clock = Clock::new(parts.date, parts.time, parts.microsecond).ok_or_else(not_in_calendar)?;
        let utc = clock.shifted(-ahead).ok_or_else(not_in_calendar)?;
        Self::new(utc, zone).ok_or_else(not_in_calendar)
    }
}

impl FieldValue for DateTimeTz {
    const COLUMN_TYPE: ColumnType = ColumnType::Text;
    const EMPTY_VALUES: EmptyValues = EmptyValues::AbsentText;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Text(text) => Self::parse(text),
            other => Err(InvalidValue::expected("a date and time with a zone", other)),
        }
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        match value {
            ColumnValue::Null => json.push_str("null"),
            ColumnValue::Text(text) if Self::parse_canonical(text).is_some() => {
                json.push('"');
                json.push_str(text);
                json.push('"');
            }
            value => {
                let moment = Self::read(value)?;
                let _ = write!(json, "\"{moment}\"");
            }
        }
        Ok(())
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        match value {
            JsonValue::Null => Ok(StoredValue::Null),
            JsonValue::Text(text) => {
                let text = text.to_str_lossy();
                let moment = Self::parse(&text).map_err(|_| failure(&text))?;
                Ok(StoredValue::Text(moment.to_string().into()))
            }
            other => Err(failure_of_type(other).into()),
        }
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Text(self.to_string().into()))
    }
}

/// Writes the canonical text. A year before 1000 has no leading zeros, like Kolibri's on Linux.
impl fmt::Display for DateTimeTz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Clock { year, month, day, hour, minute, second, microsecond } = self.utc;
        write!(
            f,
            "{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{microsecond:06}({})",
            self.zone
        )
    }
}

/// Splits off the content of the first non-empty parentheses. Returns the text without any such parentheses, and the content.
pub(super) fn take_zones(text: &str) -> (String, Option<&str>) {
    let (mut clock, mut zone) = (String::new(), None);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        let Some((name, remainder)) = after.split_once(')') else { break };
        clock.push_str(before);
        if name.is_empty() {
            clock.push('(');
            rest = after;
        } else {
            zone = zone.or(Some(name));
            rest = remainder;
        }
    }
    clock.push_str(rest);
    (clock, zone)
}

/// Finds a zone by name. The names of pytz's files, such as `Etc/GMT_plus_5`, are accepted as well.
pub(super) fn find_zone(name: &str) -> Result<TimeZone, InvalidValue> {
    let plain = name.replace("_plus_", "+").replace("_minus_", "-");
    TimeZone::find(&plain).ok_or_else(|| InvalidValue::new(format!("`{name}` is not a known time zone")))
}

/// Splits an offset such as `+05:30` off the end of a text. A line break may follow it. The offset is in minutes.
pub(super) fn split_offset(text: &str) -> Option<(&str, i16)> {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let (clock, offset) = line.split_at_checked(line.len().checked_sub("+05:30".len())?)?;
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i16::from(byte - b'0'));
    let &[sign @ (b'+' | b'-'), h, hh, b':', m, mm] = offset.as_bytes() else { return None };
    let minutes = (digit(h)? * 10 + digit(hh)?) * 60 + digit(m)? * 10 + digit(mm)?;
    Some((clock, if sign == b'-' { -minutes } else { minutes }))
}

/// The numbers of a date and a time, not yet checked for their ranges.
struct Parts {
    date: [u32; 3],
    time: [u32; 3],
    microsecond: u32,
}

impl Parts {
    /// Splits the text at hyphens and colons, as Django does for Kolibri. Parts after the third, digits of the fraction after
    /// the sixth, and all text after a sign in the time are ignored.
    fn parse(text: &str) -> Option<Self> {
        if !text.contains(' ') {
            return None;
        }
        let mut halves = python::split(text);
        let (Some(date), Some(time), None) = (halves.next(), halves.next(), halves.next()) else {
            return None;
        };
        let time = time.split_once('-').or(time.split_once('+')).map_or(time, |(time, _)| time);
        let mut date = date.split('-');
        let mut time = time.split(':');
        let mut next_of_date = || python::int(date.next()?);
        let date = [next_of_date()?, next_of_date()?, next_of_date()?];
        let mut next_of_time = || python::int(time.next()?);
        let (hour, minute) = (next_of_time()?, next_of_time()?);
        let second = time.next()?;
        let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
        if fraction.contains('.') {
            return None;
        }
        let microsecond: String = fraction.chars().chain("000000".chars()).take(6).collect();
        let time = [hour, minute, python::int(second)?];
        Some(Self { date, time, microsecond: python::int(&microsecond)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut json = String::new();
        DateTimeTz::write_json(ColumnValue::Text(text), &mut json).unwrap();
        assert_eq!(json, format!("\"{expected}\""));
        assert_eq!(DateTimeTz::read(ColumnValue::Text(text)).unwrap().to_string(), expected);
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        let mut json = String::new();
        let error = DateTimeTz::write_json(ColumnValue::Text(text), &mut json).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_canonical_text_stays() {
        check("2025-01-02 03:04:05.678901(Africa/Nairobi)", "2025-01-02 03:04:05.678901(Africa/Nairobi)");
    }

    #[test]
    fn another_text_becomes_canonical() {
        check("2025-1-2 3:04:05(africa/nairobi)", "2025-01-02 03:04:05.000000(Africa/Nairobi)");
        check("2025-01-02 03:04:05.1234567(Etc/GMT_plus_5)", "2025-01-02 03:04:05.123456(Etc/GMT+5)");
        check("0999-12-31 23:59:59.5", "999-12-31 23:59:59.500000(UTC)");
    }

    #[test]
    fn an_offset_is_subtracted() {
        check("2025-03-01 00:04:05+05:30", "2025-02-28 18:34:05.000000(UTC)");
        check_error("2025-03-01 00:04:05+24:00", "`2025-03-01 00:04:05+24:00` is a day or more from UTC");
    }

    #[test]
    fn nonsense_is_named() {
        check_error("2025-01-02 03:04:05(Mars/Base)", "`Mars/Base` is not a known time zone");
        check_error("2025-01-02T03:04:05(UTC)", "`2025-01-02T03:04:05(UTC)` is not a date and time");
        check_error("2025-02-30 03:04:05(UTC)", "`2025-02-30 03:04:05(UTC)` is not in the calendar");
        check_error(
            "9999-12-31 23:00:00(Africa/Nairobi)",
            "`9999-12-31 23:00:00(Africa/Nairobi)` is not in the calendar",
        );
    }
}
