//! Pages of a database that are damaged.

use std::error::Error as _;
use std::fs;
use std::path::Path;

use syncline::prelude::*;
use syncline::sqlite::SqliteError;

#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Flat, model = "item", partition = "{place}:items")]
struct Item {
    id: RecordId,
    place: String,
    title: String,
}

profile! { Flat = "flat" { Item } }

/// Makes a database of 2,000 serialised items, half of them dirty, and overwrites a leaf of `table`.
fn damaged(path: &Path, table: &str) {
    let mut database = Database::open(path).unwrap();
    database.create::<Flat>().unwrap();
    database
        .connection()
        .execute_batch(
            "WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 2000)
             INSERT INTO item (place, title) SELECT 'home', 'item ' || n FROM n",
        )
        .unwrap();
    database.serialize::<Flat>().run().unwrap();
    database.connection().execute_batch("UPDATE item SET title = title || '!' WHERE rowid % 2").unwrap();
    database.connection().pragma_update(None, "journal_mode", "delete").unwrap();
    let number = |sql: &str| -> usize { database.connection().query_row(sql, [], |row| row.get(0)).unwrap() };
    let root = number(&format!("SELECT rootpage FROM sqlite_schema WHERE name = '{table}'"));
    let size = number("PRAGMA page_size");
    database.close().unwrap();

    let mut file = fs::read(path).unwrap();
    let page = &file[(root - 1) * size..root * size];
    let two = |at: usize| usize::from(u16::from_be_bytes([page[at], page[at + 1]]));
    assert_eq!(page[0], 5, "the root is an inner page");
    let cell = two(12 + two(3) / 2 * 2);
    let leaf = u32::from_be_bytes(page[cell..cell + 4].try_into().unwrap()) as usize;
    file[(leaf - 1) * size..leaf * size].fill(0xa5);
    fs::write(path, file).unwrap();
}

/// Reported for another tool as learningequality/kolibri#3228.
#[test]
fn a_damaged_table_is_named_by_a_run_and_by_a_check() {
    for table in ["item", "morango_store"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.sqlite3");
        damaged(&path, table);
        let mut database = Database::open_existing(&path).unwrap();

        let error = database.serialize::<Flat>().run().unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with(&format!("the file is damaged in table `{table}`, ")), "{message}");
        assert!(message.contains("restore a backup"), "{message}");
        assert!(error.source().is_some());
        let Some(SqliteError::Damaged { tables, .. }) = error.sqlite_error() else { panic!("{error:?}") };
        assert_eq!(tables, &[table]);

        let found: Vec<_> = database.check::<Flat>().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&format!("table `{table}` is damaged: restore a backup")), "{found:?}");
    }
}

#[test]
fn other_operations_say_that_the_file_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sqlite3");
    damaged(&path, "item");
    let database = Database::open_existing(&path).unwrap();
    let error = database.status::<Flat>().unwrap_err();
    assert!(error.to_string().starts_with("the file is damaged"), "{error}");
}
