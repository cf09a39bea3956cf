//! A program that is older than its database.

use std::num::NonZeroUsize;

use syncline::filter::Filter;
use syncline::sqlite::flow::{DirtyRows, SerializeRecords, SyncTransaction};

use super::*;

/// A database that the second version made, with one item whose colour changed since it was serialised.
fn newer() -> Database {
    let mut database = database();
    database.create::<v2::App>().unwrap();
    execute(&database, "INSERT INTO item (place, title, colour) VALUES ('home', 'a', 'red')");
    assert_eq!(database.serialize::<v2::App>().run().unwrap().created, 1);
    execute(&database, "UPDATE item SET colour = 'green'");
    database
}

/// The newer version serialises the colour, which was left alone until then.
#[track_caller]
fn the_newer_version_has_it(database: &mut Database) {
    database.create::<v2::App>().unwrap();
    database.serialize::<v2::App>().run().unwrap();
    assert_eq!(stored(database, "a", "colour").as_deref(), Some("green"));
    assert_eq!(dirty(database), [""; 0]);
}

/// The steps of `older-version-serialises.sh`.
#[test]
fn an_older_program_leaves_rows_that_it_cannot_write_whole() {
    let mut database = newer();
    let done = database.serialize::<v1::App>().run().unwrap();
    assert_eq!(done.records(), 0);
    let [left] = &*done.held_back else { panic!("{done}") };
    assert_eq!((&*left.model, &*left.table, left.rows), ("item", "item", 1));
    assert_eq!(left.columns, ["colour"]);
    let line = "1 row of table `item` stays dirty: another version of the app syncs `colour` of the model `item`, and this program \
                does not";
    assert!(done.to_string().contains(line), "{done}");
    assert_eq!(dirty(&database), ["a"]);
    the_newer_version_has_it(&mut database);
}

#[test]
fn an_older_program_leaves_them_however_it_commits() {
    let mut database = newer();
    let done = database.serialize::<v1::App>().commit_every(NonZeroUsize::MIN).run().unwrap();
    assert_eq!((done.records(), done.held_back.len()), (0, 1));
    the_newer_version_has_it(&mut database);
}

#[test]
fn the_parts_of_a_flow_leave_them_too() {
    let mut database = newer();
    let run = SyncTransaction::<v1::App>::begin(&mut database, &Filter::everything()).unwrap();
    let rows = DirtyRows::new(&run).unwrap();
    SerializeRecords::run(rows, &run, false, &mut |_| {}).unwrap();
    assert_eq!(run.held_back()[0].rows, 1);
    run.commit().unwrap();
    the_newer_version_has_it(&mut database);
}

/// Many rows are read by their ids and cleared by one statement for each model.
#[test]
fn many_rows_are_left_as_well() {
    let mut database = newer();
    execute(
        &database,
        "WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 2000) \
         INSERT INTO item (place, title, colour) SELECT 'home', 't' || n, CASE WHEN n % 2 THEN 'blue' END FROM count",
    );
    let done = database.serialize::<v1::App>().filter("home").run().unwrap();
    assert_eq!((done.created, done.held_back[0].rows), (1000, 1001));
    assert_eq!(one::<i64>(&database, "SELECT count(*) FROM item WHERE _morango_dirty_bit"), 1001);
    let done = database.serialize::<v2::App>().run().unwrap();
    assert_eq!((done.created, done.updated), (1000, 1));
    assert_eq!(stored(&database, "t7", "colour").as_deref(), Some("blue"));
    assert_eq!(one::<i64>(&database, "SELECT count(*) FROM item WHERE _morango_dirty_bit"), 0);
}

/// In a new row of the older program the newer columns hold their defaults, and a peer takes a missing key for the default.
#[test]
fn an_older_program_serialises_its_own_new_rows() {
    let mut database = newer();
    database.create::<v1::App>().unwrap();
    database
        .insert(&mut v1::Item { place: "home".into(), title: "mine".into(), ..Default::default() })
        .unwrap();
    let done = database.serialize::<v1::App>().run().unwrap();
    assert_eq!((done.created, done.held_back[0].rows), (1, 1));
    assert_eq!(dirty(&database), ["a"]);
    // A value that was set back to the default was another one for the store.
    execute(&database, "UPDATE item SET colour = NULL WHERE title = 'a'");
    assert_eq!(database.serialize::<v1::App>().run().unwrap().records(), 0);
    assert_eq!(dirty(&database), ["a"]);
    assert_eq!(database.serialize::<v2::App>().run().unwrap().updated, 1);
    assert_eq!(stored(&database, "a", "colour"), None);
}

#[test]
fn the_triggers_of_an_older_program_see_the_newer_columns() {
    let mut database = newer();
    database.serialize::<v2::App>().run().unwrap();
    database.create::<v1::App>().unwrap();
    execute(&database, "UPDATE item SET colour = 'blue'");
    assert_eq!(dirty(&database), ["a"]);
    database.serialize::<v2::App>().run().unwrap();
    // Also if they are made from nothing.
    execute(&database, "DROP TRIGGER syncline_item_updated");
    database.create::<v1::App>().unwrap();
    database.serialize::<v2::App>().run().unwrap();
    execute(&database, "UPDATE item SET colour = 'black'");
    assert_eq!(dirty(&database), ["a"]);
}

/// Two versions that take turns write the same triggers, so none of them is made again.
#[test]
fn versions_that_take_turns_change_nothing() {
    let mut database = newer();
    database.create::<v1::App>().unwrap();
    let version: i64 = one(&database, "PRAGMA schema_version");
    for _ in 0..2 {
        database.create::<v2::App>().unwrap();
        database.create::<v1::App>().unwrap();
    }
    assert_eq!(one::<i64>(&database, "PRAGMA schema_version"), version);
}

#[test]
fn check_names_the_newer_column() {
    let database = newer();
    let differences: Vec<_> = database.check::<v1::App>().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        differences,
        [
            "column `colour` of table `item` syncs in another version of the app, and model `item` does not declare it: rows that may \
          hold a value in it are not serialised; use the newer version, or declare `retired(\"colour\")`"
        ]
    );
    assert_eq!(database.check::<v2::App>().unwrap(), []);
}

#[test]
fn an_older_program_reads_writes_and_deletes() {
    let mut database = newer();
    database.create::<v1::App>().unwrap();
    let id: String = one(&database, "SELECT id FROM item");
    let id: RecordId = id.parse().unwrap();
    let item = database.get::<v1::Item>(id).unwrap().unwrap();
    assert!(database.update(&v1::Item { title: "b".into(), ..item }).unwrap());
    assert_eq!(database.get::<v2::Item>(id).unwrap().unwrap().colour.as_deref(), Some("green"));
    assert!(database.delete::<v1::Item>(id).unwrap());
    assert_eq!(database.serialize::<v1::App>().run().unwrap().deleted, 1);
}

/// A column that no version declared may belong to another program.
#[test]
fn a_column_that_nobody_declared_is_no_reason() {
    let mut database = database();
    database.create::<v1::App>().unwrap();
    execute(&database, "ALTER TABLE item ADD COLUMN colour text");
    execute(&database, "INSERT INTO item (place, title, colour) VALUES ('home', 'a', 'red')");
    let done = database.serialize::<v1::App>().run().unwrap();
    assert_eq!((done.created, done.held_back), (1, vec![]));
}

/// `track` writes down what the program declares, like `create`.
#[test]
fn a_tracked_table_has_an_older_program_too() {
    let mut database = database();
    execute(
        &database,
        "CREATE TABLE item (id text PRIMARY KEY, place text NOT NULL, title text NOT NULL, colour text)",
    );
    database.track::<v2::App>().unwrap();
    let mut item = v2::Item {
        place: "home".into(),
        title: "a".into(),
        colour: Some("red".into()),
        ..Default::default()
    };
    database.insert(&mut item).unwrap();
    let done = database.serialize::<v1::App>().run().unwrap();
    assert_eq!((done.created, done.held_back[0].rows), (0, 1));
    database.track::<v1::App>().unwrap();
    assert_eq!(database.serialize::<v2::App>().run().unwrap().created, 1);
    assert_eq!(stored(&database, "a", "colour").as_deref(), Some("red"));
}

/// A row that replaces another one by its computed id keeps the values of the newer columns, whichever version made the triggers.
#[test]
fn a_row_that_replaces_another_keeps_the_newer_columns() {
    let mut database = by_title::database();
    execute(&database, "INSERT OR REPLACE INTO item (title, colour, note) VALUES ('a', 'green', 'n')");
    let row: String = one(&database, "SELECT group_concat(title || colour || note) FROM item");
    assert_eq!(row, "agreenn");
    database.serialize::<by_title::newer::App>().run().unwrap();
    assert_eq!(stored(&database, "a", "colour").as_deref(), Some("green"));
}

/// Items whose ids are computed from their titles.
mod by_title {
    use super::*;

    pub(super) mod older {
        use super::*;

        #[derive(Debug, Clone, Default, PartialEq, Syncable)]
        #[syncable(profile = App, model = "item", partition = "all", source_id = "{title}")]
        pub(crate) struct Item {
            pub(crate) id: RecordId,
            pub(crate) title: String,
        }

        profile! { pub(crate) App = "app" { Item } }
    }

    pub(super) mod newer {
        use super::*;

        #[derive(Debug, Clone, Default, PartialEq, Syncable)]
        #[syncable(profile = App, model = "item", partition = "all", source_id = "{title}")]
        pub(crate) struct Item {
            pub(crate) id: RecordId,
            pub(crate) title: String,
            pub(crate) colour: Option<String>,
            #[syncable(local)]
            pub(crate) note: Option<String>,
        }

        profile! { pub(crate) App = "app" { Item } }
    }

    /// The newer version made the table, the older one the triggers.
    pub(super) fn database() -> Database {
        let mut database = super::database();
        database.create::<newer::App>().unwrap();
        execute(&database, "INSERT INTO item (title, colour, note) VALUES ('a', 'red', 'm')");
        execute(&database, "DROP TRIGGER syncline_item_placed");
        database.create::<older::App>().unwrap();
        database
    }
}

/// A peer with the older version edits a record whose text in its store has the key of the newer version.
#[test]
fn an_older_peer_keeps_the_newer_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sqlite3");
    let mut newer = Database::open(&path).unwrap();
    newer.create::<v2::App>().unwrap();
    execute(&newer, "INSERT INTO item (place, title, colour) VALUES ('home', 'a', 'red')");
    newer.serialize::<v2::App>().run().unwrap();

    let mut peer = database();
    peer.create::<v1::App>().unwrap();
    // As if the peer had received the record.
    peer.connection().execute("ATTACH ?1 AS sender", [path.to_str()]).unwrap();
    execute(
        &peer,
        "INSERT INTO main.morango_store SELECT * FROM sender.morango_store; \
         INSERT INTO main.item (id, place, title, _morango_source_id, _morango_partition) \
         SELECT id, place, title, _morango_source_id, _morango_partition FROM sender.item; \
         UPDATE main.item SET _morango_dirty_bit = 0; DETACH sender",
    );
    assert_eq!(peer.serialize::<v1::App>().run().unwrap().records(), 0);
    execute(&peer, "UPDATE item SET title = 'b'");
    let done = peer.serialize::<v1::App>().run().unwrap();
    assert_eq!((done.updated, done.held_back), (1, vec![]));
    assert_eq!(stored(&peer, "b", "colour").as_deref(), Some("red"));
}
