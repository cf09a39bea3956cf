//! The outcome with which ours is compared: Morango's, changed by the rules of `docs/morango.md`.

use std::collections::BTreeMap;

use rusqlite::types::Value as SqlValue;
use serde_json::Value;
use syncline::Profile as _;
use syncline_kolibri::models::FacilityData;

use super::bench::{Made, Trial};
use super::cascade::Cascade;
use super::changes::{Changes, Row};
use super::record::{Record, is_id, missing_target};

pub(crate) const STORE: &str = "morango_store";
const LISTED: &str = "morango_deletedmodels";
const HARD_LISTED: &str = "morango_harddeletedmodels";
const VALIDATION_ERROR: &str = "django.core.exceptions.ValidationError";
const INTEGRITY_ERROR: &str = "django.db.utils.IntegrityError";

/// An error whose text is ours.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) class: String,
    /// `None` for any text that is not empty.
    pub(crate) text: Option<String>,
}

pub(crate) struct Expected {
    pub(crate) changes: Changes,
    /// The records with an error whose text is ours.
    pub(crate) refused: BTreeMap<String, Refusal>,
}

impl Expected {
    /// Reads Morango's outcome of `case`, whose dirty records are among `ids`, and applies the rules. `made` is the state before
    /// the run, in which the database is.
    pub(crate) fn of(
        case: &Value,
        adjusted: Option<&Value>,
        ids: &[String],
        trial: &Trial<'_>,
        made: &Made,
    ) -> Self {
        let mut expected = Self { changes: Changes::default(), refused: BTreeMap::new() };
        let candidates = candidates(case, ids, trial);
        if candidates.is_empty() {
            return expected;
        }
        let outcome = adjusted.unwrap_or(case);
        expected.changes = Changes::parse(outcome.get("changes").unwrap_or(&Value::Null));
        let ends = |record: &&Record| match adjusted {
            Some(adjusted) => adjusted["clean"].as_array().unwrap().iter().any(|id| *id == record.id),
            None => case["result"] == "aborted",
        };
        for record in candidates.iter().filter(ends) {
            expected.add_error(record, &case["error"], trial);
        }
        for record in &candidates {
            if record.is_deleted {
                expected.clear(record, trial, made);
            } else {
                expected.pass_on_of_collection(record, trial);
                expected.refuse_another_identity(record);
            }
        }
        expected.list_own_ids(&candidates);
        expected.save_with_null(&candidates, trial);
        expected.take_own_ids(&candidates);
        expected.leave_roles_of_the_store(trial);
        expected.label_classes(&candidates, trial);
        expected.leave_settings();
        if !expected.refused.is_empty() && adjusted.is_some() && case["result"] == "done" {
            expected.undo_further_passes(&Changes::parse(&case["changes"]));
        }
        let passed_on = expected.changes.keys(LISTED);
        let mut cascade = Cascade::default();
        for record in candidates.iter().filter(|record| passed_on.contains(&record.id)) {
            cascade.add(trial, record.table, &record.id);
        }
        expected.delete(&cascade, trial, made);
        expected.list_cascaded(trial);
        expected
    }

    /// The record that ends Morango's run has an error (Q29, Q30).
    fn add_error(&mut self, record: &Record, error: &Value, trial: &Trial<'_>) {
        let refusal = if error["text"] == "FOREIGN KEY constraint failed" {
            let text = missing_target(record, trial);
            Refusal { class: INTEGRITY_ERROR.to_owned(), text: Some(text) }
        } else {
            Refusal { class: error["class"].as_str().unwrap().to_owned(), text: None }
        };
        self.refused.insert(record.id.clone(), refusal);
    }

    /// A deleted record is clean afterwards, and has no error (Q5).
    fn clear(&mut self, record: &Record, trial: &Trial<'_>, made: &Made) {
        let before = trial.before(made, STORE, &record.id).unwrap();
        self.changes.set(STORE, &record.id, &before, "dirty_bit", SqlValue::Integer(0));
        self.changes.set(STORE, &record.id, &before, "deserialization_error", SqlValue::Null);
        self.changes.set(STORE, &record.id, &before, "deserialization_exception", SqlValue::Null);
    }

    /// The deletion of a parent or of the dataset is passed on to collections, too (Q31).
    fn pass_on_of_collection(&mut self, record: &Record, trial: &Trial<'_>) {
        if record.table != "kolibriauth_collection" || !self.is_tried(record) {
            return;
        }
        let targets = ["dataset_id", "parent_id"].map(|column| trial.row(STORE, record.text(column)?));
        let is_deleted = |row: &&Row| row["deleted"] == SqlValue::Integer(1);
        let Some(parent) = targets.iter().flatten().find(is_deleted) else { return };
        self.changes.remove(STORE, &record.id);
        self.changes.remove(record.table, &record.id);
        self.list(LISTED, &record.id, &record.profile);
        if parent["hard_deleted"] == SqlValue::Integer(1) {
            self.list(HARD_LISTED, &record.id, &record.profile);
        }
    }

    /// Returns `true` for a record that Morango saves, or refuses because of its parent.
    fn is_tried(&self, record: &Record) -> bool {
        match self.error(&record.id) {
            None => self.is_saved(record),
            Some((class, text)) => class == VALIDATION_ERROR && text.contains(" instance with id '"),
        }
    }

    fn is_saved(&self, record: &Record) -> bool {
        let row = self.changes.get(STORE, &record.id).and_then(Option::as_ref);
        row.is_some_and(|row| row.get("dirty_bit") == Some(&SqlValue::Integer(0)))
    }

    /// The class and text of Morango's error on the record `id`.
    fn error(&self, id: &str) -> Option<(&str, &str)> {
        let row = self.changes.get(STORE, id)?.as_ref()?;
        match (row.get("deserialization_exception")?, row.get("deserialization_error")?) {
            (SqlValue::Text(class), SqlValue::Text(text)) => Some((class, text)),
            _ => None,
        }
    }

    /// A record is not saved under an id or in a partition that its content does not say (Q28).
    fn refuse_another_identity(&mut self, record: &Record) {
        let other = record.other_id();
        let is_refused_at_write = self
            .error(&record.id)
            .is_some_and(|(_, text)| text.starts_with("UNIQUE") || text.starts_with("NOT NULL"));
        if !(self.is_saved(record) || is_refused_at_write)
            || (other.is_none() && record.is_in_its_partition())
        {
            return;
        }
        self.changes.remove(STORE, &record.id);
        let saved = other.unwrap_or_else(|| record.id.clone());
        // What its save changed elsewhere: the rows of the case are named, other rows are its effects.
        let made_by_it: Vec<_> = self
            .changes
            .iter()
            .filter(|(table, key, row)| {
                let is_its_own = *table == record.table && *key == saved;
                let is_effect = record.model == "role"
                    && (*table == "kolibriauth_role" || *table == "kolibriauth_facilityuser")
                    && row.is_some_and(|row| row.get("_morango_dirty_bit") == Some(&SqlValue::Integer(1)));
                is_its_own || is_effect
            })
            .map(|(table, key, _)| (table.to_owned(), key.to_owned()))
            .collect();
        for (table, key) in made_by_it {
            self.changes.remove(&table, &key);
        }
        self.refused.insert(record.id.clone(), Refusal { class: VALIDATION_ERROR.to_owned(), text: None });
    }

    /// A unit test whose opener is deleted is saved without one (Q36).
    fn save_with_null(&mut self, candidates: &[Record], trial: &Trial<'_>) {
        for record in candidates.iter().filter(|record| record.model == "unittestassignment") {
            if self.changes.get(LISTED, &record.id).is_none()
                || !is_deleted(record.text("activated_by_id"), trial)
            {
                continue;
            }
            let others = ["course_session_id", "collection_id", "dataset_id"];
            if others.iter().any(|column| is_deleted(record.text(column), trial)) {
                continue;
            }
            self.changes.remove(LISTED, &record.id);
            self.changes.remove(HARD_LISTED, &record.id);
            let course = record.text("course_session_id").unwrap_or_default();
            if self.changes.get("courses_coursesession", course) == Some(&None) {
                let text = "['CourseSession matching query does not exist.']".to_owned();
                let refusal = Refusal { class: VALIDATION_ERROR.to_owned(), text: Some(text) };
                self.refused.insert(record.id.clone(), refusal);
                continue;
            }
            if let Some(before) = trial.row(record.table, &record.id) {
                self.changes.set(record.table, &record.id, &before, "activated_by_id", SqlValue::Null);
            }
            let before = trial.row(STORE, &record.id).unwrap();
            self.changes.set(STORE, &record.id, &before, "dirty_bit", SqlValue::Integer(0));
        }
    }

    /// A deletion is passed on to the record, whatever id its text says (Q28).
    fn list_own_ids(&mut self, candidates: &[Record]) {
        for list in [LISTED, HARD_LISTED] {
            for key in self.changes.keys(list) {
                let named =
                    candidates.iter().find(|record| record.text("id") == Some(&*key) && record.id != key);
                if let Some(record) = named {
                    self.changes.remove(list, &key);
                    self.list(list, &record.id, &record.profile);
                }
            }
        }
    }

    /// A record whose text has no id is saved under its own (Q28).
    fn take_own_ids(&mut self, candidates: &[Record]) {
        for record in candidates.iter().filter(|record| record.text("id").is_none_or(str::is_empty)) {
            if !self.is_saved(record) || self.changes.get(record.table, &record.id).is_some() {
                continue;
            }
            let key = record.computed_id();
            let Some(Some(mut row)) = self.changes.get(record.table, &key).cloned() else { continue };
            self.changes.remove(record.table, &key);
            row.insert("id".to_owned(), SqlValue::Text(record.id.clone()));
            self.changes.insert(record.table, &record.id, Some(row));
        }
    }

    /// A role of which the store knows is not made (Q35).
    fn leave_roles_of_the_store(&mut self, trial: &Trial<'_>) {
        let made = self.changes.iter().filter(|(table, _, row)| {
            *table == "kolibriauth_role"
                && row.is_some_and(|row| {
                    row.contains_key("id") && row.get("_morango_dirty_bit") == Some(&SqlValue::Integer(1))
                })
        });
        let made: Vec<String> = made.map(|(_, key, _)| key.to_owned()).collect();
        for id in made.into_iter().filter(|id| trial.row(STORE, id).is_some()) {
            self.changes.remove("kolibriauth_role", &id);
        }
    }

    /// The label of a class whose facility failed stays (Q31).
    fn label_classes(&mut self, candidates: &[Record], trial: &Trial<'_>) {
        for record in candidates.iter().filter(|record| record.model == "classroom") {
            let is_missing = self
                .error(&record.id)
                .is_some_and(|(class, _)| class == "morango.errors.MorangoMissingParent");
            let before = trial.row(STORE, &record.id).unwrap();
            let SqlValue::Text(parent) = &before["_self_ref_fk"] else { continue };
            let has_dirty_facility = trial.row(STORE, parent).is_some_and(|facility| {
                facility["dirty_bit"] == SqlValue::Integer(1)
                    && facility["model_name"] == SqlValue::Text("facility".to_owned())
            });
            if is_missing && has_dirty_facility {
                let text = "Parent is dirty; could not deserialize.".to_owned();
                let class = "morango.errors.MorangoDirtyParent".to_owned();
                self.changes.set(STORE, &record.id, &before, "deserialization_error", SqlValue::Text(text));
                self.changes.set(
                    STORE,
                    &record.id,
                    &before,
                    "deserialization_exception",
                    SqlValue::Text(class),
                );
            }
        }
    }

    /// Kolibri notes a default facility on the device when it infers the dataset of a log without a user. Ours does not.
    fn leave_settings(&mut self) {
        for key in self.changes.keys("device_devicesettings") {
            let noted = self.changes.get("device_devicesettings", &key).and_then(Option::as_ref);
            if noted.is_some_and(|row| row.get("default_facility_id").is_some_and(|id| *id != SqlValue::Null))
            {
                self.changes.remove("device_devicesettings", &key);
            }
        }
    }

    /// The records that a further pass saved behind a refused record fail as in the first pass.
    fn undo_further_passes(&mut self, first: &Changes) {
        for id in first.keys(STORE) {
            let Some(Some(row)) = first.get(STORE, &id) else { continue };
            let failed = row.contains_key("deserialization_exception") && !self.refused.contains_key(&id);
            if failed && self.error(&id).is_none() {
                self.changes.insert(STORE, &id, Some(row.clone()));
                self.changes.remove("kolibriauth_membership", &id);
            }
        }
    }

    fn list(&mut self, table: &str, id: &str, profile: &str) {
        let row = [("id", id), ("profile", profile)]
            .map(|(column, value)| (column.to_owned(), SqlValue::Text(value.to_owned())));
        self.changes.insert(table, id, Some(Row::from(row)));
    }

    /// Deletes the rows of `cascade` (passed-on deletions).
    fn delete(&mut self, cascade: &Cascade, trial: &Trial<'_>, made: &Made) {
        for (table, key) in &cascade.gone {
            self.changes.insert(table, key, None);
        }
        for (table, key, column) in &cascade.nulled {
            let before = trial.before(made, table, key).unwrap();
            self.changes.set(table, key, &before, column, SqlValue::Null);
        }
    }

    /// Records whose app row has gone and whose store row is not deleted are listed (Q7).
    fn list_cascaded(&mut self, trial: &Trial<'_>) {
        let gone = self.changes.iter().filter(|(.., row)| row.is_none());
        let gone = gone.filter(|(table, ..)| FacilityData::MODELS.iter().any(|model| model.table == *table));
        let gone: Vec<String> = gone.map(|(_, key, _)| key.to_owned()).collect();
        for id in gone {
            let Some(row) = trial.row(STORE, &id) else { continue };
            if row["deleted"] == SqlValue::Integer(0) && self.changes.get(LISTED, &id).is_none() {
                self.list(LISTED, &id, "facilitydata");
            }
        }
    }
}

fn is_deleted(id: Option<&str>, trial: &Trial<'_>) -> bool {
    let row = id.filter(|id| is_id(id)).and_then(|id| trial.row(STORE, id));
    row.is_some_and(|row| [&row["deleted"], &row["hard_deleted"]].contains(&&SqlValue::Integer(1)))
}

/// The dirty records that the call covers. Prefixes are literal and case-sensitive (Q10).
fn candidates(case: &Value, ids: &[String], trial: &Trial<'_>) -> Vec<Record> {
    let prefixes: Option<Vec<&str>> = case
        .get("filter")
        .and_then(Value::as_array)
        .map(|prefixes| prefixes.iter().map(|prefix| prefix.as_str().unwrap()).collect());
    let skips = case["skip_erroring"] == true;
    ids.iter()
        .filter_map(|id| Record::of(id, &trial.row(STORE, id)?))
        .filter(|record| {
            record.is_dirty
                && record.profile == "facilitydata"
                && prefixes
                    .as_ref()
                    .is_none_or(|prefixes| prefixes.iter().any(|prefix| record.partition.starts_with(prefix)))
                && !(skips && record.has_error)
        })
        .collect()
}
