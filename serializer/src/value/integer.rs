//! `FieldValue` for integers.

use super::{
    Check, ColumnType, ColumnValue, FieldValue, InvalidValue, StoredValue, from_json, write_as_stored,
};
use crate::received::{FieldFault, JsonValue};

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

            fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
                within(Self::CHECKS[0], from_json::integer(value)?)
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

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        from_json::integer(value)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Integer(*self))
    }
}

/// `stored`, if it is within the bounds of the type's check. The texts are those of Django's validators.
fn within(check: Check, stored: StoredValue<'static>) -> Result<StoredValue<'static>, FieldFault> {
    match (check, &stored) {
        (Check::Integer { min, .. }, StoredValue::Integer(number)) if *number < min => {
            Err(FieldFault::invalid(format!("Ensure this value is greater than or equal to {min}.")))
        }
        (Check::Integer { max, .. }, StoredValue::Integer(number)) if *number > max => {
            Err(FieldFault::invalid(format!("Ensure this value is less than or equal to {max}.")))
        }
        _ => Ok(stored),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        check, check_fault, check_read_error, check_received, check_round_trip, check_store_error,
    };
    use super::*;
    use crate::received::ExceptionClass;

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

    #[test]
    fn a_received_integer_is_read_as_python_does() {
        for (json, integer) in [
            ("5", 5),
            ("1.9", 1),
            ("-0.5", 0),
            ("true", 1),
            ("\" 5 \"", 5),
            ("\"5_0\"", 50),
            ("\"\\u0665\"", 5),
            ("-9223372036854775808", i64::MIN),
        ] {
            check_received::<i64>(json, &StoredValue::Integer(integer));
        }
        for (json, shown) in
            [("\"\"", ""), ("\"a\"", "a"), ("\"1.5\"", "1.5"), ("NaN", "nan"), ("[1]", "[1]"), ("{}", "{}")]
        {
            check_fault::<i64>(json, &FieldFault::invalid(format!("“{shown}” value must be an integer.")));
        }
    }

    #[test]
    fn a_received_integer_has_room() {
        let text = "Python int too large to convert to SQLite INTEGER";
        for json in ["9223372036854775808", "1e300", "\"-9223372036854775809\""] {
            check_fault::<i64>(json, &FieldFault::at_save(ExceptionClass::OVERFLOW_ERROR, text));
        }
        let text = "cannot convert float infinity to integer";
        check_fault::<i64>("-Infinity", &FieldFault::raised(ExceptionClass::OVERFLOW_ERROR, text));
        check_fault::<u64>("-1", &FieldFault::invalid("Ensure this value is greater than or equal to 0."));
        check_fault::<i8>("128", &FieldFault::invalid("Ensure this value is less than or equal to 127."));
    }
}
