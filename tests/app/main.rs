//! The command line of an application: runs the program `examples/notes`.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod deserialize;
mod sync;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::types::FromSql;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with the program's database.
struct App {
    folder: TempDir,
}

impl App {
    /// Makes a folder without a database.
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// Makes a database with two notes, and returns their ids.
    fn with_notes() -> (Self, [String; 2]) {
        let app = Self::new();
        let ids = [&["Bread"][..], &["Milk", "--done"]]
            .map(|arguments| app.printed(&[&["add"], arguments].concat()).trim_end().to_owned());
        (app, ids)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("notes.sqlite3")
    }

    /// The program in the folder, on a machine with this name.
    fn on(&self, machine: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_notes"));
        command.current_dir(self.folder.path());
        command.env("MORANGO_SYSTEM_ID", machine).env("MORANGO_NODE_ID", machine);
        for variable in ["NOTES_DB", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.on("this machine").args(arguments).output().unwrap()
    }

    /// Runs the program, asserts success, and returns its output.
    #[track_caller]
    fn printed(&self, arguments: &[&str]) -> String {
        succeeded(&self.run(arguments))
    }

    /// Like [`printed`](Self::printed), parsed as JSON.
    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.printed(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// Runs the program, asserts failure, and returns its message.
    #[track_caller]
    fn message(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()), "{arguments:?}");
        let stderr = text(&output.stderr);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        stderr.trim_end().strip_prefix("notes: ").unwrap().to_owned()
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn execute(&self, sql: &str) {
        Connection::open(self.path()).unwrap().execute_batch(sql).unwrap();
    }

    fn one<T: FromSql>(&self, sql: &str) -> T {
        Connection::open(self.path()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    text(&output.stdout)
}

#[test]
fn every_command_works_on_the_default_database_and_on_a_named_one() {
    let (app, [bread, milk]) = App::with_notes();
    let status = |dirty, stored| json!([{ "model": "note", "rows": 2, "dirty": dirty, "stored": stored, "deleted": 0, "in_conflict": 0 }]);
    assert_eq!(app.json(&["status"]), status(2, 0));
    assert_eq!(app.json(&["check"]), json!({ "matches": true, "differences": [] }));

    let serialized = app.json(&["serialize"]);
    assert_eq!((&serialized["created"], &serialized["counter"]), (&json!(2), &json!(1)));
    assert_eq!(app.json(&["status", "notes.sqlite3"]), status(0, 2));

    app.execute("UPDATE note SET title = 'Rye bread' WHERE title = 'Bread'");
    assert_eq!(app.json(&["serialize", "notes.sqlite3", "--filter", "elsewhere"])["records"], 0);
    assert_eq!(app.json(&["serialize", "notes.sqlite3", "--filter", "not"])["updated"], 1);

    for arguments in [&["inspect", bread.as_str()][..], &["inspect", "notes.sqlite3", bread.as_str()]] {
        let inspected = app.json(arguments);
        let stored: Value = serde_json::from_str(inspected["store"]["serialized"].as_str().unwrap()).unwrap();
        assert_eq!((&stored["title"], &stored["state"]), (&json!("Rye bread"), &json!("todo")));
        assert_eq!(inspected["record"]["serialized"], inspected["store"]["serialized"]);
        assert_eq!(inspected["record"]["local"], json!({ "scroll_position": "null" }));
        assert_eq!(inspected["counters"][0]["counter"], 3);
    }
    assert!(app.printed(&["inspect", &milk]).contains("\"done\""));

    assert_eq!(app.json(&["conflicts", "list"]), json!([]));
    app.execute(
        "UPDATE morango_store SET conflicting_serialized_data = '{\"title\": \"Br\\u00f6t\"}' || char(10)",
    );
    assert_eq!(app.json(&["conflicts", "list"]).as_array().unwrap().len(), 2);
    assert!(app.printed(&["conflicts", "show", &milk]).contains("title  \"Milk\"  \"Bröt\""));
    assert_eq!(app.json(&["conflicts", "show", &milk])["conflicts"], json!([r#"{"title": "Br\u00f6t"}"#]));
    assert_eq!(app.json(&["conflicts", "clear", &milk]), json!({ "cleared": 1 }));
    assert_eq!(app.printed(&["conflicts", "clear", "--all"]), "cleared the conflicts of 1 record\n");
    app.execute("UPDATE morango_store SET conflicting_serialized_data = '{\"title\": \"Rye\"}' || char(10)");
    assert_eq!(app.json(&["conflicts", "resolve", &bread, "--theirs"]), json!({ "resolved": bread }));
    let resolved = format!("SELECT serialized FROM morango_store WHERE id = '{bread}' AND dirty_bit");
    assert_eq!(app.one::<String>(&resolved), r#"{"title": "Rye"}"#);
    let printed = app.printed(&["conflicts", "resolve", "notes.sqlite3", &milk, "--text", "{\"title\": 1}"]);
    assert_eq!(printed, format!("resolved the conflict of {milk}\n"));
    let message = app.message(&["conflicts", "resolve", &milk, "--mine"]);
    assert!(message.ends_with("is not in conflict: nothing was changed"), "{message}");
    assert!(app.printed(&["graph"]).contains("StoreWriter"));
    assert_eq!(app.files(), ["notes.sqlite3"]);
}

#[test]
fn the_program_makes_no_database_but_by_its_own_command() {
    let app = App::new();
    for arguments in [&["status"][..], &["serialize"], &["deserialize"], &["check"], &["conflicts", "list"]] {
        let message = app.message(arguments);
        assert!(message.ends_with("cannot open notes.sqlite3: there is no such file"), "{message}");
        assert_eq!(app.files(), Vec::<String>::new());
    }
    // A database without sync tables gets none.
    app.execute("CREATE TABLE note (id, title)");
    for command in ["serialize", "deserialize"] {
        let message = app.message(&[command]);
        assert!(message.contains("no table `morango_store`"), "{message}");
    }
    assert_eq!(app.one::<i64>("SELECT count(*) FROM sqlite_schema"), 1);
}

#[test]
fn a_file_that_was_copied_to_another_machine_counts_with_another_name() {
    let (app, _) = App::with_notes();
    app.printed(&["serialize"]);
    app.execute("UPDATE note SET title = 'Oat milk' WHERE title = 'Milk'");
    let there: Value = serde_json::from_str(&succeeded(
        &app.on("another machine").args(["serialize", "--json"]).output().unwrap(),
    ))
    .unwrap();
    assert_eq!((&there["updated"], &there["counter"]), (&json!(1), &json!(1)));
    let counters: i64 = app.one("SELECT count(DISTINCT instance_id) FROM morango_recordmaxcounter");
    assert_eq!(counters, 2);
    // Reading commands do not change the current instance.
    let current = |app: &App| app.one::<String>("SELECT id FROM morango_instanceidmodel WHERE current");
    let before = current(&app);
    app.printed(&["status"]);
    app.printed(&["conflicts", "clear", "--all"]);
    assert_eq!(current(&app), before);
    assert_eq!(there["instance"], json!(before));
}

#[test]
fn wrong_usage_is_2_and_shows_how_to_ask_for_help() {
    let (app, [bread, _]) = App::with_notes();
    for arguments in [
        &["frobnicate"][..],
        &["inspect"],
        &["inspect", "other.sqlite3"],
        &["inspect", "x", "notes.sqlite3"],
        &["conflicts", "clear"],
        &["conflicts", "clear", &bread, "--all"],
        &["conflicts", "clear", &bread, "x"],
        &["conflicts", "resolve", &bread],
        &["conflicts", "resolve", &bread, "--mine", "--theirs"],
        &["add"],
        &["serialize", "--busy-timeout", "-1"],
        &["graph", "--format", "jpeg"],
    ] {
        let output = app.run(arguments);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{arguments:?}");
        assert!(text(&output.stderr).contains("--help"), "{}", text(&output.stderr));
    }
}

#[test]
fn the_help_teaches() {
    let app = App::new();
    let help = app.printed(&["--help"]);
    for taught in [
        "Keeps notes in step on all of my machines",
        "Usage: notes <COMMAND>",
        "notes serialize --filter PREFIX     only records whose partition begins with PREFIX",
        "notes deserialize                   write what arrived in the store to the app's tables",
        "add           Add a note",
        "Exit status: 0 for success",
    ] {
        assert!(help.contains(taught), "{help}");
    }
    assert!(app.printed(&["status", "--help"]).contains("left out, it is notes.sqlite3"));
    assert!(app.printed(&["conflicts", "clear", "--help"]).contains("Usage: notes conflicts clear"));
    assert!(app.printed(&["--version"]).starts_with("notes 0."));
    // Without arguments the program prints its help.
    let output = app.run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("Examples:"));
}

#[test]
fn colours_are_for_those_who_want_them() {
    let (app, [bread, _]) = App::with_notes();
    let colours = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = app.on("this machine");
        command.args(arguments).envs(variables.iter().copied());
        succeeded(&command.output().unwrap()).contains('\u{1b}')
    };
    for arguments in [&["status"][..], &["inspect", &bread]] {
        assert!(!colours(&[], arguments), "{arguments:?} is in a pipe");
        assert!(colours(&[("CLICOLOR_FORCE", "1")], arguments), "{arguments:?}");
        assert!(!colours(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], arguments), "{arguments:?}");
    }
    assert!(!colours(&[("CLICOLOR_FORCE", "1")], &["status", "--json"]), "a program reads it");
}

#[test]
fn differences_are_named_and_the_status_says_that_there_are_some() {
    let (app, _) = App::with_notes();
    app.execute("ALTER TABLE note RENAME COLUMN title TO heading");
    let output = app.run(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("`title`"), "{}", text(&output.stdout));
    assert!(text(&output.stderr).starts_with("notes: notes.sqlite3 differs from its models in "));
}

/// A backup that was copied over the file uses no counter again, once that is said.
#[test]
fn a_backup_that_was_put_back_is_another_instance() {
    let (app, _) = App::with_notes();
    let first = app.json(&["serialize"]);
    let backup = app.folder.path().join("backup");
    fs::copy(app.path(), &backup).unwrap();
    app.execute("UPDATE note SET title = 'Rye bread' WHERE title = 'Bread'");
    assert_eq!(app.json(&["serialize"])["counter"], 2);

    fs::copy(&backup, app.path()).unwrap();
    let restored = app.json(&["restored"]);
    assert_ne!(restored["instance"], first["instance"]);
    app.execute("UPDATE note SET title = 'White bread' WHERE title = 'Bread'");
    let serialized = app.json(&["serialize", "notes.sqlite3"]);
    assert_eq!((&serialized["instance"], &serialized["counter"]), (&restored["instance"], &json!(1)));

    let printed = app.printed(&["restored", "notes.sqlite3"]);
    let again: String = app.one("SELECT id FROM morango_instanceidmodel WHERE current");
    assert_eq!(printed, format!("notes.sqlite3 is the instance {again} now\n"));
    assert_ne!(restored["instance"], json!(again));

    app.execute("CREATE TABLE django_migrations (id)");
    let message = app.message(&["restored"]);
    assert!(message.contains("notes.sqlite3") && message.contains("`django_migrations`"), "{message}");
    assert_eq!(app.one::<String>("SELECT id FROM morango_instanceidmodel WHERE current"), again);
}

#[test]
fn odd_text_in_a_column_is_named_by_table_column_and_record() {
    let (app, [bread, _]) = App::with_notes();
    app.execute(&format!("UPDATE note SET written_at = '2025-02-30 00:00:00' WHERE id = '{bread}'"));
    let message = app.message(&["serialize"]);
    let expected = format!(
        "column `written_at` of table `note`, record `{bread}`: `2025-02-30 00:00:00` is not in the calendar"
    );
    assert!(message.ends_with(&expected), "{message}");
    assert_eq!(app.json(&["status"])[0]["dirty"], 2);
}

#[test]
fn the_environment_may_name_the_database() {
    let (app, [bread, _]) = App::with_notes();
    let other = App::new();
    let named = |path: &Path| {
        let mut command = other.on("this machine");
        command.args(["inspect", &bread]).env("NOTES_DB", path);
        command.output().unwrap()
    };
    assert!(succeeded(&named(&app.path())).contains("\"Bread\""));
    assert_eq!(named(Path::new("elsewhere.sqlite3")).status.code(), Some(1));
}

#[test]
fn a_database_that_is_locked_is_waited_for_as_long_as_was_asked() {
    let (app, _) = App::with_notes();
    let lock = Connection::open(app.path()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut program = app
        .on("this machine")
        .args(["serialize", "--busy-timeout", "0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // With a longer timeout it would succeed after the release of the lock.
    let start = Instant::now();
    while program.try_wait().unwrap().is_none() && start.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(20));
    }
    lock.execute_batch("ROLLBACK").unwrap();
    let output = program.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("locked by another program"), "{}", text(&output.stderr));
    assert_eq!(app.json(&["serialize"])["created"], 2);
}

#[test]
fn a_copy_that_cannot_be_serialised_elsewhere_stays_as_it_was() {
    let (app, [bread, _]) = App::with_notes();
    app.json(&["serialize"]);
    app.execute(&format!("UPDATE note SET title = CAST(x'ff' AS TEXT) WHERE id = '{bread}'"));
    let instances = "SELECT group_concat(id || current || counter) FROM morango_instanceidmodel";
    let before: String = app.one(instances);
    let output = app.on("another machine").arg("serialize").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("is text that is not UTF-8"), "{}", text(&output.stderr));
    assert_eq!(app.one::<String>(instances), before);

    app.execute(&format!("UPDATE note SET title = 'Rye bread' WHERE id = '{bread}'"));
    assert!(app.on("another machine").arg("serialize").status().unwrap().success());
    assert_ne!(app.one::<String>(instances), before);
    assert_eq!(app.one::<i64>("SELECT count(*) FROM morango_instanceidmodel WHERE current"), 1);
}

#[test]
fn what_broken_transfers_left_is_removed_only_when_told() {
    let (app, _) = App::with_notes();
    let nothing =
        json!({ "done": false, "removed": [], "kept": [], "records": 0, "bytes": 0, "vacuumed": null });
    assert_eq!(app.json(&["cleanup"]), nothing);
    assert_eq!(app.printed(&["cleanup"]), "no transfer that is long dead left anything\n");
    let session = "0123456789abcdef0123456789abcdef";
    app.execute(&format!(
        "PRAGMA foreign_keys = off; \
         INSERT INTO morango_buffer (serialized, deleted, last_saved_instance, last_saved_counter, model_name, profile, partition, \
         model_uuid, transfer_session_id, conflicting_serialized_data, _self_ref_fk, source_id, hard_deleted) \
         VALUES (hex(zeroblob(500000)), 0, '', 1, 'note', 'notes', '', '{session}', '{session}', '', '', '', 0)"
    ));
    let printed = app.printed(&["cleanup"]);
    assert!(
        printed.contains(&format!("{session}  unknown session  -      -              1        976.56 KiB")),
        "{printed}"
    );
    assert!(
        printed.ends_with("would remove 1 record (976.56 KiB) of 1 session: give --yes to do it\n"),
        "{printed}"
    );
    let found = app.json(&["cleanup", "notes.sqlite3", "--older-than", "12h"]);
    assert_eq!(
        (&found["done"], &found["bytes"], &found["removed"][0]["dead"]),
        (&json!(false), &json!(1_000_000), &json!(true))
    );
    assert_eq!(app.one::<i64>("SELECT count(*) FROM morango_buffer"), 1);
    for wrong in [&["--older-than", "7"][..], &["--older-than", "-1d"], &["--session", "x"], &["--vacuum"]] {
        let output = app.run(&[&["cleanup"], wrong].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
    let message = app.message(&["cleanup", "--session", &"f".repeat(32), "--yes"]);
    assert!(message.ends_with("has no buffers: nothing was removed"), "{message}");

    let before = fs::metadata(app.path()).unwrap().len();
    let printed = app.printed(&["cleanup", "--yes", "--vacuum"]);
    assert!(printed.contains("removed 1 record (976.56 KiB) of 1 session\n\ngave "), "{printed}");
    assert_eq!(app.one::<i64>("SELECT count(*) FROM morango_buffer"), 0);
    let after = fs::metadata(app.path()).unwrap().len();
    assert!(after + 900_000 < before, "{before} {after}");
    assert_eq!(app.json(&["serialize"])["created"], json!(2));
    assert_eq!(app.files(), ["notes.sqlite3"]);
}

#[test]
fn the_status_says_what_waits_and_what_failed() {
    let (app, [bread, _]) = App::with_notes();
    app.printed(&["serialize"]);
    assert_eq!(app.printed(&["status"]).lines().count(), 3, "nothing waits");
    app.execute(&format!(
        "PRAGMA foreign_keys = off; \
         UPDATE morango_store SET dirty_bit = 1; \
         UPDATE morango_store SET deserialization_error = '[''book with id {bread} failed to deserialize'']', \
         deserialization_exception = 'django.core.exceptions.ValidationError' WHERE id = '{bread}'; \
         INSERT INTO morango_buffer (serialized, deleted, last_saved_instance, last_saved_counter, model_name, profile, partition, \
         model_uuid, transfer_session_id, conflicting_serialized_data, _self_ref_fk, source_id, hard_deleted) \
         VALUES ('{{}}', 0, '{bread}', 3, 'note', 'notes', '', '{bread}', '{bread}', '', '', '', 0)"
    ));
    let printed = app.printed(&["status"]);
    let notes: Vec<_> = printed.lines().skip(3).collect();
    let expected = [
        "2 records of `note` in the store, not in the app yet",
        "  1 record failed: ValidationError: ['book with id … failed to deserialize'] (known: they fail with a record that they refer to)",
        "1 record (2 B) of 1 transfer left in buffers: see `cleanup`",
    ];
    assert_eq!(notes, expected);
    let status = app.json(&["status"]);
    assert_eq!((&status[0]["waiting"], &status[0]["failed"]), (&json!(2), &json!(1)));
    assert_eq!(status[0]["failures"][0]["first"], json!([bread]));
    let inspected = app.json(&["inspect", &bread]);
    assert_eq!(inspected["store"]["deserialization_exception"], "django.core.exceptions.ValidationError");
    assert_eq!(
        (&inspected["buffered"][0]["state"], &inspected["buffered"][0]["bytes"]),
        (&json!("unknown session"), &json!(2))
    );
    let printed = app.printed(&["inspect", &bread]);
    assert!(
        printed.contains("failed to deserialize'] (django.core.exceptions.ValidationError)"),
        "{printed}"
    );
    assert!(printed.contains("in the buffers of"), "{printed}");
}

#[test]
fn what_the_app_lost_is_restored_only_when_told() {
    let (app, [bread, _]) = App::with_notes();
    app.printed(&["serialize"]);
    app.execute(&format!(
        "DELETE FROM note WHERE id = '{bread}'; DELETE FROM morango_deletedmodels; DELETE FROM morango_recordmaxcounter"
    ));
    let output = app.run(&["check", "--deep"]);
    let printed = text(&output.stdout);
    assert_eq!((output.status.code(), printed.lines().count()), (Some(1), 2), "{printed}");
    assert!(
        printed.contains("mend --restore-only-in-store note") && printed.contains("mend --counters"),
        "{printed}"
    );
    let both = app.message(&["mend", "--restore-only-in-store", "note", "--delete-only-in-store", "note"]);
    assert!(both.ends_with("the records of `note` are to be deleted and restored"), "{both}");
    let mended = app.json(&["mend", "--restore-only-in-store", "note", "--counters"]);
    let expected = json!({ "marked": 0, "listed_as_deleted": 0, "restored": 1, "only_in_store": 0, "counters": 2, "raised_counter": false });
    assert_eq!(mended, expected);
    assert_eq!(app.json(&["check", "--deep"])["matches"], json!(true));
    assert_eq!(app.json(&["status"])[0]["waiting"], json!(1));
}
