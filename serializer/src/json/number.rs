//! Writer for numbers.

use std::fmt::Write;

/// Appends `integer` in decimal digits.
pub fn write_integer(out: &mut String, integer: i64) {
    out.push_str(itoa::Buffer::new().format(integer));
}

/// Appends `float` as Python's `repr` prints it: with the shortest digits that read back as the same float and at least
/// one digit after the point. Below 0.0001 and from 1e16 on it has an exponent (`1e-05`, `1.5e+16`).
///
/// Floats that are not finite are `NaN`, `Infinity` or `-Infinity`, as in Python's `json`.
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

/// Appends `float` with an exponent of a sign and at least two digits.
///
/// The digits are those of `ryu`, which agree with Python's even where a float lies half-way between two shortest
/// texts, as powers of two do. Rust's own `{:e}` rounds those up.
fn write_with_exponent(out: &mut String, float: f64) {
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format_finite(float.abs());
    if float < 0.0 {
        out.push('-');
    }
    // From 0.00001 on `ryu` writes no exponent.
    if let Some(digits) = text.strip_prefix("0.0000") {
        let (first, rest) = digits.split_at(1);
        out.push_str(first);
        if !rest.is_empty() {
            out.push('.');
            out.push_str(rest);
        }
        out.push_str("e-05");
        return;
    }
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    let _ = write!(out, "{digits}e{sign}{exponent:0>2}");
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
        check(-0.000_012_5, "-1.25e-05");
    }

    #[test]
    fn half_way_between_two_texts_the_even_one_is_taken() {
        // Python's `repr` of the same.
        check(2.0_f64.powi(-25), "2.9802322387695312e-08");
        check(2.0_f64.powi(-44), "5.684341886080802e-14");
        check(-(2.0_f64.powi(-24)), "-5.960464477539063e-08");
        check(2.0_f64.powi(-20), "9.5367431640625e-07");
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
