//! `FieldValue` for `uuid::Uuid`.

use std::borrow::Cow;

use uuid::Uuid;

use super::{Check, ColumnType, ColumnValue, FieldValue, InvalidValue, StoredValue, from_json};
use crate::received::{FieldFault, JsonValue};
use crate::record_id::RecordId;

/// A UUID that is not a record id, as in Django's `UUIDField`: stored as 32 hex digits like a [`RecordId`], synced with
/// hyphens.
///
/// Reading follows Python: see [`RecordId::parse`].
impl FieldValue for Uuid {
    const COLUMN_TYPE: ColumnType = ColumnType::Uuid;
    const CHECKS: &'static [Check] = &[Check::Uuid];

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        RecordId::read(value).map(Self::from)
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        if value == ColumnValue::Null {
            json.push_str("null");
            return Ok(());
        }
        let id = RecordId::read(value)?;
        let digits = id.as_str();
        json.push('"');
        json.push_str(&digits[..8]);
        for (start, end) in [(8, 12), (12, 16), (16, 20), (20, 32)] {
            json.push('-');
            json.push_str(&digits[start..end]);
        }
        json.push('"');
        Ok(())
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        let uuid = match value {
            JsonValue::Null => return Ok(StoredValue::Null),
            JsonValue::Bool(truth) => Some(Self::from_u128(u128::from(*truth))),
            JsonValue::Integer(number) => u128::try_from(*number).ok().map(Self::from_u128),
            JsonValue::BigInteger(digits) => digits.parse().ok().map(Self::from_u128),
            JsonValue::Text(text) => {
                text.as_str().and_then(|text| RecordId::parse(text).ok()).map(Self::from)
            }
            JsonValue::Float(_) | JsonValue::Array(_) | JsonValue::Object(_) => None,
        };
        uuid.map(|uuid| StoredValue::Text(Cow::Owned(uuid.simple().to_string())))
            .ok_or_else(|| from_json::refused(value, format_args!("is not a valid UUID.")))
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Text(Cow::Owned(self.simple().to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_fault, check_read_error, check_received, check_round_trip};
    use super::*;

    #[test]
    fn hyphens_are_for_the_store_only() {
        let uuid = Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
        check_round_trip(&[uuid], |_| "\"01234567-89ab-cdef-0123-456789abcdef\"".to_owned());
        let column = uuid.to_column().unwrap();
        assert_eq!(column.as_column(), ColumnValue::Text("0123456789abcdef0123456789abcdef"));
        check::<Option<Uuid>>(ColumnValue::Null, "null");
    }

    #[test]
    fn what_is_no_uuid_is_refused() {
        check_read_error::<Uuid>(ColumnValue::Text("x"), "`x` is not a UUID");
        check_read_error::<Uuid>(ColumnValue::Integer(1), "expected a UUID, found an integer");
    }

    #[test]
    fn a_received_uuid_is_read_as_django_does() {
        for (json, digits) in [
            ("\"01234567-89AB-cdef-0123-456789abcdef\"", "0123456789abcdef0123456789abcdef"),
            ("\"{urn:uuid:0123456789abcdef0123456789abcdef}\"", "0123456789abcdef0123456789abcdef"),
            ("true", "00000000000000000000000000000001"),
            ("255", "000000000000000000000000000000ff"),
            ("340282366920938463463374607431768211455", "ffffffffffffffffffffffffffffffff"),
        ] {
            check_received::<Uuid>(json, &StoredValue::Text(digits.into()));
        }
        let shown = [
            ("\"x\"", "x"),
            ("\"\"", ""),
            ("-1", "-1"),
            ("340282366920938463463374607431768211456", "340282366920938463463374607431768211456"),
            ("1.5", "1.5"),
            ("[]", "[]"),
        ];
        for (json, shown) in shown {
            check_fault::<Uuid>(json, &FieldFault::invalid(format!("“{shown}” is not a valid UUID.")));
        }
    }
}
