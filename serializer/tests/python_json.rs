//! Our JSON compared with that of the installed Python: the same bytes for the same input, over some thousands of
//! random inputs from a fixed seed.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use syncline_serializer::json::{self, Merger};

/// The Python program. For each line of input, a question with arguments as hex digits, it prints the output in UTF-8 as
/// hex digits, or the exception.
const PYTHON: &str = r#"
import json, struct, sys

def merge(stored, current):
    return json.dumps({**members(stored or "{}"), **members(current)})

def members(text):
    loaded = json.loads(text)
    if not isinstance(loaded, dict):
        raise TypeError
    return loaded

ANSWERS = {
    "string": json.dumps,
    "float": lambda bits: json.dumps(struct.unpack(">d", bytes.fromhex(bits))[0]),
    "recode": lambda text: json.dumps(json.loads(text)),
    "merge": merge,
}

for line in sys.stdin:
    verb, *arguments = line.rstrip("\n").split(" ")
    try:
        answer = ANSWERS[verb](*(bytes.fromhex(argument).decode() for argument in arguments))
        print("ok", answer.encode().hex())
    except json.JSONDecodeError:
        print("malformed")
    except (ValueError, RecursionError):
        print("limit")
    except TypeError:
        print("no object")
"#;

#[derive(Debug)]
enum Question {
    String(String),
    Float(f64),
    Recode(String),
    Merge(String, String),
}

impl Question {
    fn line(&self) -> String {
        match self {
            Self::String(text) => format!("string {}\n", hex(text)),
            Self::Float(float) => format!("float {}\n", hex(&format!("{:016x}", float.to_bits()))),
            Self::Recode(text) => format!("recode {}\n", hex(text)),
            Self::Merge(stored, current) => format!("merge {} {}\n", hex(stored), hex(current)),
        }
    }

    fn answer(&self, merger: &mut Merger) -> String {
        let mut out = String::new();
        let result = match self {
            Self::String(text) => {
                json::write_string(&mut out, text);
                Ok(())
            }
            Self::Float(float) => {
                json::write_float(&mut out, *float);
                Ok(())
            }
            Self::Recode(text) => json::recode(text, &mut out).map_err(outcome),
            Self::Merge(stored, current) => {
                merger.merge(stored, current, &mut out).map_err(|error| match error {
                    json::MergeError::Stored(error) | json::MergeError::Current(error) => outcome(error),
                    _ => "no object",
                })
            }
        };
        match result {
            Ok(()) => format!("ok {}", hex(&out)),
            Err(outcome) => outcome.to_owned(),
        }
    }
}

fn outcome(error: json::SyntaxError) -> &'static str {
    if error.is_limit() { "limit" } else { "malformed" }
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The name of the test in the list of skipped tests.
const COMPARISON: &str = "comparison with the json module of Python";

#[test]
fn same_text_as_python() {
    let questions = questions();
    let Some(answers) = ask_python(&questions) else {
        skipped::skip(COMPARISON, "install Python 3, as `python3`");
        return;
    };
    skipped::ran(COMPARISON);
    assert_eq!(answers.len(), questions.len());
    let mut merger = Merger::new();
    let mut valid = 0;
    for (question, expected) in questions.iter().zip(&answers) {
        let answer = question.answer(&mut merger);
        assert_eq!(&answer, expected, "{question:?}");
        valid += usize::from(answer.starts_with("ok"));
    }
    println!("{} inputs, {valid} of them valid", questions.len());
}

/// Runs the program on `questions`. `None` if Python is not installed.
fn ask_python(questions: &[Question]) -> Option<Vec<String>> {
    let mut command = Command::new("python3");
    command.args(["-X", "utf8", "-c", PYTHON]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = command.spawn().ok()?;
    let mut stdin = python.stdin.take().expect("stdin is piped");
    let lines: String = questions.iter().map(Question::line).collect();
    let writer = thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = python.wait_with_output().expect("Python runs to its end");
    writer.join().expect("the writer does not panic").expect("Python reads all questions");
    assert!(output.status.success(), "Python failed");
    Some(String::from_utf8(output.stdout).expect("hex digits").lines().map(str::to_owned).collect())
}

fn questions() -> Vec<Question> {
    let mut runner = TestRunner::deterministic();
    let mut make = |strategy: BoxedStrategy<Question>, count: usize| -> Vec<Question> {
        (0..count).map(|_| strategy.new_tree(&mut runner).expect("no filters").current()).collect()
    };
    [
        make(any::<String>().prop_map(Question::String).boxed(), 1000),
        make(any::<u64>().prop_map(|bits| Question::Float(f64::from_bits(bits))).boxed(), 3000),
        make(decimal().prop_map(Question::Float).boxed(), 3000),
        make(binary().prop_map(Question::Float).boxed(), 3000),
        make(document().prop_map(Question::Recode).boxed(), 4000),
        make(broken(document()).prop_map(Question::Recode).boxed(), 4000),
        make((object(value()), object(value())).prop_map(|(a, b)| Question::Merge(a, b)).boxed(), 1000),
        make((large_object(), large_object()).prop_map(|(a, b)| Question::Merge(a, b)).boxed(), 300),
        make((document(), broken(object(value()))).prop_map(|(a, b)| Question::Merge(a, b)).boxed(), 500),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Floats with few digits, of all magnitudes with different formats.
fn decimal() -> impl Strategy<Value = f64> {
    (-99_999..99_999_i32, -30..30_i32)
        .prop_map(|(digits, exponent)| f64::from(digits) * 10_f64.powi(exponent))
}

/// Floats with few binary digits, which can lie half-way between two equally short texts.
fn binary() -> impl Strategy<Value = f64> {
    (1..64_u8, -1070..1000_i32).prop_map(|(digits, exponent)| f64::from(digits) * 2_f64.powi(exponent))
}

fn space() -> impl Strategy<Value = String> {
    prop_oneof![6 => Just(String::new()), 2 => Just(" ".to_owned()), 1 => "[ \t\n\r]{0,3}"]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        20 => "-?(0|[1-9][0-9]{0,30})",
        20 => "-?(0|[1-9][0-9]{0,20})\\.[0-9]{1,20}",
        20 => "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,5})?[eE][+-]?[0-9]{1,3}",
        10 => Just("-0".to_owned()),
        1 => (4299..4302_usize).prop_map(|digits| "7".repeat(digits)),
    ]
}

fn string() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        8 => "[a-z /]{0,12}",
        2 => "[ -!#-\\[\\]-~]{1,8}",
        2 => "\\\\[\"\\\\/bfnrt]",
        2 => "\\\\u00[0-9a-fA-F]{2}",
        2 => "\\\\u[0-9a-fA-F]{4}",
        2 => "\\\\u[dD][89a-fA-F][0-9a-f]{2}",
        1 => "\\\\ud83d\\\\ude0[0-9]",
        2 => "[\u{7f}-\u{10ffff}]{1,3}",
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| format!("\"{}\"", parts.concat()))
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => prop::sample::select(vec!["null", "true", "false", "NaN", "Infinity", "-Infinity"]).prop_map(str::to_owned),
        2 => number(),
        3 => string(),
    ]
}

fn value() -> impl Strategy<Value = String> {
    scalar().prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(spaced(inner.clone()), 0..5).prop_map(|values| array(&values)),
            object(inner)
        ]
    })
}

fn spaced(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (space(), value, space()).prop_map(|(before, value, after)| before + &value + &after)
}

fn array(values: &[String]) -> String {
    format!("[{}]", values.join(","))
}

/// Objects with few different keys, some of them in two spellings, so that many keys are equal.
fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let few = prop::sample::select(vec![
        r#""a""#,
        r#""\u0061""#,
        r#""b""#,
        r#""é""#,
        r#""\u00E9""#,
        r#""""#,
        r#""id""#,
    ]);
    let key = prop_oneof![2 => few.prop_map(str::to_owned), 2 => "\"k[0-9]{1,2}\"", 1 => string()];
    let member = (spaced(key), spaced(value)).prop_map(|(key, value)| format!("{key}:{value}"));
    prop::collection::vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(",")))
}

/// Objects with more keys than are compared one by one. About half of the keys occur more than once.
fn large_object() -> impl Strategy<Value = String> {
    let member = (0..60_usize, scalar()).prop_map(|(key, value)| format!("\"k{key}\":{value}"));
    prop::collection::vec(member, 0..90).prop_map(|members| format!("{{{}}}", members.join(",")))
}

fn document() -> impl Strategy<Value = String> {
    spaced(value())
}

/// A text with one change: a piece that is removed or inserted.
fn broken(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    const PIECES: [&str; 24] = [
        "", ",", ":", "\"", "\\", "{", "}", "[", "]", "0", "-", ".", "e5", "+", "\t", "\0", "\u{a0}",
        "\u{feff}", "NaN", "nul", "//", "'", "\\u12", "é",
    ];
    let piece = prop::sample::select(PIECES.to_vec());
    (text, any::<prop::sample::Index>(), 0..3_usize, piece).prop_map(|(text, place, removed, piece)| {
        let mut characters: Vec<char> = text.chars().collect();
        let from = place.index(characters.len() + 1);
        let to = (from + removed).min(characters.len());
        characters.splice(from..to, piece.chars());
        characters.into_iter().collect()
    })
}
