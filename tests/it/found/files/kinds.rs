//! Further members of the kinds "values that change on their way" and "words of errors in files".

use std::collections::BTreeMap;
use std::io::Read;

use serde::{Deserialize, Serialize};
use syncline::io::{CsvFormat, decode, from_csv_results, lines};
use syncline::prelude::*;

use super::{csv, csv_in, csv_of, error, json, json_of};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row {
    n: u32,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Loose {
    n: Option<u32>,
    text: Option<String>,
}

fn row(n: u32, text: &str) -> Row {
    Row { n, text: text.to_owned() }
}

/// Checks that reading each text gives the rows "1, a" and "2, b".
#[track_caller]
fn same(texts: &[&str]) {
    for text in texts {
        assert_eq!(csv::<Row>(text.as_bytes()).unwrap(), [row(1, "a"), row(2, "b")], "{text:?}");
    }
}

#[test]
fn other_ways_to_write_the_same_rows() {
    same(&[
        "\u{feff}\"n\",text\n1,a\n2,b\n",
        "n,text\r1,a\r2,b",
        "n,text\r1,a\n2,b\r\n",
        "n,text\r\r\n1,a\r\r\n2,b\r\r\n",
        "n,text,\n1,a,\n2,b,\n",
        "n,text,,\n1,a,,\n2,b,,\n",
        "\n\nn,text\n\n\n1,a\n\n2,b\n\n",
        "text,n\n\"a\",\"1\"\nb,2",
        "sep=,\nn,text\n1,a\n2,b\n",
    ]);
    assert_eq!(
        csv::<Row>(&b"n,text\n1,a \"b\" c\n2,5\"\n"[..]).unwrap(),
        [row(1, "a \"b\" c"), row(2, "5\"")]
    );
    assert_eq!(csv::<Row>(&b"n,text\n1,a\0b\n"[..]).unwrap(), [row(1, "a\0b")]);
    assert_eq!(csv::<Row>(&b"n,text,x,x\n1,a,2,3\n"[..]).unwrap(), [row(1, "a")]);
}

#[test]
fn records_of_another_length_and_lines_that_are_no_records() {
    for (text, expected) in [
        ("n,text\n1,a,\n", "line 2: 3 fields where 2 are expected"),
        ("n,text,\n1,a\n", "line 2: 2 fields where 3 are expected"),
        ("n,text\n1\n", "line 2: 1 field where 2 are expected"),
        ("n,text\n1,a,b\n", "line 2: 3 fields where 2 are expected"),
        ("n,text\n1,a\n   \n2,b\n", "line 3: 1 field where 2 are expected"),
        ("n,text\n1, \"b,c\"\n", "line 2: 3 fields where 2 are expected"),
        ("n,text\n1,a\n,\n", "line 3: field `n`: cannot parse integer from empty string"),
        ("n,text\n1,a\n\x1a", "line 3: 1 field where 2 are expected"),
        ("n,text\n1,a\n\0\0\0\0\0\0", "line 3: 1 field where 2 are expected"),
        ("n,text,text\n1,a,b\n", "line 2: duplicate field `text`"),
        ("n,text\n1,\"a \\\"b\\\"\"\n", "line 2: field `text`: text stands behind the closing quote"),
    ] {
        let found = error(csv::<Row>(text.as_bytes()));
        assert!(found.starts_with(expected), "{text:?}: {found}");
    }
    let flexible = CsvFormat::new().flexible();
    let short = csv_in::<Loose>(&b"n,text\n1\n"[..], &flexible).unwrap();
    assert_eq!(short, [Loose { n: Some(1), text: None }]);
    assert!(error(csv_in::<Row>(&b"n,text\n1\n"[..], &flexible)).starts_with("line 2: missing field `text`"));
}

#[test]
fn a_header_that_is_missing_or_misspelt_is_named() {
    assert_eq!(
        error(csv::<Row>(&b"N,Text\n1,a\n"[..])),
        "line 2: missing field `n`; the header has `N`, `Text`"
    );
    assert_eq!(
        error(csv::<Row>(&b"n, text\n1,a\n"[..])),
        "line 2: missing field `text`; the header has `n`, ` text`"
    );
    // All fields are options, so the struct would be empty, without an error.
    assert_eq!(
        error(csv::<Loose>(&b"1,a\n2,b\n"[..])),
        "line 2: the header has `1`, `a`, and none of the fields `n`, `text`: if the file begins without a header, set \
         `CsvFormat::no_header`"
    );
    let bare = CsvFormat::new().no_header();
    assert_eq!(
        csv_in::<Loose>(&b"1,a\n"[..], &bare).unwrap(),
        [Loose { n: Some(1), text: Some("a".to_owned()) }]
    );
    // One column is there, so that the others may be missing.
    let older = csv::<Loose>(&b"text,x\na,1\n"[..]).unwrap();
    assert_eq!(older, [Loose { n: None, text: Some("a".to_owned()) }]);
    let many: Vec<_> = (0..100).map(|n| format!("c{n}")).collect();
    let text = format!("{0}\n{0}\n", many.join(","));
    let found = error(csv::<Row>(text.as_bytes()));
    assert!(found.contains("`c18`, `c19`, .."), "{found}");
    assert!(!found.contains("c20"), "{found}");
}

#[test]
fn a_header_under_an_alias_is_a_column() {
    #[derive(Debug, Deserialize)]
    struct Aliased {
        #[serde(alias = "number")]
        n: Option<u32>,
    }
    assert_eq!(csv::<Aliased>(&b"number,x\n1,2\n"[..]).unwrap()[0].n, Some(1));
}

#[test]
fn a_header_that_comes_again_is_named() {
    for text in ["n,text\n1,a\nn,text\n2,b\n", "\u{feff}n,text\n1,a\n\u{feff}n,text\n2,b\n"] {
        let found = error(csv::<Row>(text.as_bytes()));
        assert_eq!(
            found,
            "line 3: field `n`: invalid digit found in string; the record repeats the header: are several files joined in one?"
        );
    }
    let items = Pipeline::new("r", from_csv_results::<Row, _>(&b"n,text\n1,a\nn,text\n2,b\n"[..]))
        .end(Collect::new());
    let items = items.run().unwrap().output;
    assert_eq!(items.iter().filter(|item| item.is_ok()).count(), 2);
}

#[test]
fn another_format_that_is_text_is_named() {
    for text in [
        "{\"n\": 1, \"text\": \"a\"}\n",
        "[{\"n\": 1, \"text\": \"a\"}]",
        "[\n{\"n\": 1}\n]",
        "{\n\"n\": 1\n}",
    ] {
        let found = error(csv::<Row>(text.as_bytes()));
        assert!(found.starts_with("line 1: the text is JSON, and CSV is expected"), "{text:?}: {found}");
    }
    for text in ["<!DOCTYPE html>\n<html>", "<html><body>", "<?xml version=\"1.0\"?>"] {
        assert!(
            error(csv::<Row>(text.as_bytes())).starts_with("line 1: the text is HTML or XML, and CSV"),
            "{text}"
        );
        assert!(
            error(json::<Row>(text.as_bytes())).starts_with("line 1: the text is HTML or XML, and JSON"),
            "{text}"
        );
    }
    // Without a header a field may hold JSON.
    let bare = CsvFormat::new().no_header();
    assert_eq!(csv_in::<(String,)>(&b"{\"a\":1}\n"[..], &bare).unwrap(), [("{\"a\":1}".to_owned(),)]);
    for zeros in [4, 600, 100_000] {
        let says = "line 1: the file is a row of NUL bytes, and text in UTF-8 is expected: it was probably not written";
        let text = vec![0; zeros];
        assert!(error(csv::<Row>(&text[..])).starts_with(says));
        assert!(error(json::<Row>(&text)).starts_with(says));
        assert!(error(Pipeline::new("l", lines(&text[..])).end(Collect::new()).run()).starts_with(says));
    }
}

/// In UTF-16 without a mark, letters of other alphabets have no zeros.
#[test]
fn utf_16_of_other_alphabets_is_named() {
    for text in
        ["\u{438}\u{43c}\u{44f},n\n\u{418}\u{432}\u{430}\u{43d},1\n", "\u{3b1}\u{3b2}\u{3b3},n\n\u{3b4},1\n"]
    {
        for (order, encode, encoding) in [
            ("little", u16::to_le_bytes as fn(u16) -> [u8; 2], encoding_rs::UTF_16LE),
            ("big", u16::to_be_bytes, encoding_rs::UTF_16BE),
        ] {
            let encoded: Vec<u8> = text.encode_utf16().flat_map(encode).collect();
            let says =
                format!("line 1: the file is text in UTF-16 ({order} endian), and text in UTF-8 is expected");
            assert!(error(csv::<Row>(&encoded[..])).starts_with(&says));
            assert!(
                error(Pipeline::new("l", lines(&encoded[..])).end(Collect::new()).run()).starts_with(&says)
            );
            let mut decoded = String::new();
            decode(&encoded[..], encoding).read_to_string(&mut decoded).unwrap();
            assert_eq!(decoded, text);
        }
    }
}

#[test]
fn lines_of_json_that_are_none_are_named() {
    let whole = "{\"n\":1,\"text\":\"a\"}";
    for (text, expected) in [
        (
            format!("{whole}{whole}\n"),
            "line 1: another value follows on this line, and JSON lines are expected",
        ),
        (format!("{whole} {whole}\n"), "line 1: another value follows on this line"),
        (format!("{whole}\n{whole}{whole}\n"), "line 2: another value follows on this line"),
        (format!("{whole} x\n"), "line 1: trailing characters"),
        (format!("{whole},\n"), "line 1: a comma follows the value"),
        ("{\"n\":1,\"text\":\"a\",}".to_owned(), "line 1: trailing comma"),
        (
            "{\"n\":NaN}".to_owned(),
            "line 1: NaN, Infinity, None, True, False and undefined are no values of JSON",
        ),
        ("{\"n\":-Infinity}".to_owned(), "line 1: NaN, Infinity, None"),
        ("{\"n\":None}".to_owned(), "line 1: NaN, Infinity, None"),
        (format!("{whole}\n\0\0\0\0\n"), "line 2: expected value, at column 1"),
        (format!("{whole}\n{{\"n\":2,\"te"), "line 2: the value goes on behind this line"),
        (format!("[\n{whole},\n{whole}\n]\n"), "line 1: the text is a JSON array"),
        (format!("[{whole},{whole}]\n"), "line 1: the text is a JSON array"),
        ("{\"n\":1,\"n\":2,\"text\":\"a\"}".to_owned(), "line 1: duplicate field `n`"),
        ("{\"n\":18446744073709551616,\"text\":\"\"}".to_owned(), "line 1: invalid type: floating point"),
        ("{\"n\":1.0,\"text\":\"\"}".to_owned(), "line 1: invalid type: floating point"),
        ("{\"n\":1,\"text\":\"\\ud800\"}".to_owned(), "line 1: unexpected end of hex escape"),
        ("{\"n\":1,\"text\":\"\\udc00 x\"}".to_owned(), "line 1: lone leading surrogate in hex escape"),
        ("{\"n\":1,\"text\":\"a\tb\"}".to_owned(), "line 1: control character"),
    ] {
        let found = error(json::<Row>(text.as_bytes()));
        assert!(found.starts_with(expected), "{text}: {found}");
    }
}

#[test]
fn lines_that_are_arrays_have_errors_of_their_own() {
    assert_eq!(error(json::<Vec<u8>>(b"[1,2,]\n")), "line 1: trailing comma, at column 6");
    assert!(error(json::<Vec<u8>>(b"[\"x\"]\n")).starts_with("line 1: invalid type: string"));
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for text in [deep.clone(), "[".repeat(100_000), format!("{{\"a\":{deep}}}")] {
        assert_eq!(
            error(json::<serde_json::Value>(text.as_bytes())),
            "line 1: the value is nested more than 127 times"
        );
    }
    assert!(json::<serde_json::Value>(format!("{}{}", "[".repeat(127), "]".repeat(127)).as_bytes()).is_ok());
}

#[test]
fn numbers_keep_their_digits_or_are_refused() {
    assert_eq!(json::<u64>(b"9007199254740993\n18446744073709551615").unwrap(), [(1 << 53) + 1, u64::MAX]);
    assert_eq!(json::<u128>(b"18446744073709551616").unwrap(), [1 << 64]);
    assert_eq!(json::<serde_json::Value>(b"9007199254740993").unwrap()[0].to_string(), "9007199254740993");
    assert!(error(json::<f64>(b"1e400")).starts_with("line 1: number out of range"));
    assert_eq!(json::<f64>(b"-0.0").unwrap()[0].to_bits(), (-0.0_f64).to_bits());
    for (text, expected) in [
        ("n\n4294967296\n", "number too large"),
        ("n\n-1\n", "invalid digit"),
        ("n\n0x10\n", "invalid digit"),
        ("n\n1.0\n", "invalid digit"),
        ("n\n1E5\n", "invalid digit"),
        ("n\n\"1,500\"\n", "invalid digit"),
    ] {
        let found = error(csv::<(u32,)>(text.as_bytes()));
        assert!(found.starts_with(&format!("line 2: field `n`: {expected}")), "{text:?}: {found}");
    }
    for text in ["n\n1e999\n", "n\n\"1,5\"\n", "n\n#N/A\n"] {
        assert!(error(csv::<(f64,)>(text.as_bytes())).starts_with("line 2: field `n`: "), "{text:?}");
    }
    assert!(error(csv::<(f32,)>(&b"n\n1e39\n"[..])).ends_with("number too large for a float"));
}

#[test]
fn texts_are_written_as_they_are() {
    let texts = [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "00701",
        "a\nb",
        "a\rb",
        "a\r\nb",
        " a ",
        "\u{feff}a",
        "\u{2028}",
        "\0",
        "NULL",
        "sep=;",
    ];
    let rows: Vec<_> = (0..).zip(texts).map(|(n, text)| row(n, text)).collect();
    let written = csv_of(rows.clone(), &CsvFormat::new()).unwrap();
    assert!(written.contains("\n0,=1+1\n1,+1\n2,-1\n3,@x\n4,00701\n"), "{written}");
    assert_eq!(csv::<Row>(written.as_bytes()).unwrap(), rows);
    let written = json_of(rows.clone()).unwrap();
    assert_eq!(written.lines().count(), rows.len());
    assert_eq!(json::<Row>(written.as_bytes()).unwrap(), rows);
}

#[test]
fn missing_values_alone_in_their_record_are_refused_or_written() {
    let says = "record 1: a missing value alone in its record would be a blank line";
    let bare = CsvFormat::new().no_header();
    let items = vec![(None::<u8>,), (Some(1),)];
    assert!(error(csv_of(items.clone(), &bare)).starts_with(says));
    let with_text = bare.missing("NA");
    let written = csv_of(items.clone(), &with_text).unwrap();
    assert_eq!(written, "NA\n1\n");
    assert_eq!(csv_in::<(Option<u8>,)>(written.as_bytes(), &with_text).unwrap(), items);
    let loose = [Loose { n: Some(1), text: Some("NA".to_owned()) }, Loose { n: None, text: None }];
    let format = CsvFormat::new().missing("NA");
    let written = csv_of(loose.to_vec(), &format).unwrap();
    assert_eq!(csv_in::<Loose>(written.as_bytes(), &format).unwrap(), loose);
}

#[test]
fn what_a_format_cannot_hold_is_an_error() {
    assert!(
        error(json_of(vec![vec![Some(1.0), Some(f64::NAN)]])).starts_with("line 1: NaN is no number of JSON")
    );
    assert!(error(json_of(vec![BTreeMap::from([((1, 2), 3)])])).starts_with("line 1: key must be a string"));
    assert!(
        error(csv_of(vec![BTreeMap::from([("a", 1)])], &CsvFormat::new())).contains("a map has no order")
    );
    assert!(
        error(csv_of(vec![(1, row(1, "x"))], &CsvFormat::new())).contains("3 fields, of which 2 have a name")
    );
}
