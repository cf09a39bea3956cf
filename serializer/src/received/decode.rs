//! Bytes of a JSON text: their encoding by the first bytes, as Python's `json.loads` finds it.

use std::borrow::Cow;

use super::failure::{ExceptionClass, Failure};

/// The text in `bytes`, which is UTF-8, UTF-16 or UTF-32, with or without a byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Failure> {
    match *bytes {
        [0, 0, 0xfe, 0xff, ref rest @ ..] => utf_32(rest, u32::from_be_bytes),
        [0xff, 0xfe, 0, 0, ref rest @ ..] => utf_32(rest, u32::from_le_bytes),
        [0xfe, 0xff, ref rest @ ..] => utf_16(rest, u16::from_be_bytes),
        [0xff, 0xfe, ref rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, ref rest @ ..] => utf_8(rest),
        [0, 0, _, _, ..] => utf_32(bytes, u32::from_be_bytes),
        [0, _, _, _, ..] | [0, _] => utf_16(bytes, u16::from_be_bytes),
        [_, 0, 0, 0, ..] => utf_32(bytes, u32::from_le_bytes),
        [_, 0, _, _, ..] | [_, 0] => utf_16(bytes, u16::from_le_bytes),
        _ => utf_8(bytes),
    }
}

fn utf_8(bytes: &[u8]) -> Result<Cow<'_, str>, Failure> {
    std::str::from_utf8(bytes)
        .map(Cow::Borrowed)
        .map_err(|error| undecodable("utf-8", &format!("invalid bytes in position {}", error.valid_up_to())))
}

fn utf_16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, Failure> {
    let (units, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(undecodable("utf-16", "truncated data"));
    }
    let text: Result<String, _> = char::decode_utf16(units.iter().map(|bytes| unit(*bytes))).collect();
    text.map(Cow::Owned).map_err(|_| undecodable("utf-16", "unpaired surrogate"))
}

fn utf_32(bytes: &[u8], point: impl Fn([u8; 4]) -> u32) -> Result<Cow<'static, str>, Failure> {
    let (points, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(undecodable("utf-32", "truncated data"));
    }
    let text: Option<String> = points.iter().map(|bytes| char::from_u32(point(*bytes))).collect();
    text.map(Cow::Owned).ok_or_else(|| undecodable("utf-32", "code point not in range(0x110000)"))
}

fn undecodable(codec: &str, why: &str) -> Failure {
    Failure::new(
        ExceptionClass::UNICODE_DECODE_ERROR,
        format!("'{codec}' codec can't decode the record's text: {why}"),
    )
}
