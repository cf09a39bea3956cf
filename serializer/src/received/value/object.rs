//! A JSON object: members in the order of the text.

use std::collections::HashMap;

use super::JsonValue;
use crate::received::string::JsonString;

/// The number of members up to which repeated keys are searched for one by one.
const FEW: usize = 24;

/// The members of a JSON object, in the order of the text. Of repeated keys the last value is kept, at the place of the
/// first, as in Python.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JsonObject<'text> {
    members: Vec<(JsonString<'text>, JsonValue<'text>)>,
}

impl<'text> JsonObject<'text> {
    /// An object without members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An object of `members`, whose keys may be repeated.
    pub(in crate::received) fn of_members(members: Vec<(JsonString<'text>, JsonValue<'text>)>) -> Self {
        if are_unique(&members) {
            return Self { members };
        }
        let mut places: HashMap<Key, usize> = HashMap::with_capacity(members.len());
        let mut unique: Vec<(JsonString<'text>, JsonValue<'text>)> = Vec::with_capacity(members.len());
        for (key, value) in members {
            if let Some(place) = places.get(&Key::of(&key)) {
                unique[*place].1 = value;
            } else {
                places.insert(Key::of(&key), unique.len());
                unique.push((key, value));
            }
        }
        Self { members: unique }
    }

    /// The value of `key`, or `None` if the key is absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&JsonValue<'text>> {
        self.members.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The value of `key`, to change it.
    #[must_use]
    pub fn get_mut(&mut self, key: &str) -> Option<&mut JsonValue<'text>> {
        self.members.iter_mut().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Sets the value of `key`. A new key is added at the end.
    pub fn set(&mut self, key: &str, value: impl Into<JsonValue<'text>>) {
        let value = value.into();
        match self.get_mut(key) {
            Some(known) => *known = value,
            None => self.members.push((key.to_owned().into(), value)),
        }
    }

    /// Removes `key` and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<JsonValue<'text>> {
        let place = self.members.iter().position(|(known, _)| known == key)?;
        Some(self.members.remove(place).1)
    }

    /// The members, in their order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&JsonString<'text>, &JsonValue<'text>)> {
        self.members.iter().map(|(key, value)| (key, value))
    }

    /// The number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Returns `true` for `{}`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Copies borrowed text.
    #[must_use]
    pub fn into_owned(self) -> JsonObject<'static> {
        let members = self.members.into_iter();
        JsonObject { members: members.map(|(key, value)| (key.into_owned(), value.into_owned())).collect() }
    }
}

/// A key by its content.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key(Vec<u32>);

impl Key {
    fn of(key: &JsonString<'_>) -> Self {
        match key {
            JsonString::Text(text) => Self(text.chars().map(u32::from).collect()),
            JsonString::Surrogates(points) => Self(points.clone()),
        }
    }
}

fn are_unique(members: &[(JsonString<'_>, JsonValue<'_>)]) -> bool {
    members.len() <= FEW
        && members
            .iter()
            .enumerate()
            .all(|(index, (key, _))| members[..index].iter().all(|(before, _)| before != key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(keys: &[&'static str]) -> JsonObject<'static> {
        let members = keys.iter().zip(0..).map(|(key, number)| ((*key).into(), JsonValue::Integer(number)));
        JsonObject::of_members(members.collect())
    }

    #[track_caller]
    fn check(object: &JsonObject<'_>, expected: &str) {
        assert_eq!(object.clone().into_value().python_str(), expected);
    }

    #[test]
    fn the_last_of_repeated_keys_is_kept_at_the_place_of_the_first() {
        check(&object(&["a", "b", "a"]), "{'a': 2, 'b': 1}");
        let many: Vec<_> = std::iter::repeat_n(["a", "b", "c"], 20).flatten().collect();
        check(&object(&many), "{'a': 57, 'b': 58, 'c': 59}");
    }

    #[test]
    fn members_are_changed_by_key() {
        let mut object = object(&["a", "b"]);
        object.set("b", "x");
        object.set("c", JsonValue::Null);
        assert_eq!(object.get("b").and_then(JsonValue::as_str), Some("x"));
        check(&object, "{'a': 0, 'b': 'x', 'c': None}");
        assert_eq!(object.remove("a"), Some(JsonValue::Integer(0)));
        assert_eq!(object.remove("a"), None);
        check(&object, "{'b': 'x', 'c': None}");
        assert_eq!((object.len(), object.is_empty()), (2, false));
    }
}
