//! Copies, moved files and backups: no two files count as one instance.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use syncline::sqlite::{DatabaseError, SchemaError};
use syncline::{Access as _, Database};

use super::{App, Flat, Item, all};

/// Opens the database at `path` and serialises a new item. Returns the instance that saved it, and the counter.
fn saves(path: &Path) -> (String, i64) {
    let mut database = Database::open(path).unwrap();
    save_in(&mut database)
}

fn save_in(database: &mut Database) -> (String, i64) {
    database.create::<Flat>().unwrap();
    database.insert(&mut Item { place: "home".to_owned(), ..Item::default() }).unwrap();
    let serialized = database.serialize::<Flat>().run().unwrap();
    (serialized.instance, serialized.counter)
}

/// A closed database, and the instance that it was.
fn original(name: &str) -> (tempfile::TempDir, PathBuf, (String, i64)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let saved = saves(&path);
    (folder, path, saved)
}

/// Checks what Morango reads: one current database and instance, of which the second is made of the first.
fn check_current(path: &Path) {
    let connection = Connection::open(path).unwrap();
    for table in ["morango_databaseidmodel", "morango_instanceidmodel"] {
        assert_eq!(all::<i64>(&connection, &format!("SELECT count(*) FROM {table} WHERE current")), [1]);
    }
    let sql = "SELECT count(*) FROM morango_instanceidmodel AS instance JOIN morango_databaseidmodel AS known \
               ON known.id = instance.database_id WHERE instance.current AND known.current";
    assert_eq!(all::<i64>(&connection, sql), [1]);
}

#[test]
fn a_file_that_stays_is_the_same_instance() {
    let (_folder, path, (instance, counter)) = original("app.sqlite3");
    assert_eq!(saves(&path), (instance.clone(), counter + 1));
    Connection::open(&path).unwrap().execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    assert_eq!(saves(&path), (instance, counter + 2));
    check_current(&path);
}

/// Reported for other tools as superfly/litefs#361 and SUSE/doc-caasp#623: two machines of one image. Both copies are
/// opened with the same ids of the machine, as all files of this test are.
#[test]
fn two_copies_on_machines_with_the_same_ids_are_two_instances() {
    let (folder, path, (instance, counter)) = original("image.sqlite3");
    let copies = ["a", "b"].map(|name| folder.path().join(name));
    let saved = copies.each_ref().map(|copy| {
        fs::copy(&path, copy).unwrap();
        saves(copy)
    });
    assert_ne!(saved[0].0, saved[1].0);
    for (other, first) in &saved {
        assert_ne!(*other, instance);
        // A new instance starts at the beginning.
        assert_eq!(*first, 1);
    }
    assert_eq!(saves(&path), (instance, counter + 1), "the original counts on");
    for copy in &copies {
        check_current(copy);
    }
}

/// A copy that takes the place of the original has another inode.
#[test]
fn a_backup_that_replaces_the_file_is_another_instance() {
    let (folder, path, (instance, _)) = original("app.sqlite3");
    let backup = folder.path().join("backup");
    fs::copy(&path, &backup).unwrap();
    saves(&path);
    // The original keeps its inode under another name, so that the copy cannot get it.
    fs::rename(&path, folder.path().join("broken")).unwrap();
    fs::rename(&backup, &path).unwrap();
    let (other, counter) = saves(&path);
    assert_ne!(other, instance);
    assert_eq!(counter, 1);
}

/// A file that moves is another instance, and the former one once it is back.
#[test]
fn a_file_that_moves_and_comes_back() {
    let (folder, path, (instance, counter)) = original("app.sqlite3");
    let elsewhere = folder.path().join("elsewhere");
    let has_creation_time = fs::metadata(&path).unwrap().created().is_ok();
    fs::rename(&path, &elsewhere).unwrap();
    let (moved, _) = saves(&elsewhere);
    assert_ne!(moved, instance);
    fs::rename(&elsewhere, &path).unwrap();
    let back = saves(&path);
    if has_creation_time {
        assert_eq!(back, (instance, counter + 1));
        fs::rename(&path, &elsewhere).unwrap();
        assert_eq!(saves(&elsewhere), (moved, 2));
    } else {
        // Nothing shows that it is the same file.
        assert!(back.0 != instance && back.0 != moved);
    }
    check_current(if elsewhere.exists() { &elsewhere } else { &path });
}

/// A clone of a volume has the inodes and creation times of the original, on another device. Moved to the path of the
/// original, it is not taken for it.
#[test]
fn a_clone_of_the_volume_at_the_path_of_the_original_is_another_instance() {
    let (folder, path, (instance, _)) = original("app.sqlite3");
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&path, &elsewhere).unwrap();
    let (cloned, _) = saves(&elsewhere);
    let connection = Connection::open(&elsewhere).unwrap();
    connection.execute("UPDATE syncline_place SET device = device + 1", []).unwrap();
    drop(connection);
    fs::rename(&elsewhere, &path).unwrap();
    let (back, counter) = saves(&path);
    assert!(back != instance && back != cloned);
    assert_eq!(counter, 1);
}

/// A link leads to the file itself.
#[cfg(unix)]
#[test]
fn a_symbolic_link_is_no_other_place() {
    let (folder, path, (instance, counter)) = original("app.sqlite3");
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert_eq!(saves(&link), (instance, counter + 1));
}

/// A file with two paths, as a bind mount or a hard link gives it, is one instance for each of them, however often it is
/// opened at either.
#[test]
fn a_file_with_two_paths_has_two_instances_at_most() {
    let (folder, path, _) = original("app.sqlite3");
    if fs::metadata(&path).unwrap().created().is_err() {
        // Without creation times nothing shows that it is one file.
        return;
    }
    let second = folder.path().join("second");
    fs::hard_link(&path, &second).unwrap();
    for _ in 0..3 {
        saves(&path);
        saves(&second);
    }
    let connection = Connection::open(&path).unwrap();
    assert_eq!(all::<i64>(&connection, "SELECT count(*) FROM morango_instanceidmodel"), [2]);
    assert_eq!(all::<i64>(&connection, "SELECT count(*) FROM syncline_place"), [2]);
    // Each counter was used once.
    let used = "SELECT count(DISTINCT last_saved_instance || last_saved_counter) FROM morango_store";
    assert_eq!(all::<i64>(&connection, used), [7]);
}

/// A path relative to the working folder leads to the file itself.
#[cfg(unix)]
#[test]
fn a_relative_path_is_no_other_place() {
    let (_folder, path, (instance, counter)) = original("app.sqlite3");
    let from = std::env::current_dir().unwrap();
    let up = from.ancestors().skip(1).map(|_| "..").collect::<PathBuf>();
    let relative = up.join(path.canonicalize().unwrap().strip_prefix("/").unwrap());
    assert_eq!(saves(&relative), (instance, counter + 1));
}

/// A file that was opened as a copy is not taken for the original when it is copied back over it.
#[test]
fn a_copy_that_was_used_and_is_copied_back_is_another_instance() {
    let (folder, path, (instance, _)) = original("app.sqlite3");
    let copy = folder.path().join("copy");
    fs::copy(&path, &copy).unwrap();
    let (of_copy, _) = saves(&copy);
    saves(&path);
    // The content changes, and the inode and creation time stay.
    fs::copy(&copy, &path).unwrap();
    let (back, counter) = saves(&path);
    assert!(back != instance && back != of_copy);
    assert_eq!(counter, 1);
}

/// A backup that is copied over the file looks like the file. Only the user knows.
#[test]
fn a_backup_that_was_put_back_says_so() {
    let (folder, path, (instance, counter)) = original("app.sqlite3");
    let backup = folder.path().join("backup");
    fs::copy(&path, &backup).unwrap();
    assert_eq!(saves(&path), (instance.clone(), counter + 1));
    fs::copy(&backup, &path).unwrap();
    let mut database = Database::open(&path).unwrap();
    let other = database.restored().unwrap();
    assert_ne!(other.to_string(), instance);
    assert_eq!(save_in(&mut database), (other.to_string(), 1));
    drop(database);
    assert_eq!(saves(&path), (other.to_string(), 2), "the next start keeps it");
    check_current(&path);
    let mut database = Database::open(&path).unwrap();
    assert_ne!(database.restored().unwrap(), other, "twice does no harm");
}

/// SQLite's own backup, into a file and back into the database.
#[test]
fn a_backup_by_sqlite_is_another_instance() {
    let app = App::new();
    let copy = app.folder.path().join("copy.sqlite3");
    app.execute(&format!("VACUUM INTO '{}'", copy.display()));
    let here = app.all::<String>("SELECT id FROM morango_instanceidmodel WHERE current");
    assert_ne!(saves(&copy).0, here[0]);
}

/// Files that are made of a database in memory are other instances, each of them.
#[test]
fn files_of_a_database_in_memory_are_other_instances() {
    let mut memory = Database::from_connection(Connection::open_in_memory().unwrap()).unwrap();
    let (instance, _) = save_in(&mut memory);
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| {
        let path = folder.path().join(name);
        memory.connection().execute_batch(&format!("VACUUM INTO '{}'", path.display())).unwrap();
        saves(&path).0
    });
    assert!(one != two && one != instance && two != instance);
}

#[test]
fn a_database_of_another_application_keeps_its_instance() {
    let (folder, path, _) = original("app.sqlite3");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE django_migrations (id)").unwrap();
    let state = |path: &Path| -> Vec<String> {
        let sql = "SELECT id || current || counter FROM morango_instanceidmodel \
                   UNION ALL SELECT id || current FROM morango_databaseidmodel \
                   UNION ALL SELECT database_id || path FROM syncline_place ORDER BY 1";
        all(&Connection::open(path).unwrap(), sql)
    };
    let copy = folder.path().join("copy");
    fs::copy(&path, &copy).unwrap();
    let before = state(&copy);
    let mut database = Database::open(&copy).unwrap();
    let error = database.restored().unwrap_err();
    assert!(matches!(error, DatabaseError::Schema(SchemaError::NotOurInstance)), "{error:?}");
    drop(database);
    assert_eq!(state(&copy), before);
}

/// Files that the app opened with a connection of its own, by a path or by a URI.
#[test]
fn a_copy_that_is_opened_as_a_connection_is_another_instance() {
    let (folder, path, (instance, counter)) = original("app.sqlite3");
    let copy = folder.path().join("copy");
    fs::copy(&path, &copy).unwrap();
    let uri = format!("file:{}?mode=rw", copy.display());
    let mut database = Database::from_connection(Connection::open(uri).unwrap()).unwrap();
    let (other, first) = save_in(&mut database);
    assert!(other != instance);
    assert_eq!(first, 1);
    drop(database);
    assert_eq!(saves(&copy), (other, 2), "the path is the same");
    let mut database = Database::from_connection(Connection::open(&path).unwrap()).unwrap();
    assert_eq!(save_in(&mut database), (instance, counter + 1));
}

/// A copy is open while the original is written, on the same machine.
#[test]
fn a_copy_beside_the_open_original_is_another_instance() {
    let (folder, path, (instance, counter)) = original("app.sqlite3");
    let mut original = Database::open(&path).unwrap();
    let copy = folder.path().join("copy");
    Connection::open(&path).unwrap().execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    let mut copied = Database::open(&copy).unwrap();
    for number in 1..3 {
        let (other, first) = save_in(&mut copied);
        assert!(other != instance);
        assert_eq!(first, number);
        assert_eq!(save_in(&mut original), (instance.clone(), counter + number));
    }
}
