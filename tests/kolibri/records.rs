//! The commands `inspect`, `conflicts` and `check`.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::compare::differences;
use crate::fixtures::Scratch;
use crate::program::{message, run, serialize, text};

fn output(command: &[&str], database: &Path, rest: &[&str]) -> std::process::Output {
    let rest = rest.iter().map(OsStr::new);
    run(command.iter().map(OsStr::new).chain([database.as_os_str()]).chain(rest))
}

/// Returns the JSON that a command prints with `--json`.
fn parsed(command: &[&str], database: &Path, rest: &[&str]) -> Value {
    let output = output(command, database, &[rest, &["--json"]].concat());
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()), "{command:?}");
    serde_json::from_str(&text(&output.stdout)).unwrap()
}

/// Returns the tables that a command prints.
fn printed(command: &[&str], database: &Path, rest: &[&str]) -> String {
    let output = output(command, database, rest);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()), "{command:?}");
    text(&output.stdout)
}

/// The id of a record that is in conflict.
fn in_conflict(database: &Scratch) -> String {
    database.one("SELECT min(id) FROM morango_store WHERE conflicting_serialized_data <> ''")
}

#[test]
fn a_record_is_shown_as_sql_shows_it() {
    let database = Scratch::of("kolibri-30-mixed");
    let id = in_conflict(&database);
    // A realistic conflict text; those of the fixture are made up.
    database.execute(&format!(
        "UPDATE morango_store SET conflicting_serialized_data = \
         replace(serialized, '\"time_spent\": ', '\"time_spent\": 1') || char(10) || conflicting_serialized_data \
         WHERE id = '{id}'"
    ));
    let of_store = |column: &str| -> String {
        database.one(&format!("SELECT CAST({column} AS TEXT) FROM morango_store WHERE id = '{id}'"))
    };
    let (bytes, files) = (fs::read(database.path()).unwrap(), database.files());
    let inspected = parsed(&["inspect"], database.path(), &[&id]);

    assert_eq!(inspected["id"], json!(id));
    assert_eq!(inspected["model"], "attemptlog");
    for column in ["serialized", "partition", "source_id", "last_saved_instance", "model_name", "profile"] {
        assert_eq!(inspected["store"][column], json!(of_store(column)), "{column}");
    }
    assert_eq!(inspected["store"]["last_saved_counter"].to_string(), of_store("last_saved_counter"));
    for column in ["deleted", "hard_deleted", "dirty_bit"] {
        assert_eq!(inspected["store"][column], json!(of_store(column) == "1"), "{column}");
    }
    let conflicts: Vec<_> = inspected["conflicts"].as_array().unwrap().iter().map(Value::as_str).collect();
    let kept = of_store("conflicting_serialized_data");
    assert_eq!(conflicts, kept.lines().map(Some).collect::<Vec<_>>());
    assert_eq!(conflicts.len(), 3);
    let counters: Vec<i64> = database.all(&format!(
        "SELECT counter FROM morango_recordmaxcounter WHERE store_model_id = '{id}' ORDER BY counter DESC"
    ));
    let shown: Vec<_> =
        inspected["counters"].as_array().unwrap().iter().map(|line| &line["counter"]).collect();
    assert_eq!(json!(shown), json!(counters));
    assert_eq!(inspected["counters"][0]["this_instance"], true);

    assert_eq!(inspected["record"]["table"], "logger_attemptlog");
    assert_eq!(inspected["record"]["dirty"], true);
    // The app's record is the text that serialising would write.
    let app = inspected["record"]["serialized"].as_str().unwrap().to_owned();
    assert_ne!(json!(app), inspected["store"]["serialized"]);

    let page = printed(&["inspect"], database.path(), &[&id]);
    for shown in [
        "attemptlog ",
        "there, changed since it was last serialised",
        "received and not yet given to the app",
    ] {
        assert!(page.contains(shown), "{page}");
    }
    let differing: Vec<_> = page.lines().filter(|line| line.starts_with('≠')).collect();
    let spent = |json: &str| -> Value { serde_json::from_str::<Value>(json).unwrap()["time_spent"].clone() };
    let (of_app, of_stored) = (spent(&app), spent(&of_store("serialized")));
    let expected = format!("≠  time_spent {of_app} {of_stored}");
    assert_eq!(differing.iter().map(|line| words(line)).collect::<Vec<_>>(), [words(&expected)]);
    let conflict = page.split("conflict 1 of 3, the newest\n").nth(1).unwrap();
    let conflicting = spent(conflicts[0].unwrap());
    let lines: Vec<_> = conflict.lines().take(2).map(words).collect();
    assert_eq!(
        lines,
        ["field store conflicting".to_owned(), format!("time_spent {of_stored} {conflicting}")]
    );
    assert!(!page.contains('\u{1b}'), "no colours in a pipe");

    assert_eq!(database.files(), files);
    assert!(fs::read(database.path()).unwrap() == bytes, "nothing was changed");

    serialize(database.path(), &[]);
    assert_eq!(parsed(&["inspect"], database.path(), &[&id])["store"]["serialized"], json!(app));
}

fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_record_may_be_on_one_side_only() {
    let database = Scratch::of("kolibri-30");
    let id: String = database.one("SELECT min(id) FROM lessons_lesson");
    let new = parsed(&["inspect"], database.path(), &[&id.to_uppercase()]);
    assert_eq!(
        (&new["store"], &new["record"]["dirty"], &new["counters"]),
        (&Value::Null, &json!(true), &json!([]))
    );
    assert!(printed(&["inspect"], database.path(), &[&id]).contains("in the store  not there"));

    serialize(database.path(), &[]);
    database.execute(&format!(
        "DELETE FROM lessons_lesson WHERE id = '{id}'; \
         INSERT INTO morango_deletedmodels (id, profile) VALUES ('{id}', 'facilitydata')"
    ));
    let deleted = parsed(&["inspect"], database.path(), &[&id]);
    assert_eq!((&deleted["record"], &deleted["listed_as_deleted"]), (&Value::Null, &json!(true)));
    assert_eq!((&deleted["model"], &deleted["store"]["deleted"]), (&json!("lesson"), &json!(false)));
    let page = printed(&["inspect"], database.path(), &[&id]);
    assert!(page.contains("to be noted as deleted"), "{page}");

    let nobody = "00000000000000000000000000000000";
    for command in [&["inspect"][..], &["conflicts", "show"]] {
        let message = message(&output(command, database.path(), &[nobody]));
        assert!(message.contains(&format!("there is no record {nobody}")), "{message}");
    }
}

#[test]
fn a_record_that_cannot_be_serialised_is_shown_with_the_reason() {
    let database = Scratch::of("kolibri-30-serialized");
    let id: String = database.one("SELECT min(id) FROM lessons_lesson");
    database
        .execute(&format!("UPDATE lessons_lesson SET date_created = 'soon' || char(27) WHERE id = '{id}'"));
    let inspected = parsed(&["inspect"], database.path(), &[&id]);
    assert_eq!(inspected["record"]["serialized"], Value::Null);
    let page = printed(&["inspect"], database.path(), &[&id]);
    let expected = format!(
        "it cannot be serialised: column `date_created` of table `lessons_lesson`, record `{id}`: `soon\\u{{1b}}`"
    );
    assert!(page.contains(&expected), "{page}");
}

#[test]
fn conflicts_are_listed_and_cleared_and_nothing_else_changes() {
    let database = Scratch::of("kolibri-30-mixed");
    let ids: Vec<String> =
        database.all("SELECT id FROM morango_store WHERE conflicting_serialized_data <> '' ORDER BY id");
    let listed = parsed(&["conflicts", "list"], database.path(), &[]);
    let listed: Vec<_> = listed.as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(listed, ids);
    assert_eq!(ids.len(), 30);
    let first = &parsed(&["conflicts", "list"], database.path(), &[])[0];
    assert_eq!(first, &json!({ "id": ids[0], "model": "attemptlog", "conflicts": 2, "bytes": 23 }));
    assert_eq!(printed(&["conflicts", "list"], database.path(), &[]).lines().count(), 31);
    let shown = parsed(&["conflicts", "show"], database.path(), &[&ids[0]]);
    assert_eq!(shown["conflicts"], json!(["{\"old\": 1}", "{\"older\": 2}"]));
    assert!(printed(&["conflicts", "show"], database.path(), &[&ids[0]]).contains("conflict 2 of 2"));

    let before = database.copy();
    // A record in conflict and one without conflict: the command fails and clears neither.
    let other: String =
        database.one("SELECT id FROM morango_store WHERE conflicting_serialized_data = '' LIMIT 1");
    let refused = message(&output(&["conflicts", "clear"], database.path(), &[&ids[0], &other]));
    assert!(
        refused.ends_with(&format!("the record {other} is not in conflict: nothing was changed")),
        "{refused}"
    );
    assert_eq!(differences(before.path(), database.path()).len(), 0);

    let cleared = parsed(&["conflicts", "clear"], database.path(), &[&ids[0], &ids[1], &ids[0]]);
    assert_eq!(cleared, json!({ "cleared": 2 }));
    let changed = differences(before.path(), database.path());
    let mut places: Vec<_> = changed.iter().map(|change| (change.place(), change.record.clone())).collect();
    places.sort();
    let place = "morango_store.conflicting_serialized_data".to_owned();
    assert_eq!(places, [(place.clone(), ids[0].clone()), (place, ids[1].clone())]);
    assert!(printed(&["conflicts", "show"], database.path(), &[&ids[0]]).contains("is not in conflict"));

    // Rows of another profile are not cleared.
    database.execute(&format!("UPDATE morango_store SET profile = 'other' WHERE id = '{}'", ids[2]));
    assert_eq!(
        printed(&["conflicts", "clear"], database.path(), &["--all"]),
        "cleared the conflicts of 27 records\n"
    );
    assert_eq!(printed(&["conflicts", "clear"], database.path(), &["--all"]), "no record is in conflict\n");
    assert_eq!(printed(&["conflicts", "list"], database.path(), &[]), "no record is in conflict\n");
    assert_eq!(
        database.all::<String>("SELECT id FROM morango_store WHERE conflicting_serialized_data <> ''"),
        [ids[2].clone()]
    );
    let dirty =
        |database: &Scratch| database.one::<i64>("SELECT count(*) FROM morango_store WHERE dirty_bit");
    assert_eq!(dirty(&database), dirty(&before));
}

#[test]
fn clearing_waits_for_a_lock_no_longer_than_it_is_told() {
    let database = Scratch::of("kolibri-30-mixed");
    let kolibri = database.connect();
    kolibri.execute_batch("BEGIN IMMEDIATE").unwrap();
    let message =
        message(&output(&["conflicts", "clear"], database.path(), &["--all", "--busy-timeout", "0"]));
    assert!(message.contains("the database is locked by another program"), "{message}");
    kolibri.execute_batch("ROLLBACK").unwrap();
    assert_eq!(
        database.one::<i64>("SELECT count(*) FROM morango_store WHERE conflicting_serialized_data <> ''"),
        30
    );
}

#[test]
fn kolibris_tables_are_as_its_models_declare_them() {
    for fixture in ["kolibri-30", "kolibri-30-mixed-serialized"] {
        let database = Scratch::of(fixture);
        assert_eq!(parsed(&["check"], database.path(), &[]), json!({ "matches": true, "differences": [] }));
        assert_eq!(printed(&["check"], database.path(), &[]), "the tables are as the models declare them\n");
    }
}

#[test]
fn every_difference_is_named_at_once() {
    let database = Scratch::of("kolibri-30");
    database.execute(
        "ALTER TABLE lessons_lesson RENAME COLUMN title TO heading; DROP TABLE bookmarks_bookmark; \
         ALTER TABLE exams_exam DROP COLUMN seed",
    );
    let output = output(&["check"], database.path(), &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    let found: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(found["matches"], false);
    let differences = found["differences"].to_string();
    for named in ["`title`", "`lessons_lesson`", "`bookmarks_bookmark`", "`seed`"] {
        assert!(differences.contains(named), "{differences}");
    }
    let count = found["differences"].as_array().unwrap().len();
    let stderr = text(&output.stderr);
    assert!(stderr.trim_end().ends_with(&format!("differs from its models in {count} places")), "{stderr}");
    assert_eq!(stderr.lines().count(), 1);
}

#[test]
fn what_is_no_database_of_morango_is_refused_by_every_command() {
    let empty = Scratch::empty();
    let id = "0123456789abcdef0123456789abcdef";
    let commands: [(&[&str], &[&str]); 5] = [
        (&["inspect"], &[id]),
        (&["conflicts", "list"], &[]),
        (&["conflicts", "show"], &[id]),
        (&["conflicts", "clear"], &["--all"]),
        (&["check"], &[]),
    ];
    for (command, rest) in commands {
        let message = message(&output(command, empty.path(), rest));
        assert!(message.contains("there is no such file"), "{message}");
        assert_eq!(empty.files(), Vec::<String>::new());
    }
    empty.execute("CREATE TABLE t (x)");
    for (command, rest) in commands {
        let message = message(&output(command, empty.path(), rest));
        assert!(message.contains("no table `morango_store`"), "{message}");
    }
    fs::write(empty.path(), "This is no database, although it is long enough to be one. ".repeat(20))
        .unwrap();
    for (command, rest) in commands {
        let message = message(&output(command, empty.path(), rest));
        assert!(message.contains("is not an SQLite database"), "{message}");
    }
}
