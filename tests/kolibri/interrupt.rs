//! Ctrl-C, and cancellation by a token.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio, exit};
use std::sync::Once;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use syncline::{CancelToken, Database, size};
use syncline_kolibri::models::FacilityData;

use crate::compare::assert_same;
use crate::fixtures::Scratch;
use crate::grown::{dirty, grown};
use crate::program::{PROGRAM, serialize, text};

/// Starts a program that receives Ctrl-C. A process in the background may ignore the signal, and its children inherit that. A
/// handler is not inherited, so one is set here.
fn start(database: &Path, arguments: &[&str]) -> Child {
    start_command("serialize", database, arguments)
}

fn start_command(command: &str, database: &Path, arguments: &[&str]) -> Child {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| ctrlc::set_handler(|| exit(130)).unwrap());
    Command::new(PROGRAM)
        .arg(command)
        .arg(database)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn interrupt(child: &Child) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
}

/// Waits until `done`, while `child` runs.
#[track_caller]
fn wait_until(child: &mut Child, mut done: impl FnMut() -> bool) {
    while !done() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was interrupted");
        sleep(Duration::from_millis(1));
    }
}

fn counter(database: &Scratch) -> i64 {
    database.one("SELECT counter FROM morango_instanceidmodel WHERE current")
}

/// Checks the exit status and returns the message.
#[track_caller]
fn interrupted(output: &Output) -> String {
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{message}");
    assert_eq!(text(&output.stdout), "");
    assert_eq!(message.lines().count(), 1, "{message}");
    message
}

#[test]
fn a_run_that_commits_once_ends_and_has_written_nothing() {
    let database = grown("kolibri-30", 60);
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    let before = database.copy();
    let mut child = start(database.path(), &[]);
    let log = database.folder().join("db.sqlite3-wal");
    wait_until(&mut child, || std::fs::metadata(&log).is_ok_and(|log| log.len() > 1 << 20));
    interrupt(&child);
    let message = interrupted(&child.wait_with_output().unwrap());
    assert!(message.contains("interrupted") && message.contains("is as it was"), "{message}");
    assert_eq!(database.files(), ["db.sqlite3"]);
    assert_same(before.path(), database.path(), &[]);
}

#[test]
fn a_run_that_commits_in_between_says_what_stays_and_the_next_one_goes_on() {
    let database = grown("kolibri-30", 60);
    let records = u64::try_from(dirty(&database)).unwrap();
    let mut child = start(database.path(), &["--commit=every:2"]);
    wait_until(&mut child, || counter(&database) >= 3);
    interrupt(&child);
    let message = interrupted(&child.wait_with_output().unwrap());
    let stored: u64 = database.one("SELECT count(*) FROM morango_store");
    let counter = counter(&database);
    assert_eq!(stored, 1000 * u64::try_from(counter).unwrap());
    for part in [format!("{stored} records"), format!("{counter} commits"), "run it again".to_owned()] {
        assert!(message.contains(&part), "{message}");
    }
    let rest = serialize(database.path(), &[]);
    assert_eq!(rest["created"].as_u64().unwrap() + stored, records);
    assert_eq!(database.one::<u64>("SELECT count(*) FROM morango_store"), records);
}

#[test]
fn deserialising_ends_and_has_written_nothing() {
    let database = grown("kolibri-30-serialized", 10);
    serialize(database.path(), &[]);
    database.execute("UPDATE morango_store SET dirty_bit = 1; PRAGMA wal_checkpoint(TRUNCATE)");
    let before = database.copy();
    let mut child = start_command("deserialize", database.path(), &[]);
    let log = database.folder().join("db.sqlite3-wal");
    wait_until(&mut child, || std::fs::metadata(&log).is_ok_and(|log| log.len() > 0));
    interrupt(&child);
    let message = interrupted(&child.wait_with_output().unwrap());
    assert!(message.contains("interrupted") && message.contains("is as it was"), "{message}");
    assert_eq!(database.files(), ["db.sqlite3"]);
    assert_same(before.path(), database.path(), &[]);
}

#[test]
fn who_waits_for_a_lock_hears_it() {
    for command in ["serialize", "deserialize"] {
        let database = Scratch::of("kolibri-30");
        let kolibri = database.connect();
        kolibri.execute_batch("BEGIN IMMEDIATE").unwrap();
        let child = start_command(command, database.path(), &["--busy-timeout=600"]);
        // Long enough for the program to wait for the lock. If it were too short, the exit status would not be 130.
        sleep(Duration::from_millis(1500));
        let start = Instant::now();
        interrupt(&child);
        interrupted(&child.wait_with_output().unwrap());
        assert!(start.elapsed() < Duration::from_secs(30), "{command}");
    }
}

/// While the program opens the database it does not check the token. The second signal ends it then.
#[test]
fn a_second_one_ends_it_at_once() {
    let database = Scratch::of("kolibri-30");
    let before = database.copy();
    let kolibri = database.connect();
    // Locks out readers as well.
    kolibri.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let mut child = start(database.path(), &["--busy-timeout=600"]);
    sleep(Duration::from_secs(1));
    interrupt(&child);
    sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it heard the first one");
    let start = Instant::now();
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(130), ""));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    drop(kolibri);
    assert_same(before.path(), database.path(), &[]);
}

/// The second signal may come during the rollback or after it. In both cases nothing of the transaction stays.
#[test]
fn a_second_one_in_the_middle_of_a_transaction_leaves_the_database_as_it_was() {
    for wait in [0, 1, 5] {
        let database = grown("kolibri-30", 60);
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        let before = database.copy();
        let records = u64::try_from(dirty(&database)).unwrap();
        let mut child = start(database.path(), &[]);
        let log = database.folder().join("db.sqlite3-wal");
        wait_until(&mut child, || std::fs::metadata(&log).is_ok_and(|log| log.len() > 1 << 20));
        interrupt(&child);
        sleep(Duration::from_millis(wait));
        interrupt(&child);
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(130), ""));
        assert_same(before.path(), database.path(), &[]);
        assert_eq!(serialize(database.path(), &[])["created"].as_u64(), Some(records));
    }
}

#[test]
fn a_token_ends_a_run_between_two_commits_and_in_a_statement() {
    let database = grown("kolibri-30", 10);
    let records = u64::try_from(dirty(&database)).unwrap();
    let token = CancelToken::new();
    let mut open = Database::open_existing(database.path()).unwrap();
    let run = open.serialize::<FacilityData>().commit_every(size(1)).cancelled_by(&token);
    let error = run
        .on_commit(|done| {
            if done.commits == 3 {
                token.cancel();
            }
        })
        .run()
        .unwrap_err();
    assert!(error.is_cancelled(), "{error}");
    assert_eq!(error.committed().unwrap().records(), 1500);
    assert_eq!(counter(&database), 3);

    // A token that is cancelled before the run interrupts its first long statement.
    let before = database.copy();
    let error = open.serialize::<FacilityData>().cancelled_by(&token).run().unwrap_err();
    assert!(error.is_cancelled() && error.committed().is_none(), "{error}");
    drop(open);
    assert_same(before.path(), database.path(), &[]);

    // The connection no longer has the token afterwards.
    let mut open = Database::open_existing(database.path()).unwrap();
    let _ = open.serialize::<FacilityData>().cancelled_by(&token).run().unwrap_err();
    assert_eq!(open.serialize::<FacilityData>().run().unwrap().created, records - 1500);
}

#[test]
fn a_token_that_nobody_cancels_changes_nothing() {
    let (with, without) = (Scratch::of("kolibri-30-mixed"), Scratch::of("kolibri-30-mixed"));
    let token = CancelToken::new();
    Database::open_existing(with.path())
        .unwrap()
        .serialize::<FacilityData>()
        .cancelled_by(&token)
        .run()
        .unwrap();
    Database::open_existing(without.path()).unwrap().serialize::<FacilityData>().run().unwrap();
    assert_same(without.path(), with.path(), &[]);
}
