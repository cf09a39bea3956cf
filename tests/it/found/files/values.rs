//! Values that change on their way through a file, without an error.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use syncline::io::CsvFormat;

use super::{csv, csv_in, csv_of, error, json, json_of};

/// Writes and reads `items` in `format`, which must change nothing.
#[track_caller]
fn stays_in<T: Serialize + DeserializeOwned + Clone + PartialEq + Debug>(items: &[T], format: &CsvFormat) {
    let text = csv_of(items.to_vec(), format).unwrap();
    assert_eq!(csv_in::<T>(text.as_bytes(), format).unwrap(), items, "{text}");
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row {
    n: u32,
    text: Option<String>,
}

fn row(n: u32, text: Option<&str>) -> Row {
    Row { n, text: text.map(str::to_owned) }
}

/// Reported for another tool as serde-rs/json#202.
#[test]
fn a_float_that_json_lacks_is_an_error_with_its_line() {
    for (number, name) in
        [(f64::NAN, "NaN"), (f64::INFINITY, "an infinite number"), (f64::NEG_INFINITY, "an infinite number")]
    {
        let expected = format!(
            "line 2: {name} is no number of JSON, and would become `null`: write a text, or `None` if it is missing"
        );
        assert_eq!(error(json_of(vec![Some(1.0), Some(number), None])), expected);
        assert_eq!(
            error(json_of(vec![BTreeMap::from([("n", vec![1.0])]), BTreeMap::from([("n", vec![number])])])),
            expected
        );
    }
    assert_eq!(json_of(vec![Some(1.5), None]).unwrap(), "1.5\nnull\n");
}

/// JSON has no number that large; it must not become an infinite one, or be cut off.
#[test]
fn a_number_beyond_its_type_is_an_error() {
    assert_eq!(error(json::<f64>(b"1\n1e999\n")), "line 2: number out of range, at column 5");
    assert!(error(json::<u64>(b"18446744073709551616\n")).starts_with("line 1: invalid type"));
    assert_eq!(error(csv::<(f64,)>(&b"n\n1e999\n"[..])), "line 2: field `n`: number too large for a float");
    assert_eq!(error(csv::<(f32,)>(&b"n\n-1e99\n"[..])), "line 2: field `n`: number too large for a float");
    assert!(
        error(csv::<(u64,)>(&b"n\n18446744073709551616\n"[..]))
            .starts_with("line 2: field `n`: number too large")
    );
}

#[test]
fn every_number_comes_back_from_csv() {
    let format = CsvFormat::new().no_header();
    stays_in(&[(u64::MAX, i64::MIN, u128::MAX, i128::MIN)], &format);
    stays_in(
        &[(0.1 + 0.2, 0.1_f32), (f64::MAX, f32::MAX), (5e-324, f32::MIN_POSITIVE), (1e23, -0.0)],
        &format,
    );
    stays_in(&[(f64::INFINITY, f32::NEG_INFINITY)], &format);
    let text = csv_of(vec![(f64::NAN,)], &format).unwrap();
    assert!(csv_in::<(f64,)>(text.as_bytes(), &format).unwrap()[0].0.is_nan());
}

/// Reported for another tool as tursodatabase/libsql#1212.
#[test]
fn an_empty_text_is_told_apart_from_a_missing_one() {
    let rows = [row(1, Some("")), row(2, None), row(3, Some("NULL")), row(4, Some("a"))];
    assert_eq!(csv_of(rows.to_vec(), &CsvFormat::new()).unwrap(), "n,text\n1,\"\"\n2,\n3,NULL\n4,a\n");
    let formats = [
        CsvFormat::new(),
        CsvFormat::new().quote_all(),
        CsvFormat::new().missing("NULL"),
        CsvFormat::new().missing("NULL").quote_all(),
        CsvFormat::new().missing("a"),
        CsvFormat::new().missing(""),
        CsvFormat::new().delimiter(b'\t').crlf(),
    ];
    for format in formats {
        stays_in(&rows, &format);
    }
}

#[test]
fn a_missing_value_alone_in_its_record_is_no_blank_line() {
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct One {
        text: Option<String>,
    }
    let items = [Some(String::new()), Some("a".to_owned()), None].map(|text| One { text });
    let refused = error(csv_of(items.to_vec(), &CsvFormat::new()));
    assert!(
        refused.starts_with("record 3: a missing value alone in its record would be a blank line"),
        "{refused}"
    );
    stays_in(&items, &CsvFormat::new().missing("-"));
    stays_in(&[(String::new(),), ("a".to_owned(),)], &CsvFormat::new().missing("-").no_header());
    let nothing = error(csv_of(vec![Vec::<u8>::new()], &CsvFormat::new()));
    assert!(nothing.starts_with("record 1: an item without fields would be a blank line"), "{nothing}");
}

/// Files of other tools, whose fields are all quoted.
#[test]
fn a_quoted_empty_field_is_missing_where_it_is_no_text() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Pupil {
        name: String,
        age: Option<u8>,
        town: Option<String>,
        is_here: Option<bool>,
    }
    let file = b"\"name\",\"age\",\"town\",\"is_here\"\n\"Ada\",\"\",\"\",\"\"\n\"\",\"9\",\"X\",\"TRUE\"\n";
    let pupil = |name: &str, age, town: Option<&str>, is_here| Pupil {
        name: name.to_owned(),
        age,
        town: town.map(str::to_owned),
        is_here,
    };
    let last = || pupil("", Some(9), Some("X"), Some(true));
    assert_eq!(csv::<Pupil>(&file[..]).unwrap(), [pupil("Ada", None, Some(""), None), last()]);
    let format = CsvFormat::new().quoted_empty_is_missing();
    assert_eq!(csv_in::<Pupil>(&file[..], &format).unwrap(), [pupil("Ada", None, None, None), last()]);
    let refused = error(csv_of(vec![row(1, Some(""))], &format));
    assert_eq!(refused, "record 1: field `text`: an empty text would be read as missing, as the format says");
}

/// Reported for another tool as simonw/sqlite-utils#256.
#[test]
fn records_of_other_shapes_than_the_header_are_refused() {
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Shape {
        Small { x: u32 },
        Large { y: u32, x: u32 },
        Other { y: u32 },
    }
    let format = CsvFormat::new();
    let refused = |second| error(csv_of(vec![Shape::Small { x: 1 }, second], &format));
    assert_eq!(refused(Shape::Large { y: 2, x: 3 }), "record 2: the field `y` where the header has `x`");
    assert_eq!(refused(Shape::Other { y: 2 }), "record 2: the field `y` where the header has `x`");
    let shorter = error(csv_of(vec![Shape::Large { y: 1, x: 2 }, Shape::Other { y: 3 }], &format));
    assert_eq!(shorter, "record 2: 1 field where 2 are expected");
    let lists = vec![vec![1, 2], vec![3]];
    assert_eq!(error(csv_of(lists.clone(), &format)), "record 2: 1 field where 2 are expected");
    stays_in(&lists, &format.flexible().no_header());
}

#[test]
fn a_field_that_is_left_out_leaves_the_others_in_their_columns() {
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Sparse {
        #[serde(skip_serializing_if = "Option::is_none")]
        a: Option<u8>,
        b: u8,
    }
    let items = [Sparse { a: Some(1), b: 2 }, Sparse { a: None, b: 3 }];
    assert_eq!(csv_of(items.to_vec(), &CsvFormat::new()).unwrap(), "a,b\n1,2\n,3\n");
    stays_in(&items, &CsvFormat::new());
    stays_in(&[items[1].clone(), items[0].clone()], &CsvFormat::new());
}

#[test]
fn what_csv_has_no_place_for_is_refused() {
    #[derive(Serialize)]
    struct Outer<T> {
        n: u8,
        inner: T,
    }
    #[derive(Serialize)]
    enum Kind {
        Number(u8),
    }
    fn refused<T: Serialize>(inner: T) -> String {
        error(csv_of(vec![Outer { n: 1, inner }], &CsvFormat::new()))
    }
    assert!(refused(vec![1]).starts_with("record 1: field `inner`: a sequence is not one value"));
    assert!(refused(Outer { n: 1, inner: 2 }).starts_with("record 1: field `inner`: Outer is not one value"));
    assert!(
        refused(Kind::Number(1)).starts_with("record 1: field `inner`: the variant `Number` has a value")
    );
    assert!(refused(BTreeMap::from([("a", 1)])).starts_with("record 1: field `inner`: a map has no order"));
    assert!(
        error(csv_of(vec![(1, row(2, None))], &CsvFormat::new()))
            .contains("3 fields, of which 2 have a name")
    );
}

/// Texts that look like the syntax of CSV.
#[test]
fn every_text_comes_back() {
    let texts = [
        "",
        " ",
        "a,b",
        "a;b",
        "\"",
        "\"\"",
        "a\"b",
        "\"a\" b",
        "a\nb",
        "a\r\nb",
        "a\rb",
        "\n",
        "\r",
        "\\",
        "\\\"",
        "#a",
        "\u{feff}a",
        "\0",
        "NULL",
        "sep=;",
        "'",
        "=1+1",
        "\u{2028}",
        "\u{1f600}",
        "true",
        "007",
    ];
    let formats = [
        CsvFormat::new(),
        CsvFormat::new().delimiter(b';'),
        CsvFormat::new().delimiter(b'\t').crlf(),
        CsvFormat::new().quote(b'\''),
        CsvFormat::new().escape(b'\\'),
        CsvFormat::new().comment(b'#'),
        CsvFormat::new().trim(),
        CsvFormat::new().quote_all().missing("NULL"),
    ];
    for format in formats {
        let rows: Vec<_> = texts.iter().map(|text| row(1, Some(text))).collect();
        stays_in(&rows, &format);
        let first: Vec<_> = texts.iter().map(|text| ((*text).to_owned(), 1)).collect();
        let bare = format.no_header();
        stays_in(&first[1..], &bare);
        for text in texts {
            stays_in(&[(text.to_owned(), 1)], &bare);
            stays_in(&[(text.to_owned(),)], &bare);
        }
    }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Address {
    town: String,
    postcode: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Person {
    name: String,
    #[serde(flatten)]
    address: Address,
}

#[derive(Debug, Deserialize)]
struct Extra {
    #[serde(flatten)]
    more: HashMap<String, serde_json::Value>,
}

/// Reported for another tool as BurntSushi/rust-csv#344.
#[test]
fn a_flattened_struct_keeps_leading_zeros_and_takes_digits_as_text() {
    let postcodes = |text: &str| -> Vec<String> {
        let people: Vec<Person> = csv(text.as_bytes()).unwrap();
        people.into_iter().map(|person| person.address.postcode).collect()
    };
    assert_eq!(postcodes("name,town,postcode\nAda,X,W1A\nBob,Y,00701\n"), ["W1A", "00701"]);
    assert_eq!(
        postcodes("name,town,postcode\nAda,90210,90210\nBob,Y,1e5\nEve,1,true\nTim,Z,1.50\n"),
        ["90210", "1e5", "true", "1.50"]
    );
    let extra: Vec<Extra> = csv(&b"a,b,c,d,e,f\n007,7,+7,12E5,1.5,18446744073709551616\n"[..]).unwrap();
    let more: BTreeMap<_, _> =
        extra[0].more.iter().map(|(key, value)| (key.as_str(), value.to_string())).collect();
    let more: Vec<_> = more.into_values().collect();
    assert_eq!(more, ["\"007\"", "7", "\"+7\"", "\"12E5\"", "1.5", "\"18446744073709551616\""]);
}

#[test]
fn an_invalid_field_is_named_also_in_a_flattened_struct() {
    #[derive(Debug, Deserialize)]
    struct Measure {
        #[serde(flatten)]
        _inner: Inner,
    }
    #[derive(Debug, Deserialize)]
    struct Inner {
        _width: u8,
        _height: u8,
    }
    let text = b"_width,_height\n1,tall\n";
    assert_eq!(
        error(csv::<Measure>(&text[..])),
        "line 2: field `_height`: invalid type: string \"tall\", expected u8"
    );
    assert_eq!(error(csv::<Row>(&b"n,text\nx,y\n"[..])), "line 2: field `n`: invalid digit found in string");
    assert_eq!(
        error(csv::<Row>(&b"text,n\ny,\n"[..])),
        "line 2: field `n`: cannot parse integer from empty string"
    );
}

/// Of two values under one name, one would be lost.
#[test]
fn a_name_that_the_header_has_twice_is_refused_where_a_value_would_be_lost() {
    let text = b"n,n\n1,2\n";
    let map = error(csv::<HashMap<String, u8>>(&text[..]));
    assert!(map.starts_with("line 2: the header has `n` twice"), "{map}");
    assert!(error(csv::<Row>(&text[..])).contains("duplicate field `n`"));
    assert_eq!(csv::<(u8, u8)>(&text[..]).unwrap(), [(1, 2)]);
    let unnamed = csv::<Row>(&b"n,text,,\n1,a,2,3\n"[..]).unwrap();
    assert_eq!(unnamed, [row(1, Some("a"))]);
}

/// The crate csv drops the quotes of such a field.
#[test]
fn a_quote_in_the_wrong_place_is_an_error() {
    for text in ["n,text\n1,\"5\" disk\n", "n,text\n1,\"5\"\" disk\" x\n", "n,text\n1,\"a\"b\"\n"] {
        let found = error(csv::<Row>(text.as_bytes()));
        assert!(found.starts_with("line 2: field `text`: text stands behind the closing quote"), "{found}");
    }
    assert_eq!(csv::<Row>(&b"n,text\n1,5\" disk\n"[..]).unwrap(), [row(1, Some("5\" disk"))]);
}

#[test]
fn a_mark_at_the_beginning_is_no_part_of_the_first_name_or_value() {
    assert_eq!(csv::<Row>(&b"\xef\xbb\xbfn,text\n1,a\n"[..]).unwrap(), [row(1, Some("a"))]);
    assert_eq!(csv_in::<(u8,)>(&b"\xef\xbb\xbf1\n"[..], &CsvFormat::new().no_header()).unwrap(), [(1,)]);
    assert_eq!(json::<u8>(b"\xef\xbb\xbf1\n").unwrap(), [1]);
}

#[test]
fn white_space_is_kept_or_an_error_unless_it_is_trimmed() {
    let text = b" n , text \n 1 , a b \n 2 ,\" c \"\n";
    let trimmed: Vec<Row> = csv_in(&text[..], &CsvFormat::new().trim()).unwrap();
    assert_eq!(trimmed, [row(1, Some("a b")), row(2, Some(" c "))]);
    assert_eq!(error(csv::<(u8, String)>(&text[..])), "line 2: field ` n `: invalid digit found in string");
}

/// A value that takes no field would shift the others.
#[test]
fn a_unit_takes_its_column() {
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Odd {
        a: u8,
        nothing: (),
        b: u8,
    }
    stays_in(&[Odd { a: 1, nothing: (), b: 2 }], &CsvFormat::new());
}
