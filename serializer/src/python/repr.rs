//! Python's `repr` of a text.

use std::fmt::Write as _;

use super::printable::is_printable;

/// Appends `repr(text)`, as Python writes it: in single quotes, or in double quotes if the text has a single quote and no
/// double quote. Backslashes, the enclosing quote and characters that are not printable are escaped.
///
/// ```
/// use syncline_serializer::python::write_repr;
///
/// let mut out = String::new();
/// write_repr(&mut out, "it's \u{e9}\n");
/// assert_eq!(out, "\"it's \u{e9}\\n\"");
/// ```
pub fn write_repr(out: &mut String, text: &str) {
    write_repr_of_code_points(out, text.chars().map(u32::from));
}

/// Appends `repr` of a text that may have unpaired surrogates, given as code points.
pub(crate) fn write_repr_of_code_points(out: &mut String, text: impl Iterator<Item = u32> + Clone) {
    let has = |quote: char| text.clone().any(|point| point == u32::from(quote));
    let quote = if has('\'') && !has('"') { '"' } else { '\'' };
    out.push(quote);
    for point in text {
        match char::from_u32(point) {
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(character) if character == quote => {
                out.push('\\');
                out.push(character);
            }
            Some(character) if is_printable(character) => out.push(character),
            _ => push_escape(out, point),
        }
    }
    out.push(quote);
}

fn push_escape(out: &mut String, point: u32) {
    let result = match point {
        0..=0xff => write!(out, "\\x{point:02x}"),
        0x100..=0xffff => write!(out, "\\u{point:04x}"),
        _ => write!(out, "\\U{point:08x}"),
    };
    result.expect("writing to a string succeeds");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut out = String::from("=");
        write_repr(&mut out, text);
        assert_eq!(out, format!("={expected}"));
    }

    #[test]
    fn quotes() {
        check("plain", "'plain'");
        check("it's", "\"it's\"");
        check("say \"it's\"", "'say \"it\\'s\"'");
        check("\"", "'\"'");
        check("\\", "'\\\\'");
    }

    #[test]
    fn escapes() {
        check("\0\u{1b}\n\r\t\u{7f}\u{a0}", "'\\x00\\x1b\\n\\r\\t\\x7f\\xa0'");
        check("\u{200b}\u{e000}\u{3000}", "'\\u200b\\ue000\\u3000'");
        check("\u{e0001}\u{10ffff}", "'\\U000e0001\\U0010ffff'");
        check("“é” 李 \u{1f600}", "'“é” 李 \u{1f600}'");
        let mut out = String::new();
        write_repr_of_code_points(&mut out, [0x61, 0xd800].into_iter());
        assert_eq!(out, "'a\\ud800'");
    }

    /// The number of printable characters, and a hash of their positions, as Python 3.11 counts them.
    #[test]
    fn printable_characters_are_those_of_python() {
        let printable = ('\0'..=char::MAX).filter(|character| is_printable(*character));
        let (count, sum) = printable.fold((0_u64, 0_u64), |(count, sum), character| {
            (count + 1, (sum * 31 + u64::from(u32::from(character))) % 1_000_000_007)
        });
        assert_eq!((count, sum), (144_516, 360_081_216));
    }
}
