//! Databases large enough to be serialised in several transactions.

use crate::fixtures::Scratch;

/// Makes a fixture with `times` more copies of its attempt logs, all dirty, with ids spread over the whole range.
pub(crate) fn grown(fixture: &str, times: u32) -> Scratch {
    let database = Scratch::of(fixture);
    database.execute(&format!(
        "PRAGMA synchronous = off;
         BEGIN;
         CREATE TEMP TABLE sample AS SELECT * FROM logger_attemptlog;
         WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {times})
         INSERT INTO logger_attemptlog
             (id, _morango_dirty_bit, _morango_source_id, _morango_partition, item, start_timestamp, end_timestamp,
              completion_timestamp, time_spent, complete, correct, hinted, answer, simple_answer, interaction_history,
              dataset_id, masterylog_id, sessionlog_id, user_id, error)
             SELECT printf('%08x', (n * 2654435761 + rowid * 40503) % 4294967296) || substr(id, 9), 1,
              _morango_source_id, _morango_partition, item, start_timestamp, end_timestamp, completion_timestamp,
              time_spent, complete, correct, hinted, answer, simple_answer, interaction_history, dataset_id,
              masterylog_id, sessionlog_id, user_id, error
             FROM sample, counted;
         COMMIT;"
    ));
    database
}

/// The number of dirty rows of the app.
pub(crate) fn dirty(database: &Scratch) -> i64 {
    let tables: Vec<String> = database.all(
        "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND c.name = '_morango_dirty_bit'",
    );
    tables
        .iter()
        .map(|table| database.one::<i64>(&format!("SELECT count(*) FROM {table} WHERE _morango_dirty_bit")))
        .sum()
}

/// Edits that Kolibri may make between two commits, to records before and behind the current position of the run.
pub(crate) const EDITS: &str = "
    UPDATE logger_attemptlog SET time_spent = time_spent + 1, _morango_dirty_bit = 1 WHERE rowid % 7 = 3;
    UPDATE lessons_lesson SET title = title || '*', _morango_dirty_bit = 1;
    UPDATE kolibriauth_facilityuser SET full_name = full_name || '*', _morango_dirty_bit = 1 WHERE rowid % 2;
    UPDATE logger_contentsessionlog SET _morango_dirty_bit = 0 WHERE rowid % 11 = 5 AND id NOT IN (SELECT id FROM morango_store);
    UPDATE logger_contentsessionlog SET _morango_dirty_bit = 1 WHERE rowid % 11 = 6;
    INSERT OR IGNORE INTO morango_deletedmodels
        SELECT id, 'facilitydata' FROM logger_attemptlog WHERE rowid % 13 = 1;
    INSERT OR IGNORE INTO morango_harddeletedmodels
        SELECT id, 'facilitydata' FROM logger_attemptlog WHERE rowid % 26 = 1;
    DELETE FROM logger_attemptlog WHERE rowid % 13 = 1;
    INSERT INTO logger_attemptlog
        (id, _morango_dirty_bit, _morango_source_id, _morango_partition, item, start_timestamp, end_timestamp,
         completion_timestamp, time_spent, complete, correct, hinted, answer, simple_answer, interaction_history,
         dataset_id, masterylog_id, sessionlog_id, user_id, error)
        SELECT lower(hex(randomblob(16))), 1, _morango_source_id, _morango_partition, item, start_timestamp,
         end_timestamp, completion_timestamp, time_spent, complete, correct, hinted, answer, simple_answer,
         interaction_history, dataset_id, masterylog_id, sessionlog_id, user_id, error
        FROM logger_attemptlog LIMIT 40;";
