//! Versions of an app that skip versions or run at once, and schemas that were changed by SQL.

use super::*;

/// The values of a column were moved to another one by hand, which a later version declares.
#[test]
fn a_column_renamed_by_hand_is_followed_by_the_version_that_declares_it() {
    let mut database = database();
    database.create::<v2::App>().unwrap();
    execute(&database, "INSERT INTO item (place, title, colour) VALUES ('home', 'a', 'red')");
    database.serialize::<v2::App>().run().unwrap();
    execute(&database, "DROP TRIGGER syncline_item_updated; ALTER TABLE item RENAME COLUMN colour TO hue");
    let differences = database.check::<v2::App>().unwrap();
    assert!(differences[0].to_string().contains("colour"), "{differences:?}");
    let error = database.serialize::<v2::App>().run().unwrap_err();
    assert!(error.to_string().contains("colour"), "{error}");
    database.create::<hue::App>().unwrap();
    assert_eq!(database.check::<hue::App>().unwrap(), []);
    assert_eq!(one::<String>(&database, "SELECT hue FROM item"), "red");
    execute(&database, "UPDATE item SET hue = 'green'");
    assert_eq!(database.serialize::<hue::App>().run().unwrap().updated, 1);
    assert_eq!(stored(&database, "a", "colour").as_deref(), Some("green"));
}

mod hue {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    pub(crate) struct Item {
        pub(crate) id: RecordId,
        pub(crate) place: String,
        #[syncable(renamed_from = "colour", key = "colour")]
        pub(crate) hue: Option<String>,
        pub(crate) title: String,
    }

    profile! { pub(crate) App = "app" { Item } }
}

/// A column that was dropped by hand: the version that declares it adds it again, and marks the rows whose stored value differs.
#[test]
fn a_column_dropped_by_hand_is_added_again() {
    let mut database = database();
    database.create::<v2::App>().unwrap();
    execute(
        &database,
        "INSERT INTO item (place, title, colour) VALUES ('home', 'a', 'red'), ('home', 'b', NULL)",
    );
    database.serialize::<v2::App>().run().unwrap();
    let triggers: Vec<String> = {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'item'";
        let mut statement = database.connection().prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
    };
    for name in triggers {
        execute(&database, &format!("DROP TRIGGER \"{name}\""));
    }
    execute(&database, "ALTER TABLE item DROP COLUMN colour");
    // The older version writes every row: there is no value that it could lose.
    database.create::<v1::App>().unwrap();
    execute(&database, "UPDATE item SET title = 'c' WHERE title = 'b'");
    let done = database.serialize::<v1::App>().run().unwrap();
    assert_eq!((done.updated, done.held_back), (1, vec![]));
    database.create::<v2::App>().unwrap();
    assert_eq!(database.check::<v2::App>().unwrap(), []);
    assert_eq!(dirty(&database), ["a"]);
}

/// Both versions have the file open, and take turns.
#[test]
fn an_older_program_runs_while_the_newer_one_has_the_database_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sqlite3");
    let mut old = Database::open(&path).unwrap();
    old.create::<v1::App>().unwrap();
    execute(&old, "INSERT INTO item (place, title) VALUES ('home', 'a')");
    assert_eq!(old.serialize::<v1::App>().run().unwrap().created, 1);

    let mut new = Database::open(&path).unwrap();
    new.create::<v2::App>().unwrap();
    execute(&new, "UPDATE item SET colour = 'red'");
    // The statements of the older program were prepared before the column existed.
    assert_eq!(old.serialize::<v1::App>().run().unwrap().held_back[0].rows, 1);
    execute(&old, "UPDATE item SET title = 'b'");
    assert_eq!(old.serialize::<v1::App>().run().unwrap().records(), 0);
    assert_eq!(new.serialize::<v2::App>().run().unwrap().updated, 1);
    assert_eq!(stored(&new, "b", "colour").as_deref(), Some("red"));
    old.create::<v1::App>().unwrap();
    execute(&old, "UPDATE item SET title = 'c'");
    assert_eq!(new.serialize::<v2::App>().run().unwrap().updated, 1);
    assert_eq!(stored(&new, "c", "colour").as_deref(), Some("red"));
}

/// The table and a field get other names in one version.
mod all_renamed {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = App, model = "item", table = "things", renamed_from = "item", partition = "{place}:items")]
    pub(crate) struct Thing {
        pub(crate) id: RecordId,
        pub(crate) place: String,
        #[syncable(renamed_from = "colour", key = "colour")]
        pub(crate) hue: Option<String>,
        pub(crate) title: String,
        pub(crate) size: Option<i64>,
    }

    profile! { pub(crate) App = "app" { Thing } }
}

#[test]
fn a_table_and_a_field_are_renamed_and_another_is_added_at_once() {
    let mut database = database();
    database.create::<v2::App>().unwrap();
    execute(&database, "INSERT INTO item (place, title, colour) VALUES ('home', 'a', 'red')");
    database.serialize::<v2::App>().run().unwrap();
    execute(&database, "UPDATE item SET colour = 'green'");
    database.create::<all_renamed::App>().unwrap();
    assert_eq!(database.check::<all_renamed::App>().unwrap(), []);
    assert_eq!(database.serialize::<all_renamed::App>().run().unwrap().updated, 1);
    assert_eq!(stored(&database, "a", "colour").as_deref(), Some("green"));
    assert_eq!(one::<i64>(&database, "SELECT count(*) FROM morango_store"), 1);
}

/// A program that skipped the version with the colour, and one that never had a database.
#[test]
fn the_last_version_makes_a_new_database_and_follows_the_first() {
    for is_new in [true, false] {
        let mut database = database();
        if !is_new {
            database.create::<v1::App>().unwrap();
            execute(&database, "INSERT INTO item (place, title) VALUES ('home', 'a')");
            database.serialize::<v1::App>().run().unwrap();
        }
        database.create::<all_renamed::App>().unwrap();
        assert_eq!(database.check::<all_renamed::App>().unwrap(), []);
        assert_eq!(one::<i64>(&database, "SELECT count(*) FROM things"), i64::from(!is_new));
        assert_eq!(database.serialize::<all_renamed::App>().run().unwrap().records(), 0);
    }
}

/// Rows whose values a new table changes are sent, others are not.
#[test]
fn a_rebuilt_table_marks_the_rows_that_it_changes() {
    let mut database = database();
    database.create::<v2::App>().unwrap();
    execute(
        &database,
        "INSERT INTO item (place, title, colour) VALUES ('home', 'a', 'red'), ('home', 'b', NULL)",
    );
    database.serialize::<v2::App>().run().unwrap();
    assert_eq!(database.rebuild::<grey::App>().unwrap(), ["item"]);
    assert_eq!(dirty(&database), ["b"]);
    assert_eq!(database.serialize::<grey::App>().run().unwrap().updated, 1);
    assert_eq!(stored(&database, "b", "colour").as_deref(), Some("grey"));
}

mod grey {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    pub(crate) struct Item {
        pub(crate) id: RecordId,
        pub(crate) place: String,
        #[syncable(default = "grey")]
        pub(crate) colour: String,
        pub(crate) title: String,
    }

    profile! { pub(crate) App = "app" { Item } }
}

mod another_profile {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    pub(crate) struct Item {
        pub(crate) id: RecordId,
        pub(crate) place: String,
        pub(crate) title: String,
    }

    profile! { pub(crate) App = "application" { Item } }
}

#[test]
fn a_renamed_profile_is_refused() {
    let mut database = database();
    database.create::<v1::App>().unwrap();
    let error = database.create::<another_profile::App>().unwrap_err();
    assert!(matches!(&error, SchemaError::TwoProfiles { tracked, .. } if tracked == "app"), "{error}");
}
