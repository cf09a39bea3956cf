//! Opening a database: its instance, and several processes at once.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use rusqlite::Connection;
use syncline::{Access as _, Database};

use super::declarations::{Notebook, Notes};
use super::{Scratch, all};

/// The variable with the path of the database that a child process of this test opens.
const OPEN: &str = "SYNCLINE_TEST_OPENS";

/// The code of the child processes. As a test it does nothing.
#[test]
fn one_of_several_processes() {
    let Some(path) = env::var_os(OPEN) else { return };
    let mut database = Database::open(path).unwrap();
    database.create::<Notes>().unwrap();
    database.insert(&mut Notebook::default()).unwrap();
    database.serialize::<Notes>().run().unwrap();
}

fn start(path: &Path) -> Child {
    start_on(path, &[])
}

/// Starts a process on a machine that is identified by `environment`.
fn start_on(path: &Path, environment: &[(&str, &str)]) -> Child {
    Command::new(env::current_exe().unwrap())
        .envs(environment.iter().copied())
        .args(["--exact", "records::opening::one_of_several_processes"])
        .env(OPEN, path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn finish(process: Child) {
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_instance_is_made_of_the_database_and_the_machine() {
    let scratch = Scratch::new();
    let path = scratch.folder.path().join("app.sqlite3");
    scratch.execute(
        "PRAGMA foreign_keys = OFF;
         UPDATE morango_databaseidmodel SET id = '00000000000000000000000000000000'",
    );
    // The golden vector of morango.md §18.
    let machine = [("MORANGO_SYSTEM_ID", "machine"), ("MORANGO_NODE_ID", "00:11:22:AA:bb:CC")];
    finish(start_on(&path, &machine));
    let current = "SELECT id || ' ' || counter FROM morango_instanceidmodel WHERE current";
    assert_eq!(scratch.all::<String>(current), ["54e314f39f14ecde63610c106cf425d8 1"]);
    // Opened on that machine again, the instance keeps counting. Opened here, there is another one.
    finish(start_on(&path, &machine));
    assert_eq!(scratch.all::<String>(current), ["54e314f39f14ecde63610c106cf425d8 2"]);
    drop(Database::open(&path).unwrap());
    assert_ne!(scratch.all::<String>(current), ["54e314f39f14ecde63610c106cf425d8 2"]);
    assert_eq!(scratch.all::<i64>("SELECT counter FROM morango_instanceidmodel ORDER BY counter"), [0, 0, 2]);
}

#[test]
fn a_copied_file_counts_as_another_instance() {
    let folder = tempfile::tempdir().unwrap();
    let [original, copy] = ["original", "copy"].map(|name| folder.path().join(name));
    finish(start_on(&original, &[("MORANGO_SYSTEM_ID", "one"), ("MORANGO_NODE_ID", "one")]));
    fs::copy(&original, &copy).unwrap();
    finish(start_on(&copy, &[("MORANGO_SYSTEM_ID", "two"), ("MORANGO_NODE_ID", "two")]));
    let saved_by = |path: &Path| -> Vec<String> {
        let sql = "SELECT DISTINCT last_saved_instance FROM morango_store ORDER BY last_saved_counter";
        all(&Connection::open(path).unwrap(), sql)
    };
    assert_eq!(saved_by(&original).len(), 1);
    assert_eq!(saved_by(&copy).len(), 2, "what the copy saves is not the original's");
}

#[test]
fn several_processes_open_a_fresh_file_at_once() {
    const PROCESSES: i64 = 4;

    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.sqlite3");
        let processes: Vec<_> = (0..PROCESSES).map(|_| start(&path)).collect();
        processes.into_iter().for_each(finish);
        let connection = Connection::open(&path).unwrap();
        let one = |sql| all::<i64>(&connection, sql)[0];
        assert_eq!(one("SELECT count(*) FROM notebook"), PROCESSES);
        assert_eq!(one("SELECT count(*) FROM morango_store"), PROCESSES);
        assert_eq!(one("SELECT count(*) FROM morango_databaseidmodel"), 1);
        assert_eq!(one("SELECT count(*) FROM morango_instanceidmodel"), 1);
        assert_eq!(one("SELECT counter FROM morango_instanceidmodel"), PROCESSES);
        assert_eq!(all::<String>(&connection, "PRAGMA journal_mode"), ["wal"]);
        assert_eq!(all::<String>(&connection, "PRAGMA integrity_check"), ["ok"]);
        assert_eq!(Database::open(&path).unwrap().check::<Notes>().unwrap(), []);
    }
}

#[test]
fn opening_again_changes_nothing() {
    let scratch = Scratch::new();
    let path = scratch.folder.path().join("app.sqlite3");
    let before: Vec<String> = scratch.all("SELECT id || current || counter FROM morango_instanceidmodel");
    let database = Database::open(&path).unwrap();
    assert_eq!(
        all::<String>(database.connection(), "SELECT id || current || counter FROM morango_instanceidmodel"),
        before
    );
    assert_eq!(all::<i64>(database.connection(), "SELECT count(*) FROM morango_databaseidmodel"), [1]);
}

#[test]
fn what_is_no_database_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    let text = "not a database, but more than a hundred characters of plain text, so that nobody takes it for an empty file.";
    fs::write(&path, text).unwrap();
    let error = Database::open(&path).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot read {}: it is not an SQLite database; give the path of one", path.display())
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_path_is_given() {
    assert_eq!(
        Database::open("").unwrap_err().to_string(),
        "cannot open a database: its path is empty; give the path of a file"
    );
}

/// A directory, a special file, and a folder that does not exist.
#[test]
fn a_path_that_can_be_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let opened = |path: &std::path::Path| Database::open(path).unwrap_err().to_string();
    let message = format!(
        "cannot open {}: it is not a regular file; give the path of a database file",
        folder.path().display()
    );
    assert_eq!(opened(folder.path()), message);
    #[cfg(unix)]
    assert!(opened("/dev/null".as_ref()).contains("it is not a regular file"));
    let path = folder.path().join("nowhere").join("app.sqlite3");
    assert_eq!(
        opened(&path),
        format!(
            "cannot open {}: the folder must exist, and this program must be able to write to it and to the file",
            path.display()
        )
    );
}

#[test]
fn somebody_elses_database_keeps_its_instance() {
    let scratch = Scratch::new();
    let path = scratch.folder.path().join("app.sqlite3");
    scratch.execute(
        "CREATE TABLE django_migrations (id);
         UPDATE morango_instanceidmodel SET id = 'ffffffffffffffffffffffffffffffff', node_id = 'elsewhere'",
    );
    let mut database = Database::open(&path).unwrap();
    assert_eq!(
        all::<String>(database.connection(), "SELECT id FROM morango_instanceidmodel WHERE current"),
        ["ffffffffffffffffffffffffffffffff"]
    );
    assert!(database.create::<Notes>().is_err());
    // In a database of this library this machine's instance becomes current again.
    scratch.execute("DROP TABLE django_migrations");
    let database = Database::open(&path).unwrap();
    assert_ne!(
        all::<String>(database.connection(), "SELECT id FROM morango_instanceidmodel WHERE current"),
        ["ffffffffffffffffffffffffffffffff"]
    );
}
