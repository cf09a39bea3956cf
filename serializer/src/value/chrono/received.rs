//! Received dates and times, converted as Django's fields do.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::super::django::{self, Moment, TimeOfDay};
use super::super::from_json::{refused, wrong_type};
use super::super::{FieldValue as _, StoredValue};
use super::duration;
use super::{calendar_date, clock, clock_time};
use crate::received::{ExceptionClass, FieldFault, JsonValue};

const MOMENT: &str = "YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]";
const DATE: &str = "YYYY-MM-DD";
const TIME: &str = "HH:MM[:ss[.uuuuuu]]";
const DURATION: &str = "[DD] [[HH:]MM:]ss[.uuuuuu]";

/// Django's `DateTimeField`, in UTC. A value without an offset is in UTC.
pub(super) fn date_time(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
    let Some((clock, offset)) = moment(value)? else { return Ok(StoredValue::Null) };
    let ahead = TimeDelta::minutes(offset.unwrap_or(0).into());
    let utc = clock.checked_sub_signed(ahead).map(|clock| clock.and_utc());
    let stored = utc.as_ref().and_then(|utc: &DateTime<Utc>| utc.to_column().ok());
    stored
        .map(StoredValue::into_owned)
        .ok_or_else(|| FieldFault::at_save(ExceptionClass::OVERFLOW_ERROR, "date value out of range"))
}

/// Django's `DateTimeField` without time zones.
pub(super) fn naive_date_time(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
    match moment(value)? {
        None => Ok(StoredValue::Null),
        Some((clock, None)) => stored(value, &clock, "date/time", MOMENT),
        Some((_, Some(_))) => Err(FieldFault::at_save(
            ExceptionClass::VALUE_ERROR,
            "SQLite backend does not support timezone-aware datetimes when USE_TZ is False.",
        )),
    }
}

/// Django's `DateField`.
pub(super) fn date(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
    let Some(text) = text(value)? else { return Ok(StoredValue::Null) };
    let date = django::received_date(text).ok_or_else(|| {
        refused(value, format_args!("value has an invalid date format. It must be in {DATE} format."))
    })?;
    let date = calendar_date(date).ok_or_else(|| not_in_the_calendar(value, "date", DATE))?;
    stored(value, &date, "date", DATE)
}

/// Django's `TimeField`.
pub(super) fn time(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
    let Some(text) = text(value)? else { return Ok(StoredValue::Null) };
    let time = django::time(text).ok_or_else(|| invalid_format(value, TIME))?;
    let time: NaiveTime =
        clock_time(in_microseconds(time)).ok_or_else(|| not_in_the_calendar(value, "time", TIME))?;
    stored(value, &time, "time", TIME)
}

/// Django's `DurationField`.
pub(super) fn duration(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
    let Some(text) = text(value)? else { return Ok(StoredValue::Null) };
    let microseconds = duration::microseconds(text).ok_or_else(|| invalid_format(value, DURATION))?;
    i64::try_from(microseconds).map(StoredValue::Integer).map_err(|_| {
        FieldFault::at_save(
            ExceptionClass::OVERFLOW_ERROR,
            "Python int too large to convert to SQLite INTEGER",
        )
    })
}

/// The date, time and offset in `value`: those of a date and time, or midnight of a date.
fn moment(value: &JsonValue<'_>) -> Result<Option<(NaiveDateTime, Option<i32>)>, FieldFault> {
    let Some(text) = text(value)? else { return Ok(None) };
    if let Some(moment) = django::date_time(text) {
        let moment = Moment { time: in_microseconds(moment.time), ..moment };
        let clock = clock(text, &moment).map_err(|_| not_in_the_calendar(value, "date/time", MOMENT))?;
        return Ok(Some((clock, moment.offset_minutes)));
    }
    let date = django::received_date(text).ok_or_else(|| invalid_format(value, MOMENT))?;
    let date = calendar_date(date).ok_or_else(|| not_in_the_calendar(value, "date", DATE))?;
    Ok(Some((date.and_time(NaiveTime::MIN), None)))
}

/// The text of `value`, or `None` for `null`. Django's parsers end the record at other values.
fn text<'value>(value: &'value JsonValue<'_>) -> Result<Option<&'value str>, FieldFault> {
    match value {
        JsonValue::Null => Ok(None),
        // No pattern matches an unpaired surrogate, and none matches an empty text.
        JsonValue::Text(text) => Ok(Some(text.as_str().unwrap_or_default())),
        other => Err(wrong_type(other, "string or bytes-like object")),
    }
}

/// Django uses six digits of the fraction.
fn in_microseconds(time: TimeOfDay) -> TimeOfDay {
    TimeOfDay { nanosecond: time.nanosecond / 1000 * 1000, ..time }
}

fn stored(
    value: &JsonValue<'_>,
    converted: &impl super::FieldValue,
    what: &str,
    format: &str,
) -> Result<StoredValue<'static>, FieldFault> {
    let stored = converted.to_column().map(StoredValue::into_owned);
    stored.map_err(|_| not_in_the_calendar(value, what, format))
}

fn invalid_format(value: &JsonValue<'_>, format: &str) -> FieldFault {
    refused(value, format_args!("value has an invalid format. It must be in {format} format."))
}

fn not_in_the_calendar(value: &JsonValue<'_>, what: &str, format: &str) -> FieldFault {
    refused(value, format_args!("value has the correct format ({format}) but it is an invalid {what}."))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::super::super::testing::{check_fault, check_received};
    use super::*;

    #[test]
    fn a_moment_is_stored_in_utc() {
        for (json, stored) in [
            ("\"2025-01-02T03:04:05.678Z\"", "2025-01-02 03:04:05.678000"),
            ("\"2025-1-2 3:4\"", "2025-01-02 03:04:00"),
            ("\"2025-01-02 03:04:05,123456789012+0530\\n\"", "2025-01-01 21:34:05.123456"),
            ("\"2025-01-02\"", "2025-01-02 00:00:00"),
            ("\"\\u0662025-01-02 03:04Z\"", "2025-01-02 03:04:00"),
        ] {
            check_received::<DateTime<Utc>>(json, &StoredValue::Text(stored.into()));
        }
        check_received::<DateTime<Utc>>("null", &StoredValue::Null);
        check_received::<NaiveDateTime>(
            "\"2025-01-02T03:04:05\"",
            &StoredValue::Text("2025-01-02 03:04:05".into()),
        );
    }

    #[test]
    fn what_is_no_moment_has_the_texts_of_django() {
        for (text, why) in [
            ("soon", "an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format."),
            ("", "an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format."),
            (
                "2025-02-30 00:00",
                "the correct format (YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]) but it is an invalid date/time.",
            ),
            ("2025-02-30", "the correct format (YYYY-MM-DD) but it is an invalid date."),
        ] {
            let fault = FieldFault::invalid(format!("“{text}” value has {why}"));
            check_fault::<DateTime<Utc>>(&format!("\"{text}\""), &fault);
            check_fault::<NaiveDateTime>(&format!("\"{text}\""), &fault);
        }
        check_fault::<DateTime<Utc>>(
            "\"0001-01-01 00:00+01:00\"",
            &FieldFault::at_save(ExceptionClass::OVERFLOW_ERROR, "date value out of range"),
        );
        check_fault::<NaiveDateTime>(
            "\"2025-01-01 00:00Z\"",
            &FieldFault::at_save(
                ExceptionClass::VALUE_ERROR,
                "SQLite backend does not support timezone-aware datetimes when USE_TZ is False.",
            ),
        );
        check_fault::<DateTime<Utc>>(
            "5",
            &FieldFault::raised(
                ExceptionClass::TYPE_ERROR,
                "expected string or bytes-like object, found int",
            ),
        );
    }

    #[test]
    fn dates_times_and_spans() {
        check_received::<NaiveDate>("\"2025-1-2\"", &StoredValue::Text("2025-01-02".into()));
        check_received::<NaiveTime>("\"3:4:5.678 pm\"", &StoredValue::Text("03:04:05.678000".into()));
        check_received::<TimeDelta>("\"P1DT02H03M04.5S\"", &StoredValue::Integer(93_784_500_000));
        check_fault::<NaiveDate>(
            "\"2025\"",
            &FieldFault::invalid("“2025” value has an invalid date format. It must be in YYYY-MM-DD format."),
        );
        check_fault::<NaiveDate>(
            "\"2025-13-01\"",
            &FieldFault::invalid(
                "“2025-13-01” value has the correct format (YYYY-MM-DD) but it is an invalid date.",
            ),
        );
        check_fault::<NaiveTime>(
            "\"25:00\"",
            &FieldFault::invalid(
                "“25:00” value has the correct format (HH:MM[:ss[.uuuuuu]]) but it is an invalid time.",
            ),
        );
        check_fault::<NaiveTime>(
            "\"x\"",
            &FieldFault::invalid(
                "“x” value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format.",
            ),
        );
        check_fault::<TimeDelta>(
            "\"P\\u0001\"",
            &FieldFault::invalid(
                "“P\u{1}” value has an invalid format. It must be in [DD] [[HH:]MM:]ss[.uuuuuu] format.",
            ),
        );
    }
}
