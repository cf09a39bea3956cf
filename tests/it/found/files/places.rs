//! Places, sizes and words of errors in files.

use std::io::{self, Read};

use syncline::io::{BadRecord, CsvFormat, decode, from_csv, from_csv_results, from_json_lines, lines};
use syncline::prelude::*;

use super::{csv, csv_in, error, json};

type Row = (u32, String);

/// Reported for another tool as BurntSushi/rust-csv#395.
#[test]
fn lines_are_counted_behind_blank_ones_and_with_crlf() {
    let text = include_bytes!("crlf-blank-lines-first.csv");
    assert_eq!(error(csv::<Row>(&text[..])), "line 5: field `n`: invalid digit found in string");
    for line_end in ["\n", "\r\n", "\r"] {
        for (text, line) in [
            ("|n,text|1,a|x,b|", 4),
            ("|||n,text|x,b", 5),
            ("n,text|||1,a|||x,b", 7),
            ("n,text|1,\"a|b|\"||x,b|", 6),
            ("n,text|1,a|x,\"b|c\"|", 3),
            ("n,\"te|xt\"|x,b|", 3),
        ] {
            let text = text.replace('|', line_end);
            let found = error(csv::<Row>(text.as_bytes()));
            assert!(found.starts_with(&format!("line {line}: ")), "{text:?}: {found}");
        }
    }
    let comments = b"# one\n\n# two\nn,text\n# three\nx,b\n";
    let format = CsvFormat::new().comment(b'#');
    assert!(error(csv_in::<Row>(&comments[..], &format)).starts_with("line 6: "));
    for line_end in ["\n", "\r\n"] {
        let text = "||1|x|".replace('|', line_end);
        assert!(error(json::<u8>(text.as_bytes())).starts_with("line 4: "), "{text:?}");
    }
}

/// A reader of `head` and then of as many lines as are read. It counts its bytes.
struct Endless<'r> {
    head: &'static [u8],
    read: &'r mut u64,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let line = b"2,ordinary\n";
        let from = if self.head.is_empty() { &line[..] } else { self.head };
        let few = from.len().min(buffer.len());
        buffer[..few].copy_from_slice(&from[..few]);
        if !self.head.is_empty() {
            self.head = &self.head[few..];
        }
        *self.read += few as u64;
        // Far more than the limit, and less than a test would wait for.
        if *self.read > 200_000_000 { Ok(0) } else { Ok(few) }
    }
}

/// Reported for another tool as BurntSushi/rust-csv#54.
#[test]
fn an_open_quote_takes_a_bounded_part_of_the_file() {
    let head = include_bytes!("open-quote-head.csv");
    let mut read = 0;
    let format = CsvFormat::new().record_limit(1_000_000);
    let source = from_csv::<Row, _>(Endless { head, read: &mut read }).format(&format);
    let run = Pipeline::new("read", source).end(Collect::new()).run();
    assert_eq!(
        error(run),
        "line 3: it is longer than 1000000 bytes: the quote that opens on line 3 is not closed"
    );
    assert!(read < 1_100_000, "{read}");

    // By default the bound is 16 MiB, also for a policy that skips bad records: there is nothing behind this one.
    let mut read = 0;
    let source = from_csv_results::<Row, _>(Endless { head, read: &mut read });
    let run = Pipeline::new("read", source)
        .try_map(|row: Result<Row, BadRecord>| Ok(row?))
        .on_error(syncline::policy::skip(10))
        .end(Collect::new())
        .run();
    assert!(error(run).starts_with("line 3: it is longer than 16777216 bytes"));
    assert!(read < 17_000_000, "{read}");
}

#[test]
fn a_quote_that_is_open_at_the_end_is_an_error_with_its_line() {
    let head = include_bytes!("open-quote-head.csv");
    let rest = b"2,ordinary\n3,ordinary\n";
    let text = [&head[..], rest].concat();
    let expected = "line 3: field `text`: the quote that opens on line 3 is not closed";
    assert_eq!(error(csv::<Row>(&text[..])).replace("field 2", "field `text`"), expected);
    let run = Pipeline::new("read", from_csv_results::<Row, _>(&text[..])).end(Collect::new()).run();
    assert_eq!(error(run).replace("field 2", "field `text`"), expected);
    // A quoted field may be the last.
    assert_eq!(csv::<Row>(&b"n,text\n1,\"a\"\"\""[..]).unwrap(), [(1, "a\"".to_owned())]);
    assert_eq!(csv::<Row>(&b"n,text\n1,\"\""[..]).unwrap(), [(1, String::new())]);
}

#[test]
fn many_fields_are_bounded_as_well() {
    let format = CsvFormat::new().record_limit(100_000).no_header().flexible();
    let text = ",".repeat(200_000);
    let found = error(csv_in::<Vec<String>>(text.as_bytes(), &format));
    assert!(found.starts_with("line 1: it is longer than 100000 bytes"), "{found}");
}

#[test]
fn a_record_up_to_the_limit_is_read() {
    // 8 bytes are counted for each field.
    let text = format!("1,{}\n", "a".repeat(50));
    let format = CsvFormat::new().no_header();
    assert!(csv_in::<Row>(text.as_bytes(), &format.clone().record_limit(53 + 16)).is_ok());
    assert!(
        error(csv_in::<Row>(text.as_bytes(), &format.record_limit(52))).starts_with("line 1: it is longer")
    );
}

#[test]
fn a_line_without_an_end_is_bounded() {
    let endless = || io::BufReader::new(io::repeat(b'1').take(100_000_000));
    let limit = 500_000;
    let run = Pipeline::new("read", lines(endless()).line_limit(limit)).end(Collect::new()).run();
    assert!(error(run).starts_with("line 1: it is longer than 500000 bytes"));
    let run = Pipeline::new("read", from_json_lines::<u8, _>(endless()).line_limit(limit))
        .end(Collect::new())
        .run();
    assert!(error(run).starts_with("line 1: it is longer than 500000 bytes"));
    let run = Pipeline::new("read", lines(endless())).end(Collect::new()).run();
    assert!(error(run).starts_with("line 1: it is longer than 16777216 bytes"));
}

/// Reported for another tool as thephpleague/csv#586.
#[test]
fn a_file_in_utf_16_is_named_and_can_be_decoded() {
    let marked = include_bytes!("utf-16.csv");
    let plain = &marked[2..];
    let says = "line 1: the file is text in UTF-16 (little endian), and text in UTF-8 is expected: ";
    for text in [&marked[..], plain] {
        assert!(error(csv::<Row>(text)).starts_with(says));
        assert!(error(json::<u8>(text)).starts_with(says));
        let run = Pipeline::new("read", lines(text)).end(Collect::new()).run();
        assert!(error(run).starts_with(says));
        let rows = csv::<Row>(decode(text, encoding_rs::UTF_16LE)).unwrap();
        assert_eq!(rows, [(1, "a".to_owned())]);
    }
    let big: Vec<u8> = marked.as_chunks::<2>().0.iter().flat_map(|&[low, high]| [high, low]).collect();
    assert!(error(csv::<Row>(&big[..])).contains("UTF-16 (big endian)"));
}

#[test]
fn a_file_that_is_no_text_is_named() {
    for (head, name) in [
        (&b"\x1f\x8b\x08\0\0\0\0\0"[..], "data compressed by gzip"),
        (b"PK\x03\x04\x14\0\x06\0", "a zip archive or a spreadsheet (.xlsx, .ods)"),
        (b"SQLite format 3\0\x10\0", "a SQLite database"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "a document of Microsoft Office (.xls)"),
        (b"\xff\xfe\0\0a\0\0\0", "text in UTF-32 (little endian)"),
    ] {
        let expected = format!("line 1: the file is {name}, and text in UTF-8 is expected: ");
        assert!(error(csv::<Row>(head)).starts_with(&expected), "{name}");
        assert!(error(json::<u8>(head)).starts_with(&expected), "{name}");
        let run = Pipeline::new("read", lines(head)).end(Collect::new()).run();
        assert!(error(run).starts_with(&expected), "{name}");
    }
}

#[test]
fn text_in_latin_1_is_an_error_with_its_line_and_can_be_decoded() {
    let text = b"n,text\n1,M\xfcller\n";
    assert!(error(csv::<Row>(&text[..])).starts_with("line 2: field `text`: invalid UTF-8"));
    let rows = csv::<Row>(decode(&text[..], encoding_rs::WINDOWS_1252)).unwrap();
    assert_eq!(rows, [(1, "M\u{fc}ller".to_owned())]);
}

/// The first line by which spreadsheets name the delimiter.
#[test]
fn a_line_that_names_the_delimiter_is_skipped_or_says_which_to_set() {
    let text = b"sep=;\nn;text\n1;a\n";
    assert_eq!(
        error(csv::<Row>(&text[..])),
        "line 1: the line says that the delimiter is ';', and ',' is expected: set it with `CsvFormat::delimiter`"
    );
    let semicolons = CsvFormat::new().delimiter(b';');
    assert_eq!(csv_in::<Row>(&text[..], &semicolons).unwrap(), [(1, "a".to_owned())]);
    assert_eq!(csv::<Row>(&b"\xef\xbb\xbfsep=,\r\nn,text\r\n1,a\r\n"[..]).unwrap(), [(1, "a".to_owned())]);
    let tabs = CsvFormat::new().delimiter(b'\t').no_header();
    assert_eq!(csv_in::<Row>(&b"sep=\t\n1\ta\n"[..], &tabs).unwrap(), [(1, "a".to_owned())]);
    assert!(error(csv_in::<Row>(&text[..], &semicolons.record_limit(3))).starts_with("line 1"));
}

#[test]
fn a_header_in_one_field_asks_for_the_delimiter() {
    #[derive(Debug, serde::Deserialize)]
    struct Named {
        #[serde(rename = "n")]
        _n: u32,
    }
    let found = error(csv::<Named>(&b"n;text\n1;a\n"[..]));
    assert!(found.contains("the header is one field, `n;text`: is the delimiter ';'?"), "{found}");
}

#[derive(Debug, serde::Deserialize)]
struct Value {
    #[serde(rename = "a")]
    _a: u8,
}

/// Reported for another tool as simonw/sqlite-utils#532.
#[test]
fn json_of_another_layout_is_named() {
    let array = include_bytes!("array.jsonl");
    let says = "line 1: the text is a JSON array, and JSON lines are expected";
    for text in [&array[..], b"[\n{\"a\": 1}\n]\n", b"[{\"a\": 1}, {\"a\": 2}]", b"\n [\n"] {
        let found = error(json::<Value>(text));
        assert!(found.replace("line 2", "line 1").starts_with(says), "{found}");
    }
    let several = error(json::<Value>(b"{\n  \"a\": 1\n}\n"));
    assert!(several.starts_with("line 1: the value goes on behind this line, and JSON lines"), "{several}");
    let commas = error(json::<Value>(b"{\"a\": 1},\n{\"a\": 2}\n"));
    assert!(commas.starts_with("line 1: a comma follows the value, and JSON lines"), "{commas}");
    let mac = error(json::<Value>(b"{\"a\": 1}\r{\"a\": 2}\r"));
    assert!(mac.starts_with("line 1: the lines end in `\\r` alone"), "{mac}");
    // Lines that are arrays are values like others.
    assert_eq!(json::<(u8, u8)>(b"[1, 2]\n[3, 4]\n").unwrap(), [(1, 2), (3, 4)]);
    assert_eq!(error(json::<(u8, u8)>(b"[1, 2]\n[3, x]\n")), "line 2: expected value, at column 5");
}
