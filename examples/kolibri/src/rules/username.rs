//! User names: letters, digits and underscores, or an e-mail address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest user name that is no e-mail address, in characters.
const LONGEST: usize = 30;

/// Checks a user name as Kolibri does.
///
/// # Errors
///
/// Kolibri's text, if the name is no e-mail address and has white space or punctuation, or more than 30 characters.
pub(crate) fn check_username(name: &str) -> Result<(), &'static str> {
    if is_email(name) {
        return Ok(());
    }
    if name.chars().any(|character| is_space(character) || is_punctuation(character)) {
        return Err("Enter a valid username. This value can contain only letters, numbers, and underscores.");
    }
    if name.chars().count() > LONGEST {
        return Err("Required. 30 characters or fewer. Letters and digits only");
    }
    Ok(())
}

/// Python's white space: Unicode's, and four control characters.
fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}

/// The ASCII punctuation, except for the underscore.
fn is_punctuation(character: char) -> bool {
    character.is_ascii_punctuation() && character != '_'
}

/// Django's rule for e-mail addresses.
fn is_email(text: &str) -> bool {
    let Some((user, domain)) = text.rsplit_once('@') else { return false };
    (is_dotted_user(user) || is_quoted_user(user)) && (domain == "localhost" || is_domain(domain))
}

fn is_dotted_user(user: &str) -> bool {
    let is_allowed =
        |character: char| is_letter_or_digit(character) || "-!#$%&'*+/=?^_`{}|~".contains(character);
    user.split('.').all(|part| !part.is_empty() && part.chars().all(is_allowed))
}

fn is_quoted_user(user: &str) -> bool {
    let Some(inner) = user.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return false };
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        let is_allowed = match character {
            '\\' => matches!(characters.next(), Some('\x01'..='\t' | '\x0b' | '\x0c' | '\x0e'..='\x7f')),
            '"' => false,
            other => {
                matches!(other, '\x01'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '!' | '#'..='\x7f')
            }
        };
        if !is_allowed {
            return false;
        }
    }
    true
}

fn is_domain(domain: &str) -> bool {
    if let Some(address) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv4Addr>().map(IpAddr::from).is_ok()
            || address.parse::<Ipv6Addr>().map(IpAddr::from).is_ok();
    }
    let labels: Vec<&str> = domain.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']).collect();
    let Some((last, others)) = labels.split_last() else { return false };
    !others.is_empty() && others.iter().all(|label| is_label(label, 1)) && is_label(last, 2)
}

/// A part of a domain. One with letters outside of ASCII is encoded, so its length is not known here.
fn is_label(label: &str, shortest: usize) -> bool {
    let is_allowed =
        |character: char| character.is_ascii_alphanumeric() || character == '-' || !character.is_ascii();
    let is_length = !label.is_ascii() || (shortest..=63).contains(&label.len());
    is_length
        && !label.is_empty()
        && label.chars().all(|character| is_allowed(character) && !is_space(character))
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// An ASCII letter or digit, or one of the four letters that Python takes for one where case is ignored.
fn is_letter_or_digit(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, 'İ' | 'ı' | 'ſ' | '\u{212a}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Result<(), &str>) {
        let start = check_username(name).map_err(|text| text.split(' ').next().unwrap());
        assert_eq!(start, expected, "{name:?}");
    }

    #[test]
    fn letters_digits_and_underscores() {
        for name in ["a", "Ünï_1", "a\u{200b}b", "\u{130}", &"a".repeat(30)] {
            check(name, Ok(()));
        }
        for name in ["a b", "a.b", "a\u{85}b", "a\u{a0}b", "\u{3000}", "a\x1cb", "a@", "x@y", "a~", "a?"] {
            check(name, Err("Enter"));
        }
        check(&"a".repeat(31), Err("Required."));
    }

    #[test]
    fn email_addresses_may_be_long() {
        let long = format!("{}@example.org", "a".repeat(250));
        for name in [
            "x@y.org",
            "x.y+z@a-b.example",
            "\"a!b\"@y.org",
            "x@localhost",
            "x@[127.0.0.1]",
            "x@[::1]",
            "x@m\u{fc}nchen.de",
            &long,
        ] {
            check(name, Ok(()));
        }
        for name in [
            "x@y.o",
            "x@-y.org",
            "x@y-.org",
            "x..y@z.org",
            ".x@y.org",
            "x@[1]",
            "\"a\"b\"@y.org",
            "x@y.org\n",
        ] {
            check(name, Err("Enter"));
        }
    }
}
