//! The answers of a profile's rule to the records in conflict, chunk by chunk (step 4 of morango.md §11).

use super::store::{Answered, DequeueStore, FoundConflict};
use crate::json;
use crate::model::{Answer, Conflict, Model, OnConflict};
use crate::record_id::RecordId;
use crate::transfer_session::TransferSession;

/// Asks `rule` about the records in conflict, and gives its answers to `store`. Returns the number of answers that are no JSON
/// object: the store's text stays then.
pub(super) fn answer<S: DequeueStore>(
    store: &S,
    session: &TransferSession,
    rule: &OnConflict,
    models: &[&Model],
) -> Result<u64, S::Error> {
    let mut unusable = 0;
    if rule.is_of_morango() {
        return Ok(unusable);
    }
    let mut after = String::new();
    loop {
        let found = store.conflicts(session, &after)?;
        let Some(last) = found.last() else { return Ok(unusable) };
        last.id.clone_into(&mut after);
        let mut answers = Vec::new();
        for conflict in &found {
            match answered(conflict, rule, models) {
                Ok(answer) => answers.extend(answer),
                Err(NoObject) => unusable += 1,
            }
        }
        if !answers.is_empty() {
            store.save_answers(&answers)?;
        }
    }
}

/// An answer that is no JSON object.
struct NoObject;

/// The answer to one conflict. `None` if this device's text stays.
fn answered(
    found: &FoundConflict,
    rule: &OnConflict,
    models: &[&Model],
) -> Result<Option<Answered>, NoObject> {
    let FoundConflict { id, model, mine, theirs, deleted } = found;
    let answer = rule.answer(&Conflict { id, model, mine, theirs, deleted: *deleted }, models);
    let answered = match answer {
        Answer::Mine => return Ok(None),
        Answer::Theirs => Answered { id: id.clone(), text: None, self_reference: None },
        Answer::Text(text) => {
            let (text, members) = canonical(&text).ok_or(NoObject)?;
            let self_reference = self_reference(model, &members, models);
            Answered { id: id.clone(), text: Some(text), self_reference }
        }
    };
    if answered.text.is_none() && canonical(theirs).is_none() {
        return Err(NoObject);
    }
    Ok(Some(answered))
}

/// The text as Morango writes it, and its members. `None` if it is no JSON object.
fn canonical(text: &str) -> Option<(String, Vec<(String, String)>)> {
    let mut json = String::new();
    json::recode(text, &mut json).ok()?;
    Some((json, json::members(text).ok()??))
}

/// The value of `_self_ref_fk` for a record of `model` with these members: the id of its parent, or an empty text. `None` if the
/// model has no self-reference.
#[must_use]
pub fn self_reference(model: &str, members: &[(String, String)], models: &[&Model]) -> Option<String> {
    let model = models.iter().find(|known| known.name == model)?;
    let mut key = String::new();
    json::write_string(&mut key, model.columns.get(model.self_reference?)?.key);
    let value = members.iter().find(|(name, _)| *name == key).map_or("null", |(_, value)| value);
    let parent = value.trim_matches('"').parse::<RecordId>();
    Some(parent.map(|parent| parent.to_string()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Column;
    use crate::value::ColumnType;

    static COLUMNS: [Column; 1] = [Column::new("parent_id", "parent_id", true, ColumnType::Uuid)];
    static FOLDER: Model = Model::new("folder", "folder", &COLUMNS).self_reference(0);
    static NOTE: Model = Model::new("note", "note", &COLUMNS);

    #[test]
    fn the_parent_of_an_answer() {
        let of = |model: &str, text: &str| {
            self_reference(model, &json::members(text).unwrap().unwrap(), &[&FOLDER, &NOTE])
        };
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(of("folder", &format!("{{\"parent_id\": \"{id}\"}}")).as_deref(), Some(id));
        assert_eq!(of("folder", "{\"parent_id\": null}").as_deref(), Some(""));
        assert_eq!(of("folder", "{}").as_deref(), Some(""));
        assert_eq!(of("note", "{\"parent_id\": null}"), None);
        assert_eq!(of("other", "{}"), None);
    }
}
