//! Years of birth, or a word instead of one.

use syncline::python::with_ascii_digits;

const WORDS: [&str; 2] = ["NOT_SPECIFIED", "DEFERRED"];
const FIRST: u32 = 1900;
const LAST: u32 = 3000;

/// Checks a year of birth as Kolibri does: a number that Python's `int` reads, from 1900 to 3000, or one of two words.
///
/// # Errors
///
/// Kolibri's text.
pub(crate) fn check_birth_year(value: &str) -> Result<(), String> {
    if WORDS.contains(&value) {
        return Ok(());
    }
    match read_int(value) {
        None => Err(format!("{value} is not a valid value for birth_year")),
        Some(year) if year < FIRST => {
            Err(format!("Birth year {value} is invalid, as it is prior to the year {FIRST}"))
        }
        Some(year) if year > LAST => {
            Err(format!("Birth year {value} is invalid, as it is after the year {LAST}"))
        }
        Some(_) => Ok(()),
    }
}

/// Python's `int` of a text. A negative number is returned as 0, and one that is too large as the largest.
fn read_int(value: &str) -> Option<u32> {
    let is_space = |character: char| character.is_whitespace() || matches!(character, '\x1c'..='\x1f');
    let digits = with_ascii_digits(value.trim_matches(is_space));
    let (is_negative, digits) = match digits.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, digits.strip_prefix('+').unwrap_or(&digits)),
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits.split('_').all(is_number) {
        return None;
    }
    let digits = digits.bytes().filter(u8::is_ascii_digit).map(|digit| u32::from(digit - b'0'));
    let number = digits.fold(0_u32, |number, digit| number.saturating_mul(10).saturating_add(digit));
    Some(if is_negative { 0 } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_and_words() {
        for value in
            ["1900", "3000", " 2000 ", "2_000", "\u{ff12}0\u{661}0", "+1990", "NOT_SPECIFIED", "DEFERRED"]
        {
            assert_eq!(check_birth_year(value), Ok(()), "{value:?}");
        }
    }

    #[track_caller]
    fn check_error(value: &str, expected: &str) {
        assert_eq!(check_birth_year(value).unwrap_err(), expected);
    }

    #[test]
    fn other_values() {
        check_error("1899", "Birth year 1899 is invalid, as it is prior to the year 1900");
        check_error("-1", "Birth year -1 is invalid, as it is prior to the year 1900");
        check_error("3001", "Birth year 3001 is invalid, as it is after the year 3000");
        check_error("99999999999999", "Birth year 99999999999999 is invalid, as it is after the year 3000");
        check_error("19.5", "19.5 is not a valid value for birth_year");
        check_error("2__000", "2__000 is not a valid value for birth_year");
        check_error("not_specified", "not_specified is not a valid value for birth_year");
    }
}
