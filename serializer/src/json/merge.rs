//! Merging of two JSON objects, as Python's `dict.update` does it.

use super::MergeError;
use super::member::{FEW, Member, sort_by_key};
use super::recode::Recoder;
use super::replace::replaces_all;

/// A merger of JSON objects, with its scratch space.
///
/// Use one merger for all records: after the first few records it allocates no more memory.
///
/// Morango updates a stored record in this way (kolibri-format §1.3). Keys that a newer version of the application
/// stored, and this version does not know, are kept.
///
/// ```
/// # use syncline_serializer::json::{MergeError, Merger};
/// let mut merger = Merger::new();
/// let mut out = String::new();
/// merger.merge(r#"{"id": 1, "newer": true, "name": "a"}"#, r#"{"id": 1, "name": "b", "age": 7}"#, &mut out)?;
/// assert_eq!(out, r#"{"id": 1, "newer": true, "name": "b", "age": 7}"#);
/// # Ok::<(), MergeError>(())
/// ```
#[derive(Debug, Default)]
pub struct Merger {
    recoder: Recoder,
    text: String,
    members: Vec<Member>,
    order: Vec<usize>,
}

impl Merger {
    /// Creates a merger with empty scratch space.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns `true` if [`merge`](Self::merge) would write exactly `current`. That is so if both objects have the same
    /// keys in the same order, as is the case for most records. This check writes nothing and costs a fraction of a
    /// merge.
    ///
    /// `current` must be an object in the form of [`recode`](super::recode) with each key once. `false` means that the
    /// answer is unknown: call `merge`.
    ///
    /// ```
    /// # use syncline_serializer::json::Merger;
    /// let mut merger = Merger::new();
    /// assert!(merger.replaces_all(r#"{"id": 1, "name": "a"}"#, r#"{"id": 1, "name": "b"}"#));
    /// assert!(!merger.replaces_all(r#"{"id": 1, "newer": true}"#, r#"{"id": 1}"#));
    /// ```
    #[must_use]
    pub fn replaces_all(&mut self, stored: &str, current: &str) -> bool {
        replaces_all(stored, current, &mut self.text)
    }

    /// Appends to `out` the result of `d = json.loads(stored); d.update(json.loads(current)); json.dumps(d)` in Python.
    ///
    /// The keys of `stored` keep their positions; new keys follow in the order of `current`. An empty `stored` counts
    /// as `{}`, which Python would reject.
    ///
    /// The time is linear in the length of the two texts. Objects with many keys in different orders also take the time
    /// to sort the keys.
    ///
    /// # Errors
    ///
    /// If one of the two texts is not a JSON object. `out` is then unchanged.
    pub fn merge(&mut self, stored: &str, current: &str, out: &mut String) -> Result<(), MergeError> {
        self.text.clear();
        self.members.clear();
        self.text.reserve(stored.len() + current.len());
        if !stored.is_empty() {
            self.recoder.recode(stored, &mut self.text).map_err(MergeError::Stored)?;
            if !self.text.starts_with('{') {
                return Err(MergeError::StoredNotAnObject);
            }
            self.members.append(self.recoder.members());
        }
        let end_of_stored = self.text.len();
        self.recoder.recode(current, &mut self.text).map_err(MergeError::Current)?;
        if !self.text[end_of_stored..].starts_with('{') {
            return Err(MergeError::CurrentNotAnObject);
        }
        self.update();
        self.write(out);
        Ok(())
    }

    /// Updates `members` with the members of the text that the recoder read last.
    fn update(&mut self) {
        let Self { recoder, text, members, order } = self;
        let stored = members.len();
        let mut next = 0;
        order.clear();
        for member in recoder.members().iter() {
            // Both objects come from the same model, so the key is nearly always the next one.
            let is_key_of = |candidate: &Member| candidate.key.of(text) == member.key.of(text);
            let found = match members[..stored].get(next) {
                Some(candidate) if is_key_of(candidate) => Some(next),
                _ if stored <= FEW => members[..stored].iter().position(is_key_of),
                _ => {
                    if order.is_empty() {
                        sort_by_key(&members[..stored], text, order);
                    }
                    let found = order.binary_search_by(|&index| members[index].compare_keys(member, text));
                    found.ok().map(|found| order[found])
                }
            };
            if let Some(index) = found {
                members[index].value = member.value;
                next = index + 1;
            } else {
                members.push(*member);
            }
        }
    }

    fn write(&self, out: &mut String) {
        out.push('{');
        for (index, member) in self.members.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            out.push_str(member.key.of(&self.text));
            out.push_str(": ");
            out.push_str(member.value.of(&self.text));
        }
        out.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stored: &str, current: &str, expected: &str) {
        let mut merger = Merger::new();
        for _ in 0..2 {
            let mut out = String::from("before ");
            merger.merge(stored, current, &mut out).unwrap();
            assert_eq!(out, format!("before {expected}"));
        }
    }

    #[track_caller]
    fn check_error(stored: &str, current: &str, expected: &str) {
        let mut out = String::from("before");
        let error = Merger::new().merge(stored, current, &mut out).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(out, "before", "the output is as it was");
    }

    #[test]
    fn stored_keys_keep_their_places() {
        check(
            r#"{"b":1,"x":[1.50],"a":2}"#,
            r#"{"a": 3, "b": 4, "c": 5}"#,
            r#"{"b": 4, "x": [1.5], "a": 3, "c": 5}"#,
        );
    }

    #[test]
    fn nothing_stored_is_an_empty_object() {
        check("", r#"{"a": 1}"#, r#"{"a": 1}"#);
        check("{}", r#"{"a": 1}"#, r#"{"a": 1}"#);
        check(r#"{"a": 1}"#, "{}", r#"{"a": 1}"#);
    }

    #[test]
    fn equal_keys_in_either_text() {
        check(
            r#"{"a": 1, "b": 2, "\u0061": 3}"#,
            r#"{"c": 1, "b": 0, "c": 2}"#,
            r#"{"a": 3, "b": 0, "c": 2}"#,
        );
    }

    #[test]
    fn many_keys_in_any_order() {
        let object = |keys: &mut dyn Iterator<Item = usize>, value: &str| {
            let members: Vec<String> = keys.map(|key| format!("\"k{key}\": {value}")).collect();
            format!("{{{}}}", members.join(", "))
        };
        let stored = object(&mut (0..100_000), "1");
        let expected = object(&mut (0..100_000), "2");
        check(&stored, &object(&mut (0..100_000), "2"), &expected);
        check(&stored, &object(&mut (0..100_000).rev(), "2"), &expected);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        check_error("nonsense", "{}", "the stored text is not JSON");
        check_error("[1]", "{}", "the stored text is JSON, but not an object");
        check_error("{}", "{", "the current text is not JSON");
        check_error("{}", "\"{}\"", "the current text is JSON, but not an object");
    }
}
