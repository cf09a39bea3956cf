//! `FieldValue` for integers.

use super::{Check, ColumnType, ColumnValue, FieldValue, InvalidValue, StoredValue, write_as_stored};

macro_rules! integers {
    ($($ty:ty)*) => {$(
        /// An integer. A number outside of the type's range, or of the column's, is an error.
        #[allow(clippy::cast_lossless, clippy::cast_possible_wrap, reason = "the bounds are compared with the types' in a test")]
        impl FieldValue for $ty {
            const COLUMN_TYPE: ColumnType = ColumnType::Integer;
            const CHECKS: &'static [Check] = &[Check::Integer {
                min: <$ty>::MIN as i64,
                max: if size_of::<$ty>() < 8 { <$ty>::MAX as i64 } else { i64::MAX },
            }];

            fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
                match value {
                    ColumnValue::Integer(integer) => {
                        integer.try_into().map_err(|_| InvalidValue::failed(Self::CHECKS[0], value))
                    }
                    other => Err(InvalidValue::expected("an integer", other)),
                }
            }

            fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
                write_as_stored(value, json)
            }

            fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
                i64::try_from(*self).map(StoredValue::Integer).map_err(|_| {
                    InvalidValue::new(format!("{self} is more than a column holds, which is {}", i64::MAX))
                })
            }
        }
    )*};
}

integers!(i8 i16 i32 u8 u16 u32 u64);

/// An integer with the full range of a column.
impl FieldValue for i64 {
    const COLUMN_TYPE: ColumnType = ColumnType::Integer;
    const CHECKS: &'static [Check] = &[Check::Integer { min: i64::MIN, max: i64::MAX }];

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Integer(integer) => Ok(integer),
            other => Err(InvalidValue::expected("an integer", other)),
        }
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        write_as_stored(value, json)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Integer(*self))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_read_error, check_round_trip, check_store_error};
    use super::*;

    #[test]
    fn the_ends_of_every_type() {
        check_round_trip(&[i8::MIN, i8::MAX], ToString::to_string);
        check_round_trip(&[i16::MIN, i16::MAX], ToString::to_string);
        check_round_trip(&[i32::MIN, i32::MAX], ToString::to_string);
        check_round_trip(&[i64::MIN, i64::MAX], ToString::to_string);
        check_round_trip(&[u8::MIN, u8::MAX], ToString::to_string);
        check_round_trip(&[u16::MIN, u16::MAX], ToString::to_string);
        check_round_trip(&[u32::MIN, u32::MAX], ToString::to_string);
        check_round_trip(&[0, 1_u64 << 53 | 1, i64::MAX.unsigned_abs()], ToString::to_string);
    }

    #[test]
    fn what_has_no_room_is_refused() {
        check_read_error::<i8>(ColumnValue::Integer(128), "expected an integer from -128 to 127, found 128");
        check_read_error::<u64>(
            ColumnValue::Integer(-1),
            "expected an integer from 0 to 9223372036854775807, found -1",
        );
        check_read_error::<i64>(ColumnValue::Text("abc"), "expected an integer, found text");
        check_read_error::<i64>(ColumnValue::Real(5.0), "expected an integer, found a floating-point number");
        check_store_error(
            &(1_u64 << 63),
            "9223372036854775808 is more than a column holds, which is 9223372036854775807",
        );
    }

    #[test]
    fn a_loosely_typed_column_is_written_as_it_is() {
        check::<i64>(ColumnValue::Text("abc"), "\"abc\"");
        check::<i64>(ColumnValue::Real(1.5), "1.5");
        check::<u8>(ColumnValue::Integer(-1), "-1");
        check::<Option<i64>>(ColumnValue::Null, "null");
    }
}
