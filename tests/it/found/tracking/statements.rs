//! Every kind of statement is tracked: nothing is lost, and nothing is found by a comparison.

use super::App;

/// Runs `before`, calls `create`, then runs `edits` as another program. The next run finds the changes, and leaves no
/// difference.
#[track_caller]
fn check_tracked(before: &str, edits: &str) -> App {
    let mut app = App::new();
    app.shell(before);
    app.create();
    app.serialize();
    app.shell(edits);
    let serialized = app.serialize();
    assert!(serialized.records() + serialized.deleted > 0, "{edits}: nothing was tracked");
    app.check_settled(edits);
    app
}

impl App {
    /// Asserts that the store is equal to the table, and that the next run and the next `create` find nothing.
    #[track_caller]
    pub(super) fn check_settled(&mut self, of: &str) {
        assert_eq!(self.audit(), [0, 0], "{of}");
        assert_eq!(self.database.check_deep::<super::Flat>().unwrap(), [], "{of}");
        let again = self.serialize();
        assert_eq!((again.records(), again.deleted), (0, 0), "{of}");
        assert!(self.create().is_equal(), "{of}");
    }
}

#[test]
fn upserts() {
    for edits in [
        "INSERT INTO item (id, place, title) SELECT id, place, 'new' FROM item WHERE title < 't3' \
         ON CONFLICT (id) DO UPDATE SET title = excluded.title",
        "INSERT INTO item (id, place, title, _morango_dirty_bit) SELECT id, place, 'new', 0 FROM item WHERE title < 't3' \
         ON CONFLICT DO UPDATE SET title = excluded.title, _morango_dirty_bit = 0",
        "INSERT INTO item (id, place, title) SELECT id, place, 'x' FROM item WHERE true ON CONFLICT DO NOTHING; \
         INSERT INTO item (place, title) VALUES ('home', 'new') RETURNING id",
    ] {
        check_tracked("", edits);
    }
}

/// A conflict removes another row, by each kind of unique key, with and without recursive triggers.
#[test]
fn rows_that_swallow_others() {
    for key in [
        "CREATE UNIQUE INDEX own ON item (title)",
        "CREATE UNIQUE INDEX own ON item (title DESC)",
        "CREATE UNIQUE INDEX own ON item (title COLLATE NOCASE, place)",
        "CREATE UNIQUE INDEX own ON item (title) WHERE place = 'home'",
        "CREATE UNIQUE INDEX \"o'w n\"\"\" ON item (title)",
    ] {
        for recursive in ["OFF", "ON"] {
            for edits in [
                "UPDATE OR REPLACE item SET title = 't2' WHERE title = 't1'",
                "UPDATE OR REPLACE item SET title = 't2'",
                "REPLACE INTO item (place, title) VALUES ('home', 't1')",
                "REPLACE INTO item (place, title) SELECT place, title FROM item WHERE title > 't2'",
                "UPDATE OR REPLACE item SET id = (SELECT id FROM item WHERE title = 't1'), \
                 _morango_source_id = (SELECT _morango_source_id FROM item WHERE title = 't1') WHERE title = 't2'",
                "REPLACE INTO item (rowid, place, title) SELECT rowid, 'home', 'new' FROM item WHERE title = 't4'",
                "UPDATE OR REPLACE item SET rowid = rowid + 1 WHERE title = 't1'",
            ] {
                check_tracked(key, &format!("PRAGMA recursive_triggers = {recursive};\n{edits}"));
            }
        }
    }
}

#[test]
fn whole_tables_and_savepoints() {
    for edits in [
        "DELETE FROM item",
        "BEGIN; DELETE FROM item; INSERT INTO item (place, title) VALUES ('home', 't1'); COMMIT",
        "SAVEPOINT a; DELETE FROM item WHERE title = 't1'; SAVEPOINT b; DELETE FROM item; ROLLBACK TO b; \
         UPDATE item SET title = 'kept' WHERE title = 't2'; RELEASE a",
        "BEGIN; UPDATE item SET title = 'one' WHERE title = 't1'; SAVEPOINT a; UPDATE item SET title = 'undone'; \
         ROLLBACK TO a; COMMIT",
        "UPDATE item SET title = other.title || '!' FROM item AS other WHERE other.title = 't1'",
        "UPDATE item SET id = lower(hex(randomblob(16)))",
        "PRAGMA ignore_check_constraints = ON;\nUPDATE item SET title = 'x' WHERE title = 't1'",
        "PRAGMA legacy_alter_table = ON;\nUPDATE item SET title = 'x' WHERE title = 't1'",
    ] {
        check_tracked("", edits);
    }
}

/// Two rows exchange their ids.
#[test]
fn exchanged_ids() {
    check_tracked(
        "",
        "CREATE TEMP TABLE two AS SELECT id, _morango_source_id AS source FROM item WHERE title IN ('t1', 't2') ORDER BY title;
         UPDATE item SET id = 'ffffffffffffffffffffffffffffffff' WHERE title = 't1';
         UPDATE item SET id = (SELECT id FROM two LIMIT 1), _morango_source_id = (SELECT source FROM two LIMIT 1)
         WHERE title = 't2';
         UPDATE item SET id = (SELECT id FROM two LIMIT 1 OFFSET 1),
         _morango_source_id = (SELECT source FROM two LIMIT 1 OFFSET 1) WHERE title = 't1'",
    );
}

/// Another database's program writes into this one, and a view is written through its triggers.
#[test]
fn by_an_attached_database_and_by_a_view() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.sqlite3");
    let mut app = App::new();
    app.shell(&format!("VACUUM INTO '{}'", other.display()));
    let shell = rusqlite::Connection::open(&other).unwrap();
    shell
        .execute_batch(&format!(
            "UPDATE item SET title = 'other' WHERE title = 't1'; DELETE FROM item WHERE title = 't2'; \
             INSERT INTO item (place, title) VALUES ('home', 'new'); \
             ATTACH '{}' AS app; CREATE TEMP TABLE morango_deletedmodels (x); \
             INSERT OR REPLACE INTO app.item SELECT * FROM main.item; \
             DELETE FROM app.item WHERE id NOT IN (SELECT id FROM main.item)",
            app.path().display()
        ))
        .unwrap();
    let serialized = app.serialize();
    assert_eq!((serialized.records(), serialized.deleted), (6, 1));
    app.check_settled("ATTACH");

    check_tracked(
        "CREATE UNIQUE INDEX own ON item (title); \
         CREATE VIEW items AS SELECT id, title FROM item; \
         CREATE TRIGGER made INSTEAD OF INSERT ON items BEGIN INSERT INTO item (place, title) VALUES ('home', new.title); END; \
         CREATE TRIGGER changed INSTEAD OF UPDATE ON items BEGIN UPDATE item SET title = new.title WHERE id = old.id; \
         SELECT RAISE(IGNORE); END; \
         CREATE TRIGGER ended INSTEAD OF DELETE ON items BEGIN DELETE FROM item WHERE id = old.id; END",
        "INSERT INTO items (title) VALUES ('new'); INSERT OR REPLACE INTO items (title) VALUES ('t1'); \
         UPDATE items SET title = 'x' WHERE title = 't2'; UPDATE OR REPLACE items SET title = 't3' WHERE title = 't4'; \
         DELETE FROM items WHERE title = 't5'",
    );
}

/// Triggers of the app that write into the table that they are about.
#[test]
fn triggers_that_write_into_their_own_table() {
    for (trigger, edits) in [
        (
            "AFTER INSERT ON item WHEN length(new.title) < 5 BEGIN INSERT INTO item (place, title) VALUES (new.place, \
          new.title || 'c'); END",
            "INSERT INTO item (place, title) VALUES ('home', 'u')",
        ),
        (
            "AFTER INSERT ON item BEGIN DELETE FROM item WHERE title = 't1'; END",
            "INSERT INTO item (place, title) VALUES ('home', 'u')",
        ),
        (
            "AFTER INSERT ON item BEGIN UPDATE item SET title = new.title || rowid WHERE rowid = new.rowid; END",
            "INSERT INTO item (place, title) VALUES ('home', 'u')",
        ),
        (
            "AFTER INSERT ON item WHEN new.title = 'u' BEGIN DELETE FROM item WHERE rowid = new.rowid; END",
            "INSERT INTO item (place, title) VALUES ('home', 'u'), ('home', 'v')",
        ),
        (
            "AFTER DELETE ON item BEGIN INSERT INTO item (id, place, title) VALUES (old.id, old.place, old.title || 'd'); END",
            "DELETE FROM item WHERE title = 't1'",
        ),
        (
            "AFTER DELETE ON item BEGIN INSERT INTO item (place, title) VALUES (old.place, 'instead'); END",
            "DELETE FROM item WHERE title = 't1'",
        ),
        (
            "BEFORE DELETE ON item WHEN old.title <> 'x' BEGIN UPDATE item SET title = 'x' WHERE id = old.id; \
          SELECT RAISE(IGNORE); END",
            "DELETE FROM item WHERE title = 't1'",
        ),
        (
            "BEFORE DELETE ON item BEGIN DELETE FROM item WHERE title = 't2'; END",
            "DELETE FROM item WHERE title = 't1'",
        ),
        (
            "AFTER UPDATE OF title ON item BEGIN DELETE FROM item WHERE id = new.id; END",
            "UPDATE item SET title = 'x' WHERE title = 't1'",
        ),
        (
            "AFTER UPDATE ON item BEGIN REPLACE INTO item (id, place, title) VALUES (new.id, new.place, 'r'); END",
            "UPDATE item SET title = 'x' WHERE title = 't1'",
        ),
        (
            "AFTER UPDATE ON item BEGIN UPDATE item SET title = 'all'; END",
            "UPDATE item SET title = 'x' WHERE title = 't1'",
        ),
    ] {
        for recursive in ["OFF", "ON"] {
            // These triggers would run themselves for ever.
            if recursive == "ON"
                && ["'all'; END", "'t2'; END", "'r'); END"].iter().any(|end| trigger.ends_with(end))
            {
                continue;
            }
            check_tracked(
                &format!("CREATE TRIGGER own {trigger}"),
                &format!("PRAGMA recursive_triggers = {recursive};\n{edits}"),
            );
        }
    }
}

/// A full-text index with its contents in the table, generated columns, and a database in the rollback journal mode.
#[test]
fn beside_other_features() {
    for before in [
        "CREATE VIRTUAL TABLE found USING fts5 (title, content = 'item', content_rowid = 'rowid'); \
         INSERT INTO found (found) VALUES ('rebuild'); \
         CREATE TRIGGER ai AFTER INSERT ON item BEGIN INSERT INTO found (rowid, title) VALUES (new.rowid, new.title); END; \
         CREATE TRIGGER ad AFTER DELETE ON item BEGIN \
         INSERT INTO found (found, rowid, title) VALUES ('delete', old.rowid, old.title); END; \
         CREATE TRIGGER au AFTER UPDATE ON item BEGIN \
         INSERT INTO found (found, rowid, title) VALUES ('delete', old.rowid, old.title); \
         INSERT INTO found (rowid, title) VALUES (new.rowid, new.title); END",
        "ALTER TABLE item ADD COLUMN low text AS (lower(title)); CREATE UNIQUE INDEX own ON item (low)",
        "CREATE TABLE log (what, at); \
         CREATE TRIGGER own AFTER UPDATE ON item BEGIN INSERT INTO log VALUES (new.title, datetime()); END",
    ] {
        let app = check_tracked(
            before,
            "INSERT INTO item (place, title) VALUES ('home', 'U'); UPDATE item SET title = 'X' WHERE title = 't1'; \
             DELETE FROM item WHERE title = 't2'; REPLACE INTO item (place, title) VALUES ('home', 'x')",
        );
        if before.contains("fts5") {
            app.shell("INSERT INTO found (found, rank) VALUES ('integrity-check', 1)");
        }
    }
}
