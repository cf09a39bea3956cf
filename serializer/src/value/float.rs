//! `FieldValue` for floating-point numbers.

use super::{
    Check, ColumnType, ColumnValue, FieldValue, InvalidValue, StoredValue, from_json, write_as_stored,
};
use crate::received::{FieldFault, JsonValue};

/// An `f64`, stored as a real number. Infinities are stored and synced. `NaN` is an error, because SQLite would store
/// `NULL`. The sign of a negative zero is lost, as in SQLite.
///
/// A column may hold an integer as well. An integer that no `f64` equals cannot be read.
impl FieldValue for f64 {
    const COLUMN_TYPE: ColumnType = ColumnType::Real;
    const CHECKS: &'static [Check] = &[Check::Number];

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Real(real) => Ok(real),
            ColumnValue::Integer(integer) => exactly(integer),
            other => Err(InvalidValue::expected("a floating-point number", other)),
        }
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        write_as_stored(value, json)
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        from_json::float(value)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        if self.is_nan() {
            return Err(InvalidValue::new("NaN cannot be stored: SQLite would make it NULL"));
        }
        Ok(StoredValue::Real(*self))
    }
}

/// An `f32`, stored and synced as the equal `f64`. A number that no `f32` equals cannot be read.
impl FieldValue for f32 {
    const COLUMN_TYPE: ColumnType = ColumnType::Real;
    const CHECKS: &'static [Check] = &[Check::SingleNumber];

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        let wide = f64::read(value)?;
        #[expect(clippy::cast_possible_truncation, reason = "what was cut off is looked for")]
        let narrow = wide as Self;
        if f64::from(narrow).to_bits() == wide.to_bits() {
            Ok(narrow)
        } else {
            Err(InvalidValue::new(format!("{wide} has more digits than an `f32` holds")))
        }
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        f64::write_json(value, json)
    }

    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        let stored = from_json::float(value)?;
        let is_single = Check::SingleNumber.allows(stored.as_column());
        if is_single || matches!(stored, StoredValue::Real(float) if float.is_nan()) {
            Ok(stored)
        } else {
            Err(from_json::refused(value, format_args!("value has more digits than the field holds.")))
        }
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        f64::from(*self).to_column().map(StoredValue::into_owned)
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "what was lost is looked for"
)]
fn exactly(integer: i64) -> Result<f64, InvalidValue> {
    let real = integer as f64;
    // The comparison needs 128 bits: the largest integers become 2^63, and a conversion back to 64 bits would saturate.
    if real as i128 == i128::from(integer) {
        Ok(real)
    } else {
        Err(InvalidValue::new(format!("{integer} has more digits than an `f64` holds")))
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
    fn every_number_comes_back() {
        check_round_trip(&[0.0, 0.1, 1e-5, 1e16, f64::MAX, f64::MIN_POSITIVE, 5e-324], |real| {
            let mut json = String::new();
            crate::json::write_float(&mut json, *real);
            json
        });
        check_round_trip(&[f64::INFINITY], |_| "Infinity".to_owned());
        check_round_trip(&[0.5_f32, 0.1, f32::MAX], |real| {
            let mut json = String::new();
            crate::json::write_float(&mut json, f64::from(*real));
            json
        });
    }

    #[test]
    fn a_loosely_typed_column_is_written_as_it_is() {
        check::<f64>(ColumnValue::Integer(5), "5");
        check::<f64>(ColumnValue::Text("abc"), "\"abc\"");
    }

    #[test]
    fn nothing_is_rounded() {
        assert_eq!(
            f64::read(ColumnValue::Integer(1 << 53)).unwrap().to_bits(),
            9_007_199_254_740_992.0_f64.to_bits()
        );
        check_read_error::<f64>(
            ColumnValue::Integer((1 << 53) + 1),
            "9007199254740993 has more digits than an `f64` holds",
        );
        check_read_error::<f64>(
            ColumnValue::Integer(i64::MAX),
            "9223372036854775807 has more digits than an `f64` holds",
        );
        check_read_error::<f32>(ColumnValue::Real(0.1), "0.1 has more digits than an `f32` holds");
        check_read_error::<f32>(
            ColumnValue::Real(1e300),
            &format!("{} has more digits than an `f32` holds", 1e300),
        );
    }

    #[test]
    fn nan_is_refused_before_sqlite_forgets_it() {
        check_store_error(&f64::NAN, "NaN cannot be stored: SQLite would make it NULL");
        check_store_error(&Some(f32::NAN), "NaN cannot be stored: SQLite would make it NULL");
    }

    #[test]
    fn a_received_float_is_read_as_python_does() {
        for (json, float) in [
            ("5", 5.0),
            ("true", 1.0),
            ("\" 5 \"", 5.0),
            ("\"1e3\"", 1000.0),
            ("\"-inf\"", f64::NEG_INFINITY),
            ("100000000000000000000", 1e20),
        ] {
            check_received::<f64>(json, &StoredValue::Real(float));
        }
        assert!(matches!(
            f64::from_json(&JsonValue::Float(f64::NAN)),
            Ok(StoredValue::Real(float)) if float.is_nan()
        ));
        for (json, shown) in [("\"\"", ""), ("\"a\"", "a"), ("[]", "[]"), ("{\"a\": 1}", "{'a': 1}")] {
            check_fault::<f64>(json, &FieldFault::invalid(format!("“{shown}” value must be a float.")));
        }
        let large = format!("1{}", "0".repeat(400));
        let text = "int too large to convert to float";
        check_fault::<f64>(&large, &FieldFault::raised(ExceptionClass::OVERFLOW_ERROR, text));
        check_received::<f32>("0.5", &StoredValue::Real(0.5));
        check_fault::<f32>("0.1", &FieldFault::invalid("“0.1” value has more digits than the field holds."));
    }
}
