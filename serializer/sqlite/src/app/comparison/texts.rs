//! The comparison of a record's text with the stored text.

use syncline_serializer::json::{Merger, members, recode};

/// The number of bytes above which a text is large. Such texts are rare.
const LARGE: usize = 1024 * 1024;

/// The result of the comparison of two texts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Texts {
    /// Serialising would write the stored text again.
    Same,
    /// Serialising would write other values, or the stored text is no JSON object.
    Different,
    /// The values of all stored keys are the same, and these keys, with their values, would be added. Keys have quotes.
    Added(Vec<(String, String)>),
}

/// A comparer of texts, with its scratch space.
#[derive(Debug, Default)]
pub(super) struct TextComparer {
    merger: Merger,
    merged: String,
    canonical: String,
}

impl TextComparer {
    /// Compares `own`, the text of a row, with `stored`. Keys that only `stored` has stay in the store, so they are no
    /// difference.
    pub(super) fn compare(&mut self, stored: &str, own: &str) -> Texts {
        if stored == own {
            return Texts::Same;
        }
        self.merged.clear();
        self.canonical.clear();
        let stored = if stored.is_empty() { "{}" } else { stored };
        if self.merger.merge(stored, own, &mut self.merged).is_err()
            || recode(stored, &mut self.canonical).is_err()
        {
            return Texts::Different;
        }
        let compared = self.compare_merged();
        if self.merged.len() > LARGE {
            *self = Self::default();
        }
        compared
    }

    fn compare_merged(&self) -> Texts {
        if self.merged == self.canonical {
            return Texts::Same;
        }
        // A merge keeps the stored keys in their places, and appends new ones.
        let Some(added) = self.canonical.strip_suffix('}').and_then(|kept| self.merged.strip_prefix(kept))
        else {
            return Texts::Different;
        };
        let added = match added.strip_prefix(", ") {
            Some(added) => added,
            None if self.canonical == "{}" => added,
            None => return Texts::Different,
        };
        match members(&format!("{{{added}")) {
            Ok(Some(added)) => Texts::Added(added),
            Ok(None) | Err(_) => Texts::Different,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{TextComparer, Texts};

    #[test]
    fn texts_are_compared_as_serialising_merges_them() {
        let added = |members: &[(&str, &str)]| {
            Texts::Added(
                members.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            )
        };
        let mut comparer = TextComparer::default();
        for (stored, own, expected) in [
            (r#"{"a": 1}"#, r#"{"a": 1}"#, Texts::Same),
            (r#"{"a": 1, "newer": 2}"#, r#"{"a": 1}"#, Texts::Same),
            (r#"{"newer":[1.50],"a":1}"#, r#"{"a": 1}"#, Texts::Same),
            (r#"{"a": 1}"#, r#"{"a": 12}"#, Texts::Different),
            (r#"{"a": 1}"#, r#"{"a": 12, "b": 3}"#, Texts::Different),
            (r#"{"a": "x"}"#, r#"{"a": "x, \"b\": 1"}"#, Texts::Different),
            (
                r#"{"a": 1}"#,
                r#"{"b": 2, "a": 1, "c": [", "]}"#,
                added(&[("\"b\"", "2"), ("\"c\"", "[\", \"]")]),
            ),
            ("{}", r#"{"a": null}"#, added(&[("\"a\"", "null")])),
            ("", r#"{"a": 1}"#, added(&[("\"a\"", "1")])),
            ("nonsense", r#"{"a": 1}"#, Texts::Different),
            ("[]", r#"{"a": 1}"#, Texts::Different),
        ] {
            assert_eq!(comparer.compare(stored, own), expected, "{stored} {own}");
        }
    }
}
