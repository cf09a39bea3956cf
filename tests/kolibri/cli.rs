//! The command line as a contract: exit status, stdout and stderr.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::fixtures::Scratch;
use crate::program::{PROGRAM, run, serialize, status, text};

#[test]
fn wrong_usage_is_2() {
    for arguments in [
        &[][..],
        &["frobnicate"],
        &["serialize"],
        &["status"],
        &["serialize", "a", "b"],
        &["serialize", "a", "--filter"],
        &["serialize", "a", "--busy-timeout", "soon"],
        &["serialize", "a", "--busy-timeout=-1"],
        &["serialize", "a", "--jason"],
        &["serialize", "a", "--commit", "twice"],
        &["serialize", "a", "--commit", "every"],
        &["serialize", "a", "--commit", "every:0"],
        &["serialize", "a", "--commit", "every:-1"],
        &["serialize", "a", "--skip", "some"],
        &["deserialize"],
        &["deserialize", "a", "b"],
        &["deserialize", "a", "--filter"],
        &["deserialize", "a", "--busy-timeout", "soon"],
        &["deserialize", "a", "--commit", "once"],
        &["status", "a", "--filter", "x"],
        &["inspect"],
        &["inspect", "a"],
        &["inspect", "a", "x"],
        &["conflicts", "list"],
        &["conflicts", "show", "a"],
        &["conflicts", "clear", "a"],
        &["conflicts", "clear", "a", "0123456789abcdef0123456789abcdef", "--all"],
        &["check"],
        &["graph", "--format", "svg"],
        &["graph", "a"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
        assert!(text(&output.stderr).contains("--help"), "{arguments:?}");
    }
}

#[test]
fn help_is_not_an_error() {
    for arguments in [&["--help"][..], &["help", "serialize"], &["serialize", "--help"], &["status", "-h"]] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(text(&output.stdout).contains("Usage: syncline-kolibri"), "{arguments:?}");
        assert_eq!(text(&output.stderr), "");
    }
    let help = text(&run(["--help"]).stdout);
    for taught in ["serialize db.sqlite3 --filter PREFIX", "Exit status", "0 for success"] {
        assert!(help.contains(taught), "{help}");
    }
    assert!(text(&run(["--version"]).stdout).starts_with("syncline-kolibri 0."));
}

/// `graph` prints each stage and its limit without a database.
#[test]
fn the_flow_is_drawn_without_a_database() {
    let graph = |arguments: &[&str]| {
        let output = run([&["graph"], arguments].concat());
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()), "{arguments:?}");
        text(&output.stdout)
    };
    let plain = graph(&[]);
    assert!(plain.lines().all(|line| line.chars().count() <= 100), "{plain}");
    for (stage, held) in [
        ("records: ", "at most 1,000 items or 4 MiB are held"),
        ("=> buffer(CHUNK, bytes: CHUNK_BYTES, of: Loaded::weight)", "500 items or 2 MiB"),
        ("=> SelfRefOrder::new(transaction)", "the orders of 4,096"),
    ] {
        let line = plain.lines().find(|line| line.starts_with(stage)).unwrap();
        assert!(line.contains(held), "{plain}");
    }
    assert!(plain.contains("\nhard deletions: at most 500 items"), "{plain}");
    assert_eq!(graph(&["--format", "text"]), plain);
    assert!(graph(&["--format", "mermaid"]).contains("\nflowchart TB\n"));
    assert!(graph(&["--format=dot"]).starts_with("digraph {"));
}

#[test]
fn json_is_one_object_with_these_keys() {
    let database = Scratch::of("kolibri-30");
    let outcome = serialize(database.path(), &[]);
    for key in ["records", "created", "updated", "deleted", "hard_deleted", "counter"] {
        assert!(outcome[key].is_u64(), "{key}");
    }
    assert_eq!(outcome["records"], 1695);
    assert!(outcome["seconds"].as_f64().unwrap() >= 0.0);
    assert_eq!(outcome["instance"].as_str().unwrap().len(), 32);
    let peak = &outcome["peak_rss_bytes"];
    if cfg!(target_os = "linux") {
        assert!(peak.as_u64().unwrap() > 1 << 20, "{peak}");
    }
    let stages = outcome["stages"].as_array().unwrap();
    assert!(stages.len() >= 4, "{stages:?}");
    for stage in stages {
        for key in ["seconds", "seconds_upstream", "seconds_downstream", "filtered", "failed", "retried"] {
            assert!(stage["stage"].is_string() && stage[key].is_number(), "{stage}");
        }
    }
    // Chunks and their records are counted apart.
    let buffer = &stages[1];
    assert_eq!((&buffer["in"], &buffer["out"]), (&Value::from(1695), &buffer["chunks_out"]));
    assert_eq!((&buffer["singles_out"], &buffer["chunks_in"]), (&Value::from(1695), &Value::Null));
    let bottlenecks = stages.iter().filter(|stage| stage["is_bottleneck"] == true).count();
    assert!((1..=3).contains(&bottlenecks), "of each pipeline one at most: {stages:?}");
    let source = &stages[0];
    assert_eq!((&source["in"], &source["out"]), (&Value::Null, &Value::from(1695)));
}

#[test]
fn json_says_how_often_it_committed_and_what_room_it_took() {
    let database = Scratch::of("kolibri-30");
    let output = run([
        "serialize".as_ref(),
        database.path().as_os_str(),
        "--json".as_ref(),
        "--commit=every:1".as_ref(),
    ]);
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&outcome["commits"], &outcome["counter"]), (&Value::from(4), &Value::from(4)));
    assert_eq!(outcome["skipped"], Value::Array(Vec::new()));
    assert!(outcome["estimated_bytes"]["log"].as_u64().unwrap() > 1 << 20, "{outcome}");
    assert!(outcome["estimated_bytes"]["file"].as_u64().unwrap() > 1 << 20, "{outcome}");
    if cfg!(unix) {
        assert!(outcome["free_bytes"].is_u64(), "{outcome}");
    }
}

#[test]
fn what_is_skipped_is_named_on_stderr_and_in_json() {
    let database = Scratch::of("kolibri-30-serialized");
    database.execute(
        "UPDATE lessons_lesson SET _morango_dirty_bit = 1;
         UPDATE lessons_lesson SET title = x'00' WHERE id = (SELECT min(id) FROM lessons_lesson);
         UPDATE morango_store SET serialized = 'none' WHERE id = (SELECT max(id) FROM lessons_lesson);",
    );
    let ids: Vec<String> = database.all(
        "SELECT id FROM lessons_lesson WHERE id IN
             (SELECT min(id) FROM lessons_lesson UNION SELECT max(id) FROM lessons_lesson) ORDER BY id",
    );
    let skip = |most: &str| {
        run(["serialize".as_ref(), database.path().as_os_str(), "--json".as_ref(), most.as_ref()])
    };
    // One more than the limit: the run fails at it, names the skipped one as well, and changes nothing.
    let output = skip("--skip=1");
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    assert_eq!(stderr.lines().count(), 2, "{stderr}");
    assert!(ids.iter().all(|id| stderr.contains(id)), "{stderr}");
    assert_eq!(database.one::<i64>("SELECT count(*) FROM lessons_lesson WHERE _morango_dirty_bit"), 3);

    let output = skip("--skip=2");
    assert_eq!(output.status.code(), Some(0));
    let stderr = text(&output.stderr);
    assert_eq!(stderr.lines().count(), 2, "{stderr}");
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcome["updated"], 1);
    for (id, (skipped, why)) in
        ids.iter().zip(outcome["skipped"].as_array().unwrap().iter().zip(["blob", "serialized"]))
    {
        assert_eq!(
            (&skipped["table"], &skipped["id"]),
            (&Value::from("lessons_lesson"), &Value::from(&**id))
        );
        assert!(skipped["error"].as_str().unwrap().contains(why), "{skipped}");
        let line = format!("syncline-kolibri: skipped record {id} of table lessons_lesson: ");
        assert!(stderr.lines().any(|said| said.starts_with(&line)), "{stderr}");
    }
}

/// Every record of the store arrives again, one of them with a title that Kolibri refuses. Kolibri refuses one of its own exams, too.
#[test]
fn what_waits_in_the_store_is_written_and_what_fails_is_named() {
    let database = Scratch::of("kolibri-30-serialized");
    let schema =
        "SELECT group_concat(name || coalesce(sql, '')) FROM (SELECT * FROM sqlite_schema ORDER BY name)";
    let before: String = database.one(schema);
    let lesson: String = database.one("SELECT min(id) FROM lessons_lesson");
    database.execute(&format!(
        "UPDATE morango_store SET dirty_bit = 1;
         UPDATE morango_store SET serialized = json_set(serialized, '$.title', printf('%.60c', 'x')) WHERE id = '{lesson}';"
    ));
    let waiting: u64 = database.one("SELECT count(*) FROM morango_store WHERE NOT deleted");
    let deserialize = |arguments: &[&str]| {
        let mut all = vec!["deserialize".as_ref(), database.path().as_os_str()];
        all.extend(arguments.iter().map(AsRef::<OsStr>::as_ref));
        let output = run(all);
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
        text(&output.stdout)
    };
    let outcome: Value = serde_json::from_str(&deserialize(&["--json"])).unwrap();
    let failed = outcome["failed"].as_u64().unwrap();
    assert_eq!(outcome["updated"].as_u64(), Some(waiting - failed), "{outcome}");
    let lessons =
        outcome["models"].as_array().unwrap().iter().find(|model| model["model"] == "lesson").unwrap();
    assert_eq!((&lessons["failed"], &lessons["unsaved"]), (&Value::from(1), &Value::from(0)), "{outcome}");
    assert_eq!(outcome["first_failures"][0]["id"], Value::from(&*lesson));

    let printed = deserialize(&[]);
    for part in [
        format!("0 deleted, {failed} failed\n"),
        "\nlesson: 1 failed with django.core.exceptions.ValidationError\n".to_owned(),
        format!("\nlesson {lesson}: {{'title': ['Ensure this value has at most 50 characters"),
        format!("\nof {failed} records that failed 10 are named: `status` has the others\n"),
    ] {
        assert!(printed.contains(&part), "{printed}");
    }
    let listed: u64 = status(database.path()).iter().filter_map(|line| line["failed"].as_u64()).sum();
    assert_eq!(listed, failed);
    assert!(deserialize(&["--skip-erroring"]).contains(" 0 failed\n"), "they failed before");
    assert_eq!(database.one::<String>(schema), before);
    // Kolibri gives a coach of a class a role in the facility, too. That row is new, and all that the app has to serialise.
    let role = "SELECT group_concat(kind) FROM kolibriauth_role WHERE _morango_dirty_bit";
    assert_eq!(database.one::<String>(role), "classroom assignable coach");
    assert_eq!(serialize(database.path(), &[])["records"], 1);
}

#[test]
fn people_get_a_report_and_no_bar_where_there_is_no_terminal() {
    let database = Scratch::of("kolibri-30");
    let output = run([OsStr::new("serialize"), database.path().as_os_str()]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
    let report = text(&output.stdout);
    assert!(report.contains("1695"), "{report}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let database = Scratch::of("kolibri-30");
    for command in ["status", "serialize"] {
        let mut child = Command::new(PROGRAM)
            .arg(command)
            .arg(database.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()), "{command}");
    }
    assert_eq!(database.one::<i64>("SELECT count(*) FROM morango_store"), 1695);
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_printed_is_an_error_that_says_what_was_done() {
    let database = Scratch::of("kolibri-30");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(PROGRAM);
    command.arg("serialize").arg(database.path()).stdout(full).stderr(Stdio::piped());
    let message = crate::program::message(&command.spawn().unwrap().wait_with_output().unwrap());
    assert!(message.contains("is serialized"), "{message}");
    assert_eq!(database.one::<i64>("SELECT count(*) FROM morango_store"), 1695);
}

#[test]
fn a_prefix_may_look_like_an_option() {
    let database = Scratch::of("kolibri-30");
    assert_eq!(serialize(database.path(), &["--json", "-x"])["records"], 0);
    let prefixes =
        "SELECT group_concat(partition) FROM (SELECT partition FROM morango_databasemaxcounter ORDER BY 1)";
    assert_eq!(database.one::<String>(prefixes), "--json,-x");
}
