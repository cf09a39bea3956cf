//! The databases to compare: made from the fixtures by SQL and, if the script can, by Kolibri itself.

use std::env;
use std::path::Path;

use rusqlite::types::Value;
use serde_json::Value as Json;

use crate::fixtures::Scratch;
use crate::morango::Morango;

/// A database and the filter to serialise it with.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) database: Scratch,
    pub(crate) filters: Vec<String>,
}

/// Makes the databases one after the other.
pub(crate) fn each(morango: &Morango, visit: &mut impl FnMut(&Case)) {
    for seed in 1..=4 {
        let database = Scratch::of("kolibri-30-serialized");
        edit(&database, seed);
        with_filters(&format!("edited by hand, seed {seed}"), database, seed, visit);
    }
    visit(&Case { name: "odd values".to_owned(), database: odd_values(), filters: Vec::new() });
    visit(&Case { name: "odd rows".to_owned(), database: odd_rows(), filters: Vec::new() });
    let dirty = Scratch::of("kolibri-30");
    for (kind, filters) in filters(&dirty) {
        visit(&Case { name: format!("everything dirty, {kind}"), database: dirty.copy(), filters });
    }
    visit(&Case { name: "everything dirty, whole".to_owned(), database: dirty, filters: Vec::new() });
    with_filters("lived in", Scratch::of("kolibri-30-mixed"), 1, visit);
    if morango.makes_databases {
        for (users, seed) in [(20, 21), (30, 22), (40, 23)] {
            made_by_kolibri(morango, users, seed, visit);
        }
    }
    larger(visit);
}

/// A database that Kolibri made, and the same after each kind of change.
fn made_by_kolibri(morango: &Morango, users: u32, seed: u32, visit: &mut impl FnMut(&Case)) {
    let name = format!("{users} users, seed {seed}");
    let fresh = Scratch::empty();
    morango.new_database(fresh.path(), users, seed);
    let serialized = fresh.copy();
    with_filters(&format!("{name}, everything dirty"), fresh, 1, visit);
    morango.serialize(serialized.path(), &[]);
    for (turn, how) in ["upd1", "updall", "del80", "mixed"].into_iter().enumerate() {
        let database = serialized.copy();
        morango.change(how, database.path());
        with_filters(&format!("{name}, {how}"), database, turn + users as usize / 10, visit);
    }
}

/// The larger databases in the folder that `SYNCLINE_DATA` names.
fn larger(visit: &mut impl FnMut(&Case)) {
    let Some(folder) = env::var_os("SYNCLINE_DATA").filter(|folder| !folder.is_empty()) else { return };
    let folder = Path::new(&folder);
    for name in ["kolibri-500", "kolibri-500-mixed"] {
        let packed = folder.join(format!("{name}.sqlite3.xz"));
        if packed.exists() {
            visit(&Case { name: name.to_owned(), database: Scratch::unpack(&packed), filters: Vec::new() });
        }
    }
}

/// Serialises the database without a filter and with one. The kinds of filter rotate by `turn`.
fn with_filters(name: &str, database: Scratch, turn: usize, visit: &mut impl FnMut(&Case)) {
    let (kind, filters) = filters(&database).swap_remove(turn % KINDS_OF_FILTER);
    let filtered = Case { name: format!("{name}, {kind}"), database: database.copy(), filters };
    visit(&Case { name: format!("{name}, whole"), database, filters: Vec::new() });
    visit(&filtered);
}

const KINDS_OF_FILTER: usize = 3;

/// Three kinds of filter: one prefix, many prefixes, and a prefix that matches nothing.
fn filters(database: &Scratch) -> Vec<(&'static str, Vec<String>)> {
    let some: Vec<String> = database.all(
        "SELECT DISTINCT _morango_partition FROM kolibriauth_facilityuser ORDER BY _morango_partition LIMIT 12",
    );
    let logs: Vec<_> = some.iter().map(|partition| partition.replace("user-ro", "user-rw")).collect();
    let dataset: String = database.one("SELECT id FROM kolibriauth_facilitydataset");
    let many =
        [&some[..], &logs[3..], &[format!("{dataset}:anonymous"), format!("{dataset}:allusers-ro")]].concat();
    let kinds = vec![
        ("one prefix", vec![logs[0].clone()]),
        ("many prefixes", many),
        ("no match", vec!["nobody".to_owned()]),
    ];
    assert_eq!(kinds.len(), KINDS_OF_FILTER);
    kinds
}

/// Changes about a fifth of the records and of the store's rows. The seed decides which.
fn edit(database: &Scratch, seed: usize) {
    // Selects one of `of` rows. The seed and `salt` decide which.
    let some =
        |salt: u32, of: u32| format!("abs(rowid * 7919 + {seed} * 104729 + {salt} * 1299709) % {of} = 0");
    let mut sql = "BEGIN;".to_owned();
    for (salt, (table, change)) in (1..).zip([
        (
            "logger_attemptlog",
            "time_spent = time_spent / 3.0, simple_answer = simple_answer || char(9, 233, 128512, 127)",
        ),
        (
            "logger_contentsessionlog",
            "progress = 1e-7 * rowid, extra_fields = '{\"a\" :1.50,\"b\":[ ],\"a\":\"\\u00E9\"}'",
        ),
        ("logger_contentsummarylog", "time_spent = 1e22, extra_fields = 'no json'"),
        (
            "logger_masterylog",
            "mastery_criterion = '[NaN, 1E400, -0.0, 12345678901234567890]', time_spent = NULL",
        ),
        ("logger_usersessionlog", "device_info = NULL, pages = '\"/\\'"),
        (
            "kolibriauth_facilityuser",
            "full_name = full_name || ' \u{1f600}', last_login = '2024-02-29 23:59:59.999999'",
        ),
        ("kolibriauth_collection", "name = name || '\u{e9}'"),
        ("lessons_lesson", "is_active = 2, description = char(1, 31, 8232)"),
        ("exams_exam", "seed = 9007199254740993, date_activated = '2024-01-01 00:00:00.000500'"),
        ("bookmarks_bookmark", "created = '2025-1-2 3:04:05', channel_id = NULL"),
        ("attendance_attendancerecord", "present = NOT present"),
    ]) {
        sql += &format!("UPDATE {table} SET {change}, _morango_dirty_bit = 1 WHERE {};", some(salt, 5));
    }
    let other = "fffffffffffffffffffffffffffffff0";
    for (salt, (change, of)) in (20..).zip([
        ("dirty_bit = 1", 7),
        ("dirty_bit = 1, conflicting_serialized_data = '{\"old\": 1}' || char(10) || '{\"older\": 2}'", 11),
        ("deleted = 1", 13),
        ("deleted = 1, hard_deleted = 1, serialized = '{}'", 17),
        ("serialized = '{\"zz\":{\"\u{e9}\" :1.0}, ' || substr(serialized, 2)", 5),
        ("serialized = replace(serialized, '\"id\": ', '\"unknown\": [ 1,2 ],  \"id\":')", 6),
        ("last_transfer_session_id = lower(hex(zeroblob(16)))", 4),
        ("deserialization_error = 'e', deserialization_exception = 'x'", 19),
    ]) {
        sql +=
            &format!("UPDATE morango_store SET {change} WHERE serialized <> '{{}}' AND {};", some(salt, of));
    }
    sql += &format!(
        "UPDATE morango_store SET last_saved_instance = '{other}', last_saved_counter = 9 WHERE {foreign};
         INSERT INTO morango_recordmaxcounter (store_model_id, instance_id, counter)
             SELECT id, '{other}', 9 FROM morango_store WHERE {foreign};
         DELETE FROM morango_recordmaxcounter WHERE instance_id <> '{other}' AND {lost};
         INSERT INTO morango_databasemaxcounter (instance_id, counter, partition) VALUES ('{other}', 9, '');
         CREATE TEMP TABLE gone AS
             SELECT id FROM logger_attemptlog WHERE {gone} UNION SELECT id FROM logger_usersessionlog WHERE {gone};
         DELETE FROM logger_attemptlog WHERE id IN (SELECT id FROM gone);
         DELETE FROM logger_usersessionlog WHERE id IN (SELECT id FROM gone);
         INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM gone;
         INSERT INTO morango_harddeletedmodels SELECT id, 'facilitydata' FROM gone WHERE {hard};
         INSERT INTO morango_deletedmodels VALUES ('{other}', 'facilitydata'),
             ('eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'otherprofile');
         INSERT INTO morango_harddeletedmodels VALUES ('eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'otherprofile');
         INSERT INTO kolibriauth_collection
             (id, _morango_dirty_bit, _morango_source_id, _morango_partition, name, kind, dataset_id, parent_id)
             SELECT lower(hex(zeroblob(15))) || printf('%02x', {seed}), 1, 'new', _morango_partition, 'New',
                    'learnergroup', dataset_id, id
             FROM kolibriauth_collection WHERE kind = 'classroom';
         UPDATE kolibriauth_collection SET _morango_dirty_bit = 1,
             parent_id = (SELECT id FROM kolibriauth_collection WHERE kind = 'facility')
             WHERE id = (SELECT min(id) FROM kolibriauth_collection WHERE kind = 'learnergroup' AND name <> 'New');
         COMMIT;",
        foreign = some(40, 3),
        lost = some(41, 8),
        gone = some(42, 6),
        hard = some(43, 3),
    );
    database.execute(&sql);
}

/// Makes a database with rows that neither Kolibri nor this library writes.
fn odd_rows() -> Scratch {
    let database = Scratch::of("kolibri-30-serialized");
    let one_of =
        |table: &str, offset: u32| format!("(SELECT id FROM {table} ORDER BY id LIMIT 1 OFFSET {offset})");
    let mut sql = String::new();
    // Flags other than 0 and 1, in the app and in the store.
    for (row, flag) in (0..).zip(["2", "'x'", "0.5", "'1'", "-1", "'true'", "'1x'"]) {
        let (log, visit) = (one_of("logger_attemptlog", row), one_of("logger_usersessionlog", row));
        sql += &format!(
            "UPDATE logger_attemptlog SET _morango_dirty_bit = 1 WHERE id = {log};
             UPDATE morango_store SET dirty_bit = {flag} WHERE id = {log};
             UPDATE logger_usersessionlog SET _morango_dirty_bit = {flag} WHERE id = {visit};"
        );
    }
    // Unusual JSON texts in the store.
    for (row, text) in (0..).zip([
        "' {} '",
        "x'7b2261223a317d'",
        "'{\"a\": NaN, \"a\": 1, \"b\": -Infinity, \"c\": \"\\ud800\", \"d\": 1E400, \"e\": -0}'",
        "'{\"\\u0069d\": 1, \"user_id\": {\"deep\": [[], {}]}, \"big\": 123456789012345678901234567890}'",
    ]) {
        let visit = one_of("logger_contentsessionlog", row);
        sql += &format!(
            "UPDATE logger_contentsessionlog SET _morango_dirty_bit = 1 WHERE id = {visit};
             UPDATE morango_store SET serialized = {text} WHERE id = {visit};"
        );
    }
    sql += &format!(
        "UPDATE lessons_lesson SET _morango_dirty_bit = 1;
         UPDATE morango_store SET profile = 'other' WHERE id = {};
         UPDATE morango_store SET model_name = 'other' WHERE id = {};
         UPDATE exams_exam SET id = upper(id), _morango_dirty_bit = 1;
         UPDATE attendance_attendancesession SET id = '{{' || id || '}}', _morango_dirty_bit = 1;
         UPDATE kolibriauth_collection SET parent_id = upper(parent_id), _morango_dirty_bit = 1 WHERE kind = 'learnergroup';
         UPDATE kolibriauth_collection SET kind = 'Galaxy', _morango_dirty_bit = 1 WHERE kind = 'adhoclearnersgroup';
         CREATE TEMP TABLE gone AS SELECT row_number() OVER (ORDER BY id) AS n, id FROM bookmarks_bookmark;
         DELETE FROM bookmarks_bookmark;
         INSERT INTO morango_deletedmodels
             SELECT CASE WHEN n < 4 THEN upper(id) WHEN n < 6 THEN 'urn:uuid:' || id ELSE id END, 'facilitydata' FROM gone;
         INSERT INTO morango_harddeletedmodels SELECT id, 'facilitydata' FROM gone WHERE n IN (1, 7, 8);
         UPDATE morango_store SET deleted = 1, hard_deleted = 1, serialized = '{{}}'
             WHERE id = (SELECT id FROM gone WHERE n = 8);
         UPDATE morango_store SET profile = 'other' WHERE id = (SELECT id FROM gone WHERE n = 9);
         UPDATE morango_recordmaxcounter SET counter = 99 WHERE store_model_id IN (SELECT id FROM lessons_lesson);
         DELETE FROM morango_databasemaxcounter;",
        one_of("lessons_lesson", 0),
        one_of("lessons_lesson", 1),
    );
    database.execute(&sql);
    database
}

/// Makes a database with every odd value that Morango accepts, each in a separate row if there are enough.
fn odd_values() -> Scratch {
    let database = Scratch::of("kolibri-30");
    let connection = database.connect();
    connection
        .execute_batch(
            "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 40)
             INSERT INTO exams_exam
                 (id, _morango_dirty_bit, _morango_source_id, _morango_partition, title, question_count, question_sources,
                  seed, active, archive, collection_id, creator_id, dataset_id, data_model_version, date_archived,
                  date_created, date_activated, learners_see_fixed_order, instant_report_visibility)
                 SELECT printf('%08x', n) || substr(id, 9), 1, _morango_source_id, _morango_partition, title,
                  question_count, question_sources, seed, active, archive, collection_id, creator_id, dataset_id,
                  data_model_version, date_archived, date_created, date_activated, learners_see_fixed_order,
                  instant_report_visibility
                 FROM exams_exam, counted",
        )
        .unwrap();
    let cases: Json = serde_json::from_str(include_str!("../fixtures/field_values.json")).unwrap();
    let mut used = std::collections::HashMap::<String, i64>::new();
    for case in cases.as_array().unwrap() {
        let column = case["column"].as_str().unwrap();
        let (table, column) = column.split_once('.').unwrap();
        if case.get("json").is_none() || column == "id" {
            continue;
        }
        let row = used.entry(format!("{table}.{column}")).or_default();
        let sql = format!(
            "UPDATE {table} SET {column} = ?1 WHERE rowid = (SELECT rowid FROM {table} ORDER BY id LIMIT 1 OFFSET ?2)"
        );
        connection.execute(&sql, (stored(&case["stored"]), *row)).unwrap();
        *row += 1;
    }
    drop(connection);
    database
}

/// Converts a value of the file, in which numbers are strings and blobs hexadecimal digits.
fn stored(value: &Json) -> Value {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    let text = value.as_str().unwrap_or_default();
    match kind.as_str() {
        "null" => Value::Null,
        "integer" => Value::Integer(text.parse().unwrap()),
        "real" => Value::Real(text.parse().unwrap()),
        "text" => Value::Text(text.to_owned()),
        "blob" => {
            let digits: Vec<_> =
                text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
            Value::Blob(digits.into_iter().map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect())
        }
        other => panic!("no such kind: {other}"),
    }
}
