//! Databases that the program refuses: exit status 1, one message that names the place, and an unchanged database.

use std::fs;
use std::path::Path;

use crate::fixtures::Scratch;
use crate::program::{self, message, run};

/// The record of each table that the cases below make invalid, as SQL.
const LESSON: &str = "(SELECT min(id) FROM lessons_lesson)";
const ATTEMPT: &str = "(SELECT min(id) FROM logger_attemptlog)";
const USER: &str = "(SELECT min(id) FROM kolibriauth_facilityuser)";

/// Serialises `path`, asserts that it fails, and returns the message.
#[track_caller]
fn refused(path: &Path) -> String {
    message(&run(["serialize".as_ref(), path.as_os_str(), "--busy-timeout=0.1".as_ref()]))
}

/// Makes a database invalid by `sql`. Asserts that serialising fails with a message that has all of `words`, and changes no byte.
#[track_caller]
fn check(fixture: &str, sql: &str, words: &[&str]) {
    let database = Scratch::of(fixture);
    database.execute(sql);
    check_untouched(&database, words);
}

#[track_caller]
fn check_untouched(database: &Scratch, words: &[&str]) {
    let (bytes, files) = (fs::read(database.path()).unwrap(), database.files());
    let message = refused(database.path());
    for word in words {
        assert!(message.contains(word), "`{word}` is not in: {message}");
    }
    assert_eq!(database.files(), files, "no file is left behind");
    assert!(fs::read(database.path()).unwrap() == bytes, "the database is as it was");
}

/// Checks an invalid value of a column: the message names table, column and record.
#[track_caller]
fn check_value(table: &str, column: &str, record: &str, value: &str, words: &[&str]) {
    let database = Scratch::of("kolibri-30-serialized");
    let id: String = database.one(&format!("SELECT {record}"));
    let dirty = if table == "morango_store" {
        "UPDATE lessons_lesson SET _morango_dirty_bit = 1".to_owned()
    } else {
        format!("UPDATE {table} SET _morango_dirty_bit = 1 WHERE id = '{id}'")
    };
    database.execute(&format!("UPDATE {table} SET {column} = {value} WHERE id = '{id}'; {dirty}"));
    let mut words = words.to_vec();
    words.extend([table, column, id.as_str()]);
    check_untouched(&database, &words);
}

#[test]
fn a_path_that_is_no_file() {
    let nothing = Scratch::empty();
    check_missing(&nothing, nothing.path());
    check_missing(&nothing, &nothing.folder().join("no/such/folder/db.sqlite3"));
}

#[track_caller]
fn check_missing(folder: &Scratch, path: &Path) {
    for command in ["serialize", "status"] {
        let message = message(&run([command.as_ref(), path.as_os_str()]));
        assert!(message.contains(path.to_str().unwrap()), "{message}");
        assert_eq!(folder.files(), Vec::<String>::new(), "no database is made");
    }
}

#[test]
fn a_directory() {
    let folder = Scratch::empty();
    for command in ["serialize", "status"] {
        let message = message(&run([command.as_ref(), folder.folder().as_os_str()]));
        assert!(message.contains("is not a regular file"), "{message}");
    }
}

#[test]
fn a_file_that_is_no_database() {
    for bytes in
        [&b"This is no database, but it is long enough to look like one."[..].repeat(200), &b"x".to_vec()]
    {
        let folder = Scratch::empty();
        fs::write(folder.path(), bytes).unwrap();
        check_untouched(&folder, &["database"]);
        let message = message(&run(["status".as_ref(), folder.path().as_os_str()]));
        assert!(message.contains("database"), "{message}");
        assert_eq!(folder.files(), ["db.sqlite3"]);
    }
}

#[test]
fn a_database_without_sync_tables() {
    for sql in ["", "CREATE TABLE notes (id TEXT)"] {
        let database = Scratch::empty();
        fs::write(database.path(), "").unwrap();
        database.execute(sql);
        check_untouched(&database, &["morango_store"]);
        let message = message(&run(["status".as_ref(), database.path().as_os_str()]));
        assert!(message.contains("morango_store"), "{message}");
        assert_eq!(database.files(), ["db.sqlite3"]);
    }
}

#[test]
fn a_database_that_lacks_one_sync_table() {
    for table in [
        "morango_store",
        "morango_recordmaxcounter",
        "morango_databasemaxcounter",
        "morango_deletedmodels",
        "morango_harddeletedmodels",
        "morango_instanceidmodel",
    ] {
        check("kolibri-30-serialized", &format!("DROP TABLE {table}"), &[table]);
    }
}

#[test]
fn a_database_whose_sync_tables_are_too_old() {
    // The table before Morango's migration 0003: one column is missing, another is NOT NULL.
    check(
        "kolibri-30",
        "ALTER TABLE morango_store DROP COLUMN deserialization_exception;
         ALTER TABLE morango_store DROP COLUMN deserialization_error;
         ALTER TABLE morango_store ADD COLUMN deserialization_error text NOT NULL DEFAULT '';",
        &["morango_store", "deserialization_", "old"],
    );
}

#[test]
fn a_database_without_a_current_instance() {
    check(
        "kolibri-30",
        "UPDATE morango_instanceidmodel SET current = 0",
        &["morango_instanceidmodel", "current"],
    );
    check("kolibri-30", "DELETE FROM morango_instanceidmodel", &["morango_instanceidmodel", "current"]);
}

#[test]
fn a_missing_table() {
    check("kolibri-30", "DROP TABLE bookmarks_bookmark", &["bookmarks_bookmark"]);
}

#[test]
fn a_missing_column() {
    check("kolibri-30", "ALTER TABLE lessons_lesson DROP COLUMN title", &["lessons_lesson", "title"]);
    check(
        "kolibri-30",
        "ALTER TABLE lessons_lesson DROP COLUMN _morango_dirty_bit",
        &["lessons_lesson", "_morango_dirty_bit"],
    );
}

#[test]
fn a_table_is_missed_though_nothing_in_it_is_to_do() {
    check("kolibri-30-serialized", "DROP TABLE courses_coursesession", &["courses_coursesession"]);
}

#[test]
fn a_store_row_that_is_no_json_object() {
    for text in [
        "[]",
        "[1]",
        "null",
        "7",
        "\"text\"",
        "{",
        "{\"a\": }",
        "{} {}",
        "nonsense",
        "{'a': 1}",
        "\u{feff}{}",
    ] {
        check_value("morango_store", "serialized", LESSON, &format!("'{}'", text.replace('\'', "''")), &[]);
    }
}

#[test]
fn a_store_row_that_is_no_text() {
    check_value("morango_store", "serialized", LESSON, "x'00ff'", &["lob"]);
    check_value("morango_store", "serialized", LESSON, "x''", &["lob"]);
    check_value("morango_store", "serialized", LESSON, "'{}' || char(0)", &[]);
    check_value("morango_store", "serialized", LESSON, "CAST(x'7bff7d' AS TEXT)", &["UTF-8"]);
}

#[test]
fn bytes_among_the_texts_of_a_conflict() {
    check_value("morango_store", "serialized", LESSON, "x'7b7d', dirty_bit = 1", &["lob"]);
    check_value("morango_store", "conflicting_serialized_data", LESSON, "x'7b7d', dirty_bit = 1", &["lob"]);
}

#[test]
fn a_listed_deletion_of_what_is_no_uuid() {
    for table in ["morango_deletedmodels", "morango_harddeletedmodels"] {
        check(
            "kolibri-30-serialized",
            &format!("INSERT INTO {table} VALUES ('nobody', 'facilitydata')"),
            &[table, "id", "nobody", "UUID"],
        );
        check(
            "kolibri-30-serialized",
            &format!("INSERT INTO {table} VALUES ('', 'facilitydata')"),
            &[table, "id", "``", "UUID"],
        );
        check(
            "kolibri-30-serialized",
            &format!("INSERT INTO {table} VALUES (x'00', 'facilitydata')"),
            &[table, "id", "expected a UUID, found a blob"],
        );
    }
}

#[test]
fn a_counter_that_is_no_number() {
    for (wrong, said) in
        [("'x'", "text"), ("1e300", "a floating-point number"), ("9223372036854775807", "after")]
    {
        check(
            "kolibri-30",
            &format!("UPDATE morango_instanceidmodel SET counter = {wrong}"),
            &["`counter`", "`morango_instanceidmodel`", "983de570631d77afb991477faf63210c", said],
        );
    }
}

#[test]
fn an_instance_that_is_no_uuid() {
    check(
        "kolibri-30",
        "UPDATE morango_instanceidmodel SET id = 'this one'",
        &["`id`", "`morango_instanceidmodel`", "this one", "UUID"],
    );
}

#[test]
fn a_blob() {
    check_value("lessons_lesson", "title", LESSON, "x'00ff'", &["blob"]);
    check_value("logger_attemptlog", "time_spent", ATTEMPT, "x'00ff'", &["blob"]);
    check_value("logger_attemptlog", "user_id", ATTEMPT, "x'00ff'", &["blob"]);
    check_value("logger_attemptlog", "start_timestamp", ATTEMPT, "x'00ff'", &["blob"]);
}

#[test]
fn an_id_that_is_no_uuid() {
    for wrong in [
        "nobody",
        "",
        "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdefa",
        "g123456789abcdef0123456789abcdef",
    ] {
        check_value("logger_attemptlog", "user_id", ATTEMPT, &format!("'{wrong}'"), &["UUID"]);
    }
}

#[test]
fn a_record_whose_own_id_is_no_uuid() {
    check(
        "kolibri-30",
        &format!("UPDATE lessons_lesson SET id = 'my lesson' WHERE id = {LESSON}"),
        &["lessons_lesson", "id", "my lesson", "UUID"],
    );
}

#[test]
fn an_unknown_time_zone() {
    for zone in ["Mars/Olympus", "Africa/"] {
        check_value(
            "logger_attemptlog",
            "end_timestamp",
            ATTEMPT,
            &format!("'2025-01-02 03:04:05.000006({zone})'"),
            &[],
        );
    }
}

#[test]
fn an_impossible_date() {
    for date in [
        "2025-02-30 03:04:05.000006(UTC)",
        "2025-13-01 00:00:00.000000(UTC)",
        "2025-01-02 24:00:00.000000(UTC)",
        "",
        "yesterday",
        "2025-01-02",
    ] {
        check_value("logger_attemptlog", "start_timestamp", ATTEMPT, &format!("'{date}'"), &[]);
    }
    for date in ["2025-02-30 03:04:05", "2025-01-02 25:00:00"] {
        check_value("kolibriauth_facilityuser", "last_login", USER, &format!("'{date}'"), &[]);
    }
}

#[test]
fn text_that_is_not_utf_8() {
    check_value("lessons_lesson", "title", LESSON, "CAST(x'61ff62' AS TEXT)", &["UTF-8"]);
    check_value("lessons_lesson", "resources", LESSON, "CAST(x'61ff62' AS TEXT)", &["UTF-8"]);
}

#[test]
fn a_partition_that_is_not_utf_8_is_refused_under_a_filter_too() {
    let spoil = "UPDATE logger_attemptlog SET _morango_dirty_bit = 1,
                 _morango_partition = CAST(CAST(_morango_partition AS BLOB) || x'ff' AS TEXT) WHERE rowid = 1";
    // With few dirty rows, and with many.
    for fixture in ["kolibri-30-serialized", "kolibri-30"] {
        let database = Scratch::of(fixture);
        database.execute(spoil);
        let id: String = database.one("SELECT id FROM logger_attemptlog WHERE rowid = 1");
        let dataset: String = database.one("SELECT id FROM kolibriauth_facilitydataset");
        let filter = format!("--filter={dataset}");
        let arguments = ["serialize".as_ref(), database.path().as_os_str(), filter.as_ref()];
        let message = message(&run(arguments));
        for word in ["logger_attemptlog", "_morango_partition", "UTF-8", &id] {
            assert!(message.contains(word), "`{word}` is not in: {message}");
        }
    }
}

#[test]
fn what_a_database_holds_cannot_break_the_message() {
    let database = Scratch::of("kolibri-30");
    database
        .execute(&format!("UPDATE lessons_lesson SET collection_id = 'a\nb\u{1b}[2Jc' WHERE id = {LESSON}"));
    let message = refused(database.path());
    assert!(message.chars().all(|character| !character.is_control()), "{message:?}");
}

#[test]
fn a_message_does_not_repeat_megabytes() {
    for column in ["start_timestamp", "id"] {
        let database = Scratch::of("kolibri-30");
        database.execute(&format!(
            "UPDATE logger_attemptlog SET {column} = hex(zeroblob(1500000)) WHERE rowid = 1"
        ));
        let message = refused(database.path());
        assert!(message.len() < 3000 && message.contains(column), "{message}");
    }
}

#[test]
fn a_locked_database() {
    let database = Scratch::of("kolibri-30");
    let kolibri = database.connect();
    kolibri.execute_batch("BEGIN IMMEDIATE").unwrap();
    let bytes = fs::read(database.path()).unwrap();
    let message = refused(database.path());
    assert!(message.contains("locked"), "{message}");
    assert!(fs::read(database.path()).unwrap() == bytes);
    kolibri.execute_batch("COMMIT").unwrap();
    assert_eq!(database.one::<i64>("SELECT counter FROM morango_instanceidmodel"), 0);
    // `status` reads the state before the open transaction, without waiting.
    kolibri.execute_batch("BEGIN IMMEDIATE; DELETE FROM lessons_lesson").unwrap();
    let rows = program::status(database.path()).into_iter().map(|line| line["dirty"].as_i64().unwrap());
    assert_eq!(rows.sum::<i64>(), 1695);
}
