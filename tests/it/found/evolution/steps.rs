//! The steps of a schema: what `create` does, what it refuses, and where the old data is afterwards.

use super::*;

version! { renamed {
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        #[syncable(renamed_from = "colour", key = "colour")]
        pub(crate) hue: Option<String>,
        pub(crate) title: String,
    }
} }

version! { renamed_twice {
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        #[syncable(renamed_from = "hue", key = "colour")]
        pub(crate) tint: Option<String>,
        pub(crate) title: String,
    }
} }

version! { renamed_without_a_word {
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        #[syncable(key = "colour")]
        pub(crate) hue: Option<String>,
        pub(crate) title: String,
    }
} }

version! { another_key {
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        #[syncable(key = "hue")]
        pub(crate) colour: Option<String>,
        pub(crate) title: String,
    }
} }

version! { table_renamed {
    #[syncable(profile = App, model = "item", table = "things", renamed_from = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        pub(crate) colour: Option<String>,
        pub(crate) title: String,
    }
} }

version! { table_moved {
    #[syncable(profile = App, model = "item", table = "things", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        pub(crate) colour: Option<String>,
        pub(crate) title: String,
    }
} }

version! { retired {
    #[syncable(profile = App, model = "item", partition = "{place}:items", retired = "colour")]
    Item {
        pub(crate) place: String,
        pub(crate) title: String,
    }
} }

version! { now_local {
    #[syncable(profile = App, model = "item", partition = "{place}:items", retired("colour"))]
    Item {
        pub(crate) place: String,
        #[syncable(local)]
        pub(crate) colour: Option<String>,
        pub(crate) title: String,
    }
} }

version! { required {
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        pub(crate) colour: String,
        pub(crate) title: String,
    }
} }

version! { a_number {
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        pub(crate) colour: Option<i64>,
        pub(crate) title: String,
    }
} }

version! { with_default {
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        #[syncable(default = "grey")]
        pub(crate) colour: String,
        pub(crate) title: String,
    }
} }

version! { another_model {
    #[syncable(profile = App, model = "thing", table = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        pub(crate) colour: Option<String>,
        pub(crate) title: String,
    }
} }

version! { another_model_and_table {
    #[syncable(profile = App, model = "thing", partition = "{place}:items")]
    Thing {
        pub(crate) place: String,
        pub(crate) colour: Option<String>,
        pub(crate) title: String,
    }
} }

version! { refusing {
    #[syncable(profile = App, model = "box", table = "boxes", partition = "all")]
    Crate { pub(crate) title: String, }
    #[syncable(profile = App, model = "content", partition = "all")]
    Content {
        #[syncable(references = Crate)]
        pub(crate) box_id: RecordId,
        pub(crate) title: String,
    }
} }

version! { cascading {
    #[syncable(profile = App, model = "box", table = "boxes", partition = "all")]
    Crate { pub(crate) title: String, }
    #[syncable(profile = App, model = "content", partition = "all")]
    Content {
        #[syncable(references = Crate, on_delete = cascade)]
        pub(crate) box_id: RecordId,
        pub(crate) title: String,
    }
} }

/// A database of the second version with a red item, which is serialised.
fn red() -> Database {
    let mut database = database();
    database.create::<v2::App>().unwrap();
    execute(&database, "INSERT INTO item (place, title, colour) VALUES ('home', 'a', 'red')");
    assert_eq!(database.serialize::<v2::App>().run().unwrap().created, 1);
    database
}

#[test]
fn an_added_field_is_a_column_and_makes_no_row_dirty() {
    let mut database = database();
    database.create::<v1::App>().unwrap();
    execute(&database, "INSERT INTO item (place, title) VALUES ('home', 'a')");
    database.serialize::<v1::App>().run().unwrap();
    database.create::<v2::App>().unwrap();
    assert_eq!(dirty(&database), [""; 0]);
    execute(&database, "UPDATE item SET colour = 'red'");
    assert_eq!(database.serialize::<v2::App>().run().unwrap().updated, 1);
    assert_eq!(stored(&database, "a", "colour").as_deref(), Some("red"));
}

#[test]
fn a_renamed_field_keeps_its_values_and_its_key() {
    let mut database = red();
    database.create::<renamed::App>().unwrap();
    assert_eq!(one::<String>(&database, "SELECT hue FROM item"), "red");
    assert_eq!(database.check::<renamed::App>().unwrap(), []);
    assert_eq!(database.serialize::<renamed::App>().run().unwrap().records(), 0);
    execute(&database, "UPDATE item SET hue = 'green'");
    assert_eq!(database.serialize::<renamed::App>().run().unwrap().updated, 1);
    assert_eq!(stored(&database, "a", "colour").as_deref(), Some("green"));
    assert_eq!(stored(&database, "a", "hue"), None);
    // The second start changes nothing.
    let version: i64 = one(&database, "PRAGMA schema_version");
    database.create::<renamed::App>().unwrap();
    assert_eq!(one::<i64>(&database, "PRAGMA schema_version"), version);
}

/// The record says in which column the field was, so a version may be left out.
#[test]
fn a_field_that_was_renamed_twice_is_found() {
    let mut database = red();
    database.create::<renamed_twice::App>().unwrap();
    assert_eq!(one::<String>(&database, "SELECT tint FROM item"), "red");
}

#[test]
fn an_older_program_does_not_add_a_renamed_column_again() {
    for fresh in [false, true] {
        let mut database = if fresh { database() } else { red() };
        database.create::<renamed::App>().unwrap();
        let error = refusal(database.create::<v2::App>());
        assert!(
            matches!(&error, EvolutionError::ColumnWasRenamed { renamed, .. } if renamed == "hue"),
            "{error}"
        );
        let error = database.serialize::<v2::App>().run().unwrap_err();
        assert!(error.to_string().contains("table `item` has no column `colour`"), "{error}");
    }
    let mut database = red();
    database.create::<renamed::App>().unwrap();
    database.create::<renamed_twice::App>().unwrap();
    let error = refusal(database.create::<renamed::App>());
    assert!(
        matches!(&error, EvolutionError::ColumnWasRenamed { renamed, .. } if renamed == "tint"),
        "{error}"
    );
}

#[test]
fn a_renamed_column_must_say_so() {
    let mut database = red();
    let error = refusal(database.create::<renamed_without_a_word::App>());
    assert_eq!(
        error.to_string(),
        "the key `colour` of table `item` is declared with the column `hue`, and its values are in column `colour`: add \
         `renamed_from = \"colour\"` to the field, and `create` renames the column"
    );
    let error = refusal(database.create::<another_key::App>());
    assert!(
        matches!(&error, EvolutionError::OtherKey { known, key: "hue", .. } if known == "colour"),
        "{error}"
    );
    assert_eq!(database.check::<v2::App>().unwrap(), []);
}

#[test]
fn two_columns_are_not_made_one() {
    let mut database = red();
    execute(&database, "ALTER TABLE item ADD COLUMN hue text");
    let error = refusal(database.create::<renamed::App>());
    assert!(
        matches!(&error, EvolutionError::BothExist { old, new: "hue", .. } if old == "colour"),
        "{error}"
    );
}

#[test]
fn a_renamed_table_keeps_its_records() {
    let mut database = red();
    let id: String = one(&database, "SELECT id FROM item");
    database.create::<table_renamed::App>().unwrap();
    assert_eq!(one::<String>(&database, "SELECT id FROM things"), id);
    assert_eq!(database.check::<table_renamed::App>().unwrap(), []);
    let left = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'syncline\\_item%' ESCAPE '\\'";
    assert_eq!(one::<i64>(&database, left), 0);
    execute(&database, "UPDATE things SET title = 'b'");
    assert_eq!(database.serialize::<table_renamed::App>().run().unwrap().updated, 1);
    assert_eq!(one::<String>(&database, "SELECT model_name FROM morango_store"), "item");

    let error = refusal(database.create::<v2::App>());
    assert!(
        matches!(&error, EvolutionError::TableWasRenamed { renamed, .. } if renamed == "things"),
        "{error}"
    );
    assert!(
        !database.connection().table_exists(None, "item").unwrap(),
        "an empty app would hide the records"
    );
}

#[test]
fn a_table_of_another_name_must_say_so() {
    let mut database = red();
    let error = refusal(database.create::<table_moved::App>());
    assert!(matches!(&error, EvolutionError::MovedTable { found, .. } if found == "item"), "{error}");
    execute(&database, "CREATE TABLE things (id)");
    let error = refusal(database.create::<table_renamed::App>());
    assert!(
        matches!(&error, EvolutionError::BothExist { old, new: "things", .. } if old == "item"),
        "{error}"
    );
}

#[test]
fn a_removed_field_is_retired() {
    let mut database = red();
    // Without `retired` the program is an older one.
    execute(&database, "UPDATE item SET title = 'b'");
    assert_eq!(database.serialize::<v1::App>().run().unwrap().held_back[0].rows, 1);
    database.create::<retired::App>().unwrap();
    let done = database.serialize::<retired::App>().run().unwrap();
    assert_eq!((done.updated, done.held_back), (1, vec![]));
    assert_eq!(
        stored(&database, "b", "colour").as_deref(),
        Some("red"),
        "peers with the older version keep it"
    );
    assert_eq!(one::<String>(&database, "SELECT colour FROM item"), "red", "nothing is dropped");
    assert_eq!(database.check::<retired::App>().unwrap(), []);
    // Then even the first version writes every row.
    execute(&database, "UPDATE item SET title = 'c'");
    assert_eq!(database.serialize::<v1::App>().run().unwrap().updated, 1);
}

#[test]
fn retired_columns_are_dropped_by_a_call() {
    let mut database = red();
    assert_eq!(database.drop_retired::<retired::App>().unwrap(), ["item.colour"]);
    assert_eq!(database.drop_retired::<retired::App>().unwrap(), [""; 0]);
    assert_eq!(
        one::<i64>(&database, "SELECT count(*) FROM pragma_table_info('item') WHERE name = 'colour'"),
        0
    );
    assert_eq!(database.check::<retired::App>().unwrap(), []);
    execute(&database, "UPDATE item SET title = 'b'");
    assert_eq!(database.serialize::<retired::App>().run().unwrap().updated, 1);
}

/// Every insert would fail: the column must be given, and no field gives it.
#[test]
fn a_retired_column_that_must_be_given_is_refused() {
    let mut database = database();
    database.create::<required::App>().unwrap();
    let error = refusal(database.create::<retired::App>());
    assert!(
        matches!(&error, EvolutionError::RetiredButRequired { column, .. } if column == "colour"),
        "{error}"
    );
    database.drop_retired::<retired::App>().unwrap();
    execute(&database, "INSERT INTO item (place, title) VALUES ('home', 'a')");
}

/// A version that brings the field back is followed again.
#[test]
fn a_retired_field_comes_back() {
    let mut database = red();
    for _ in 0..2 {
        database.create::<retired::App>().unwrap();
        assert_eq!(database.serialize::<v1::App>().run().unwrap().held_back, []);
        database.create::<v2::App>().unwrap();
        execute(&database, "UPDATE item SET colour = 'green'");
        assert_eq!(database.serialize::<v1::App>().run().unwrap().held_back.len(), 1);
        database.serialize::<v2::App>().run().unwrap();
    }
    assert!(one::<i64>(&database, "SELECT count(*) FROM syncline_declared") < 10, "the record does not grow");
}

#[test]
fn a_field_that_becomes_local_is_retired() {
    let mut database = red();
    database.create::<now_local::App>().unwrap();
    execute(&database, "UPDATE item SET colour = 'blue'");
    let done = database.serialize::<now_local::App>().run().unwrap();
    assert_eq!(done.held_back, []);
    assert_eq!(stored(&database, "a", "colour").as_deref(), Some("red"));
    assert_eq!(one::<String>(&database, "SELECT colour FROM item"), "blue");
}

#[test]
fn another_type_needs_another_table() {
    let mut database = red();
    let error = refusal(database.create::<a_number::App>());
    assert_eq!(
        error.to_string(),
        "column `colour` of table `item` is `TEXT`, and is declared `integer` now: SQLite changes that only in a new table; call \
         `Database::rebuild` once, which makes the table again with its rows, or undo the change"
    );
    let error = refusal(database.rebuild::<a_number::App>());
    assert!(matches!(error, EvolutionError::Row(_)), "{error}");
    assert_eq!(one::<String>(&database, "SELECT colour FROM item"), "red", "nothing was changed");
    assert_eq!(database.check::<v2::App>().unwrap(), []);

    execute(&database, "UPDATE item SET colour = '7'");
    assert_eq!(database.rebuild::<a_number::App>().unwrap(), ["item"]);
    assert_eq!(one::<i64>(&database, "SELECT colour FROM item"), 7);
    assert_eq!(database.check::<a_number::App>().unwrap(), []);
    assert_eq!(dirty(&database), ["a"]);
    assert_eq!(database.serialize::<a_number::App>().run().unwrap().updated, 1);
    assert_eq!(database.rebuild::<a_number::App>().unwrap(), [""; 0]);
}

#[test]
fn null_is_followed_in_both_directions() {
    let mut database = database();
    database.create::<required::App>().unwrap();
    execute(&database, "INSERT INTO item (place, title, colour) VALUES ('home', 'a', 'red')");
    let error = refusal(database.create::<v2::App>());
    assert!(matches!(&error, EvolutionError::Rebuild { found, .. } if found == "NOT NULL"), "{error}");
    assert_eq!(database.rebuild::<v2::App>().unwrap(), ["item"]);
    execute(&database, "INSERT INTO item (place, title) VALUES ('home', 'b')");

    // The first version of this test's app runs again. It is the older one, and cannot read the new row.
    database.create::<required::App>().unwrap();
    assert!(database.serialize::<v2::App>().run().unwrap().records() == 2);

    let error = refusal(database.create::<with_default::App>());
    assert!(matches!(error, EvolutionError::Null { rows: 1, default: Some("'grey'"), .. }), "{error}");
    assert_eq!(database.rebuild::<with_default::App>().unwrap(), ["item"]);
    assert_eq!(one::<String>(&database, "SELECT colour FROM item WHERE title = 'b'"), "grey");
    assert_eq!(database.check::<with_default::App>().unwrap(), []);
}

#[test]
fn another_action_on_delete_needs_another_table() {
    let mut database = database();
    database.connection().pragma_update(None, "foreign_keys", true).unwrap();
    database.create::<refusing::App>().unwrap();
    let mut crate_ = refusing::Crate { title: "big".into(), ..Default::default() };
    database.insert(&mut crate_).unwrap();
    let mut content = refusing::Content { box_id: crate_.id, title: "a".into(), ..Default::default() };
    database.insert(&mut content).unwrap();
    // The app's own parts of the table stay.
    execute(
        &database,
        "CREATE INDEX by_title ON content (title); CREATE TABLE log (title); ALTER TABLE content ADD COLUMN note text DEFAULT 'x'; \
         CREATE TRIGGER logged AFTER UPDATE OF title ON content BEGIN INSERT INTO log VALUES (new.title); END",
    );
    let error = refusal(database.create::<cascading::App>());
    assert!(matches!(&error, EvolutionError::Rebuild { column, .. } if column == "box_id"), "{error}");
    assert_eq!(database.rebuild::<cascading::App>().unwrap(), ["content"]);
    assert_eq!(database.check::<cascading::App>().unwrap(), []);
    assert!(one::<bool>(&database, "PRAGMA foreign_keys"), "the setting is put back");
    assert_eq!(one::<i64>(&database, "SELECT count(*) FROM sqlite_schema WHERE name = 'by_title'"), 1);
    execute(&database, "UPDATE content SET title = 'b'");
    assert_eq!(one::<String>(&database, "SELECT title FROM log"), "b");
    assert_eq!(one::<String>(&database, "SELECT note FROM content"), "x");

    // The older version goes on with the newer table.
    database.create::<refusing::App>().unwrap();
    assert_eq!(database.serialize::<cascading::App>().run().unwrap().created, 2);
    assert!(database.delete::<cascading::Crate>(crate_.id).unwrap());
    assert_eq!(database.serialize::<cascading::App>().run().unwrap().deleted, 2);
}

/// A table that a rebuild would not copy whole is left to the app.
#[test]
fn a_table_with_constraints_of_its_own_is_not_made_again() {
    let mut database = database();
    execute(
        &database,
        "CREATE TABLE item (id text PRIMARY KEY, place text NOT NULL, colour text NOT NULL CHECK (colour <> ''), title text NOT NULL)",
    );
    database.track::<required::App>().unwrap();
    let error = refusal(database.rebuild::<v2::App>());
    assert!(matches!(&error, EvolutionError::CannotRebuild { .. }), "{error}");
    assert_eq!(
        one::<i64>(
            &database,
            "SELECT count(*) FROM pragma_table_info('item') WHERE \"notnull\" AND name = 'colour'"
        ),
        1
    );
}

#[test]
fn another_model_name_is_refused_for_the_same_rows() {
    let mut database = red();
    let error = refusal(database.create::<another_model::App>());
    assert!(
        matches!(&error, EvolutionError::OtherModel { found, model: "thing", .. } if found == "item"),
        "{error}"
    );
}

#[test]
fn another_model_gets_new_ids_and_the_old_one_ends_by_a_call() {
    let mut database = red();
    let old: String = one(&database, "SELECT id FROM item");
    database.create::<another_model_and_table::App>().unwrap();
    execute(&database, "INSERT INTO thing (place, title, colour) SELECT place, title, colour FROM item");
    assert_ne!(one::<String>(&database, "SELECT id FROM thing"), old);
    let done = database.serialize::<another_model_and_table::App>().run().unwrap();
    assert_eq!((done.created, done.deleted), (1, 0), "the old records stay until a call ends them");
    let status = database.status::<another_model_and_table::App>().unwrap();
    let gone = status.iter().find(|model| !model.is_declared).unwrap();
    assert_eq!((&*gone.model, gone.rows, gone.stored), ("item", 1, 1));

    assert!(matches!(
        refusal(database.end_model::<another_model_and_table::App>("thing")),
        EvolutionError::StillDeclared { .. }
    ));
    let error = refusal(database.end_model::<another_model_and_table::App>("itme"));
    assert_eq!(
        error.to_string(),
        "the database has no model `itme`: the models that are not declared are item"
    );
    assert_eq!(database.end_model::<another_model_and_table::App>("item").unwrap(), 1);
    execute(&database, "DROP TABLE item");
    assert_eq!(database.serialize::<another_model_and_table::App>().run().unwrap().deleted, 1);
    assert_eq!(database.status::<another_model_and_table::App>().unwrap().len(), 1);
    assert_eq!(database.check::<another_model_and_table::App>().unwrap(), []);
}

/// The rows of a table that ends are still there when the run marks their records.
#[test]
fn a_model_ends_though_its_table_stays() {
    let mut database = red();
    database.create::<another_model_and_table::App>().unwrap();
    database.end_model::<another_model_and_table::App>("item").unwrap();
    assert_eq!(database.serialize::<another_model_and_table::App>().run().unwrap().deleted, 1);
    assert!(one::<bool>(&database, "SELECT deleted FROM morango_store"));
}

#[test]
fn another_default_is_named() {
    let mut database = database();
    execute(
        &database,
        "CREATE TABLE item (id text PRIMARY KEY, place text NOT NULL, colour text NOT NULL, title text NOT NULL)",
    );
    database.track::<required::App>().unwrap();
    database.create::<with_default::App>().unwrap();
    let differences = database.check::<with_default::App>().unwrap();
    assert!(
        differences.iter().any(|difference| difference.to_string()
            == "column `colour` of table `item` has no default, and is declared with 'grey': `Database::rebuild` changes it"),
        "{differences:?}"
    );
}
