//! A JSON value as text: Python's `str` and `repr`, and `json.dumps`.

use super::string::JsonString;
use super::value::JsonValue;
use crate::json::{write_code_points, write_float, write_integer, write_string};
use crate::python::{write_repr, write_repr_of_code_points};

impl JsonValue<'_> {
    /// Python's `str` of the value: text unchanged, everything else as [`python_repr`](Self::python_repr). U+FFFD stands
    /// for an unpaired surrogate.
    ///
    /// ```
    /// use syncline_serializer::received::parse;
    ///
    /// let value = parse(r#"["it's", 1.50, true, {"a": null}]"#)?;
    /// assert_eq!(value.python_str(), r#"["it's", 1.5, True, {'a': None}]"#);
    /// # Ok::<(), syncline_serializer::received::Failure>(())
    /// ```
    #[must_use]
    pub fn python_str(&self) -> String {
        match self {
            Self::Text(text) => text.to_str_lossy().into_owned(),
            other => other.python_repr(),
        }
    }

    /// Python's `repr` of the value: `None`, `True`, `1.5`, `'text'`, `[1]`, `{'a': 1}`.
    #[must_use]
    pub fn python_repr(&self) -> String {
        let mut out = String::new();
        self.write_repr(&mut out);
        out
    }

    fn write_repr(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("None"),
            Self::Bool(truth) => out.push_str(if *truth { "True" } else { "False" }),
            Self::Integer(integer) => write_integer(out, *integer),
            Self::BigInteger(digits) => out.push_str(digits),
            Self::Float(float) if float.is_nan() => out.push_str("nan"),
            Self::Float(float) if float.is_infinite() => {
                out.push_str(if *float > 0.0 { "inf" } else { "-inf" });
            }
            Self::Float(float) => write_float(out, *float),
            Self::Text(text) => text.write_repr(out),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    item.write_repr(out);
                }
                out.push(']');
            }
            Self::Object(object) => {
                out.push('{');
                for (index, (key, value)) in object.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    key.write_repr(out);
                    out.push_str(": ");
                    value.write_repr(out);
                }
                out.push('}');
            }
        }
    }

    /// Appends the value as Python's `json.dumps` writes it, the form of [`json::recode`](crate::json::recode).
    pub fn write_json(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Self::Integer(integer) => write_integer(out, *integer),
            Self::BigInteger(digits) => out.push_str(digits),
            Self::Float(float) => write_float(out, *float),
            Self::Text(text) => text.write_json(out),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    item.write_json(out);
                }
                out.push(']');
            }
            Self::Object(object) => {
                out.push('{');
                for (index, (key, value)) in object.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    key.write_json(out);
                    out.push_str(": ");
                    value.write_json(out);
                }
                out.push('}');
            }
        }
    }
}

impl JsonString<'_> {
    /// Appends Python's `repr` of the text.
    pub fn write_repr(&self, out: &mut String) {
        match self {
            Self::Text(text) => write_repr(out, text),
            Self::Surrogates(points) => write_repr_of_code_points(out, points.iter().copied()),
        }
    }

    /// Appends the text as a JSON string.
    pub fn write_json(&self, out: &mut String) {
        match self {
            Self::Text(text) => write_string(out, text),
            Self::Surrogates(points) => write_code_points(out, points),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parse;
    use crate::json::recode;

    #[track_caller]
    fn check(json: &str, str: &str, repr: &str) {
        let value = parse(json).unwrap();
        assert_eq!(value.python_str(), str);
        assert_eq!(value.python_repr(), repr);
    }

    #[test]
    fn values_are_printed_as_python_does() {
        check("null", "None", "None");
        check("true", "True", "True");
        check("-0", "0", "0");
        check("1.50", "1.5", "1.5");
        check("1e16", "1e+16", "1e+16");
        check("NaN", "nan", "nan");
        check("-Infinity", "-inf", "-inf");
        check(
            "123456789012345678901234567890",
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        );
        check(r#""it's""#, "it's", "\"it's\"");
        check(r#""a\u200b\ud800""#, "a\u{200b}\u{fffd}", "'a\\u200b\\ud800'");
        check(r#"[1, [], "x", {}]"#, "[1, [], 'x', {}]", "[1, [], 'x', {}]");
        check(r#"{"a": {"b\n": false}}"#, "{'a': {'b\\n': False}}", "{'a': {'b\\n': False}}");
    }

    #[test]
    fn surrogates_are_written_as_they_were() {
        let mut out = String::new();
        parse(r#"{"\udc00": ["\ud83dx\ud83d\ude00"]}"#).unwrap().write_json(&mut out);
        assert_eq!(out, r#"{"\udc00": ["\ud83dx\ud83d\ude00"]}"#);
    }

    proptest! {
        /// The tree writes the same text as `recode`, which builds no tree, and both refuse the same texts.
        #[test]
        fn as_recode(text in r#"([\[\]{},:"0-9eE+. -]|\\u[dD][89cC]00|\\"|"a"|"b": |null|true|NaN|é|1\.5){0,20}"#) {
            let mut recoded = String::new();
            let is_json = recode(&text, &mut recoded).is_ok();
            let parsed = parse(&text);
            prop_assert_eq!(parsed.is_ok(), is_json, "{}", text);
            if let Ok(value) = parsed {
                let mut written = String::new();
                value.write_json(&mut written);
                prop_assert_eq!(written, recoded);
            }
        }
    }
}
