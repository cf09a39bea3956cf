//! Runs that are killed, or that run out of disk space. Both happen after SQLite has written pages of the open transaction to the
//! disk.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use syncline::Database;
use syncline_kolibri::models::FacilityData;

use crate::compare::assert_same;
use crate::fixtures::Scratch;
use crate::program::{self, PROGRAM, serialize};

/// A size larger than any page cache of the program.
const OUTGROWN: u64 = 24 << 20;

/// Makes a database whose store becomes several times as large as `OUTGROWN`.
pub(crate) fn large() -> Scratch {
    let database = Scratch::of("kolibri-30");
    database.execute(
        "PRAGMA journal_mode = delete; PRAGMA synchronous = off;
         BEGIN;
         CREATE TEMP TABLE sample AS SELECT * FROM logger_attemptlog;
         CREATE TEMP TABLE times AS
             WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 30)
             SELECT n FROM counted;
         UPDATE sample SET interaction_history = '[' || substr(replace(hex(zeroblob(700)), '00', '0,'), 1, 1399) || ']';
         INSERT INTO logger_attemptlog
             (id, _morango_dirty_bit, _morango_source_id, _morango_partition, item, start_timestamp, end_timestamp,
              completion_timestamp, time_spent, complete, correct, hinted, answer, simple_answer, interaction_history,
              dataset_id, masterylog_id, sessionlog_id, user_id, error)
             SELECT lower(hex(randomblob(16))), 1, _morango_source_id, _morango_partition, item, start_timestamp,
              end_timestamp, completion_timestamp, time_spent, complete, correct, hinted, answer, simple_answer,
              interaction_history, dataset_id, masterylog_id, sessionlog_id, user_id, error
             FROM sample, times;
         COMMIT;
         PRAGMA journal_mode = wal;",
    );
    database
}

fn wal(database: &Scratch) -> PathBuf {
    database.folder().join("db.sqlite3-wal")
}

fn wal_bytes(database: &Scratch) -> u64 {
    fs::metadata(wal(database)).map_or(0, |metadata| metadata.len())
}

#[test]
fn a_run_that_is_killed_leaves_the_database_as_it_was() {
    let database = large();
    let before = database.copy();
    let mut child = Command::new(PROGRAM)
        .arg("serialize")
        .arg(database.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while wal_bytes(&database) < OUTGROWN {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "it ended before it was killed");
    assert!(wal_bytes(&database) >= OUTGROWN, "the pages that it wrote are still there");

    assert_same(before.path(), database.path(), &[]);
    assert_eq!(database.one::<i64>("SELECT counter FROM morango_instanceidmodel"), 0);
    assert_eq!(database.all::<String>("PRAGMA integrity_check"), ["ok"]);
    assert_eq!(database.one::<String>("PRAGMA journal_mode"), "wal");
    assert_eq!(database.files(), ["db.sqlite3"], "who opens it next clears the pages away");

    // The next run has the result of an undisturbed one.
    serialize(database.path(), &[]);
    serialize(before.path(), &[]);
    assert_same(before.path(), database.path(), &[]);
}

#[test]
fn a_run_that_is_killed_between_commits_keeps_them_and_the_next_one_goes_on() {
    let database = large();
    let once = database.copy();
    serialize(once.path(), &[]);
    let mut child = Command::new(PROGRAM)
        .arg("serialize")
        .arg(database.path())
        .arg("--commit=every:1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Three kills at arbitrary moments.
    for commits in [3, 7, 12] {
        while database.one::<i64>("SELECT counter FROM morango_instanceidmodel") < commits {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success(), "it ended before it was killed");
        assert_eq!(database.all::<String>("PRAGMA integrity_check"), ["ok"]);
        let counter: i64 = database.one("SELECT counter FROM morango_instanceidmodel");
        let stored: i64 = database.one("SELECT count(*) FROM morango_store");
        assert_eq!(stored, 500 * counter, "whole transactions, and nothing else");
        assert_eq!(database.one::<i64>("SELECT max(counter) FROM morango_databasemaxcounter"), counter);
        let left = "SELECT count(*) FROM logger_attemptlog a JOIN morango_store s USING (id) WHERE _morango_dirty_bit";
        assert_eq!(database.one::<i64>(left), 0, "what is in the store is clean");
        child = Command::new(PROGRAM)
            .arg("serialize")
            .arg(database.path())
            .arg("--commit=every:1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
    }
    assert!(child.wait().unwrap().success());
    let counters = |place: &str| place.ends_with("counter");
    let different: Vec<_> = crate::compare::differences(once.path(), database.path())
        .into_iter()
        .filter(|difference| !counters(&difference.place()))
        .map(|difference| difference.to_string())
        .collect();
    assert_eq!(different, Vec::<String>::new());
}

/// A shell limits the size of files.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_database_as_it_was() {
    let database = large();
    let before = database.copy();
    // A write beyond the limit fails like a write to a full disk.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "sh"])
        .arg((OUTGROWN / 512 + 16384).to_string())
        .arg(PROGRAM)
        .arg("serialize")
        .arg(database.path())
        .output()
        .unwrap();
    let message = program::message(&output);
    assert!(message.contains("disk"), "{message}");
    assert_eq!(database.one::<i64>("SELECT counter FROM morango_instanceidmodel"), 0);
    assert_same(before.path(), database.path(), &[]);
    assert_eq!(database.all::<String>("PRAGMA integrity_check"), ["ok"]);
    assert_eq!(database.one::<String>("PRAGMA journal_mode"), "wal");
    assert_eq!(database.files(), ["db.sqlite3"]);
}

/// The name that the list of skipped tests has for the test below.
#[cfg(target_os = "linux")]
const FULL_DISK: &str = "serialising on a full disk";

/// Uses a temporary file system, which Linux lets root mount, or any user in a namespace.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_too_small_for_one_commit_is_warned_of_and_is_enough_for_several() {
    let database = crate::grown::grown("kolibri-30", 30);
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    // The store needs 37 MB; the log needs 52 MB in one transaction and 5 MB in several.
    let bytes = fs::metadata(database.path()).unwrap().len() + (46 << 20);
    let disk = database.folder().join("disk");
    fs::create_dir(&disk).unwrap();
    let script = format!(
        "mount -t tmpfs -o size={bytes} tmpfs \"$1\" || exit 99
         cp \"$2\" \"$1/db.sqlite3\" && cd \"$1\" || exit 98
         \"$3\" serialize db.sqlite3 && exit 97
         echo ========== >&2
         \"$3\" serialize db.sqlite3 --commit every:1 && mv db.sqlite3 \"$2\""
    );
    let unshare = |flags: &str| {
        let mut command = Command::new("unshare");
        command.args([flags, "sh", "-c", &script, "sh"]).arg(&disk).arg(database.path()).arg(PROGRAM);
        command.output().ok().filter(|output| output.status.code() != Some(99))
    };
    let Some(output) = unshare("-m").or_else(|| unshare("-rm")) else {
        skipped::skip(FULL_DISK, "run it as root, or where `unshare -rm` may mount a file system");
        return;
    };
    skipped::ran(FULL_DISK);
    let stderr = crate::program::text(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let (once, every) = stderr.split_once("==========").unwrap();
    let [warning, message] = once.trim().lines().collect::<Vec<_>>()[..] else { panic!("{stderr}") };
    assert!(
        warning.contains("warning: the disk may get full") && warning.contains("--commit every:"),
        "{stderr}"
    );
    assert!(message.contains("the disk is full") && message.contains("--commit every:"), "{stderr}");
    assert_eq!(every.trim(), "");
    assert_eq!(database.all::<String>("PRAGMA integrity_check"), ["ok"]);
    assert_eq!(crate::grown::dirty(&database), 0);
}

#[test]
fn a_full_database_leaves_the_database_as_it_was() {
    let database = large();
    let before = database.copy();
    let mut open = Database::open_existing(database.path()).unwrap();
    let pages: i64 = database.one("PRAGMA page_count");
    let room = pages + i64::try_from(OUTGROWN / 4096).unwrap();
    open.connection().pragma_update(None, "max_page_count", room).unwrap();
    let error = open.serialize::<FacilityData>().run().unwrap_err();
    let mut chain = String::new();
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        chain += &format!("{error}: ");
        cause = error.source();
    }
    assert!(chain.contains("full"), "{chain}");
    assert!(wal_bytes(&database) >= OUTGROWN / 2, "pages of the transaction had been written");
    drop(open);
    assert_same(before.path(), database.path(), &[]);
    assert_eq!(database.all::<String>("PRAGMA integrity_check"), ["ok"]);
}
