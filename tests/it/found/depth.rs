//! Deletions that cascade through more generations than SQLite's limit.

use rusqlite::Connection;
use syncline::{Access as _, RecordId};

use super::{App, Node, Tree};

/// Nodes, each the child of the one before: the input without its deletion, with `count` nodes.
fn chain(count: usize) -> (App, RecordId) {
    let mut app = App::empty();
    app.database.create::<Tree>().unwrap();
    let (make, _) = include_str!("depth/deep-tree.sql").split_once("DELETE").unwrap();
    app.execute(&make.replace("i < 1001", &format!("i < {count}")));
    app.database.serialize::<Tree>().run().unwrap();
    (app, RecordId::parse(&format!("{:032x}", 1)).unwrap())
}

fn count(app: &App, table: &str) -> i64 {
    app.all(&format!("SELECT count(*) FROM {table}")).remove(0)
}

/// Reported for another app as CherryHQ/cherry-studio#18479.
#[test]
fn a_long_chain_is_deleted() {
    for (nodes, hard) in [(1001, false), (1001, true), (5000, false)] {
        let (mut app, first) = chain(nodes);
        let (generations, listed) = (i64::try_from(nodes).unwrap(), if hard { nodes as u64 } else { 0 });
        let deleted = if hard {
            app.database.hard_delete::<Node>(first).unwrap()
        } else {
            app.database.delete::<Node>(first).unwrap()
        };
        assert!(deleted);
        assert_eq!((count(&app, "node"), count(&app, "morango_deletedmodels")), (0, generations));
        let temporary =
            "SELECT name FROM temp.sqlite_schema WHERE type = 'trigger' OR name GLOB '*generation*'";
        assert_eq!(app.all::<String>(temporary), [""; 0]);
        let serialized = app.database.serialize::<Tree>().run().unwrap();
        assert_eq!((serialized.deleted, serialized.hard_deleted), (nodes as u64, listed));
        let alive = app.all::<i64>("SELECT count(*) FROM morango_store WHERE NOT deleted");
        assert_eq!(alive, [0]);
    }
}

/// The limit of SQLite for plain SQL is documented. Nothing is deleted then.
#[test]
fn plain_sql_has_a_limit() {
    let (app, _) = chain(1001);
    let (_, delete) = include_str!("depth/deep-tree.sql").split_once("COMMIT;").unwrap();
    let message = app.refused(&format!("PRAGMA foreign_keys = ON; {delete}"));
    assert!(message.contains("triggers nested too deep"), "{message}");
    assert_eq!((count(&app, "node"), count(&app, "morango_deletedmodels")), (1001, 0));
}

/// The statement that the documentation gives for the shell.
#[test]
fn the_documented_statement_deletes_a_tree() {
    let (app, _) = chain(1500);
    let shell = Connection::open(app.folder.path().join("app.sqlite3")).unwrap();
    shell
        .execute_batch(
            "PRAGMA foreign_keys = OFF;
             WITH RECURSIVE below (id) AS (
                 SELECT '00000000000000000000000000000001'
                 UNION SELECT node.id FROM node JOIN below ON node.parent_id = below.id)
             DELETE FROM node WHERE id IN (SELECT id FROM below)",
        )
        .unwrap();
    assert_eq!((count(&app, "node"), count(&app, "morango_deletedmodels")), (0, 1500));
}

/// A long cascade leaves other branches, as a short one does, and leaves everything if a reference or a trigger refuses.
#[test]
fn only_the_descendants_are_deleted() {
    let (app, first) = chain(1200);
    let second = format!("{:032x}", 2);
    app.execute(
        "INSERT INTO node (id, place, title) VALUES ('ffffffffffffffffffffffffffffffff', 'home', 'other'); \
         CREATE TABLE note (node_id REFERENCES node (id) ON DELETE CASCADE); \
         INSERT INTO note SELECT id FROM node",
    );
    app.execute(
        "CREATE TRIGGER kept BEFORE DELETE ON node WHEN old.id GLOB '*4b0' BEGIN SELECT RAISE(ABORT, 'kept'); END",
    );
    let error = app.database.delete::<Node>(first).unwrap_err();
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("kept"), "{error:?}");
    assert_eq!(
        (count(&app, "node"), count(&app, "note"), count(&app, "morango_deletedmodels")),
        (1201, 1201, 0)
    );
    app.execute("DROP TRIGGER kept");
    assert!(app.database.delete::<Node>(RecordId::parse(&second).unwrap()).unwrap());
    assert_eq!(
        (count(&app, "node"), count(&app, "note"), count(&app, "morango_deletedmodels")),
        (2, 2, 1199)
    );
}

/// Rows with two parents, of which the shorter way is found first, through tables that other programs made.
#[test]
fn a_descendant_by_two_ways_is_deleted_after_its_own() {
    let (app, first) = chain(2);
    app.execute(
        "CREATE TABLE step (number INTEGER PRIMARY KEY, root REFERENCES NODE (id) ON DELETE CASCADE, \
             before REFERENCES step ON DELETE CASCADE);
         CREATE INDEX steps ON step (before);
         WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1100)
         INSERT INTO step SELECT i, '00000000000000000000000000000001', CASE WHEN i > 1 THEN i - 1 END FROM c;
         CREATE TABLE self (a, b, above REFERENCES self (a) ON DELETE CASCADE, PRIMARY KEY (a)) WITHOUT ROWID;
         INSERT INTO self VALUES (1, 1, 1)",
    );
    assert!(app.database.delete::<Node>(first).unwrap());
    assert_eq!((count(&app, "node"), count(&app, "step"), count(&app, "self")), (0, 0, 1));
}

/// A setting of the connection is as before.
#[test]
fn settings_are_as_before() {
    let (app, first) = chain(1001);
    app.execute("BEGIN");
    assert!(app.database.delete::<Node>(first).unwrap());
    assert_eq!(app.all::<i64>("PRAGMA defer_foreign_keys"), [0]);
    app.execute("COMMIT");
    assert_eq!(count(&app, "node"), 0);
}
