//! What Python's own functions make of a text, as far as Kolibri's fields depend on it.

/// `str.split`: the parts between runs of white space.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    let is_space = |character: char| character.is_whitespace() || matches!(character, '\x1c'..='\x1f');
    text.split(is_space).filter(|part| !part.is_empty())
}

/// `int` of a text without white space and minus: perhaps a plus, then digits, perhaps with single underscores between
/// them. `None` also for what no part of a date can be.
pub(super) fn int(text: &str) -> Option<u32> {
    text.strip_prefix('+').unwrap_or(text).split('_').try_fold(0_u32, |number, digits| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let append = |number: u32, digit: u8| number.checked_mul(10)?.checked_add(u32::from(digit - b'0'));
        is_number.then(|| digits.bytes().try_fold(number, append)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u32>) {
        assert_eq!(int(text), expected, "{text:?}");
    }

    #[test]
    fn integers() {
        check("0007", Some(7));
        check("+7", Some(7));
        check("1_2", Some(12));
        for text in ["", "+", "++7", "_1", "1_", "1__2", "7x", "٧", "99999999999"] {
            check(text, None);
        }
    }

    #[test]
    fn white_space() {
        let parts: Vec<_> = split(" a\u{a0}b\x1cc\t").collect();
        assert_eq!(parts, ["a", "b", "c"]);
    }
}
