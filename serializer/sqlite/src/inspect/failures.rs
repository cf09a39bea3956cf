//! `FailedRecords`: the received records that could not be written to the app's tables, grouped by their error.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::app::FoundRecords;
use crate::error::{DatabaseError, Doing};
use crate::store::schema::SyncSchema;

/// The number of groups of one model that are told apart. A text with more variants than ids would make a group of each record.
const GROUPS: usize = 50;

/// Received records of one model that could not be written to the app's table for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedRecords {
    /// The name of the model.
    pub model: String,
    /// The class of the error, as Python names it. Empty if the store has none.
    pub class: String,
    /// The text of the error, with `…` in the place of ids. Empty for the rest of a model's errors, if they have too many texts.
    pub text: String,
    /// The records.
    pub records: FoundRecords,
}

impl FailedRecords {
    /// `true` if the records failed only because a record that they refer to did.
    #[must_use]
    pub fn follows_another(&self) -> bool {
        self.text.contains("failed to deserialize") || self.class == "morango.errors.MorangoDirtyParent"
    }
}

/// Reads the failed records of `profile`, by model and by number.
pub(crate) fn failures(connection: &Connection, profile: &str) -> Result<Vec<FailedRecords>, DatabaseError> {
    SyncSchema::read(connection)?;
    Ok(read(connection, profile).doing("reading the records that failed")?)
}

fn read(connection: &Connection, profile: &str) -> rusqlite::Result<Vec<FailedRecords>> {
    // The partial index of dirty rows.
    let mut select = connection.prepare(
        "SELECT CAST(model_name AS BLOB), CAST(id AS BLOB), CAST(deserialization_exception AS BLOB), \
         CAST(deserialization_error AS BLOB) FROM morango_store \
         WHERE profile = ?1 AND dirty_bit AND deserialization_error <> '' ORDER BY model_name, id",
    )?;
    let mut rows = select.query([profile])?;
    let mut models: BTreeMap<String, BTreeMap<(String, String), FoundRecords>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let text = |index| {
            let text = row.get_ref(index)?.as_blob_or_null()?.unwrap_or_default();
            Ok::<_, rusqlite::Error>(String::from_utf8_lossy(text).into_owned())
        };
        let (class, error) = (text(2)?, without_ids(&text(3)?));
        let groups = models.entry(text(0)?).or_default();
        let mut key = (class, error);
        if groups.len() >= GROUPS && !groups.contains_key(&key) {
            key.1.clear();
        }
        let id = text(1)?;
        groups.entry(key).or_default().add(|| id);
    }
    let groups = models.into_iter().flat_map(|(model, groups)| {
        let mut groups: Vec<_> = groups
            .into_iter()
            .map(|((class, text), records)| FailedRecords { model: model.clone(), class, text, records })
            .collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.records.count));
        groups
    });
    Ok(groups.collect())
}

/// Replaces every id in `text`: 32 hex digits, with hyphens or without.
fn without_ids(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut word = String::new();
    let end = |word: &mut String, shown: &mut String| {
        let digits = word.chars().filter(|character| *character != '-').count();
        shown.push_str(if digits == 32 { "…" } else { word });
        word.clear();
    };
    for character in text.chars() {
        if character.is_ascii_hexdigit() || (character == '-' && !word.is_empty()) {
            word.push(character);
        } else {
            end(&mut word, &mut shown);
            shown.push(character);
        }
    }
    end(&mut word, &mut shown);
    shown
}

#[cfg(test)]
mod tests {
    use super::without_ids;

    #[test]
    fn ids_are_left_out() {
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(without_ids(&format!("['exam with id {id} failed']")), "['exam with id … failed']");
        let uuid = "01234567-89ab-cdef-0123-456789abcdef";
        assert_eq!(without_ids(&format!("{uuid}: {id}")), "…: …");
        for text in ["", "a date - 2026-01-02", &id[1..], &format!("{id}0"), "{'é': 'bad'}"] {
            assert_eq!(without_ids(text), text);
        }
    }
}
