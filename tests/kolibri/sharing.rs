//! The program shares a database with Kolibri: settings, locks and file names.

use std::fs;

use crate::compare::assert_same;
use crate::fixtures::Scratch;
use crate::program::{self, serialize};

#[test]
fn the_journal_mode_stays_and_the_file_is_sound() {
    // The two journal modes that are stored in the file.
    for mode in ["wal", "delete"] {
        let database = Scratch::of("kolibri-30-mixed");
        assert_eq!(database.one::<String>(&format!("PRAGMA journal_mode = {mode}")), mode);
        let before: String = database.one("PRAGMA journal_mode");
        let files = database.files();
        serialize(database.path(), &[]);
        assert_eq!(database.files(), files, "no file is left behind in mode {mode}");
        assert_eq!(database.one::<String>("PRAGMA journal_mode"), before);
        assert_eq!(database.all::<String>("PRAGMA integrity_check"), ["ok"]);
        let broken = database.connect().prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap();
        assert!(!broken, "every reference leads somewhere");
    }
}

#[test]
fn what_the_file_says_of_itself_stays() {
    // `schema_version` may change: the index of partitions of an empty store is dropped and created again after the rows.
    let header = ["user_version", "application_id", "auto_vacuum", "page_size", "encoding"];
    let database = Scratch::of("kolibri-30");
    database.execute("PRAGMA user_version = 7; PRAGMA application_id = 9");
    let read = || {
        header.map(|name| format!("{:?}", database.one::<rusqlite::types::Value>(&format!("PRAGMA {name}"))))
    };
    let before = read();
    serialize(database.path(), &[]);
    assert_eq!(read(), before);
}

#[test]
fn a_reader_keeps_what_it_saw_and_is_in_nobodys_way() {
    let database = Scratch::of("kolibri-30");
    let reader = database.connect();
    reader.execute_batch("BEGIN").unwrap();
    let stored =
        || reader.query_row("SELECT count(*) FROM morango_store", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(stored(), 0);
    serialize(database.path(), &[]);
    assert_eq!(stored(), 0, "still the snapshot");
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(stored(), 1695);
}

#[test]
fn a_change_that_is_only_in_the_wal_is_serialized() {
    let database = Scratch::of("kolibri-30-serialized");
    let kolibri = database.connect();
    kolibri.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    kolibri
        .execute_batch("UPDATE lessons_lesson SET title = 'Only in the wal', _morango_dirty_bit = 1")
        .unwrap();
    let outcome = serialize(database.path(), &[]);
    assert_eq!(outcome["updated"], 3);
    let files = database.files();
    assert!(files.contains(&"db.sqlite3-wal".to_owned()), "another program still has it open: {files:?}");
    let titled =
        "SELECT count(*) FROM morango_store WHERE serialized LIKE '%\"title\": \"Only in the wal\"%'";
    assert_eq!(kolibri.query_row(titled, [], |row| row.get::<_, i64>(0)).unwrap(), 3);
}

#[test]
fn a_lock_that_is_let_go_in_time_is_waited_for() {
    let database = Scratch::of("kolibri-30");
    let kolibri = database.connect();
    kolibri.execute_batch("BEGIN IMMEDIATE").unwrap();
    let path = database.path().to_owned();
    let serializing = std::thread::spawn(move || serialize(&path, &[]));
    // The program must succeed whether it reaches the lock before or after its release.
    std::thread::sleep(std::time::Duration::from_millis(300));
    kolibri.execute_batch("UPDATE lessons_lesson SET title = 'Meanwhile'; COMMIT").unwrap();
    assert_eq!(serializing.join().unwrap()["created"], 1695);
    let titled = "SELECT count(*) FROM morango_store WHERE serialized LIKE '%\"title\": \"Meanwhile\"%'";
    assert_eq!(database.one::<i64>(titled), 3);
}

#[test]
fn a_path_may_hold_what_a_uri_may_not() {
    let plain = Scratch::of("kolibri-30");
    let odd = Scratch::empty();
    // Windows allows no question mark or colon in file names.
    let names = if cfg!(windows) {
        ["a b#x%41&é.sqlite3", "file.sqlite3", "-.sqlite3"]
    } else {
        ["a b?mode=memory#x%41&é.sqlite3", "file:odd.sqlite3", "-.sqlite3"]
    };
    for name in names {
        let path = odd.folder().join(name);
        fs::copy(plain.path(), &path).unwrap();
        assert_eq!(program::status(&path).len(), 28, "{name}");
        serialize(&path, &[]);
        assert_same(Scratch::of("kolibri-30-serialized").path(), &path, &[]);
        fs::remove_file(&path).unwrap();
        assert_eq!(odd.files(), Vec::<String>::new());
    }
}

#[test]
fn tables_that_are_not_of_the_profile_are_left_alone() {
    let database = Scratch::of("kolibri-30");
    database.execute(
        "CREATE TABLE others (id TEXT, _morango_dirty_bit BOOL); INSERT INTO others VALUES ('x', 1)",
    );
    serialize(database.path(), &[]);
    assert_eq!(database.one::<i64>("SELECT _morango_dirty_bit FROM others"), 1);
}
