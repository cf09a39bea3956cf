//! A cheap check for the most common merge: an object that replaces the stored one completely.

use super::scan::Scanner;

/// Returns `true` if merging `current` into `stored` gives exactly `current`, because both have the same keys in the
/// same order.
///
/// `current` must be in the form of [`recode`](super::recode) and have each key once. `false` means that the answer is
/// unknown: the check gives up at other white space, other keys, and nested arrays or objects. `scratch` is
/// overwritten.
pub(super) fn replaces_all(stored: &str, current: &str, scratch: &mut String) -> bool {
    scratch.clear();
    let (mut stored, mut current) = (Scanner::new(stored), Scanner::new(current));
    if !(stored.eat(b'{') && current.eat(b'{')) {
        return false;
    }
    loop {
        let Some(key) = current.token() else { return false };
        if !(current.eat_text(": ") && stored.eat_text(key) && stored.eat_text(": ")) {
            return false;
        }
        let Some(value) = current.token() else { return false };
        let is_read = stored.eat_token(value) || {
            // The stored value is replaced, so its form does not matter, but it must be valid JSON.
            let read = match stored.peek() {
                Some(b'{' | b'[') => return false,
                Some(b'"') => stored.string(scratch),
                _ => stored.scalar(scratch),
            };
            read.is_ok()
        };
        if !is_read {
            return false;
        }
        if current.eat(b'}') {
            return current.peek().is_none() && stored.eat(b'}') && stored.peek().is_none();
        }
        if !(current.eat_text(", ") && stored.eat_text(", ")) {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Merger, recode};
    use super::*;

    #[track_caller]
    fn check(stored: &str, current: &str, expected: bool) {
        assert_eq!(replaces_all(stored, current, &mut String::from("before")), expected);
    }

    #[test]
    fn same_keys_in_the_same_order() {
        check(r#"{"a": 1, "b": "x"}"#, r#"{"a": 1, "b": "x"}"#, true);
        check(r#"{"a": 1, "b": "x"}"#, r#"{"a": 12, "b": "x\"y"}"#, true);
        check(r#"{"a": 12, "b": "\u00E9é"}"#, r#"{"a": 1, "b": null}"#, true);
        check(r#"{"a": 1e5, "b": NaN}"#, r#"{"a": 1, "b": true}"#, true);
        check(r#"{"a": {"b": 1}}"#, r#"{"a": {"b": 1}}"#, false);
    }

    #[test]
    fn other_keys_or_none() {
        check("{}", r#"{"a": 1}"#, false);
        check("{}", "{}", false);
        check("", r#"{"a": 1}"#, false);
        check(r#"{"a": 1, "b": 2}"#, r#"{"a": 1}"#, false);
        check(r#"{"a": 1}"#, r#"{"a": 1, "b": 2}"#, false);
        check(r#"{"b": 2, "a": 1}"#, r#"{"a": 1, "b": 2}"#, false);
        check(r#"{"a": 1, "a": 1}"#, r#"{"a": 1}"#, false);
    }

    #[test]
    fn what_is_no_json() {
        check(r#"{"a": 1} x"#, r#"{"a": 1}"#, false);
        check(r#"{"a": 1"#, r#"{"a": 1}"#, false);
        check(r#"{"a": 1,}"#, r#"{"a": 1}"#, false);
        check(r#"{"a": nul}"#, r#"{"a": 1}"#, false);
        check(r#"{"a": "x"#, r#"{"a": "x"}"#, false);
        check("{\"a\": \"\n\"}", r#"{"a": "x"}"#, false);
        check(r#"{"a": "\x"}"#, r#"{"a": "x"}"#, false);
        check(r#"{"a": 01}"#, r#"{"a": 0}"#, false);
        check("[1]", "[1]", false);
    }

    #[test]
    fn what_breaks_off() {
        let whole = r#"{"a": "x\"y"}"#;
        for end in 0..whole.len() {
            check(whole, &whole[..end], false);
            check(&whole[..end], whole, false);
        }
        check(whole, "{\"\\", false);
    }

    fn value() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("null".to_owned()),
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>().prop_map(|number| format!("{number:?}")),
            r#"[a-c"\\é/]{0,12}"#.prop_map(|text| serde_json::to_string(&text).unwrap()),
            Just("[1, {}]".to_owned()),
        ]
    }

    fn object<'a>(members: impl Iterator<Item = (&'a String, &'a String)>, comma: &str) -> String {
        let members: Vec<_> =
            members.map(|(key, value)| serde_json::to_string(key).unwrap() + ": " + value).collect();
        format!("{{{}}}", members.join(comma))
    }

    proptest! {
        /// For any stored text: if the check returns `true`, `merge` writes `current`.
        #[test]
        fn as_merging(
            members in prop::collection::btree_map(
                r#"[a-c"é]{1,3}"#,
                (value(), prop_oneof![9 => value(), 1 => Just("nonsense".to_owned())]),
                1..5,
            ),
            comma in prop_oneof![8 => Just(", "), 1 => Just(","), 1 => Just(",  ")],
            only_stored in prop_oneof![4 => Just(0_usize), 1 => Just(1)],
        ) {
            let stored = object(members.iter().map(|(key, (_, before))| (key, before)), comma);
            let mut current = String::new();
            let now = members.iter().skip(only_stored).map(|(key, (now, _))| (key, now));
            recode(&object(now, ","), &mut current).unwrap();
            if replaces_all(&stored, &current, &mut String::new()) {
                let mut merged = String::new();
                Merger::new().merge(&stored, &current, &mut merged).unwrap();
                prop_assert_eq!(merged, current);
            }
        }
    }
}
