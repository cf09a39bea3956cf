//! The ways in which a table is made anew, and the forms in which it comes back.

use rusqlite::Connection;
use syncline::Database;
use syncline::sqlite::SchemaError;

use super::{App, Flat, Item};

/// The edits after each way: an update and a deletion.
const EDITS: &str =
    "UPDATE item SET title = 'changed' WHERE title = 't1'; DELETE FROM item WHERE title = 't2'";

/// The statement that made the table, for a table `name`.
fn made(app: &App, name: &str) -> String {
    let sql: String = app.one("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'item'");
    sql.replacen("\"item\"", name, 1)
}

/// The steps that SQLite's documentation of `ALTER TABLE` recommends, and those that it warns of.
#[test]
fn in_the_steps_of_sqlites_documentation() {
    for (before, after) in [
        ("PRAGMA foreign_keys = OFF;\nBEGIN", "PRAGMA foreign_key_check; COMMIT; PRAGMA foreign_keys = ON"),
        ("PRAGMA legacy_alter_table = ON;\nBEGIN", "COMMIT; PRAGMA legacy_alter_table = OFF"),
        ("PRAGMA defer_foreign_keys = ON;\nSAVEPOINT migration", "RELEASE migration"),
    ] {
        let mut app = App::new();
        let new = made(&app, "new_item");
        app.shell(&format!(
            "{before}; {new}; INSERT INTO new_item SELECT * FROM item; DROP TABLE item; \
             ALTER TABLE new_item RENAME TO item; {after};\n{EDITS}"
        ));
        let found = app.create();
        app.check_found(&found, [1, 0, 1]);
    }
}

/// The old table is renamed first. It takes the triggers with it, and may stay.
#[test]
fn with_the_old_table_renamed_first() {
    for ending in ["DROP TABLE old_item", "DELETE FROM old_item", "UPDATE old_item SET title = 'old'"] {
        let mut app = App::new();
        let new = made(&app, "item");
        app.shell(&format!(
            "ALTER TABLE item RENAME TO old_item; {new}; INSERT INTO item SELECT * FROM old_item; {EDITS}"
        ));
        let error = app.database.serialize::<Flat>().run().unwrap_err().to_string();
        assert!(error.contains("table `item` is not tracked"), "{error}");
        let found = app.create();
        app.shell(ending);
        app.check_found(&found, [1, 0, 1]);
    }
}

/// The old table is emptied while it still has its triggers: the records that the new table has are alive.
#[test]
fn with_the_old_table_emptied_first() {
    let mut app = App::new();
    let new = made(&app, "item");
    app.shell(&format!(
        "ALTER TABLE item RENAME TO old_item; {new}; INSERT INTO item SELECT * FROM old_item; \
         DELETE FROM old_item; DROP TABLE old_item; {EDITS}"
    ));
    let found = app.create();
    // Each deletion is listed, so none is only in the store.
    assert_eq!(App::numbers(&found), [1, 0, 0]);
    let serialized = app.serialize();
    assert_eq!((serialized.records(), serialized.deleted), (1, 1));
    app.check_settled("emptied first");
}

/// Other columns, another order of columns, and other kinds of tables.
#[test]
fn with_another_definition() {
    const COLUMNS: &str = "title text NOT NULL, place text NOT NULL, note text, \
        _morango_dirty_bit bool NOT NULL DEFAULT 1, _morango_partition text NOT NULL DEFAULT '', \
        _morango_source_id text NOT NULL DEFAULT ''";

    for new in [
        format!("CREATE TABLE item (id char(32) PRIMARY KEY NOT NULL, {COLUMNS})"),
        format!("CREATE TABLE item (number integer PRIMARY KEY, id text NOT NULL UNIQUE, {COLUMNS})"),
        format!("CREATE TABLE item (id text PRIMARY KEY NOT NULL, {COLUMNS}) WITHOUT ROWID"),
        format!(
            "CREATE TABLE item (id text PRIMARY KEY NOT NULL, {COLUMNS}, low text AS (lower(title)) STORED)"
        ),
        format!("CREATE TABLE \"ITEM\" (\"ID\" text NOT NULL, {COLUMNS}, UNIQUE (id))"),
    ] {
        let mut app = App::new();
        app.shell(&format!(
            "CREATE TABLE kept AS SELECT * FROM item; DROP TABLE item; {new}; \
             INSERT INTO item (id, title, place, _morango_dirty_bit, _morango_partition, _morango_source_id) \
             SELECT id, title, place, _morango_dirty_bit, _morango_partition, _morango_source_id FROM kept; \
             DROP TABLE kept; {EDITS}"
        ));
        let found = app.create();
        app.check_found(&found, [1, 0, 1]);
    }
}

/// A tool that knows nothing of Morango's columns leaves them out. The rows get the identities back that the store has.
#[test]
fn without_morangos_columns() {
    let mut app = App::new();
    app.shell(&format!(
        "CREATE TABLE new_item (id char(32) PRIMARY KEY NOT NULL, place text NOT NULL, title text NOT NULL); \
         INSERT INTO new_item SELECT id, place, title FROM item; DROP TABLE item; \
         ALTER TABLE new_item RENAME TO item; {EDITS}"
    ));
    let found = app.create();
    // Every row is dirty, because the column of dirty bits is new.
    assert_eq!(App::numbers(&found), [0, 0, 1]);
    assert_eq!(app.serialize().records(), 5);
    assert_eq!(app.database.delete_only_in_store::<Item>().unwrap(), 1);
    assert_eq!(app.serialize().deleted, 1);
    app.check_settled("without the columns");
}

/// A table or a view that cannot be tracked is refused by name, and no run serialises it.
#[test]
fn as_what_cannot_be_tracked() {
    for (new, says) in [
        ("CREATE TABLE item AS SELECT * FROM kept", "item"),
        ("CREATE VIEW item AS SELECT * FROM kept", "item"),
        (
            "CREATE VIRTUAL TABLE item USING fts5 (id, place, title, _morango_dirty_bit, _morango_partition, _morango_source_id)",
            "item",
        ),
        (
            "CREATE TABLE item (id text PRIMARY KEY NOT NULL, place text NOT NULL, title text NOT NULL, \
          _morango_dirty_bit bool NOT NULL DEFAULT 1, _morango_partition text NOT NULL DEFAULT '', \
          _morango_source_id text NOT NULL DEFAULT ''); CREATE UNIQUE INDEX low ON item (lower(title))",
            "low",
        ),
    ] {
        let mut app = App::new();
        app.shell(&format!("CREATE TABLE kept AS SELECT * FROM item; DROP TABLE item; {new}"));
        let error = app.database.create::<Flat>().unwrap_err();
        println!("{new}: {error}");
        assert!(!matches!(error, SchemaError::Sqlite(_)), "{new}: {error:?}");
        assert!(error.to_string().contains(says), "{new}: {error}");
        let refused = app.database.serialize::<Flat>().run().unwrap_err();
        println!("    {refused}");
        let checked = app.database.check::<Flat>();
        println!("    {checked:?}");
        assert!(checked.is_err() || !checked.unwrap().is_empty(), "{new}");
        assert_eq!(app.one::<i64>("SELECT count(*) FROM morango_store WHERE deleted"), 0);
    }
}

/// The whole file is written anew from a dump, as a repair does it. Rows that the dump lacks are found.
#[test]
fn a_new_file_from_a_dump() {
    for (edit, numbers) in [
        ("SELECT 1", [0, 0, 0]),
        (
            "UPDATE item SET title = 'changed' WHERE title = 't1'; DELETE FROM item WHERE title = 't2'",
            [1, 0, 1],
        ),
        (
            "DELETE FROM morango_recordmaxcounter; DELETE FROM morango_store WHERE serialized LIKE '%t3%'",
            [0, 1, 0],
        ),
    ] {
        let app = App::new();
        let schema = |kinds: &str| -> Vec<String> {
            super::super::all(
                &app.connect(),
                &format!(
                    "SELECT sql FROM sqlite_schema WHERE sql NOT NULL AND type IN ({kinds}) \
                          AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
                ),
            )
        };
        let path = app.folder.path().join("new.sqlite3");
        let new = Connection::open(&path).unwrap();
        new.execute_batch(&format!("ATTACH '{}' AS old", app.path().display())).unwrap();
        new.execute_batch(&schema("'table'").join("; ")).unwrap();
        let tables: Vec<String> = super::super::all(
            &new,
            "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        );
        for table in tables {
            new.execute_batch(&format!("INSERT INTO main.\"{table}\" SELECT * FROM old.\"{table}\""))
                .unwrap();
        }
        new.execute_batch(edit).unwrap();
        new.execute_batch(&schema("'index', 'trigger'").join("; ")).unwrap();
        new.close().unwrap();
        let App { folder, database } = app;
        database.close().unwrap();
        let place = folder.path().join("app.sqlite3");
        std::fs::rename(&path, &place).unwrap();
        let mut app = App { folder, database: Database::open(place).unwrap() };
        let found = app.create();
        if numbers[2] == 0 {
            assert_eq!(App::numbers(&found), numbers);
            app.serialize();
            app.check_settled(edit);
        } else {
            app.check_found(&found, numbers);
        }
    }
}
