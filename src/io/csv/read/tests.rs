//! Tests of the CSV sources.

use syncline_core::{Collect, Error, Pipeline};

use super::{from_csv, from_csv_results};
use crate::io::CsvFormat;

fn read(text: &[u8]) -> Result<Vec<(u32, String)>, Error> {
    Ok(Pipeline::new("test", from_csv(text)).end(Collect::new()).run()?.output)
}

#[test]
fn a_record_ends_in_lf_crlf_or_the_end_and_may_have_lines_of_its_own() {
    assert_eq!(read(b"").unwrap(), []);
    assert_eq!(read(b"n,text\n").unwrap(), []);
    let expected = [(1, "a".to_owned()), (2, "b\nc".to_owned())];
    assert_eq!(read(b"n,text\r\n1,a\r\n\r\n2,\"b\nc\"").unwrap(), expected);
    let many = format!("n,text\n{}", "1,a\n".repeat(600));
    assert_eq!(read(many.as_bytes()).unwrap().len(), 600);
}

#[test]
fn a_bad_record_has_the_line_on_which_it_begins() {
    for text in [
        &b"n,text\n1,\"a\nb\"\nx,y\n"[..],
        b"n,text\n1,\"a\nb\"\n2\n",
        b"n,text\n1,\"a\nb\"\n2,y,z\n",
        b"n,text\n1,\"a\nb\"\n2,\xff\n",
        b"n,text\n1,b\n\nx,y\n",
        b"n,text\n1,b\n\nx,\"y\nz\"\n",
        b"\n\nn,text\nx,y",
        b"n,text\n\n\nx,\"y\"z\n",
        b"\r\rn,text\rx,y\r",
        b"n,text\r1,b\r\r\nx,y\r",
        b"n,text\r\n1,\"a\r\nb\"\r\nx,y\r\n",
    ] {
        assert_eq!(read(text).unwrap_err().record(), Some("line 4"), "{}", text.escape_ascii());
    }
}

#[test]
fn lines_that_end_in_cr_and_lf_are_counted_alike() {
    for text in ["n,text\n1,a\nx,y\n", "n,text\n1,a\n2\n", "n,text\nx,y", "n,\"te\nxt\"\n1,\"a\nb\"\n\nx,y\n"]
    {
        let with_lf = read(text.as_bytes()).unwrap_err();
        let with_crlf = read(text.replace('\n', "\r\n").as_bytes()).unwrap_err();
        assert_eq!(with_crlf.record(), with_lf.record(), "{text:?}");
        assert_eq!(with_crlf.into_source().to_string(), with_lf.into_source().to_string());
    }
    let source = from_csv::<(u32, String), _>(&b"1,a\r\nx,b\r\n"[..]).format(&CsvFormat::new().no_header());
    let run = Pipeline::new("test", source);
    assert_eq!(run.end(Collect::new()).run().unwrap_err().record(), Some("line 2"));
}

#[test]
fn what_is_wrong_is_said_once() {
    let wrong = |record: &[u8]| {
        let text = [b"n,text\n1,a\n", record].concat();
        read(&text).unwrap_err().into_source().to_string()
    };
    assert_eq!(wrong(b"x,y\n"), "field `n`: invalid digit found in string");
    assert_eq!(wrong(b"2\n"), "1 field where 2 are expected");
    assert_eq!(wrong(b"2,y,z\n"), "3 fields where 2 are expected");
    assert_eq!(
        wrong(b"2,\xff\n"),
        "field `text`: invalid UTF-8: if the file is in another encoding, decode it first"
    );
}

fn read_all(text: &[u8]) -> Result<Vec<Result<u32, String>>, Error> {
    let source = from_csv_results::<(u32, String), _>(text);
    let pipeline = Pipeline::new("test", source).map(|item| item.map(|(n, _)| n).map_err(|bad| bad.at));
    Ok(pipeline.end(Collect::new()).run()?.output)
}

#[test]
fn what_is_behind_a_bad_record_is_read() {
    let bad = |line: u32| Err(format!("line {line}"));
    let text = b"n,text\n1,a\nx,y\n2\n3,\xff\n\n4,b,c\n5,d\n";
    assert_eq!(read_all(text).unwrap(), [Ok(1), bad(3), bad(4), bad(5), bad(7), Ok(5)]);
    let many = format!("n,text\n{}", "x,a\n".repeat(600));
    assert_eq!(read_all(many.as_bytes()).unwrap().len(), 600);
}

#[test]
fn a_bad_header_is_an_error() {
    assert_eq!(read_all(b"n,\xff\n1,a\n").unwrap_err().stage(), Some("from_csv_results"));
}

#[test]
fn a_format_of_ones_own_is_used() {
    let format = CsvFormat::new().delimiter(b';').no_header();
    let source = from_csv::<(u32, String), _>(&b"1;a\n2;b\n"[..]).format(&format);
    let outcome = Pipeline::new("test", source).end(Collect::new()).run();
    assert_eq!(outcome.unwrap().output, [(1, "a".to_owned()), (2, "b".to_owned())]);
}
