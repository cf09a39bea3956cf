//! `FieldValue` for the dates and times of the crate `chrono`, in the formats of Django's fields (morango.md §1.11).

mod duration;
mod received;

use std::fmt::Write as _;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _, Utc};

use super::django::{self, Moment, TimeOfDay};
use super::{Check, ColumnType, ColumnValue, FieldValue, InvalidValue, StoredValue};
use crate::received::{FieldFault, JsonValue};

/// A date and time in UTC, as in Django's `DateTimeField`: stored as `2025-01-02 03:04:05.678901`, synced as
/// `2025-01-02T03:04:05.678Z`.
///
/// * The synced text is cut off at the millisecond, as in Django. The column keeps more digits: Django's six, or nine
///   if the value needs them. Django accepts nine digits and uses six.
/// * Stored text in other formats is read as Django reads it: with a `T` in the middle, single digits, no seconds, an
///   offset. Django takes any other text as `None`: it syncs as `null`, and reading it is an error.
/// * Python has only the years 1 to 9999 and no leap seconds. Other values cannot be stored.
impl FieldValue for DateTime<Utc> {
    const COLUMN_TYPE: ColumnType = ColumnType::DateTime;
    const CHECKS: &'static [Check] = &[Check::DateTime];

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        let text = text(value, "a date and time")?;
        let (clock, offset_minutes) = moment(text)?.ok_or_else(|| not(text, "a date and time"))?;
        let ahead = TimeDelta::minutes(offset_minutes.unwrap_or(0).into());
        let utc = clock.checked_sub_signed(ahead).ok_or_else(|| not_in_the_calendar(text))?;
        Ok(utc.and_utc())
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        write_moment(value, json, |offset| Some(offset.unwrap_or(0)))
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        received::date_time(value)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        self.naive_utc().to_column().map(StoredValue::into_owned)
    }
}

/// A date and time without a time zone, as in Django's `DateTimeField` with `USE_TZ` off.
///
/// It is stored and synced like a `DateTime<Utc>`, without the `Z`. A stored text with an offset syncs with that
/// offset, and reading it is an error.
impl FieldValue for NaiveDateTime {
    const COLUMN_TYPE: ColumnType = ColumnType::DateTime;
    const CHECKS: &'static [Check] = &[Check::DateTime];

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        let text = text(value, "a date and time")?;
        match moment(text)? {
            Some((clock, None)) => Ok(clock),
            Some((_, Some(_))) => Err(not(text, "a date and time without an offset")),
            None => Err(not(text, "a date and time")),
        }
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        write_moment(value, json, |offset| offset)
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        received::naive_date_time(value)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        python_has_the_year(self.date())?;
        python_has_the_second(self.time())?;
        let mut text = self.format("%Y-%m-%d %H:%M:%S").to_string();
        push_fraction(&mut text, self.nanosecond());
        Ok(StoredValue::Text(text.into()))
    }
}

/// A date, as in Django's `DateField`: stored and synced as `2025-01-02`.
///
/// Reading follows Python: single digits are accepted. Text that is not a date is an error, except an empty text, which
/// syncs as `null`.
impl FieldValue for NaiveDate {
    const COLUMN_TYPE: ColumnType = ColumnType::Date;
    const CHECKS: &'static [Check] = &[Check::Date];

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        let text = text(value, "a date")?;
        calendar_date(django::date(text)?).ok_or_else(|| not_in_the_calendar(text))
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        if matches!(value, ColumnValue::Null | ColumnValue::Text("")) {
            json.push_str("null");
        } else {
            let date = Self::read(value)?;
            push(json, format_args!("\"{:04}-{:02}-{:02}\"", date.year(), date.month(), date.day()));
        }
        Ok(())
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        received::date(value)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        python_has_the_year(*self)?;
        Ok(StoredValue::Text(self.format("%Y-%m-%d").to_string().into()))
    }
}

/// A time of day, as in Django's `TimeField`: stored as `03:04:05.678901`, synced as `03:04:05.678`.
///
/// Fractions and other formats are as for a `DateTime<Utc>`. Django ignores text behind the time; here reading such a
/// text is an error.
impl FieldValue for NaiveTime {
    const COLUMN_TYPE: ColumnType = ColumnType::Time;
    const CHECKS: &'static [Check] = &[Check::Time];

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        let text = text(value, "a time")?;
        let time = django::time(text).ok_or_else(|| not(text, "a time"))?;
        let is_alone = text.bytes().all(|byte| byte.is_ascii_digit() || b":.,".contains(&byte));
        if !is_alone {
            return Err(not(text, "a time and nothing else"));
        }
        exact(text, time)?;
        clock_time(time).ok_or_else(|| not_in_the_calendar(text))
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        let text = django_text(value, "a time")?;
        let time = text.and_then(|text| Some((text, django::time(text)?)));
        let Some((text, time)) = time else {
            json.push_str("null");
            return Ok(());
        };
        clock_time(time).ok_or_else(|| not_in_the_calendar(text))?;
        json.push('"');
        push_time(json, time);
        json.push('"');
        Ok(())
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        received::time(value)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        python_has_the_second(*self)?;
        let mut text = self.format("%H:%M:%S").to_string();
        push_fraction(&mut text, self.nanosecond());
        Ok(StoredValue::Text(text.into()))
    }
}

const MICROSECONDS_PER_DAY: u64 = 24 * 60 * 60 * 1_000_000;

/// A duration, as in Django's `DurationField`: stored as a number of microseconds, synced as `P1DT02H03M04S`.
///
/// The synced text has a fraction of six digits if it is not zero, and starts with a minus if the duration is negative.
/// A duration with nanoseconds cannot be stored. A real number in the column syncs as the nearest integer, and reading
/// it is an error.
impl FieldValue for TimeDelta {
    const COLUMN_TYPE: ColumnType = ColumnType::Integer;
    const CHECKS: &'static [Check] = i64::CHECKS;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        i64::read(value).map(Self::microseconds)
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        if value == ColumnValue::Null {
            json.push_str("null");
            return Ok(());
        }
        let microseconds = match value {
            ColumnValue::Real(real) => nearest(real)?,
            value => i64::read(value)?,
        };
        let sign = if microseconds < 0 { "-" } else { "" };
        let all = microseconds.unsigned_abs();
        let (days, rest) = (all / MICROSECONDS_PER_DAY, all % MICROSECONDS_PER_DAY);
        let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        push(json, format_args!("\"{sign}P{days}DT{hours:02}H{minutes:02}M{seconds:02}"));
        if fraction > 0 {
            push(json, format_args!(".{fraction:06}"));
        }
        json.push_str("S\"");
        Ok(())
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        received::duration(value)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        match self.num_microseconds() {
            Some(microseconds) if Self::microseconds(microseconds) == *self => {
                Ok(StoredValue::Integer(microseconds))
            }
            Some(_) => Err(InvalidValue::new(format!("{self} has digits below the microsecond"))),
            None => Err(InvalidValue::new(format!("{self} is longer than a column holds in microseconds"))),
        }
    }
}

/// The integer nearest to `real`, or the even one of two, as in Python's `timedelta`.
fn nearest(real: f64) -> Result<i64, InvalidValue> {
    // The first number that does not fit into 64 bits.
    const END: f64 = 9_223_372_036_854_775_808.0;

    let integer = real.round_ties_even();
    if !(-END..END).contains(&integer) {
        return Err(InvalidValue::new(format!("{real} microseconds is longer than a span of time")));
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is an integer of 64 bits")]
    Ok(integer as i64)
}

/// The text of the column, for reading.
fn text<'row>(value: ColumnValue<'row>, wanted: &str) -> Result<&'row str, InvalidValue> {
    match value {
        ColumnValue::Text(text) => Ok(text),
        other => Err(InvalidValue::expected(wanted, other)),
    }
}

/// The text of the column that Django would parse, for syncing. A blob counts as its text. A number never matches a
/// pattern, so it counts as no text.
fn django_text<'row>(value: ColumnValue<'row>, wanted: &str) -> Result<Option<&'row str>, InvalidValue> {
    match value {
        ColumnValue::Text(text) => Ok(Some(text)),
        ColumnValue::Blob(bytes) => {
            std::str::from_utf8(bytes).map(Some).map_err(|_| InvalidValue::expected(wanted, value))
        }
        ColumnValue::NotUtf8(_) => Err(InvalidValue::expected(wanted, value)),
        ColumnValue::Null | ColumnValue::Integer(_) | ColumnValue::Real(_) => Ok(None),
    }
}

/// Parses `text` without loss of digits. `None` if it does not match the pattern.
fn moment(text: &str) -> Result<Option<(NaiveDateTime, Option<i32>)>, InvalidValue> {
    let Some(moment) = django::date_time(text) else { return Ok(None) };
    exact(text, moment.time)?;
    clock(text, &moment).map(|clock| Some((clock, moment.offset_minutes)))
}

/// Writes the JSON that Django writes for `value`. `shown` converts the offset in the text to the offset to write.
fn write_moment(
    value: ColumnValue<'_>,
    json: &mut String,
    shown: impl FnOnce(Option<i32>) -> Option<i32>,
) -> Result<(), InvalidValue> {
    let text = django_text(value, "a date and time")?;
    let moment = text.and_then(|text| Some((text, django::date_time(text)?)));
    let Some((text, moment)) = moment else {
        json.push_str("null");
        return Ok(());
    };
    clock(text, &moment)?;
    let [year, month, day] = moment.date;
    push(json, format_args!("\"{year:04}-{month:02}-{day:02}T"));
    push_time(json, moment.time);
    match shown(moment.offset_minutes) {
        None => {}
        Some(0) => json.push('Z'),
        Some(offset) => {
            let sign = if offset < 0 { '-' } else { '+' };
            push(json, format_args!("{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60));
        }
    }
    json.push('"');
    Ok(())
}

fn clock(text: &str, moment: &Moment) -> Result<NaiveDateTime, InvalidValue> {
    // Python requires an offset of less than a day.
    let is_offset = moment.offset_minutes.is_none_or(|offset| offset.abs() < 24 * 60);
    calendar_date(moment.date)
        .zip(clock_time(moment.time))
        .filter(|_| is_offset)
        .map(|(date, time)| date.and_time(time))
        .ok_or_else(|| not_in_the_calendar(text))
}

fn calendar_date([year, month, day]: [u32; 3]) -> Option<NaiveDate> {
    let year = i32::try_from(year).ok().filter(|year| (1..=9999).contains(year))?;
    NaiveDate::from_ymd_opt(year, month, day)
}

fn clock_time(TimeOfDay { hour, minute, second, nanosecond, .. }: TimeOfDay) -> Option<NaiveTime> {
    NaiveTime::from_hms_nano_opt(hour, minute, second, nanosecond)
}

fn exact(text: &str, time: TimeOfDay) -> Result<(), InvalidValue> {
    if time.is_all {
        return Ok(());
    }
    Err(InvalidValue::new(format!("`{text}` has digits below the nanosecond")))
}

fn not(text: &str, wanted: &str) -> InvalidValue {
    InvalidValue::new(format!("`{text}` is not {wanted}"))
}

fn not_in_the_calendar(text: &str) -> InvalidValue {
    InvalidValue::new(format!("`{text}` is not in the calendar"))
}

fn python_has_the_year(date: NaiveDate) -> Result<(), InvalidValue> {
    if (1..=9999).contains(&date.year()) {
        return Ok(());
    }
    Err(InvalidValue::new(format!("{date} is not in the years 1 to 9999, which are all that Python has")))
}

fn python_has_the_second(time: NaiveTime) -> Result<(), InvalidValue> {
    if time.nanosecond() < 1_000_000_000 {
        return Ok(());
    }
    Err(InvalidValue::new(format!("{time} is in a leap second, which Python does not have")))
}

/// Appends the fraction in the stored format: nothing if it is zero, six digits as in Django, or nine.
fn push_fraction(text: &mut String, nanosecond: u32) {
    if !nanosecond.is_multiple_of(1000) {
        push(text, format_args!(".{nanosecond:09}"));
    } else if nanosecond > 0 {
        push(text, format_args!(".{:06}", nanosecond / 1000));
    }
}

/// Appends a time in the synced format. The fraction is left out only if it is less than a microsecond, so half a
/// millisecond is `.000`.
fn push_time(json: &mut String, TimeOfDay { hour, minute, second, nanosecond, .. }: TimeOfDay) {
    push(json, format_args!("{hour:02}:{minute:02}:{second:02}"));
    if nanosecond / 1000 > 0 {
        push(json, format_args!(".{:03}", nanosecond / 1_000_000));
    }
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("writing to a string succeeds");
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        check, check_read_error, check_round_trip, check_store_error, check_write_error,
    };
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn moments_come_back() {
        for (moment, stored, json) in [
            ("2025-01-02T03:04:05", "2025-01-02 03:04:05", "2025-01-02T03:04:05"),
            ("2025-01-02T03:04:05.678901", "2025-01-02 03:04:05.678901", "2025-01-02T03:04:05.678"),
            ("2025-01-02T03:04:05.000500", "2025-01-02 03:04:05.000500", "2025-01-02T03:04:05.000"),
            ("2025-01-02T03:04:05.678901234", "2025-01-02 03:04:05.678901234", "2025-01-02T03:04:05.678"),
            ("0001-01-01T00:00:00", "0001-01-01 00:00:00", "0001-01-01T00:00:00"),
            ("9999-12-31T23:59:59.999999999", "9999-12-31 23:59:59.999999999", "9999-12-31T23:59:59.999"),
        ] {
            assert_eq!(at(moment).to_column().unwrap().as_column(), ColumnValue::Text(stored));
            check_round_trip(&[at(moment)], |_| format!("\"{json}\""));
            check_round_trip(&[at(moment).and_utc()], |_| format!("\"{json}Z\""));
        }
        check_round_trip(&[None::<DateTime<Utc>>], |_| "null".to_owned());
    }

    #[test]
    fn dates_times_and_spans_come_back() {
        check_round_trip(&[at("2025-01-02T03:04:05").date()], |_| "\"2025-01-02\"".to_owned());
        check_round_trip(&[at("0099-12-31T00:00:00").date()], |_| "\"0099-12-31\"".to_owned());
        check_round_trip(&[at("2025-01-02T03:04:05.678901").time()], |_| "\"03:04:05.678\"".to_owned());
        check_round_trip(&[NaiveTime::MIN], |_| "\"00:00:00\"".to_owned());
        check_round_trip(&[at("2025-01-02T03:04:05.000000001").time()], |_| "\"03:04:05\"".to_owned());
        check_round_trip(&[TimeDelta::zero()], |_| "\"P0DT00H00M00S\"".to_owned());
        check_round_trip(&[TimeDelta::microseconds(-1)], |_| "\"-P0DT00H00M00.000001S\"".to_owned());
        check_round_trip(&[TimeDelta::seconds(93_784)], |_| "\"P1DT02H03M04S\"".to_owned());
        check_round_trip(&[None::<NaiveDate>], |_| "null".to_owned());
        check_round_trip(&[None::<NaiveTime>], |_| "null".to_owned());
        check_round_trip(&[None::<TimeDelta>], |_| "null".to_owned());
    }

    #[test]
    fn an_offset_is_subtracted_where_it_is_read() {
        let column = ColumnValue::Text("2025-1-2 3:04:05.5-0330");
        assert_eq!(DateTime::read(column).unwrap(), at("2025-01-02T06:34:05.5").and_utc());
        check::<DateTime<Utc>>(column, "\"2025-01-02T03:04:05.500-03:30\"");
        check_read_error::<NaiveDateTime>(
            column,
            "`2025-1-2 3:04:05.5-0330` is not a date and time without an offset",
        );
        check_read_error::<DateTime<Utc>>(
            ColumnValue::Text("2025-01-02 03:04:05+24:00"),
            "`2025-01-02 03:04:05+24:00` is not in the calendar",
        );
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        check_read_error::<DateTime<Utc>>(ColumnValue::Text("soon"), "`soon` is not a date and time");
        check_read_error::<DateTime<Utc>>(
            ColumnValue::Integer(5),
            "expected a date and time, found an integer",
        );
        check_read_error::<NaiveDate>(ColumnValue::Text("2025-02-30"), "`2025-02-30` is not in the calendar");
        check_read_error::<NaiveDate>(ColumnValue::Text("2025-02"), "`2025-02` is not a date");
        check_write_error::<NaiveDate>(ColumnValue::Text("soon"), "`soon` is not a date");
        check_read_error::<NaiveTime>(ColumnValue::Text("25:00"), "`25:00` is not in the calendar");
        check_read_error::<NaiveTime>(
            ColumnValue::Text("3:04 pm"),
            "`3:04 pm` is not a time and nothing else",
        );
        check_read_error::<TimeDelta>(ColumnValue::Text("P1D"), "expected an integer, found text");
    }

    #[test]
    fn no_digit_is_lost() {
        check_read_error::<DateTime<Utc>>(
            ColumnValue::Text("2025-01-02 03:04:05.1234567891"),
            "`2025-01-02 03:04:05.1234567891` has digits below the nanosecond",
        );
        check_store_error(&TimeDelta::nanoseconds(1), "PT0.000000001S has digits below the microsecond");
        check_store_error(
            &TimeDelta::MAX,
            "PT9223372036854775.807S is longer than a column holds in microseconds",
        );
        check_store_error(
            &NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap(),
            "+10000-01-01 is not in the years 1 to 9999, which are all that Python has",
        );
        check_store_error(
            &NaiveTime::from_hms_nano_opt(23, 59, 59, 1_500_000_000).unwrap(),
            "23:59:60.500 is in a leap second, which Python does not have",
        );
    }
}
