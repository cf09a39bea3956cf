//! `OnConflict`: the rule of a profile for records that two devices changed independently of each other.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::json;
use crate::model::definition::Model;

/// The rule that decides which text a record in conflict gets. A profile declares it:
/// `profile! { Notes = "notes" (on_conflict = last(by = edited)) { Note } }`.
///
/// The receiver asks it while it merges received records into the store (step 4 of morango.md §11). Its answer is the version that
/// the merge saves. Each of the two texts that is not the answer is kept as a conflicting text. A deleted record stays deleted,
/// whatever the answer, and a hard deleted record is not asked about.
///
/// If two devices receive each other's version at the same time, both answer. With a symmetric rule their answers are equal:
/// [`ByField`](Self::ByField) and [`Last`](Self::Last) are symmetric. With another rule the record is in conflict once more at
/// the next sync, and then one device has seen the answer of the other.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub enum OnConflict {
    /// This device's text, as with Morango. Written `mine`.
    #[default]
    Mine,
    /// The received text. Written `theirs`.
    Theirs,
    /// A text made of both, field by field. Written `by_field`.
    ///
    /// A field that only one text has, or that is `null` or empty in the other, is taken from that one. Where the two have
    /// different values, the higher one wins: numbers by size, all else by its JSON text. Nothing says which of the two is
    /// newer.
    ByField,
    /// The text with the higher value in a field, which is best a time at which the user edited the record. Written `last(by =
    /// edited)`.
    ///
    /// The clock of a device that is offline is often wrong, so no clock is read: the app declares the field and fills it. Of
    /// equal values the higher text wins, by the order of its bytes.
    Last {
        /// The column of the field, or its key.
        by: &'static str,
    },
    /// The answer of a function of the app. Written as its path.
    With(fn(&Conflict<'_>) -> Answer),
}

/// The two texts of a record in conflict.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Conflict<'a> {
    /// The record's id.
    pub id: &'a str,
    /// The name of the record's model.
    pub model: &'a str,
    /// This device's text: JSON as Morango stores it.
    pub mine: &'a str,
    /// The received text: JSON, if the peer is a correct one.
    pub theirs: &'a str,
    /// `true` if either side deleted the record. It stays deleted.
    pub deleted: bool,
}

/// The text that a record in conflict gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// This device's text.
    Mine,
    /// The other text: the received one, or the newest conflicting one.
    Theirs,
    /// Another text: a JSON object with all keys of the record. Id, partition and source id must be those of the record.
    Text(String),
}

impl<'a> Conflict<'a> {
    /// A conflict of these texts, for the tests of a rule.
    #[must_use]
    pub fn new(model: &'a str, id: &'a str, mine: &'a str, theirs: &'a str) -> Self {
        Self { id, model, mine, theirs, deleted: false }
    }
}

impl OnConflict {
    /// Returns `true` for Morango's rule, which needs no look at the texts.
    #[must_use]
    pub fn is_of_morango(&self) -> bool {
        matches!(self, Self::Mine)
    }

    /// The answer of the rule. `models` are those of the profile.
    ///
    /// A text that is no JSON object never wins against one that is, whatever the rule says.
    #[must_use]
    pub fn answer(&self, conflict: &Conflict<'_>, models: &[&Model]) -> Answer {
        match self {
            Self::Mine => Answer::Mine,
            Self::Theirs => Answer::Theirs,
            Self::With(function) => function(conflict),
            Self::ByField | Self::Last { .. } => {
                match (Text::read(conflict.mine), Text::read(conflict.theirs)) {
                    (Some(mine), Some(theirs)) => self.answer_of_objects(conflict, models, &mine, &theirs),
                    (None, Some(_)) => Answer::Theirs,
                    (_, None) => Answer::Mine,
                }
            }
        }
    }

    fn answer_of_objects(
        &self,
        conflict: &Conflict<'_>,
        models: &[&Model],
        mine: &Text,
        theirs: &Text,
    ) -> Answer {
        if let Self::Last { by } = self {
            let key = models.iter().find(|model| model.name == conflict.model).and_then(|model| {
                let column = model.columns.iter().find(|column| column.name == *by || column.key == *by);
                column.map(|column| column.key)
            });
            let order = key.map_or(Ordering::Equal, |key| compare(mine.value_of(key), theirs.value_of(key)));
            return match order.then_with(|| mine.json.cmp(&theirs.json)) {
                Ordering::Less => Answer::Theirs,
                Ordering::Equal | Ordering::Greater => Answer::Mine,
            };
        }
        let merged = by_field(mine, theirs);
        if merged == mine.json {
            Answer::Mine
        } else if merged == theirs.json {
            Answer::Theirs
        } else {
            Answer::Text(merged)
        }
    }
}

/// A JSON object in its canonical form, and its members.
struct Text {
    json: String,
    members: Vec<(String, String)>,
}

impl Text {
    /// Reads `text`. `None` if it is not a JSON object.
    fn read(text: &str) -> Option<Self> {
        let members = json::members(text).ok()??;
        Some(Self { json: object(&members), members })
    }

    fn value_of(&self, key: &str) -> Option<&str> {
        let mut quoted = String::new();
        json::write_string(&mut quoted, key);
        self.members.iter().find(|(key, _)| *key == quoted).map(|(_, value)| &**value)
    }

    /// The values by their keys.
    fn values(&self) -> HashMap<&str, &str> {
        self.members.iter().map(|(key, value)| (&**key, &**value)).collect()
    }
}

fn object(members: &[(String, String)]) -> String {
    let members: Vec<_> = members.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{{}}}", members.join(", "))
}

/// Merges two objects field by field. The order of the two makes no difference.
fn by_field(one: &Text, other: &Text) -> String {
    let (first, second) = if one.json >= other.json { (one, other) } else { (other, one) };
    let (in_first, in_second) = (first.values(), second.values());
    let mut merged = first.members.clone();
    for (key, value) in &mut merged {
        if let Some(of_second) = in_second.get(&**key)
            && compare(Some(value), Some(of_second)) == Ordering::Less
        {
            (*of_second).clone_into(value);
        }
    }
    merged.extend(second.members.iter().filter(|(key, _)| !in_first.contains_key(&**key)).cloned());
    object(&merged)
}

/// Compares two values in canonical JSON. A missing value is the lowest, then `null`, then the empty text.
fn compare(one: Option<&str>, other: Option<&str>) -> Ordering {
    let rank = |value: Option<&str>| match value {
        None => 0,
        Some("null") => 1,
        Some("\"\"") => 2,
        Some(_) => 3,
    };
    rank(one).cmp(&rank(other)).then_with(|| {
        let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
        let integers = one.parse::<i128>().ok().zip(other.parse::<i128>().ok());
        let numbers = one.parse::<f64>().ok().zip(other.parse::<f64>().ok());
        match (integers, numbers) {
            (Some((one, other)), _) => one.cmp(&other),
            (None, Some((one, other))) => one.total_cmp(&other),
            (None, None) => time_or_text(one).cmp(time_or_text(other)),
        }
    })
}

/// A text without its quotes, and a time in UTC without its zone: `12:00:00` is before `12:00:00.5`, and `12:00:00Z` must be
/// before `12:00:00.5Z`.
fn time_or_text(value: &str) -> &str {
    let text = value.trim_matches('"');
    text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00")).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::definition::Column;
    use crate::value::ColumnType;

    static COLUMNS: [Column; 1] = [Column::new("edited", "editedAt", false, ColumnType::Integer)];
    static NOTE: Model = Model::new("note", "note", &COLUMNS);

    #[track_caller]
    fn check(rule: OnConflict, mine: &str, theirs: &str, expected: Answer) {
        let answer = |mine, theirs| rule.answer(&Conflict::new("note", "1", mine, theirs), &[&NOTE]);
        assert_eq!(answer(mine, theirs), expected);
        // The other device gives the same text.
        let text = |answer, mine: &str, theirs: &str| match answer {
            Answer::Mine => mine.to_owned(),
            Answer::Theirs => theirs.to_owned(),
            Answer::Text(text) => text,
        };
        let there = answer(theirs, mine);
        assert_eq!(text(there, theirs, mine), text(expected, mine, theirs));
    }

    const LAST: OnConflict = OnConflict::Last { by: "edited" };

    #[test]
    fn the_last_by_a_number() {
        let text = |edited: &str| format!(r#"{{"title": "a", "editedAt": {edited}}}"#);
        for (low, high) in
            [("9", "10"), ("-2", "-1"), ("1.5", "2"), ("null", "0"), ("1e3", "1001"), ("\"\"", "\"a\"")]
        {
            check(LAST, &text(low), &text(high), Answer::Theirs);
            check(LAST, &text(high), &text(low), Answer::Mine);
        }
        check(LAST, "{}", &text("null"), Answer::Theirs);
    }

    #[test]
    fn the_last_by_a_time() {
        let text = |edited: &str| format!(r#"{{"editedAt": "{edited}"}}"#);
        for (low, high) in [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.25Z"),
            ("2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05.25+00:00"),
            ("2025-12-31 23:59:59", "2026-01-01 00:00:00"),
        ] {
            check(LAST, &text(low), &text(high), Answer::Theirs);
        }
    }

    #[test]
    fn of_equal_values_the_higher_text() {
        let (low, high) = (r#"{"editedAt": 5, "title": "a"}"#, r#"{"editedAt": 5, "title": "b"}"#);
        check(LAST, low, high, Answer::Theirs);
        check(LAST, high, low, Answer::Mine);
        check(LAST, high, high, Answer::Mine);
    }

    #[test]
    fn fields_one_by_one() {
        let merged = r#"{"title": "b", "body": "x", "tags": 10, "due": "soon"}"#;
        let mine = r#"{"title": "b", "body": "", "tags": 9}"#;
        let theirs = r#"{"title": "a", "body": "x", "tags": 10, "due": "soon"}"#;
        check(OnConflict::ByField, mine, theirs, Answer::Text(merged.to_owned()));
        check(OnConflict::ByField, merged, theirs, Answer::Mine);
        check(OnConflict::ByField, r#"{"a": null}"#, r#"{"a": 0}"#, Answer::Theirs);
    }

    #[test]
    fn what_is_no_object_loses() {
        for rule in [LAST, OnConflict::ByField] {
            for odd in ["", "[1]", "{\"a\": ", "null"] {
                check(rule, odd, "{}", Answer::Theirs);
                check(rule, "{}", odd, Answer::Mine);
            }
            let both = rule.answer(&Conflict::new("note", "1", "x", "y"), &[&NOTE]);
            assert_eq!(both, Answer::Mine);
        }
    }

    #[test]
    fn a_model_of_another_version_is_decided_by_its_text() {
        let rule = LAST.answer(&Conflict::new("newer", "1", "{\"a\": 1}", "{\"a\": 2}"), &[&NOTE]);
        assert_eq!(rule, Answer::Theirs);
    }

    #[test]
    fn simple_rules() {
        let of = |rule: OnConflict| rule.answer(&Conflict::new("note", "1", "{}", "[]"), &[]);
        assert_eq!(of(OnConflict::default()), Answer::Mine);
        assert_eq!(of(OnConflict::Theirs), Answer::Theirs);
        let longer: fn(&Conflict<'_>) -> Answer = |conflict| Answer::Text(conflict.mine.repeat(2));
        assert_eq!(of(OnConflict::With(longer)), Answer::Text("{}{}".to_owned()));
    }

    proptest! {
        /// The order of the two texts makes no difference, and merging again changes nothing.
        #[test]
        fn symmetric(
            mine in prop::collection::btree_map("[a-d]", prop_oneof!["[0-9]{1,3}", Just("null".to_owned()), "\"[a-c]{0,2}\""], 0..4),
            theirs in prop::collection::btree_map("[a-d]", prop_oneof!["[0-9]{1,3}", Just("null".to_owned()), "\"[a-c]{0,2}\""], 0..4),
            reversed in any::<bool>(),
        ) {
            let text = |fields: Vec<(&String, &String)>| {
                let fields: Vec<_> = fields.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
                Text::read(&format!("{{{}}}", fields.join(", ")))
            };
            let mine = text(mine.iter().collect());
            let theirs = text(if reversed { theirs.iter().rev().collect() } else { theirs.iter().collect() });
            // A number may begin with zero, which is no JSON.
            if let (Some(mine), Some(theirs)) = (mine, theirs) {
                let merged = by_field(&mine, &theirs);
                prop_assert_eq!(&merged, &by_field(&theirs, &mine));
                let again = Text::read(&merged).unwrap();
                prop_assert_eq!(Text::read(&by_field(&again, &theirs)).unwrap().members.len(), again.members.len());
                for (key, value) in &again.members {
                    for text in [&mine, &theirs] {
                        prop_assert_ne!(compare(Some(value), text.values().get(&**key).copied()), Ordering::Less);
                    }
                }
            }
        }
    }
}
