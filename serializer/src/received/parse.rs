//! Parser for JSON text, as Python's `json.loads` reads it.

use std::borrow::Cow;

use super::decode::decode;
use super::failure::{ExceptionClass, Failure};
use super::position::mistake;
use super::string::JsonString;
use super::value::{JsonObject, JsonValue};
use crate::json::{MAX_DEPTH, MAX_INTEGER_DIGITS};

/// Parses `text` as Python's `json.loads` does: with `NaN` and infinities, repeated keys, unpaired surrogates, and
/// integers of any size.
///
/// Strings without escapes borrow from `text`.
///
/// ```
/// use syncline_serializer::received::parse;
///
/// let value = parse(r#"{"a": NaN, "a": [12345678901234567890]}"#)?;
/// assert_eq!(value.python_str(), "{'a': [12345678901234567890]}");
/// assert_eq!(parse("").unwrap_err().text, "Expecting value: line 1 column 1 (char 0)");
/// # Ok::<(), syncline_serializer::received::Failure>(())
/// ```
///
/// # Errors
///
/// With the class of Python's exception: `JSONDecodeError` if the text is not JSON, `ValueError` for an integer of more
/// than 4,300 digits, `RecursionError` for arrays and objects that nest more than 1,000 deep.
pub fn parse(text: &str) -> Result<JsonValue<'_>, Failure> {
    if text.starts_with('\u{feff}') {
        return Err(mistake(text, 0, "Unexpected UTF-8 BOM (decode using utf-8-sig)"));
    }
    let mut parser = Parser { text, at: 0, depth: 0 };
    parser.skip_whitespace();
    let value = parser.value()?;
    parser.skip_whitespace();
    if parser.at < text.len() {
        return Err(parser.mistake("Extra data"));
    }
    Ok(value)
}

/// Parses bytes as Python's `json.loads` does: their encoding is UTF-8, UTF-16 or UTF-32, by the first bytes.
///
/// # Errors
///
/// As for [`parse`], and `UnicodeDecodeError` if the bytes are not text of the encoding.
pub fn parse_bytes(bytes: &[u8]) -> Result<JsonValue<'_>, Failure> {
    match decode(bytes)? {
        Cow::Borrowed(text) => parse(text),
        Cow::Owned(text) => parse(&text).map(JsonValue::into_owned),
    }
}

struct Parser<'text> {
    text: &'text str,
    at: usize,
    depth: usize,
}

impl<'text> Parser<'text> {
    fn value(&mut self) -> Result<JsonValue<'text>, Failure> {
        match self.peek() {
            Some(b'"') => self.string().map(JsonValue::Text),
            Some(b'{') => self.nested("object", Self::object),
            Some(b'[') => self.nested("array", Self::array),
            Some(b'-' | b'0'..=b'9') if !self.rest().starts_with(b"-I") => self.number(),
            _ => self.name(),
        }
    }

    fn nested(
        &mut self,
        what: &str,
        parse: impl FnOnce(&mut Self) -> Result<JsonValue<'text>, Failure>,
    ) -> Result<JsonValue<'text>, Failure> {
        if self.depth == MAX_DEPTH {
            return Err(Failure::new(
                ExceptionClass::RECURSION_ERROR,
                format!(
                    "maximum recursion depth exceeded while decoding a JSON {what} from a unicode string"
                ),
            ));
        }
        self.depth += 1;
        self.at += 1;
        self.skip_whitespace();
        let value = parse(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<JsonValue<'text>, Failure> {
        let mut members = Vec::new();
        if self.eat(b'}') {
            return Ok(JsonObject::new().into_value());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.mistake("Expecting property name enclosed in double quotes"));
            }
            let key = self.string()?;
            self.skip_whitespace();
            if !self.eat(b':') {
                return Err(self.mistake("Expecting ':' delimiter"));
            }
            self.skip_whitespace();
            members.push((key, self.value()?));
            self.skip_whitespace();
            if self.eat(b'}') {
                return Ok(JsonObject::of_members(members).into_value());
            }
            if !self.eat(b',') {
                return Err(self.mistake("Expecting ',' delimiter"));
            }
            self.skip_whitespace();
        }
    }

    fn array(&mut self) -> Result<JsonValue<'text>, Failure> {
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(JsonValue::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_whitespace();
            if self.eat(b']') {
                return Ok(JsonValue::Array(items));
            }
            if !self.eat(b',') {
                return Err(self.mistake("Expecting ',' delimiter"));
            }
            self.skip_whitespace();
        }
    }

    fn name(&mut self) -> Result<JsonValue<'text>, Failure> {
        let names = [
            ("null", JsonValue::Null),
            ("true", JsonValue::Bool(true)),
            ("false", JsonValue::Bool(false)),
            ("NaN", JsonValue::Float(f64::NAN)),
            ("Infinity", JsonValue::Float(f64::INFINITY)),
            ("-Infinity", JsonValue::Float(f64::NEG_INFINITY)),
        ];
        for (name, value) in names {
            if self.rest().starts_with(name.as_bytes()) {
                self.at += name.len();
                return Ok(value);
            }
        }
        Err(self.mistake("Expecting value"))
    }

    fn number(&mut self) -> Result<JsonValue<'text>, Failure> {
        let bytes = self.text.as_bytes();
        let first = self.at + usize::from(self.peek() == Some(b'-'));
        let whole = match bytes.get(first) {
            Some(b'0') => 1,
            Some(b'1'..=b'9') => digits(&bytes[first..]),
            _ => return Err(self.mistake("Expecting value")),
        };
        let integer_end = first + whole;
        let mut end = integer_end;
        if let [b'.', rest @ ..] = &bytes[end..]
            && digits(rest) > 0
        {
            end += 1 + digits(rest);
        }
        let exponent = match &bytes[end..] {
            [b'e' | b'E', b'+' | b'-', rest @ ..] => Some((2, digits(rest))),
            [b'e' | b'E', rest @ ..] => Some((1, digits(rest))),
            _ => None,
        };
        if let Some((mark, digits @ 1..)) = exponent {
            end += mark + digits;
        }
        let number = &self.text[self.at..end];
        let value = if end > integer_end {
            JsonValue::Float(number.parse().map_err(|_| self.mistake("Expecting value"))?)
        } else if whole > MAX_INTEGER_DIGITS {
            return Err(Failure::new(
                ExceptionClass::VALUE_ERROR,
                format!(
                    "Exceeds the limit ({MAX_INTEGER_DIGITS} digits) for integer string conversion: value has \
                     {whole} digits; use sys.set_int_max_str_digits() to increase the limit"
                ),
            ));
        } else {
            number.parse().map_or(JsonValue::BigInteger(Cow::Borrowed(number)), JsonValue::Integer)
        };
        self.at = end;
        Ok(value)
    }

    /// Reads a string. The next byte is its first quote.
    fn string(&mut self) -> Result<JsonString<'text>, Failure> {
        let begin = self.at;
        self.at += 1;
        let start = self.at;
        self.skip_plain();
        if self.eat(b'"') {
            return Ok(self.text[start..self.at - 1].into());
        }
        let mut out = Unescaped::Text(self.text[start..self.at].to_owned());
        loop {
            match self.peek() {
                None => return Err(mistake(self.text, begin, "Unterminated string starting at")),
                Some(b'"') => break,
                Some(b'\\') => out.push(self.escape(begin)?),
                Some(_) => return Err(self.mistake("Invalid control character at")),
            }
            let run = self.at;
            self.skip_plain();
            out.push_str(&self.text[run..self.at]);
        }
        self.at += 1;
        Ok(out.into_string())
    }

    /// Skips the bytes that stand for themselves in a string.
    fn skip_plain(&mut self) {
        let is_plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
        self.at += self.rest().iter().position(|byte| !is_plain(byte)).unwrap_or(self.rest().len());
    }

    /// Reads an escape sequence and returns its code point, which may be an unpaired surrogate.
    fn escape(&mut self, begin: usize) -> Result<u32, Failure> {
        let escape = self.at;
        let character = match self.rest().get(1) {
            None => return Err(mistake(self.text, begin, "Unterminated string starting at")),
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let invalid = || mistake(self.text, escape + 1, "Invalid \\uXXXX escape");
                let high = unit(&self.rest()[2..]).ok_or_else(invalid)?;
                self.at += 6;
                if let (0xd800..=0xdbff, [b'\\', b'u', low @ ..]) = (high, self.rest())
                    && let Some(low @ 0xdc00..=0xdfff) = unit(low)
                {
                    self.at += 6;
                    return Ok(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
                }
                return Ok(high);
            }
            Some(_) => return Err(mistake(self.text, escape, "Invalid \\escape")),
        };
        self.at += 2;
        Ok(character.into())
    }

    fn rest(&self) -> &'text [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_whitespace(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn mistake(&self, what: &str) -> Failure {
        mistake(self.text, self.at, what)
    }
}

/// A string with escapes, as far as it is read.
enum Unescaped {
    Text(String),
    Surrogates(Vec<u32>),
}

impl Unescaped {
    fn push(&mut self, point: u32) {
        match (&mut *self, char::from_u32(point)) {
            (Self::Text(text), Some(character)) => text.push(character),
            (Self::Text(text), None) => {
                let points = text.chars().map(u32::from).chain([point]).collect();
                *self = Self::Surrogates(points);
            }
            (Self::Surrogates(points), _) => points.push(point),
        }
    }

    fn push_str(&mut self, run: &str) {
        match self {
            Self::Text(text) => text.push_str(run),
            Self::Surrogates(points) => points.extend(run.chars().map(u32::from)),
        }
    }

    fn into_string(self) -> JsonString<'static> {
        match self {
            Self::Text(text) => text.into(),
            Self::Surrogates(points) => JsonString::Surrogates(points),
        }
    }
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The number in the four hex digits at the start of `bytes`.
fn unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, repr: &str) {
        assert_eq!(parse(json).unwrap().python_repr(), repr);
    }

    #[track_caller]
    fn check_error(json: &str, class: ExceptionClass, text: &str) {
        assert_eq!(parse(json).unwrap_err(), Failure::new(class, text), "{json}");
    }

    #[test]
    fn what_python_reads() {
        check(" \t\r\n{} ", "{}");
        check("[NaN, Infinity, -Infinity, -0.0, 1E2]", "[nan, inf, -inf, -0.0, 100.0]");
        check("[9223372036854775807, 9223372036854775808]", "[9223372036854775807, 9223372036854775808]");
        check("[-9223372036854775808, 1e999]", "[-9223372036854775808, inf]");
        check(r#"{"a": 1, "b": 2, "\u0061": 3}"#, "{'a': 3, 'b': 2}");
        check(r#""\"\\\/\b\f\n\r\t\u00E9é\u007f""#, r#"'"\\/\x08\x0c\n\r\téé\x7f'"#);
        check(r#""\ud83d\ude00 \ud83d \ude00 \ud83d\ud83d\ude00""#, r"'😀 \ud83d \ude00 \ud83d😀'");
        check(&"9".repeat(4300), &"9".repeat(4300));
    }

    /// Texts as Python 3.11 raises them.
    #[test]
    fn what_python_refuses() {
        let is_no_json = |json, text| check_error(json, ExceptionClass::JSON_DECODE_ERROR, text);
        is_no_json("", "Expecting value: line 1 column 1 (char 0)");
        is_no_json("[1,\n é]", "Expecting value: line 2 column 2 (char 5)");
        is_no_json("-", "Expecting value: line 1 column 1 (char 0)");
        is_no_json("-Inf", "Expecting value: line 1 column 1 (char 0)");
        is_no_json("[1]]", "Extra data: line 1 column 4 (char 3)");
        is_no_json("01", "Extra data: line 1 column 2 (char 1)");
        is_no_json("{1: 2}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)");
        is_no_json(r#"{"é" 2}"#, "Expecting ':' delimiter: line 1 column 6 (char 5)");
        is_no_json(r#"{"a": 2 "b"}"#, "Expecting ',' delimiter: line 1 column 9 (char 8)");
        is_no_json("[1", "Expecting ',' delimiter: line 1 column 3 (char 2)");
        is_no_json("[\"ab", "Unterminated string starting at: line 1 column 2 (char 1)");
        is_no_json("\"a\nb\"", "Invalid control character at: line 1 column 3 (char 2)");
        is_no_json(r#""\x""#, "Invalid \\escape: line 1 column 2 (char 1)");
        is_no_json(r#""\u12g4""#, "Invalid \\uXXXX escape: line 1 column 3 (char 2)");
        is_no_json("\u{feff}{}", "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)");
    }

    #[test]
    fn limits() {
        check_error(
            &"9".repeat(4301),
            ExceptionClass::VALUE_ERROR,
            "Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits; use \
             sys.set_int_max_str_digits() to increase the limit",
        );
        let deep = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&deep(1000)).is_ok());
        check_error(
            &deep(100_000),
            ExceptionClass::RECURSION_ERROR,
            "maximum recursion depth exceeded while decoding a JSON array from a unicode string",
        );
    }

    #[test]
    fn strings_borrow() {
        let borrows = |json| matches!(parse(json), Ok(JsonValue::Text(JsonString::Text(Cow::Borrowed(_)))));
        assert!(borrows("\"plain é\"") && !borrows(r#""\u00e9""#));
    }

    #[test]
    fn the_first_bytes_tell_the_encoding() {
        let text = "{\"é\": 1}";
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big_32: Vec<u8> = text.chars().flat_map(|character| u32::from(character).to_be_bytes()).collect();
        let little_32: Vec<u8> =
            text.chars().flat_map(|character| u32::from(character).to_le_bytes()).collect();
        let marks: [(&[u8], &[u8]); 10] = [
            (b"", text.as_bytes()),
            (b"\xef\xbb\xbf", text.as_bytes()),
            (b"", &big),
            (b"\xfe\xff", &big),
            (b"", &little),
            (b"\xff\xfe", &little),
            (b"", &big_32),
            (b"\0\0\xfe\xff", &big_32),
            (b"", &little_32),
            (b"\xff\xfe\0\0", &little_32),
        ];
        for (mark, bytes) in marks {
            let value = parse_bytes(&[mark, bytes].concat()).unwrap().into_owned();
            assert_eq!(value.python_repr(), "{'é': 1}");
        }
        for bytes in [&b"\"\xff\""[..], b"\xff\xfe\0", b"\xff\xfe\0\xd8", b"\0\0\xfe\xff\xff\xff\xff\xff"] {
            let failure = parse_bytes(bytes).unwrap_err();
            assert_eq!(failure.class, ExceptionClass::UNICODE_DECODE_ERROR);
        }
    }
}
