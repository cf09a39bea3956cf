//! Writer of generated records: one prepared insert for each model.

use std::collections::HashMap;

use rusqlite::{Connection, Statement, ToSql};
use syncline::RecordId;

/// Each model with its table and its columns, those that all models have left out.
const MODELS: &[(&str, &str, &[&str])] = &[
    ("facility", "kolibriauth_collection", &["name", "kind", "parent_id"]),
    ("classroom", "kolibriauth_collection", &["name", "kind", "parent_id"]),
    ("learnergroup", "kolibriauth_collection", &["name", "kind", "parent_id"]),
    ("adhoclearnersgroup", "kolibriauth_collection", &["name", "kind", "parent_id"]),
    (
        "facilityuser",
        "kolibriauth_facilityuser",
        &[
            "password",
            "last_login",
            "username",
            "full_name",
            "date_joined",
            "facility_id",
            "birth_year",
            "gender",
            "id_number",
            "extra_demographics",
            "date_deleted",
        ],
    ),
    ("membership", "kolibriauth_membership", &["collection_id", "user_id"]),
    ("role", "kolibriauth_role", &["collection_id", "user_id", "kind"]),
    (
        "lesson",
        "lessons_lesson",
        &["description", "resources", "is_active", "collection_id", "title", "date_created", "created_by_id"],
    ),
    ("lessonassignment", "lessons_lessonassignment", &["collection_id", "lesson_id", "assigned_by_id"]),
    (
        "individualsyncablelesson",
        "lessons_individualsyncablelesson",
        &["lesson_id", "serialized_lesson", "collection_id", "user_id"],
    ),
    (
        "exam",
        "exams_exam",
        &[
            "title",
            "question_count",
            "question_sources",
            "seed",
            "active",
            "archive",
            "collection_id",
            "creator_id",
            "data_model_version",
            "learners_see_fixed_order",
            "date_created",
            "date_activated",
            "instant_report_visibility",
        ],
    ),
    ("examassignment", "exams_examassignment", &["collection_id", "exam_id", "assigned_by_id"]),
    (
        "individualsyncableexam",
        "exams_individualsyncableexam",
        &["exam_id", "serialized_exam", "collection_id", "user_id"],
    ),
    (
        "attendancesession",
        "attendance_attendancesession",
        &["session_start_datetime", "date_created", "date_modified", "collection_id", "created_by_id"],
    ),
    ("attendancerecord", "attendance_attendancerecord", &["present", "attendance_session_id", "user_id"]),
    (
        "usersessionlog",
        "logger_usersessionlog",
        &["channels", "start_timestamp", "last_interaction_timestamp", "pages", "user_id", "device_info"],
    ),
    (
        "contentsessionlog",
        "logger_contentsessionlog",
        &[
            "content_id",
            "start_timestamp",
            "end_timestamp",
            "time_spent",
            "progress",
            "kind",
            "extra_fields",
            "user_id",
            "visitor_id",
            "channel_id",
        ],
    ),
    (
        "contentsummarylog",
        "logger_contentsummarylog",
        &[
            "content_id",
            "start_timestamp",
            "end_timestamp",
            "completion_timestamp",
            "time_spent",
            "progress",
            "kind",
            "extra_fields",
            "user_id",
            "channel_id",
        ],
    ),
    (
        "masterylog",
        "logger_masterylog",
        &[
            "mastery_criterion",
            "start_timestamp",
            "end_timestamp",
            "completion_timestamp",
            "mastery_level",
            "complete",
            "summarylog_id",
            "user_id",
            "time_spent",
        ],
    ),
    (
        "attemptlog",
        "logger_attemptlog",
        &[
            "item",
            "start_timestamp",
            "end_timestamp",
            "completion_timestamp",
            "time_spent",
            "complete",
            "correct",
            "hinted",
            "answer",
            "simple_answer",
            "interaction_history",
            "masterylog_id",
            "sessionlog_id",
            "user_id",
            "error",
        ],
    ),
    ("examlog", "logger_examlog", &["closed", "exam_id", "user_id", "completion_timestamp"]),
    (
        "examattemptlog",
        "logger_examattemptlog",
        &[
            "item",
            "start_timestamp",
            "end_timestamp",
            "completion_timestamp",
            "time_spent",
            "complete",
            "correct",
            "hinted",
            "answer",
            "simple_answer",
            "interaction_history",
            "content_id",
            "examlog_id",
            "user_id",
            "error",
        ],
    ),
    ("bookmark", "bookmarks_bookmark", &["content_id", "channel_id", "contentnode_id", "user_id", "created"]),
];

/// Writes records of all models of one dataset.
pub(super) struct Sheets<'c> {
    dataset: String,
    inserts: HashMap<&'static str, Statement<'c>>,
    pub(super) rows: u64,
}

impl<'c> Sheets<'c> {
    pub(super) fn new(connection: &'c Connection, dataset: &str) -> rusqlite::Result<Self> {
        let insert = |(model, table, columns): &(&'static str, &str, &[&str])| {
            let places: Vec<String> = (5..columns.len() + 5).map(|place| format!(", ?{place}")).collect();
            let sql = format!(
                "INSERT INTO {table} \
                 (id, _morango_dirty_bit, _morango_source_id, _morango_partition, dataset_id, {}) \
                 VALUES (?1, 1, ?2, ?3, ?4{})",
                columns.join(", "),
                places.concat()
            );
            Ok((*model, connection.prepare(&sql)?))
        };
        let inserts = MODELS.iter().map(insert).collect::<rusqlite::Result<_>>()?;
        Ok(Self { dataset: dataset.to_owned(), inserts, rows: 0 })
    }

    /// Adds a dirty record. Its id follows from partition and source id (kolibri-format §4).
    ///
    /// `partition` is the part after the dataset's id. `${id}` in it stands for the record's own id.
    pub(super) fn add(
        &mut self,
        model: &'static str,
        partition: &str,
        source: &str,
        values: &[&dyn ToSql],
    ) -> anyhow::Result<String> {
        let partition = format!("{}{partition}", self.dataset);
        let id = RecordId::derive(&partition, source, model).to_string();
        let insert = self.inserts.get_mut(model).expect("the models are all known");
        insert.raw_bind_parameter(1, &id)?;
        insert.raw_bind_parameter(2, source)?;
        insert.raw_bind_parameter(3, partition.replace("${id}", &id))?;
        insert.raw_bind_parameter(4, &self.dataset)?;
        for (place, value) in (5..).zip(values) {
            insert.raw_bind_parameter(place, value)?;
        }
        insert.raw_execute()?;
        self.rows += 1;
        Ok(id)
    }
}
