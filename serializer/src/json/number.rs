//! Numbers.

use std::fmt::Write;

/// Appends an integer.
pub fn write_integer(out: &mut String, integer: i64) {
    out.push_str(itoa::Buffer::new().format(integer));
}

/// Appends a float as Python's `repr` shows it: the shortest digits that read back as the same float, at least one of
/// them after the point, or with an exponent below 0.0001 and from 1e16 on (`1e-05`, `1.5e+16`).
///
/// What is not finite is `NaN`, `Infinity` or `-Infinity`, as Python's `json` has it.
pub fn write_float(out: &mut String, float: f64) {
    const FIXED: std::ops::Range<f64> = 1e-4..1e16;

    if float.is_nan() {
        out.push_str("NaN");
    } else if float.is_infinite() {
        out.push_str(if float > 0.0 { "Infinity" } else { "-Infinity" });
    } else if float == 0.0 || FIXED.contains(&float.abs()) {
        out.push_str(ryu::Buffer::new().format_finite(float));
    } else {
        write_with_exponent(out, float);
    }
}

/// Rust writes `1e-5` where Python writes `1e-05`: always a sign, and two digits at least.
fn write_with_exponent(out: &mut String, float: f64) {
    let start = out.len();
    let _ = write!(out, "{float:e}");
    let Some(e) = out[start..].find('e') else { return };
    let exponent = start + e + 1;
    let digits = if out[exponent..].starts_with('-') {
        exponent + 1
    } else {
        out.insert(exponent, '+');
        exponent + 1
    };
    if out.len() - digits < 2 {
        out.insert(digits, '0');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(float: f64, expected: &str) {
        let mut out = String::from("[");
        write_float(&mut out, float);
        assert_eq!(out, format!("[{expected}"));
    }

    #[test]
    fn a_point_is_always_written() {
        check(131.0, "131.0");
        check(0.0, "0.0");
        check(-0.0, "-0.0");
        check(9_999_999_999_999_998.0, "9999999999999998.0");
        check(-123_456.789, "-123456.789");
    }

    #[test]
    fn shortest_digits() {
        check(0.1 + 0.2, "0.30000000000000004");
        check(2.0_f64.powi(53), "9007199254740992.0");
    }

    #[test]
    fn small_and_large_have_an_exponent() {
        check(0.0001, "0.0001");
        check(0.000_099_999_999_999_999_99, "9.999999999999999e-05");
        check(0.00001, "1e-05");
        check(1e16, "1e+16");
        check(-1.5e-300, "-1.5e-300");
        check(5e-324, "5e-324");
        check(f64::MAX, "1.7976931348623157e+308");
    }

    #[test]
    fn what_is_not_finite_has_a_name() {
        check(f64::NAN, "NaN");
        check(f64::INFINITY, "Infinity");
        check(f64::NEG_INFINITY, "-Infinity");
    }

    #[test]
    fn integers_keep_all_digits() {
        let mut out = String::new();
        write_integer(&mut out, i64::MIN);
        assert_eq!(out, "-9223372036854775808");
    }
}
