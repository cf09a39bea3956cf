//! `NotText`: the error for a file that is not text in UTF-8, with the format that it has instead.

use std::error::Error;
use std::fmt;

/// The error for a file in another format than text in UTF-8: UTF-16, compressed data, a spreadsheet, a database.
///
/// The format is recognised by the first bytes of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotText {
    found: &'static str,
    advice: &'static str,
}

/// The first bytes of a format, its name, and what to do.
const FORMATS: &[(&[u8], &str, &str)] = &[
    (b"\xff\xfe\0\0", "text in UTF-32 (little endian)", SAVE_AS_UTF_8),
    (b"\0\0\xfe\xff", "text in UTF-32 (big endian)", SAVE_AS_UTF_8),
    (b"\xff\xfe", UTF_16_LE, IN_UTF_8),
    (b"\xfe\xff", UTF_16_BE, IN_UTF_8),
    (b"\x1f\x8b", "data compressed by gzip", DECOMPRESS),
    (b"\x28\xb5\x2f\xfd", "data compressed by Zstandard", DECOMPRESS),
    (b"\xfd7zXZ\0", "data compressed by xz", DECOMPRESS),
    (b"PK\x03\x04", "a zip archive or a spreadsheet (.xlsx, .ods)", EXPORT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of Microsoft Office (.xls)", EXPORT),
    (b"SQLite format 3\0", "a SQLite database", "read its tables with `from_rows`"),
    (b"%PDF-", "a PDF document", EXPORT),
    (b"\0\0\0\0", "a row of NUL bytes", "it was probably not written completely, so get it once more"),
];

const UTF_16_LE: &str = "text in UTF-16 (little endian)";
const UTF_16_BE: &str = "text in UTF-16 (big endian)";
const IN_UTF_8: &str = "save it in UTF-8, or read it through `syncline::io::decode` (feature `encoding_rs`)";
/// For encodings that the crate `encoding_rs` does not read.
const SAVE_AS_UTF_8: &str = "save it in UTF-8";
const DECOMPRESS: &str = "decompress it first";
const EXPORT: &str = "export its text first";

impl NotText {
    /// The other format of a file that begins with `head`. `None` if it may be text.
    pub(super) fn recognise(head: &[u8]) -> Option<Self> {
        if let Some(&(_, found, advice)) = FORMATS.iter().find(|(magic, ..)| head.starts_with(magic)) {
            return Some(Self { found, advice });
        }
        // Each version of bzip2 has the same bytes behind the level of compression.
        if head.starts_with(b"BZh") && head.get(4..10) == Some(b"1AY&SY") {
            return Some(Self { found: "data compressed by bzip2", advice: DECOMPRESS });
        }
        let found = without_mark(head)?;
        Some(Self { found, advice: IN_UTF_8 })
    }

    /// The name of the format, such as `data compressed by gzip`.
    #[must_use]
    pub fn found(&self) -> &'static str {
        self.found
    }
}

/// UTF-16 without a byte order mark: every other byte of most alphabets is zero or another control character, such as 4 for
/// Cyrillic letters.
fn without_mark(head: &[u8]) -> Option<&'static str> {
    let (pairs, _) = head[..head.len().min(64)].as_chunks::<2>();
    if pairs.len() < 3 {
        return None;
    }
    let is_control = |byte: u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    let controls = |of: usize| pairs.iter().filter(|pair| is_control(pair[of])).count();
    let are_few = |low: usize| low * 2 < pairs.len();
    let are_many = |high: usize| high * 4 >= pairs.len() * 3;
    match (controls(0), controls(1)) {
        (low, high) if are_few(low) && are_many(high) => Some(UTF_16_LE),
        (high, low) if are_few(low) && are_many(high) => Some(UTF_16_BE),
        _ => None,
    }
}

impl fmt::Display for NotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the file is {}, and text in UTF-8 is expected: {}", self.found, self.advice)
    }
}

impl Error for NotText {}

#[cfg(test)]
mod tests {
    use super::NotText;

    fn found(head: &[u8]) -> Option<&'static str> {
        NotText::recognise(head).map(|other| other.found())
    }

    #[test]
    fn utf_16_is_recognised_with_and_without_a_mark() {
        for text in [
            "n,text\n1,M\u{fc}ller\n",
            "\u{418}\u{43c}\u{44f},\u{418}\u{43c}\u{44f}\n",
            "\u{3b1}\u{3b2},\u{5d0}\n",
        ] {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(found(&little), Some("text in UTF-16 (little endian)"));
            assert_eq!(found(&big), Some("text in UTF-16 (big endian)"));
            assert_eq!(found(&[b"\xff\xfe", &little[..]].concat()), Some("text in UTF-16 (little endian)"));
            assert_eq!(found(&[b"\xfe\xff", &big[..]].concat()), Some("text in UTF-16 (big endian)"));
        }
    }

    #[test]
    fn text_is_not_taken_for_something_else() {
        for text in [
            "",
            "n",
            "n,text\n",
            "\u{feff}n,text",
            "Pk,x",
            "BZh,text,one",
            "a\0b\0",
            "\u{ff}\u{fe}",
            "\0a,b",
            "a\tb\tc\t\n\r\n",
        ] {
            assert_eq!(found(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn what_has_a_signature_is_named() {
        for (head, name) in [
            (&b"\x1f\x8b\x08\0"[..], "gzip"),
            (b"PK\x03\x04\x14\0", "zip"),
            (b"SQLite format 3\0\x10", "SQLite"),
            (b"BZh91AY&SY", "bzip2"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
        ] {
            assert!(found(head).is_some_and(|found| found.contains(name)), "{name}");
        }
    }
}
