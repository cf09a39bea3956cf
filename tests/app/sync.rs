//! The commands `sync` and `new-instance`.

use std::fs;
use std::process::Command;

use serde_json::json;

use crate::{App, succeeded, text};

/// The program on the database `name` in the folder of `app`, on the same machine.
fn on(app: &App, name: &str, arguments: &[&str]) -> Command {
    let mut command = app.on("this machine");
    command.env("NOTES_DB", name).args(arguments);
    command
}

fn run(app: &App, name: &str, arguments: &[&str]) -> String {
    succeeded(&on(app, name, arguments).output().unwrap())
}

#[test]
fn two_databases_exchange_their_records() {
    let (app, _) = App::with_notes();
    run(&app, "stick.sqlite3", &["add", "Salt"]);
    let synced = app.json(&["sync", "stick.sqlite3"]);
    assert_eq!(
        (&synced["pulled"], &synced["pushed"], &synced["conflicts"]),
        (&json!(1), &json!(2), &json!(0))
    );
    let directions: Vec<_> = ["pull", "push"].map(|direction| json!(direction)).into();
    let transfers = synced["transfers"].as_array().unwrap();
    assert_eq!(
        transfers.iter().map(|transfer| transfer["direction"].clone()).collect::<Vec<_>>(),
        directions
    );
    assert_eq!((&transfers[1]["queued"], &transfers[1]["written"]), (&json!(2), &json!(2)));
    for database in ["notes.sqlite3", "stick.sqlite3"] {
        assert_eq!(app.json(&["status", database])[0]["stored"], 3);
    }
    let again = app.printed(&["sync", "notes.sqlite3", "stick.sqlite3"]);
    assert!(again.contains("pull: 0 records and 0 deletions serialised, 0 records sent"), "{again}");
    assert!(again.lines().last().unwrap().starts_with("synced in "), "{again}");
}

#[test]
fn one_way_and_only_under_a_filter() {
    let (app, _) = App::with_notes();
    run(&app, "stick.sqlite3", &["add", "Salt"]);
    let arguments = ["sync", "notes.sqlite3", "stick.sqlite3"];
    let pulled = app.json(&[&arguments[..], &["--pull-only"]].concat());
    assert_eq!((&pulled["pulled"], &pulled["pushed"]), (&json!(1), &json!(0)));
    let elsewhere = app.json(&[&arguments[..], &["--push-only", "--filter", "elsewhere"]].concat());
    assert_eq!((&elsewhere["pulled"], &elsewhere["pushed"]), (&json!(0), &json!(0)));
    let pushed = app.json(&[&arguments[..], &["--push-only", "--filter", "note"]].concat());
    assert_eq!((&pushed["pulled"], &pushed["pushed"]), (&json!(0), &json!(2)));
    let wrong = app.run(&["sync", "stick.sqlite3", "--pull-only", "--push-only"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong.stderr));
}

#[test]
fn a_copy_syncs_once_it_is_a_new_instance() {
    let (app, _) = App::with_notes();
    app.printed(&["serialize"]);
    let copy = app.folder.path().join("copy.sqlite3");
    fs::copy(app.path(), &copy).unwrap();
    let message = app.message(&["sync", "copy.sqlite3"]);
    assert!(
        message.starts_with("cannot sync notes.sqlite3 with copy.sqlite3: both databases are the instance "),
        "{message}"
    );
    assert!(message.ends_with("or the command `new-instance DB`"), "{message}");
    let printed = app.printed(&["new-instance", "copy.sqlite3"]);
    assert!(printed.starts_with("copy.sqlite3 has an id of its own: it is the instance "), "{printed}");
    let synced = app.json(&["sync", "copy.sqlite3"]);
    assert_eq!((&synced["pulled"], &synced["pushed"]), (&json!(0), &json!(0)));
}

#[test]
fn a_database_of_another_application_gets_no_id_from_here() {
    let (app, _) = App::with_notes();
    app.execute("CREATE TABLE django_migrations (id, app, name)");
    let message = app.message(&["new-instance"]);
    assert!(message.starts_with("cannot give notes.sqlite3 an id of its own: "), "{message}");
    assert!(message.contains("its application decides which instance it is"), "{message}");
}

#[test]
fn a_peer_that_is_missing_or_no_database_is_named() {
    let (app, _) = App::with_notes();
    let message = app.message(&["sync", "stick.sqlite3"]);
    assert!(message.starts_with("cannot sync notes.sqlite3 with stick.sqlite3: "), "{message}");
    fs::write(app.folder.path().join("stick.sqlite3"), "no database, but a long enough text").unwrap();
    let message = app.message(&["sync", "stick.sqlite3"]);
    assert!(message.contains("the peer failed: "), "{message}");
}

/// Killed at any time, it goes on at the next run.
#[cfg(unix)]
#[test]
fn killed_at_any_time_the_next_run_finishes_it() {
    let (app, _) = App::with_notes();
    app.execute(
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3000) \
         INSERT INTO note (title, state, written_at) SELECT 'Note ' || i, 'todo', '2026-01-01T00:00:00Z' FROM n",
    );
    run(&app, "stick.sqlite3", &["add", "Salt"]);
    let mut killed = 0;
    for milliseconds in [0, 5, 10, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400, 500, 700] {
        let mut child = on(&app, "notes.sqlite3", &["sync", "stick.sqlite3"]);
        let mut child = child.stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
    }
    assert!(killed > 5, "{killed} were killed");
    app.printed(&["sync", "stick.sqlite3"]);
    let again = app.json(&["sync", "stick.sqlite3"]);
    assert_eq!((&again["pulled"], &again["pushed"]), (&json!(0), &json!(0)));
    for database in ["notes.sqlite3", "stick.sqlite3"] {
        assert_eq!(app.json(&["status", database])[0]["stored"], 3003, "{database}");
        let connection = rusqlite::Connection::open(app.folder.path().join(database)).unwrap();
        let left: u64 = connection
            .query_row(
                "SELECT (SELECT count(*) FROM morango_buffer) + (SELECT count(*) FROM morango_transfersession WHERE active)",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(left, 0, "{database}");
    }
}
