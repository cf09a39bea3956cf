//! `FieldValue` for byte vectors and byte arrays.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Check, ColumnType, ColumnValue, FieldValue, InvalidValue, StoredValue};

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

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Blob(Cow::Borrowed(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_read_error, check_round_trip, check_write_error};
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
}
