//! `FieldValue` for byte vectors and byte arrays.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Check, ColumnType, ColumnValue, FieldValue, InvalidValue, StoredValue, from_json};
use crate::received::{ExceptionClass, FieldFault, JsonValue};

/// Bytes, stored as a blob and synced as a string in Base64.
///
/// This is what Django's `BinaryField` writes when Morango asks it for text (morango.md §1.12). A value that is not a
/// blob is an error, as there.
#[diagnostic::do_not_recommend]
impl FieldValue for Vec<u8> {
    const COLUMN_TYPE: ColumnType = ColumnType::Blob;
    const CHECKS: &'static [Check] = &[Check::Blob];

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Blob(bytes) => Ok(bytes.to_owned()),
            other => Err(InvalidValue::expected("a blob", other)),
        }
    }

    fn check(value: ColumnValue<'_>) -> Result<(), InvalidValue> {
        match value {
            ColumnValue::Blob(_) => Ok(()),
            other => Err(InvalidValue::expected("a blob", other)),
        }
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        match value {
            ColumnValue::Null => json.push_str("null"),
            ColumnValue::Blob(bytes) => {
                // Base64 digits need no escape.
                json.push('"');
                STANDARD.encode_string(bytes, json);
                json.push('"');
            }
            other => return Err(InvalidValue::expected("a blob", other)),
        }
        Ok(())
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        match value {
            JsonValue::Null => Ok(StoredValue::Null),
            JsonValue::Text(text) => {
                let bytes = text.as_str().filter(|text| text.is_ascii()).and_then(decode);
                let invalid = || FieldFault::raised(BINASCII_ERROR, "Incorrect padding");
                Ok(StoredValue::Blob(bytes.ok_or_else(invalid)?.into()))
            }
            other => Err(from_json::wrong_type(other, "text in Base64")),
        }
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Blob(Cow::Borrowed(self)))
    }
}

/// A fixed number of bytes, stored and synced like a `Vec<u8>`. A blob of another length is an error.
#[diagnostic::do_not_recommend]
impl<const LENGTH: usize> FieldValue for [u8; LENGTH] {
    const COLUMN_TYPE: ColumnType = ColumnType::Blob;
    const CHECKS: &'static [Check] = &[Check::Blob, Check::Bytes(LENGTH)];

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Blob(bytes) => bytes.try_into().map_err(|_| {
                InvalidValue::new(format!("expected a blob of {LENGTH} bytes, found one of {}", bytes.len()))
            }),
            other => Err(InvalidValue::expected("a blob", other)),
        }
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        Vec::write_json(value, json)
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        let stored = Vec::from_json(value)?;
        match &stored {
            StoredValue::Blob(bytes) if bytes.len() != LENGTH => {
                let found = bytes.len();
                Err(FieldFault::invalid(format!("Ensure this value has {LENGTH} bytes (it has {found}).")))
            }
            _ => Ok(stored),
        }
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Blob(Cow::Borrowed(self)))
    }
}

const BINASCII_ERROR: ExceptionClass = ExceptionClass::new("binascii.Error");

/// Decodes Base64 as Python's `b64decode` does: characters outside of the alphabet are skipped.
fn decode(text: &str) -> Option<Vec<u8>> {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let mut digits: Vec<u8> = Vec::with_capacity(text.len());
    let mut padding = 0;
    for byte in text.bytes() {
        if is_digit(&byte) {
            padding = 0;
            digits.push(byte);
        } else if byte == b'=' && digits.len() % 4 >= 2 {
            padding += 1;
            if digits.len() % 4 + padding == 4 {
                break;
            }
        }
    }
    if !(digits.len() + padding).is_multiple_of(4) {
        return None;
    }
    let last = digits.len() / 4 * 4;
    let mut bytes = STANDARD.decode(&digits[..last]).ok()?;
    let bits = |digit: &u8| STANDARD.decode([b'A', b'A', b'A', *digit]).ok().map(|bytes| u32::from(bytes[2]));
    match &digits[last..] {
        [] => {}
        // Python ignores the bits behind the last byte.
        [first, second] => bytes.push(low_byte(bits(first)? << 2 | bits(second)? >> 4)),
        [first, second, third, ..] => {
            let word = bits(first)? << 10 | bits(second)? << 4 | bits(third)? >> 2;
            bytes.extend([low_byte(word >> 8), low_byte(word)]);
        }
        [_] => return None,
    }
    Some(bytes)
}

fn low_byte(word: u32) -> u8 {
    word.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        check_fault, check_read_error, check_received, check_round_trip, check_write_error,
    };
    use super::*;

    #[test]
    fn bytes_come_back() {
        check_round_trip(&[Vec::new()], |_| "\"\"".to_owned());
        check_round_trip(&[b"\0\xff\xfe".to_vec()], |_| "\"AP/+\"".to_owned());
        check_round_trip(&[b"four".to_vec()], |_| "\"Zm91cg==\"".to_owned());
        check_round_trip(&[*b"four"], |_| "\"Zm91cg==\"".to_owned());
        check_round_trip(&[None::<Vec<u8>>], |_| "null".to_owned());
    }

    #[test]
    fn what_is_no_blob_is_refused() {
        check_read_error::<Vec<u8>>(ColumnValue::Text("four"), "expected a blob, found text");
        check_write_error::<Vec<u8>>(ColumnValue::Text("four"), "expected a blob, found text");
        check_read_error::<[u8; 4]>(
            ColumnValue::Blob(b"five!"),
            "expected a blob of 4 bytes, found one of 5",
        );
    }

    /// As Python's `b64decode`.
    #[test]
    fn received_bytes_are_in_base64() {
        for (json, bytes) in [
            ("\"\"", &b""[..]),
            ("\"Zm91cg==\"", b"four"),
            ("\"Zm 9-1c\\ng=\\u0001=\"", b"four"),
            ("\"Zm91ch==\"", b"four"),
            ("\"Zm8=ignored\"", b"fo"),
        ] {
            check_received::<Vec<u8>>(json, &StoredValue::Blob(bytes.into()));
        }
        for json in ["\"Z\"", "\"Zm91c\"", "\"Zm91cg=\"", "\"Zm9é\""] {
            check_fault::<Vec<u8>>(json, &FieldFault::raised(BINASCII_ERROR, "Incorrect padding"));
        }
        let fault = FieldFault::invalid("Ensure this value has 4 bytes (it has 2).");
        check_fault::<[u8; 4]>("\"Zm8=\"", &fault);
        assert!(matches!(Vec::from_json(&JsonValue::Integer(5)), Err(FieldFault::Raised(_))));
    }
}
