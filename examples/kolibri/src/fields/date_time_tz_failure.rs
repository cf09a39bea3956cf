//! The exceptions of Kolibri's `DateTimeTzField` for received values that it does not read: their classes, which the store keeps.

use syncline::python::{self, with_ascii_digits};
use syncline::received::{ExceptionClass, Failure, JsonValue};

use super::Clock;
use super::date_time_tz::{find_zone, split_offset, take_zones};

const UNKNOWN_ZONE: ExceptionClass = ExceptionClass::new("pytz.exceptions.UnknownTimeZoneError");

/// The failure of a value that is no text.
pub(super) fn failure_of_type(value: &JsonValue<'_>) -> Failure {
    let text = format!("expected string or bytes-like object, got '{}'", value.python_type());
    Failure::new(ExceptionClass::TYPE_ERROR, text)
}

/// The failure of a text that is no date and time with a zone.
pub(super) fn failure(text: &str) -> Failure {
    let (clock, zone) = take_zones(text);
    let clock = with_ascii_digits(&clock);
    if let Some(zone) = zone.filter(|zone| find_zone(zone).is_err()) {
        return Failure::new(UNKNOWN_ZONE, format!("'{zone}'"));
    }
    let clock = match zone {
        Some(_) => &*clock,
        None => split_offset(&clock).map_or(&*clock, |(clock, _)| clock),
    };
    let read = if clock.is_empty() {
        Err(Failure::new(ExceptionClass::ATTRIBUTE_ERROR, "'NoneType' object has no attribute 'tzinfo'"))
    } else if clock.contains(' ') {
        read_moment(clock)
    } else {
        read_date(clock)
    };
    read.err().unwrap_or_else(|| Failure::new(ExceptionClass::OVERFLOW_ERROR, "date value out of range"))
}

/// A date without a time: Django reads one, and Kolibri then misses its time zone.
fn read_date(text: &str) -> Result<(), Failure> {
    let parts = text.split('-').map(int).collect::<Result<Vec<u32>, _>>()?;
    let [year, month, day] = parts[..] else {
        return Err(Failure::new(ExceptionClass::TYPE_ERROR, "function takes a year, a month and a day"));
    };
    in_calendar([year, month, day], [0, 0, 0])?;
    Err(Failure::new(ExceptionClass::ATTRIBUTE_ERROR, "'datetime.date' object has no attribute 'tzinfo'"))
}

fn read_moment(text: &str) -> Result<(), Failure> {
    let halves: Vec<&str> = python::split(text).collect();
    let [date, time] = halves[..] else {
        let wrong = if halves.len() < 2 { "not enough values" } else { "too many values" };
        return Err(value_error(format!("{wrong} to unpack (expected 2)")));
    };
    let time = time.split_once('-').or(time.split_once('+')).map_or(time, |(time, _)| time);
    let (date, time): (Vec<&str>, Vec<&str>) = (date.split('-').collect(), time.split(':').collect());
    let ([hour, minute, second, ..], [year, month, day, ..]) = (&time[..], &date[..]) else {
        return Err(Failure::new(ExceptionClass::INDEX_ERROR, "list index out of range"));
    };
    let second = match second.split('.').collect::<Vec<_>>()[..] {
        [second] => second,
        [second, fraction] => {
            int(&fraction.chars().chain("000000".chars()).take(6).collect::<String>())?;
            second
        }
        _ => return Err(value_error("too many values to unpack (expected 2)")),
    };
    in_calendar([int(year)?, int(month)?, int(day)?], [int(hour)?, int(minute)?, int(second)?])
}

fn in_calendar(date: [u32; 3], time: [u32; 3]) -> Result<(), Failure> {
    let ([year, month, _], [hour, minute, second]) = (date, time);
    let wrong = if !(1..=9999).contains(&year) {
        "year is out of range"
    } else if !(1..=12).contains(&month) {
        "month must be in 1..12"
    } else if hour > 23 {
        "hour must be in 0..23"
    } else if minute > 59 {
        "minute must be in 0..59"
    } else if second > 59 {
        "second must be in 0..59"
    } else {
        "day is out of range for month"
    };
    if Clock::new(date, time, 0).is_some() { Ok(()) } else { Err(value_error(wrong)) }
}

fn int(text: &str) -> Result<u32, Failure> {
    python::int(text).ok_or_else(|| {
        value_error(format!("invalid literal for int() with base 10: '{}'", text.escape_default()))
    })
}

fn value_error(text: impl Into<String>) -> Failure {
    Failure::new(ExceptionClass::VALUE_ERROR, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, class: &str) {
        assert_eq!(failure(text).class.as_str(), class, "{text:?}");
    }

    #[test]
    fn each_text_has_the_class_of_kolibri() {
        for text in ["", "2026-02-03"] {
            check(text, "builtins.AttributeError");
        }
        for text in ["5_0", "\u{661}", "2026-02", "1-2-3-4"] {
            check(text, "builtins.TypeError");
        }
        for text in ["[{\"a\": 1}]", "2026-02-03 04:05", "2026-02 04:05:06"] {
            check(text, "builtins.IndexError");
        }
        for text in
            [" ", " 5 ", "x", "-1", "2026-02-30 00:00:00", "2026-02-03T04:05:06Z", "2026-02-03 24:00:00(UTC)"]
        {
            check(text, "builtins.ValueError");
        }
        check("2026-02-03 04:05:06(Mars/Phobos)", "pytz.exceptions.UnknownTimeZoneError");
        check("0001-01-01 00:00:00(America/New_York)", "builtins.OverflowError");
    }
}
