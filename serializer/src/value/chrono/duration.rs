//! Durations in the text formats that Django reads: ISO 8601, and `1 02:03:04.5`.

const SECOND: i128 = 1_000_000;
const MINUTE: i128 = 60 * SECOND;
const HOUR: i128 = 60 * MINUTE;
const DAY: i128 = 24 * HOUR;

/// The longest duration of Python, in days.
const MAX_DAYS: i128 = 999_999_999;

/// Parses `text` as Django's `parse_duration` does. `None` for other text, and for durations that Python does not have.
pub(super) fn microseconds(text: &str) -> Option<i128> {
    let text = crate::python::with_ascii_digits(text);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let all = clock(text).or_else(|| iso(text))?;
    (-MAX_DAYS * DAY..(MAX_DAYS + 1) * DAY).contains(&all).then_some(all)
}

/// `[-][days] [[hours:]minutes:]seconds[.fraction]`.
fn clock(text: &str) -> Option<i128> {
    let (days, rest) = match text.split_once(" day") {
        Some((days, rest)) => (days, rest.strip_prefix("s, ").or_else(|| rest.strip_prefix(", "))?),
        None => text.split_once(' ').unwrap_or(("0", text)),
    };
    let days = match days.strip_prefix('-') {
        Some(days) => -whole(days)?,
        None => whole(days)?,
    };
    let (sign, rest) = signed(rest);
    let mut parts = rest.rsplit(':');
    let seconds = decimal(parts.next()?, SECOND, Some(12))?;
    let minutes = parts.next().map_or(Some(0), whole)?;
    let hours = parts.next().map_or(Some(0), whole)?;
    parts.next().is_none().then_some(days * DAY + sign * (hours * HOUR + minutes * MINUTE + seconds))
}

/// `P1DT2H3M4.5S`, with a sign. Each part may have a fraction.
fn iso(text: &str) -> Option<i128> {
    let (sign, rest) = signed(text.strip_prefix('+').unwrap_or(text));
    let rest = rest.strip_prefix('P')?;
    let (date, time) = rest.split_once('T').unwrap_or((rest, ""));
    let (days, rest) = part(date, 'D', DAY)?;
    let (hours, time) = part(time, 'H', HOUR)?;
    let (minutes, time) = part(time, 'M', MINUTE)?;
    let (seconds, time) = part(time, 'S', SECOND)?;
    (rest.is_empty() && time.is_empty()).then_some(sign * (days + hours + minutes + seconds))
}

/// The part of `text` before `unit`, in microseconds, and the text behind it. 0 if there is no such unit.
fn part(text: &str, unit: char, microseconds: i128) -> Option<(i128, &str)> {
    match text.split_once(unit) {
        Some((number, rest)) => Some((decimal(number, microseconds, None)?, rest)),
        None => Some((0, text)),
    }
}

fn signed(text: &str) -> (i128, &str) {
    text.strip_prefix('-').map_or((1, text), |rest| (-1, rest))
}

/// A number with a fraction behind a point or comma, in microseconds. With `most` digits of the fraction at most, of which
/// six count; otherwise the nearest number.
fn decimal(text: &str, unit: i128, most: Option<usize>) -> Option<i128> {
    let (number, fraction) = match text.split_once(['.', ',']) {
        Some((number, fraction)) => (number, Some(fraction)),
        None => (text, None),
    };
    let number = whole(number)? * unit;
    let Some(fraction) = fraction else { return Some(number) };
    whole(fraction.get(..fraction.len().min(18))?)?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || most.is_some_and(|most| fraction.len() > most) {
        return None;
    }
    let kept = if most.is_some() { 6 } else { 18 };
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(kept);
    let digits = digits.fold(0, |number, digit| number * 10 + i128::from(digit - b'0'));
    let ten = 10_i128.pow(if most.is_some() { 6 } else { 18 });
    let (quotient, rest) = (digits * unit / ten, digits * unit % ten);
    let is_up = rest * 2 > ten || (rest * 2 == ten && quotient % 2 == 1);
    Some(number + quotient + i128::from(is_up))
}

/// A number of at most 18 digits; longer ones are beyond every duration.
fn whole(digits: &str) -> Option<i128> {
    let is_number =
        !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_django_reads() {
        for (text, expected) in [
            ("P0DT00H00M00S", 0),
            ("P1DT02H03M04S", DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND),
            ("-P0DT00H00M00.000001S", -1),
            ("+P1D", DAY),
            ("P", 0),
            ("PT", 0),
            ("PT1.5H", HOUR + 30 * MINUTE),
            ("PT0,0000015S", 2),
            ("5", 5 * SECOND),
            ("-5.5", -5_500_000),
            ("1:02", MINUTE + 2 * SECOND),
            ("3 01:02:03.1234567", 3 * DAY + HOUR + 2 * MINUTE + 3_123_456),
            ("-1 days, 1:00", -DAY + MINUTE),
            ("1 day, 0:00:01\n", DAY + SECOND),
        ] {
            assert_eq!(microseconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_django_refuses() {
        for text in
            ["", "x", "P1", "1D", "P1DT1", "1:2:3:4", "1:", "5.", "5.1234567890123", "P1000000000D", "1 x"]
        {
            assert_eq!(microseconds(text), None, "{text}");
        }
    }
}
