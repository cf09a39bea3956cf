//! The command `deserialize`.

use std::process::Stdio;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{App, succeeded, text};

/// A database whose store is complete and has nothing for the app.
fn serialized() -> (App, [String; 2]) {
    let (app, ids) = App::with_notes();
    app.printed(&["serialize"]);
    (app, ids)
}

/// Changes a value in the text of a record in the store, as a received version does.
fn receive(app: &App, id: &str, key: &str, value: &str) {
    let connection = Connection::open(app.path()).unwrap();
    let changed = connection
        .execute(
            "UPDATE morango_store SET dirty_bit = 1, serialized = json_set(serialized, '$.' || ?2, ?3) WHERE id = ?1",
            [id, key, value],
        )
        .unwrap();
    assert_eq!(changed, 1);
}

fn waiting(app: &App) -> u64 {
    app.one("SELECT count(*) FROM morango_store WHERE dirty_bit")
}

fn title(app: &App, id: &str) -> String {
    app.one(&format!("SELECT title FROM note WHERE id = '{id}'"))
}

#[test]
fn what_arrived_is_written_to_the_app() {
    let (app, [bread, milk]) = serialized();
    receive(&app, &bread, "title", "Rye bread");
    app.execute(&format!("UPDATE morango_store SET dirty_bit = 1, deleted = 1 WHERE id = '{milk}'"));
    let nothing = app.json(&["deserialize", "--filter", "elsewhere"]);
    assert_eq!((&nothing["records"], &nothing["deleted"]), (&json!(0), &json!(0)));
    assert_eq!(waiting(&app), 2);

    let done = app.json(&["deserialize", "notes.sqlite3", "--filter", "elsewhere", "--filter", "note"]);
    let counts = |value: &Value| {
        ["created", "updated", "deleted", "passed_on", "cascaded", "unsaved", "failed"]
            .map(|key| value[key].as_u64().unwrap())
    };
    assert_eq!(counts(&done), [0, 1, 1, 0, 0, 0, 0]);
    assert_eq!(counts(&done["models"][0]), counts(&done));
    assert_eq!((&done["models"][0]["model"], &done["models"][0]["failures"]), (&json!("note"), &json!([])));
    assert_eq!((&done["records"], &done["unknown"]), (&json!(1), &json!(0)));
    assert!(done["seconds"].is_f64() && done["stages"].as_array().unwrap().len() > 2, "{done}");
    assert_eq!(title(&app, &bread), "Rye bread");
    assert_eq!(app.one::<u64>("SELECT count(*) FROM note"), 1);
    assert_eq!(waiting(&app), 0);

    // Nothing of it is a change of the app.
    let again = app.json(&["serialize"]);
    assert_eq!((&again["records"], &again["deleted"]), (&json!(0), &json!(0)));
    let printed = app.printed(&["deserialize"]);
    assert!(printed.starts_with("0 records (0 created, 0 updated), 0 deleted, 0 failed\n"), "{printed}");
    assert_eq!(printed.lines().count(), 2, "{printed}");
    assert_eq!(app.files(), ["notes.sqlite3"]);
}

#[test]
fn a_lost_row_that_is_restored_comes_back() {
    let (app, [bread, _]) = serialized();
    app.execute(&format!("DELETE FROM note WHERE id = '{bread}'; DELETE FROM morango_deletedmodels"));
    app.printed(&["mend", "--restore-only-in-store", "note"]);
    let printed = app.printed(&["deserialize"]);
    assert!(printed.starts_with("1 record (1 created, 0 updated), 0 deleted, 0 failed\n"), "{printed}");
    assert_eq!(title(&app, &bread), "Bread");
}

#[test]
fn changes_of_the_app_stay_and_the_report_says_what_to_do() {
    let (app, [bread, _]) = serialized();
    receive(&app, &bread, "title", "Rye bread");
    app.execute(&format!("UPDATE note SET title = 'White bread' WHERE id = '{bread}'"));
    let printed = app.printed(&["deserialize"]);
    assert!(
        printed.contains("\n1 wait: the app has changes of them that are not serialised\n")
            && printed.ends_with("\nrun `serialize`, then `deserialize` again, for the records that wait\n"),
        "{printed}"
    );
    assert_eq!(app.json(&["deserialize"])["unsaved"], 1);
    assert_eq!((title(&app, &bread), waiting(&app)), ("White bread".to_owned(), 1));
    app.printed(&["serialize"]);
    assert_eq!(app.json(&["deserialize"])["unsaved"], 0);
    assert_eq!((title(&app, &bread), waiting(&app)), ("White bread".to_owned(), 0));
}

#[test]
fn a_record_that_fails_stays_and_is_no_failure_of_the_program() {
    let (app, [bread, milk]) = serialized();
    receive(&app, &bread, "state", "burnt\u{1b}[31m\nall");
    receive(&app, &milk, "title", "Oat milk");
    let printed = app.printed(&["deserialize"]);
    assert!(printed.starts_with("1 record (0 created, 1 updated), 0 deleted, 1 failed\n"), "{printed}");
    let class = "django.core.exceptions.ValidationError";
    assert!(printed.contains(&format!("\nnote: 1 failed with {class}\n")), "{printed}");
    let named = printed.lines().find(|line| line.starts_with(&format!("note {bread}: "))).unwrap();
    assert!(named.contains("burnt") && named.ends_with(&format!("({class})")), "{printed}");
    assert!(!printed.contains('\u{1b}'), "{printed}");
    assert_eq!((title(&app, &milk), waiting(&app)), ("Oat milk".to_owned(), 1));

    let done = app.json(&["deserialize"]);
    assert_eq!(done["models"][0]["failures"], json!([{ "class": class, "records": 1 }]));
    let first = &done["first_failures"][0];
    assert_eq!(
        (&first["model"], &first["id"], &first["class"]),
        (&json!("note"), &json!(bread), &json!(class))
    );
    assert!(first["text"].as_str().unwrap().contains("burnt"), "{first}");
    assert_eq!(app.json(&["status"])[0]["failures"][0]["first"], json!([bread]));

    let skipped = app.json(&["deserialize", "--skip-erroring"]);
    assert_eq!((&skipped["failed"], &skipped["models"]), (&json!(0), &json!([])));
    receive(&app, &bread, "state", "done");
    assert_eq!(app.json(&["deserialize", "--skip-erroring"])["records"], 0, "it failed before");
    assert_eq!(app.json(&["deserialize"])["updated"], 1);
    assert_eq!(waiting(&app), 0);
}

#[test]
fn of_many_failures_the_first_are_named_and_the_text_controls_no_terminal() {
    let app = App::new();
    for number in 0..12 {
        app.printed(&["add", &number.to_string()]);
    }
    app.printed(&["serialize"]);
    app.execute(
        "UPDATE morango_store SET dirty_bit = 1; \
         CREATE TRIGGER closed BEFORE UPDATE ON note BEGIN SELECT RAISE(ABORT, 'no \u{1b}[2J\nchanges'); END",
    );
    let printed = app.printed(&["deserialize"]);
    assert_eq!(printed.lines().filter(|line| line.starts_with("note ")).count(), 10, "{printed}");
    assert!(
        printed.ends_with("\nof 12 records that failed 10 are named: `status` has the others\n"),
        "{printed}"
    );
    // The counts, the class, the ten, the time and the last line: no text broke a line.
    assert_eq!(printed.lines().count(), 14, "{printed}");
    assert!(printed.contains("\\u{1b}[2J\\nchanges") && !printed.contains('\u{1b}'), "{printed}");
}

#[test]
fn a_later_model_waits_for_a_later_app() {
    let (app, [bread, _]) = serialized();
    app.execute(&format!("UPDATE morango_store SET dirty_bit = 1, model_name = 'list' WHERE id = '{bread}'"));
    let printed = app.printed(&["deserialize"]);
    assert!(printed.contains("\n1 record of models that this app does not have\n"), "{printed}");
    assert_eq!((&app.json(&["deserialize"])["unknown"], waiting(&app)), (&json!(1), 1));
}

#[test]
fn a_run_that_fails_changes_nothing() {
    let (app, [bread, _]) = serialized();
    receive(&app, &bread, "title", "Rye bread");
    app.execute("ALTER TABLE note RENAME COLUMN title TO heading");
    let message = app.message(&["deserialize"]);
    assert!(
        message.starts_with("cannot deserialize notes.sqlite3: ") && message.contains("title"),
        "{message}"
    );
    assert_eq!(waiting(&app), 1);
    app.execute("ALTER TABLE note RENAME COLUMN heading TO title");
    assert_eq!(app.json(&["deserialize"])["updated"], 1);
}

#[test]
fn a_database_that_is_locked_is_waited_for_as_long_as_was_asked() {
    let (app, [bread, _]) = serialized();
    receive(&app, &bread, "title", "Rye bread");
    let lock = Connection::open(app.path()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let message = app.message(&["deserialize", "--busy-timeout", "0"]);
    assert!(message.contains("locked by another program"), "{message}");

    let mut command = app.on("this machine");
    command.args(["deserialize", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let program = command.spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    lock.execute_batch("ROLLBACK").unwrap();
    let done: Value = serde_json::from_str(&succeeded(&program.wait_with_output().unwrap())).unwrap();
    assert_eq!(done["updated"], 1);
}

#[test]
fn wrong_usage_is_2() {
    let (app, _) = serialized();
    for wrong in [&["--filter"][..], &["--busy-timeout", "-1"], &["a", "b"], &["--commit", "once"]] {
        let output = app.run(&[&["deserialize"], wrong].concat());
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{wrong:?}");
    }
    let help = app.printed(&["deserialize", "--help"]);
    assert!(help.contains("`status` lists it") && help.contains("run `serialize` first"), "{help}");
}

/// The command tries the records that a sync brought again, and those that failed.
#[test]
fn what_a_sync_left_is_tried_again() {
    let (app, _) = App::with_notes();
    let mut stick = app.on("this machine");
    stick.env("NOTES_DB", "stick.sqlite3").args(["add", "Salt"]);
    let salt = succeeded(&stick.output().unwrap()).trim_end().to_owned();
    // The app's own rule refuses the record.
    app.execute(
        "CREATE TRIGGER no_salt BEFORE INSERT ON note WHEN new.title = 'Salt' BEGIN SELECT RAISE(ABORT, 'no salt'); END",
    );
    assert_eq!(app.json(&["sync", "stick.sqlite3", "--pull-only"])["failed"], 1);
    assert_eq!(app.json(&["deserialize"])["first_failures"][0]["id"], json!(salt));
    app.execute("DROP TRIGGER no_salt");
    assert_eq!(app.json(&["deserialize"])["created"], 1);
    assert_eq!(title(&app, &salt), "Salt");
}
