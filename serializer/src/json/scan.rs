//! Scanner: it reads a JSON text from left to right and writes the canonical form of each token.

use super::SyntaxError;
use super::number::write_float;
use super::string::{plain_run, push_character, push_code_unit};

/// The limit on the digits of an integer in Python (`sys.get_int_max_str_digits`).
pub(crate) const MAX_INTEGER_DIGITS: usize = 4300;

/// A text and the position of the next byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scanner<'text> {
    text: &'text str,
    at: usize,
}

impl<'text> Scanner<'text> {
    pub(super) fn new(text: &'text str) -> Self {
        Self { text, at: 0 }
    }

    /// Returns the next byte, or `None` at the end.
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips `byte` if it is next. Returns `true` if it was.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Skips `text` if it is next. Returns `true` if it was.
    pub(super) fn eat_text(&mut self, text: &str) -> bool {
        let found = self.text.as_bytes()[self.at..].starts_with(text.as_bytes());
        if found {
            self.at += text.len();
        }
        found
    }

    /// Skips `token` if it is next and a `,` or `}` follows it. Returns `true` if so.
    pub(super) fn eat_token(&mut self, token: &str) -> bool {
        let start = self.at;
        let found = self.eat_text(token) && matches!(self.peek(), Some(b',' | b'}'));
        if !found {
            self.at = start;
        }
        found
    }

    /// Skips a string or scalar and returns it, or `None` for an array or object. The text must be in canonical form.
    pub(super) fn token(&mut self) -> Option<&'text str> {
        let (text, start) = (self.text, self.at);
        let bytes = text.as_bytes();
        match self.peek()? {
            b'{' | b'[' => return None,
            b'"' => {
                self.at += 1;
                loop {
                    self.at += plain_run(bytes.get(self.at..)?);
                    match bytes.get(self.at)? {
                        b'"' => break,
                        b'\\' => self.at += 2,
                        _ => self.at += 1,
                    }
                }
                self.at += 1;
            }
            _ => {
                self.at +=
                    bytes[start..].iter().take_while(|byte| !matches!(byte, b',' | b'}' | b':')).count();
            }
        }
        text.get(start..self.at)
    }

    pub(super) fn skip_whitespace(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    pub(super) fn malformed(&self, message: &'static str) -> SyntaxError {
        SyntaxError::malformed(self.at, message)
    }

    pub(super) fn limit(&self, message: &'static str) -> SyntaxError {
        SyntaxError::limit(self.at, message)
    }

    /// Reads a string and writes its canonical form. The next byte is its first quote.
    pub(super) fn string(&mut self, out: &mut String) -> Result<(), SyntaxError> {
        let start = self.at;
        self.at += 1;
        out.push('"');
        loop {
            let run = plain_run(&self.text.as_bytes()[self.at..]);
            out.push_str(&self.text[self.at..self.at + run]);
            self.at += run;
            match self.text[self.at..].chars().next() {
                None => return Err(SyntaxError::malformed(start, "string without an end")),
                Some('"') => break,
                Some('\\') => self.escape(out)?,
                Some('\0'..' ') => return Err(self.malformed("control character in a string")),
                Some(character) => {
                    push_character(out, character);
                    self.at += character.len_utf8();
                }
            }
        }
        self.at += 1;
        out.push('"');
        Ok(())
    }

    /// Reads an escape sequence within a string. All spellings of a character have the same canonical form.
    fn escape(&mut self, out: &mut String) -> Result<(), SyntaxError> {
        let character = match self.text.as_bytes().get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let digits = self.text.as_bytes().get(self.at + 2..self.at + 6);
                let unit = digits.and_then(four_hex_digits);
                push_code_unit(out, unit.ok_or_else(|| self.malformed("escape without four hex digits"))?);
                self.at += 6;
                return Ok(());
            }
            _ => return Err(self.malformed("unknown escape")),
        };
        push_character(out, character);
        self.at += 2;
        Ok(())
    }

    /// Reads any value except a string, an array or an object.
    pub(super) fn scalar(&mut self, out: &mut String) -> Result<(), SyntaxError> {
        const NAMES: [&str; 6] = ["null", "true", "false", "NaN", "Infinity", "-Infinity"];

        let rest = &self.text[self.at..];
        if let Some(name) = NAMES.into_iter().find(|name| rest.starts_with(name)) {
            self.at += name.len();
            out.push_str(name);
            return Ok(());
        }
        self.number(out)
    }

    fn number(&mut self, out: &mut String) -> Result<(), SyntaxError> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let first = start + usize::from(bytes.get(start) == Some(&b'-'));
        let whole = match bytes.get(first) {
            Some(b'0') => 1,
            Some(b'1'..=b'9') => digits(&bytes[first..]),
            _ => return Err(self.malformed("expected a value")),
        };
        let integer_end = first + whole;
        let end = integer_end + fraction(&bytes[integer_end..]);
        let end = end + exponent(&bytes[end..]);
        let number = &self.text[start..end];
        if end > integer_end {
            let float = number.parse().map_err(|_| self.malformed("expected a number"))?;
            write_float(out, float);
        } else if whole > MAX_INTEGER_DIGITS {
            return Err(self.limit("integer of more than 4300 digits"));
        } else if number == "-0" {
            // Python's integers have no negative zero; its floats do.
            out.push('0');
        } else {
            out.push_str(number);
        }
        self.at = end;
        Ok(())
    }
}

/// The number of digits at the start of `bytes`.
fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The length of a fraction at the start of `bytes`: a point and at least one digit. 0 if there is none.
fn fraction(bytes: &[u8]) -> usize {
    match bytes {
        [b'.', rest @ ..] if digits(rest) > 0 => 1 + digits(rest),
        _ => 0,
    }
}

/// The length of an exponent at the start of `bytes`: `e` or `E`, an optional sign, and at least one digit. 0 if there
/// is none.
fn exponent(bytes: &[u8]) -> usize {
    let (mark, rest) = match bytes {
        [b'e' | b'E', b'+' | b'-', rest @ ..] => (2, rest),
        [b'e' | b'E', rest @ ..] => (1, rest),
        _ => return 0,
    };
    match digits(rest) {
        0 => 0,
        digits => mark + digits,
    }
}

fn four_hex_digits(bytes: &[u8]) -> Option<u16> {
    bytes.iter().try_fold(0, |unit, byte| {
        let digit = char::from(*byte).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}
