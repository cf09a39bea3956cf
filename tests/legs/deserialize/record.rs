//! A record of the store as the rules see it.

use rusqlite::types::Value as SqlValue;
use serde_json::{Map, Value};
use syncline::{Profile as _, RecordId};
use syncline_kolibri::models::FacilityData;

use super::bench::Trial;
use super::changes::Row;

/// The eight references that Kolibri's `save` does not look at: model, column, the model's class, and the name of the target.
const UNSEEN: [(&str, &str, &str, &str); 8] = [
    ("attendancerecord", "user_id", "AttendanceRecord", "facility user"),
    ("individualsyncablelesson", "collection_id", "IndividualSyncableLesson", "collection"),
    ("individualsyncableexam", "collection_id", "IndividualSyncableExam", "collection"),
    ("examlog", "exam_id", "ExamLog", "exam"),
    ("examattemptlog", "user_id", "ExamAttemptLog", "facility user"),
    ("masterylog", "summarylog_id", "MasteryLog", "content summary log"),
    ("attemptlog", "user_id", "AttemptLog", "facility user"),
    ("attemptlog", "masterylog_id", "AttemptLog", "mastery log"),
];

pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) model: String,
    /// The app's table.
    pub(crate) table: &'static str,
    pub(crate) profile: String,
    pub(crate) partition: String,
    source_id: String,
    pub(crate) is_dirty: bool,
    pub(crate) is_deleted: bool,
    pub(crate) has_error: bool,
    /// The fields, where the text is an object that serde reads.
    fields: Map<String, Value>,
}

impl Record {
    /// The record of a store row. `None` for a model of another profile.
    pub(crate) fn of(id: &str, row: &Row) -> Option<Self> {
        let text = |column: &str| match &row[column] {
            SqlValue::Text(text) => text.clone(),
            _ => String::new(),
        };
        let model = text("model_name");
        let table = FacilityData::MODELS.iter().find(|known| known.name == model)?.table;
        Some(Self {
            id: id.to_owned(),
            table,
            profile: text("profile"),
            partition: text("partition"),
            source_id: text("source_id"),
            is_dirty: row["dirty_bit"] == SqlValue::Integer(1),
            is_deleted: row["deleted"] == SqlValue::Integer(1),
            has_error: !text("deserialization_error").is_empty(),
            fields: fields(&row["serialized"]),
            model,
        })
    }

    /// The value of a key, if it is a text.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.fields.get(key)?.as_str()
    }

    /// The id that the text says, as it is stored, if it is another one than the record's.
    pub(crate) fn other_id(&self) -> Option<String> {
        let id = self.text("id").filter(|id| !id.is_empty())?.to_lowercase();
        (id != self.id).then_some(id)
    }

    /// The id that Morango computes where the text has none.
    pub(crate) fn computed_id(&self) -> String {
        RecordId::derive(&self.partition, &self.source_id, &self.model).to_string()
    }

    /// Returns `true` if the partition is the one that the content says, or the text is none that serde reads.
    pub(crate) fn is_in_its_partition(&self) -> bool {
        if self.fields.is_empty() {
            return true;
        }
        let dataset = match self.fields.get("dataset_id") {
            Some(Value::String(dataset)) => dataset,
            // Inferred: by the partition.
            _ => self.partition.split(':').next().unwrap(),
        };
        let dataset = if self.model == "facilitydataset" { &self.id } else { dataset };
        let user = self.text("user_id");
        let partition = match &*self.model {
            "facilitydataset" | "facility" | "classroom" | "learnergroup" | "adhoclearnersgroup" => {
                format!("{dataset}:allusers-ro")
            }
            "facilityuser" => format!("{dataset}:user-ro:{}", self.id),
            "role" | "membership" | "individualsyncablelesson" | "individualsyncableexam" => {
                format!("{dataset}:user-ro:{}", user.unwrap_or_default())
            }
            "contentsessionlog" | "attemptlog" if user.is_none() => format!("{dataset}:anonymous"),
            "usersessionlog"
            | "contentsessionlog"
            | "contentsummarylog"
            | "masterylog"
            | "attemptlog"
            | "learnerdevicestatus"
            | "bookmark" => {
                format!("{dataset}:user-rw:{}", user.unwrap_or_default())
            }
            // Theirs hangs on other records.
            "coursesession" | "coursesessionassignment" | "unittestassignment" => return true,
            _ => dataset.to_owned(),
        };
        partition == self.partition
    }
}

/// The text about the first of the eight references whose target the app lacks.
pub(crate) fn missing_target(record: &Record, trial: &Trial<'_>) -> String {
    let references = UNSEEN.iter().filter(|(model, ..)| *model == record.model);
    let mut missing = references.filter_map(|(model, column, class, name)| {
        let id = record.text(column)?;
        let table = FacilityData::MODELS.iter().find(|known| known.name == *model)?.table;
        let reference = trial.tables[table].references.iter().find(|known| known.column == *column)?;
        trial
            .row(&reference.target, id)
            .is_none()
            .then(|| format!("{class}.{column} references non-existent {name} instance with id '{id}'"))
    });
    missing.next_back().unwrap_or_else(|| format!("no missing reference of {}", record.id))
}

pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 32
}

fn fields(text: &SqlValue) -> Map<String, Value> {
    let SqlValue::Text(text) = text else { return Map::new() };
    serde_json::from_str(text).unwrap_or_default()
}
