//! The files of cases.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A small case: what the tables hold, what was called, and what Morango made of it.
pub(crate) struct Case {
    /// The case as it is in the file.
    pub(crate) given: Value,
    /// Morango's outcome for the case that a rule has changed. `None` if no rule changes it, or the outcome is not known.
    pub(crate) adjusted: Option<Value>,
}

impl Case {
    pub(crate) fn name(&self) -> &str {
        self.given["name"].as_str().unwrap()
    }

    /// The cases in the lines of a file, with the outcomes in the lines of another.
    pub(crate) fn pair(cases: &str, adjusted: &str) -> Vec<Self> {
        Self::with(cases.lines().map(parse).collect(), adjusted.lines().map(parse).collect())
    }

    fn with(cases: Vec<Value>, adjusted: Vec<Value>) -> Vec<Self> {
        let adjusted: HashMap<String, Value> = adjusted
            .into_iter()
            .map(|outcome| (outcome["name"].as_str().unwrap().to_owned(), outcome))
            .collect();
        let cases = cases.into_iter().map(|given| {
            let adjusted = adjusted.get(given["name"].as_str().unwrap()).cloned();
            Self { given, adjusted }
        });
        cases.collect()
    }

    /// The outcome with which ours is compared: `None` in place of the tables if Morango fails.
    pub(crate) fn expected(&self) -> Option<&Value> {
        self.adjusted.as_ref().unwrap_or(&self.given).get("out")
    }
}

/// The result of a replay.
pub(crate) enum Outcome {
    Equal,
    Different(String),
    NotJudged,
}

pub(crate) fn folder() -> PathBuf {
    match env::var_os("SYNCLINE_CASES").filter(|folder| !folder.is_empty()) {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/legs"),
    }
}

/// The small cases of `kind` in `folder`.
pub(crate) fn read(folder: &Path, kind: &str) -> Vec<Case> {
    let adjusted = lines(&folder.join(format!("legs-{kind}-adjusted.jsonl.xz")));
    Case::with(lines(&folder.join(format!("legs-{kind}-cases.jsonl.xz"))), adjusted)
}

/// The objects of a file of lines.
pub(crate) fn lines(path: &Path) -> Vec<Value> {
    let Ok(file) = fs::File::open(path) else { return Vec::new() };
    let mut text = String::new();
    lzma_rust2::XzReader::new(file, true).read_to_string(&mut text).unwrap();
    text.lines().map(parse).collect()
}

/// The text that stands for an infinite number.
pub(crate) const INFINITY: &str = "\u{1}Infinity";

/// The object of a line. An infinite number, which is bare, as Python writes it, becomes the text [`INFINITY`].
fn parse(line: &str) -> Value {
    const BARE: &str = "\": Infinity";
    let mut parts = line.split(BARE).peekable();
    let mut text = String::with_capacity(line.len());
    while let Some(part) = parts.next() {
        text.push_str(part);
        if parts.peek().is_some() {
            // Within a text the quote is escaped.
            text.push_str(if part.ends_with('\\') { BARE } else { "\": \"\\u0001Infinity\"" });
        }
    }
    serde_json::from_str(&text).unwrap()
}
