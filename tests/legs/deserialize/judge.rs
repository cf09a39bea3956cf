//! The comparison of our outcome with the expected one.

use rusqlite::types::Value as SqlValue;

use super::changes::Changes;
use super::expected::{Expected, Refusal, STORE};

/// The columns of an error.
const CLASS: &str = "deserialization_exception";
const TEXT: &str = "deserialization_error";

/// The result of a comparison.
pub(crate) enum Verdict {
    /// Equal to the letter, or as a rule says.
    Equal,
    /// Equal but for texts of errors of which only the class must be equal.
    EqualByClass,
    Different(String),
}

/// Compares `ours` with `expected`.
pub(crate) fn judge(mut expected: Expected, mut ours: Changes) -> Verdict {
    let mut different = Vec::new();
    for (id, refusal) in &expected.refused {
        expected.changes.remove(STORE, id);
        let row = ours.get(STORE, id).cloned().flatten();
        ours.remove(STORE, id);
        let value = |column: &str| match row.as_ref()?.get(column)? {
            SqlValue::Text(text) => Some(text.clone()),
            _ => None,
        };
        let found = value(CLASS).zip(value(TEXT));
        let is_as_said = found.as_ref().is_some_and(|(class, text)| {
            let Refusal { class: wanted, text: wanted_text } = refusal;
            class == wanted && wanted_text.as_ref().map_or(!text.is_empty(), |wanted| wanted == text)
        });
        let others =
            row.iter().flat_map(|row| row.keys()).filter(|column| ![CLASS, TEXT].contains(&&***column));
        if !is_as_said || others.count() > 0 {
            different.push(format!("  {STORE} {id}\n    expected {refusal:?}\n        ours {row:?}"));
        }
    }
    let by_class = adopt_texts_by_class(&mut expected.changes, &ours);
    different.extend(expected.changes.differences(&ours));
    match (different.is_empty(), by_class) {
        (true, false) => Verdict::Equal,
        (true, true) => Verdict::EqualByClass,
        (false, _) => Verdict::Different(different.join("\n")),
    }
}

/// Takes our texts of errors that match by class only. Returns `true` if one differs.
fn adopt_texts_by_class(expected: &mut Changes, ours: &Changes) -> bool {
    let mut by_class = false;
    for id in expected.keys(STORE) {
        let Some(Some(found)) = ours.get(STORE, &id).cloned() else { continue };
        let Some(Some(row)) = expected.get(STORE, &id).cloned() else { continue };
        let (Some(SqlValue::Text(class)), Some(SqlValue::Text(text))) = (row.get(CLASS), row.get(TEXT))
        else {
            continue;
        };
        let Some(SqlValue::Text(ours)) = found.get(TEXT) else { continue };
        if ours != text && !ours.is_empty() && is_by_class(class, text) {
            let mut row = row.clone();
            row.insert(TEXT.to_owned(), SqlValue::Text(ours.clone()));
            expected.insert(STORE, &id, Some(row));
            by_class = true;
        }
    }
    by_class
}

/// Returns `true` for texts of Python's and SQLite's own, of schemas, and with values that Python prints.
fn is_by_class(class: &str, text: &str) -> bool {
    let is_pythons = class.starts_with("builtins.") || class == "json.decoder.JSONDecodeError";
    let is_sqlites = ["UNIQUE constraint failed", "NOT NULL constraint failed"]
        .iter()
        .any(|start| text.starts_with(start));
    let is_of_a_schema = ["does not match type", "does not have property", "does not match any"]
        .iter()
        .any(|part| text.contains(part));
    let has_a_printed_value = ["“{", "“[", "\\ud8"].iter().any(|part| text.contains(part));
    is_pythons || is_sqlites || is_of_a_schema || has_a_printed_value
}
