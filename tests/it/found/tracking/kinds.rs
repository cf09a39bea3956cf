//! Other ways to change records without a trigger, or to lose a trigger for a while.

use syncline::sqlite::Difference;
use syncline::{Access as _, Database, RecordId, Syncable, profile};

use super::{App, Flat, Item};

/// The text of a trigger says nothing of the time in which it was absent.
#[test]
fn a_trigger_that_somebody_makes_again_with_the_same_text() {
    let mut app = App::new();
    let [updated, deleted] = ["updated", "deleted"].map(|trigger| -> String {
        app.one(&format!("SELECT sql FROM sqlite_schema WHERE name = 'syncline_item_{trigger}'"))
    });
    app.shell(&format!(
        "DROP TRIGGER syncline_item_updated; DROP TRIGGER syncline_item_deleted; \
         UPDATE item SET title = 'unseen' WHERE title = 't1'; DELETE FROM item WHERE title = 't2'; \
         {updated}; {deleted}"
    ));
    // The triggers are all there, so a run need not be refused.
    assert_eq!(app.serialize().records(), 0);
    let found = app.restart();
    app.check_found(&found, [1, 0, 1]);
}

/// A table that is renamed away and back: in the meantime the app has made an empty one.
#[test]
fn a_table_that_is_renamed_away_and_back() {
    let mut app = App::new();
    app.shell("ALTER TABLE item RENAME TO old_item");
    let found = app.create();
    assert_eq!(App::numbers(&found), [0, 0, 6]);
    app.shell(
        "UPDATE old_item SET title = 'unseen' WHERE title = 't1'; DELETE FROM old_item WHERE title = 't2'; \
         DROP TABLE item; ALTER TABLE old_item RENAME TO item",
    );
    let found = app.create();
    app.check_found(&found, [1, 0, 1]);
}

/// The rows come back under other ids.
#[test]
fn rows_with_other_ids() {
    let mut app = App::new();
    let sql: String = app.one("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'item'");
    app.shell(&format!(
        "CREATE TABLE kept AS SELECT * FROM item; DROP TABLE item; {sql}; \
         INSERT INTO item (id, _morango_source_id, _morango_partition, place, title, _morango_dirty_bit) \
         SELECT lower(hex(randomblob(16))), _morango_source_id, _morango_partition, place, title, 0 FROM kept; \
         DROP TABLE kept"
    ));
    let found = app.create();
    app.check_found(&found, [0, 6, 6]);
}

/// `REPLACE` removes a row by a unique index that is newer than the triggers.
#[test]
fn a_unique_index_that_was_added() {
    let mut app = App::new();
    app.shell(
        "CREATE UNIQUE INDEX by_title ON item (title);
         REPLACE INTO item (place, title) VALUES ('home', 't1')",
    );
    let error = app.database.serialize::<Flat>().run().unwrap_err().to_string();
    assert!(error.contains("table `item` is not tracked"), "{error}");
    let found = app.create();
    app.check_found(&found, [0, 0, 1]);
}

/// A backup of one table: older rows, without a trace of what was done since.
#[test]
fn a_table_put_back_from_a_backup() {
    let mut app = App::new();
    let backup = app.dump("item");
    app.shell("UPDATE item SET title = 'newer' WHERE title = 't0'; DELETE FROM item WHERE title = 't1'");
    let mut later = Item { place: "home".into(), title: "later".into(), ..Item::default() };
    app.database.insert(&mut later).unwrap();
    app.serialize();
    app.shell("DROP TABLE item");
    app.shell(&backup);
    let found = app.restart();
    // One row has its older title, one is alive again, and one is gone.
    app.check_found(&found, [1, 1, 1]);
    assert_eq!(app.one::<i64>("SELECT count(*) FROM item WHERE title IN ('t0', 't1')"), 2);
}

#[test]
fn a_trigger_that_was_removed_through_the_schema_table() {
    let mut app = App::new();
    app.shell(
        "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'syncline_item_updated'; \
         PRAGMA writable_schema = OFF",
    );
    app.shell("UPDATE item SET title = 'unseen' WHERE title = 't1'");
    let found = app.restart();
    app.check_found(&found, [1, 0, 0]);
}

/// Triggers of another connection's own are in no file. One that ends the others hides a change.
#[test]
fn a_temporary_trigger_of_another_connection() {
    let mut app = App::new();
    app.shell(
        "CREATE TEMP TRIGGER own AFTER UPDATE ON main.item BEGIN SELECT RAISE(IGNORE); END;
         UPDATE item SET title = 'unseen' WHERE title = 't1'",
    );
    assert!(app.create().models.is_empty(), "nothing tells of it");
    app.mend_and_check([1, 0, 0]);
}

/// The tables of a dump of the whole file, and of its copies, are tracked as before.
#[test]
fn copies_of_the_whole_file() {
    let app = App::new();
    for copy in ["VACUUM INTO ?1", "VACUUM main INTO ?1"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.sqlite3");
        app.connect().execute(copy, [path.to_str().unwrap()]).unwrap();
        let mut copied = Database::open(&path).unwrap();
        assert_eq!(copied.serialize::<Flat>().run().unwrap().records(), 0);
        assert!(copied.create::<Flat>().unwrap().comparison.is_equal());
        copied.connection().execute("UPDATE item SET title = 'x' WHERE title = 't0'", []).unwrap();
        assert_eq!(copied.serialize::<Flat>().run().unwrap().records(), 1);
    }
}

/// Rows that were inserted without an id while no trigger could compute it.
#[test]
fn rows_without_an_id() {
    let mut app = App::new();
    app.shell(
        "DROP TRIGGER syncline_item_inserted_item; DROP TRIGGER syncline_item_begun; \
         INSERT INTO item (place, title) VALUES ('away', 'unseen')",
    );
    let found = app.create();
    assert_eq!(App::numbers(&found), [0, 0, 0]);
    let unseen = app.id("unseen");
    assert_eq!(app.serialize().records(), 1);
    assert_eq!(app.audit(), [0, 0]);
    let identity = app.database.identity::<Item>(unseen).unwrap().unwrap();
    assert_eq!(identity.partition, "away:items");
    assert_eq!(RecordId::derive(&identity.partition, &identity.source_id, "item"), unseen);
}

/// Two versions of an app with a column more.
mod newer {
    use super::{RecordId, Syncable, profile};

    #[derive(Debug, Clone, PartialEq, Default, Syncable)]
    #[syncable(profile = Flat, model = "item", partition = "{place}:items")]
    pub(super) struct Item {
        pub(super) id: RecordId,
        pub(super) place: String,
        pub(super) title: String,
        pub(super) colour: Option<String>,
        #[syncable(default = 3)]
        pub(super) stars: i64,
    }

    profile! {
        pub(super) Flat = "flat" { Item }
    }
}

/// The rows that got a value in an added column before `create` are marked, and those with its default are not.
#[test]
fn a_column_that_was_filled_by_hand() {
    let mut app = App::new();
    app.shell(
        "ALTER TABLE item ADD COLUMN colour text;
         ALTER TABLE item ADD COLUMN stars bigint NOT NULL DEFAULT 3;
         UPDATE item SET colour = 'red' WHERE title = 't0';
         UPDATE item SET stars = 4 WHERE title = 't1';
         UPDATE item SET stars = 3, colour = NULL WHERE title = 't2'",
    );
    let found = app.database.create::<newer::Flat>().unwrap().comparison;
    assert_eq!(App::numbers(&found), [2, 0, 0]);
    assert_eq!(app.database.serialize::<newer::Flat>().run().unwrap().updated, 2);
    let stored = "SELECT group_concat(json_extract(serialized, '$.colour') || json_extract(serialized, '$.stars')) \
                  FROM morango_store WHERE json_extract(serialized, '$.title') = 't0'";
    assert_eq!(app.one::<String>(stored), "red3");
    assert_eq!(app.database.check_deep::<newer::Flat>().unwrap(), []);
}

/// The older version's triggers do not track the newer column.
#[test]
fn an_older_version_that_was_started_in_between() {
    let mut app = App::new();
    app.database.create::<newer::Flat>().unwrap();
    app.shell("UPDATE item SET colour = 'red'");
    app.database.serialize::<newer::Flat>().run().unwrap();
    app.create();
    app.shell("UPDATE item SET colour = 'green' WHERE title = 't0'");
    app.database.create::<newer::Flat>().unwrap();
    app.database.serialize::<newer::Flat>().run().unwrap();
    let green = "SELECT count(*) FROM morango_store WHERE json_extract(serialized, '$.colour') = 'green'";
    assert_eq!(app.one::<i64>(green), 1);
}

/// A tree beside a table of another profile.
mod tree {
    use super::{RecordId, Syncable, profile};

    #[derive(Debug, Clone, PartialEq, Default, Syncable)]
    #[syncable(profile = Tree, model = "node", table = "Node", partition = "{place}:nodes")]
    pub(super) struct Node {
        pub(super) id: RecordId,
        pub(super) place: String,
        pub(super) title: String,
        #[syncable(references = Node, on_delete = cascade)]
        pub(super) parent_id: Option<RecordId>,
    }

    #[derive(Debug, Clone, PartialEq, Default, Syncable)]
    #[syncable(profile = Tree, model = "leaf", partition = "{place}:leaves")]
    pub(super) struct Leaf {
        pub(super) id: RecordId,
        pub(super) place: String,
        pub(super) title: String,
    }

    profile! {
        pub(super) Tree = "tree" { Node, Leaf }
    }
}

use tree::{Leaf, Node, Tree};

/// Adds the tables of a second profile: three generations of nodes, and a leaf.
fn with_a_tree() -> App {
    let mut app = App::new();
    let database = &mut app.database;
    database.create::<Tree>().unwrap();
    let mut parent_id = None;
    for title in ["n0", "n1", "n2"] {
        let mut node = Node { place: "home".into(), title: title.into(), parent_id, ..Node::default() };
        database.insert(&mut node).unwrap();
        parent_id = Some(node.id);
    }
    database.insert(&mut Leaf { place: "home".into(), title: "l0".into(), ..Leaf::default() }).unwrap();
    assert_eq!(database.serialize::<Tree>().run().unwrap().records(), 4);
    app
}

/// The rows that a foreign key deletes.
#[test]
fn a_cascade_without_triggers() {
    for is_enforced in [true, false] {
        let mut app = with_a_tree();
        let shell = app.connect();
        shell.pragma_update(None, "foreign_keys", is_enforced).unwrap();
        shell
            .execute_batch("DROP TRIGGER syncline_Node_deleted; DELETE FROM node WHERE title = 'n1'")
            .unwrap();
        let found = app.database.create::<Tree>().unwrap().comparison;
        let node = found.models.iter().find(|found| found.model == "node").unwrap();
        assert_eq!(node.only_in_store.count, if is_enforced { 2 } else { 1 });
        assert_eq!(node.differing(), 0);
        app.database.delete_only_in_store::<Node>().unwrap();
        app.database.serialize::<Tree>().run().unwrap();
        assert_eq!(app.database.check_deep::<Tree>().unwrap(), []);
    }
}

/// The models of the other table, and the other profile, are not touched.
#[test]
fn the_triggers_of_one_of_two_tables() {
    let mut app = with_a_tree();
    app.shell(
        "DROP TRIGGER syncline_leaf_updated; UPDATE leaf SET title = 'unseen';
         UPDATE node SET title = 'seen' WHERE title = 'n0'",
    );
    let error = app.database.serialize::<Tree>().run().unwrap_err().to_string();
    assert!(error.contains("table `leaf` is not tracked"), "{error}");
    assert_eq!(app.serialize().records(), 0, "the other profile is tracked");
    let found = app.database.create::<Tree>().unwrap().comparison;
    assert_eq!((found.differing(), found.only_in_store()), (1, 0));
    assert_eq!(app.database.serialize::<Tree>().run().unwrap().records(), 2);
    assert_eq!(app.database.check_deep::<Tree>().unwrap(), []);
    assert!(app.create().is_equal());
}

/// Two profiles in one file: the tables of one are not compared because the other was created.
#[test]
fn another_profile_is_created() {
    let mut app = with_a_tree();
    assert!(
        app.create().models.is_empty(),
        "the other profile's tables count as a change by another program"
    );
    assert!(app.database.create::<Tree>().unwrap().comparison.models.is_empty());
}

/// `STRICT` tables without rowids, and a table that two models share.
mod shared {
    use super::{RecordId, Syncable, profile};

    #[derive(Debug, Clone, PartialEq, Default, Syncable)]
    #[syncable(profile = Zoo, model = "cat", table = "animal", discriminator(kind = "cat"), partition = "zoo")]
    pub(super) struct Cat {
        pub(super) id: RecordId,
        pub(super) kind: String,
        pub(super) name: String,
    }

    #[derive(Debug, Clone, PartialEq, Default, Syncable)]
    #[syncable(profile = Zoo, model = "dog", table = "animal", discriminator(kind = "dog"), partition = "zoo")]
    pub(super) struct Dog {
        pub(super) id: RecordId,
        pub(super) kind: String,
        pub(super) name: String,
        pub(super) age: Option<i64>,
    }

    profile! {
        pub(super) Zoo = "zoo" { Cat, Dog }
    }
}

#[test]
fn a_table_of_two_models_without_rowids() {
    use shared::{Cat, Dog, Zoo};

    let mut app = App::new();
    app.shell(
        "CREATE TABLE Animal (id text PRIMARY KEY NOT NULL, kind text NOT NULL, name text NOT NULL, age integer) \
         STRICT, WITHOUT ROWID",
    );
    app.database.track::<Zoo>().unwrap();
    for name in ["a", "b", "c"] {
        app.database.insert(&mut Cat { kind: "cat".into(), name: name.into(), ..Cat::default() }).unwrap();
        app.database
            .insert(&mut Dog { kind: "dog".into(), name: name.into(), age: Some(3), ..Dog::default() })
            .unwrap();
    }
    app.database.serialize::<Zoo>().run().unwrap();
    let stranger =
        "INSERT INTO animal (id, kind, name) VALUES ('00000000000000000000000000000000', 'fish', 'd')";
    app.shell(stranger);
    app.shell(
        "DROP TRIGGER syncline_animal_updated; DROP TRIGGER syncline_animal_deleted;
         UPDATE animal SET age = 4 WHERE kind = 'dog' AND name = 'a';
         DELETE FROM animal WHERE kind = 'cat' AND name <> 'a'",
    );
    let found = app.database.track::<Zoo>().unwrap().comparison;
    let numbers =
        found.models.iter().map(|found| (found.model, found.differing(), found.only_in_store.count));
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [("cat", 0, 2), ("dog", 1, 0)]);
    assert_eq!(app.database.delete_only_in_store::<Dog>().unwrap(), 0);
    assert_eq!(app.database.delete_only_in_store::<Cat>().unwrap(), 2);
    let serialized = app.database.serialize::<Zoo>().run().unwrap();
    assert_eq!((serialized.records(), serialized.deleted), (1, 2));
    assert_eq!(app.database.check_deep::<Zoo>().unwrap(), []);
}

/// Many rows are marked in pages, and only those that differ.
#[test]
fn more_rows_than_a_page() {
    let mut app = App::new();
    app.shell(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2500)
         INSERT INTO item (id, place, title) SELECT printf('%032x', n), 'home', n FROM numbers",
    );
    app.serialize();
    app.shell(
        "DROP TRIGGER syncline_item_updated; DROP TRIGGER syncline_item_deleted;
         UPDATE item SET title = 'unseen' WHERE length(id) = 32 AND id LIKE '%5' AND id LIKE '00000%';
         DELETE FROM item WHERE id LIKE '%7' AND id LIKE '00000%'",
    );
    let counts: [i64; 2] = ["%5", "%7"].map(|end| {
        app.one(&format!("SELECT count(*) FROM morango_store WHERE id LIKE '{end}' AND id LIKE '00000%'"))
    });
    let [different, lost] = counts.map(|count| u64::try_from(count).unwrap());
    let found = app.create();
    assert_eq!(found.models[0].different.first.len(), 5);
    assert_eq!(app.one::<i64>("SELECT count(*) FROM item WHERE _morango_dirty_bit"), counts[0]);
    app.check_found(&found, [different, 0, lost]);
}

/// Rows that wait for the app, keys that only the store has, and other forms of a text are no differences.
#[test]
fn what_is_no_difference() {
    let mut app = App::new();
    app.shell(
        "UPDATE morango_store SET serialized = '{\"newer\": 1.50, ' || substr(serialized, 2)
         WHERE serialized LIKE '%t0%';
         UPDATE morango_store SET serialized = replace(serialized, ': ', ':') WHERE serialized LIKE '%t1%';
         UPDATE morango_store SET dirty_bit = 1, serialized = '{\"received\": 1}' WHERE serialized LIKE '%t2%';
         INSERT INTO morango_store SELECT serialized, 0, last_saved_instance, last_saved_counter, model_name, profile,
         partition, printf('%032x', 1), '', '', 1, source_id, 0, NULL, NULL, NULL, NULL FROM morango_store
         WHERE serialized LIKE '%t3%';
         DELETE FROM item WHERE title = 't4';
         UPDATE item SET title = 'dirty' WHERE title = 't5'",
    );
    assert_eq!(app.database.check_deep::<Flat>().unwrap(), []);
    assert!(app.database.mark_differing::<Flat>().unwrap().is_equal());
}

/// `check_deep` names the tables that are missing, and compares the rest.
#[test]
fn a_table_that_is_missing() {
    let app = with_a_tree();
    app.shell("DROP TABLE leaf");
    let shell = app.connect();
    shell.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).unwrap();
    shell.execute_batch("UPDATE node SET title = 'unseen' WHERE title = 'n0'").unwrap();
    let found = app.database.check_deep::<Tree>().unwrap();
    assert!(found.contains(&Difference::NoTable { table: "leaf" }), "{found:?}");
    let other = found
        .iter()
        .filter(|difference| matches!(difference, Difference::OtherContent { model: "node", .. }));
    assert_eq!(other.count(), 1, "{found:?}");
}
