//! Records that are written to the app's tables.

use syncline::prelude::*;

use super::{App, Note, Notebook, author, id, note, notebook, received, remark};

#[test]
fn records_are_created_with_those_that_they_refer_to() {
    let mut app = App::new();
    // The order in the store is not that of the references.
    app.receives([
        remark(30, 20),
        note(20, 10, "Bread").with("}", &format!(r#", "author_id": "{}", "rank": 7}}"#, id(40))),
        author(40),
        notebook(10),
    ]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.updated(), report.failed()), (4, 0, 0), "{report}");
    assert_eq!(report.model("note").unwrap().created, 1);
    let found: Note = app.database.get(id(20)).unwrap().unwrap();
    let expected = Note {
        id: id(20),
        notebook_id: id(10),
        title: "Bread".to_owned(),
        rank: Some(7),
        author_id: Some(id(40)),
        scroll: None,
    };
    assert_eq!(found, expected);
    let partition: String = app.get("SELECT _morango_partition FROM note", []);
    assert_eq!(partition, format!("{}:notes", id(10)));
    // The store and the app agree, and nothing is left to do.
    assert_eq!(app.dirty_rows(), 0);
    assert!([10, 20, 30, 40].iter().all(|number| !app.is_dirty(*number)));
    assert_eq!(app.listed(), [0; 0]);
    assert_eq!(app.database.serialize::<super::Notes>().run().unwrap().records(), 0);
    assert_eq!(app.deserialize().records(), 0);
}

#[test]
fn an_update_keeps_local_columns_and_the_records_that_refer_to_it() {
    let mut app = App::new();
    app.receives([notebook(10), note(20, 10, "Bread"), remark(30, 20)]);
    app.deserialize();
    app.execute("UPDATE note SET scroll = 5");
    app.receives([note(20, 10, "Cake"), notebook(10).with("Book", "Recipes")]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.updated()), (0, 2), "{report}");
    let found: Note = app.database.get(id(20)).unwrap().unwrap();
    assert_eq!((&*found.title, found.scroll), ("Cake", Some(5)));
    assert!(app.has("remark", 30));
    assert_eq!(app.database.get::<Notebook>(id(10)).unwrap().unwrap().title, "Recipes");
    assert_eq!((app.dirty_rows(), app.listed()), (0, vec![]));
}

#[test]
fn a_filter_selects_by_the_bytes_of_the_partition() {
    let mut app = App::new();
    let prefix = format!("{}:", id(10));
    app.receives([notebook(10), note(20, 10, "Bread"), notebook(0xab), note(21, 0xab, "Cake"), author(40)]);
    let report = app.database.deserialize::<super::Notes>().filter(&prefix).run().unwrap();
    assert_eq!(report.created(), 2, "{report}");
    assert!(app.is_dirty(0xab) && app.is_dirty(40));
    // Case matters, and `_` is a letter like others.
    let other = id(0xab).to_string().to_uppercase();
    let report = app.database.deserialize::<super::Notes>().filter(&format!("{other} peopl_")).run().unwrap();
    assert_eq!(report.created(), 0, "{report}");
    let report =
        app.database.deserialize::<super::Notes>().filter("people").filter(id(0xab).as_str()).run().unwrap();
    assert_eq!(report.created(), 3, "{report}");
}

#[test]
fn many_records_of_one_partition_come_in_chunks() {
    let mut app = App::new();
    app.receives([notebook(1)]);
    app.receives((0..2_500).map(|number| note(1_000 + number, 1, &format!("n{number}"))));
    let report = app.deserialize();
    assert_eq!(report.created(), 2_501, "{report}");
    let count: u64 = app.get("SELECT count(*) FROM note", []);
    assert_eq!(count, 2_500);
}

#[test]
fn records_of_unknown_models_are_kept_and_counted() {
    let mut app = App::new();
    app.receives([notebook(10), received("drawing", 50, "people", r#""strokes": 3"#)]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.unknown, report.failed()), (1, 1, 0));
    assert!(app.is_dirty(50));
    assert_eq!(app.failure(50), None);
    assert!(report.to_string().contains("1 record of models that this app does not have"), "{report}");
}

#[test]
fn keys_of_a_newer_peer_stay_in_the_store_and_are_sent_on() {
    let mut app = App::new();
    app.receives([notebook(10).with("}", r#", "colour": "blue"}"#)]);
    assert_eq!(app.deserialize().created(), 1);
    app.execute("UPDATE notebook SET title = 'Mine'");
    app.database.serialize::<super::Notes>().run().unwrap();
    let text: String = app.get("SELECT serialized FROM morango_store WHERE id = ?1", [id(10)]);
    assert!(text.contains(r#""colour": "blue""#) && text.contains(r#""title": "Mine""#), "{text}");
}

#[test]
fn changes_of_the_app_that_are_not_serialised_are_not_overwritten() {
    let mut app = App::new();
    app.receives([notebook(10), notebook(11), notebook(12)]);
    app.deserialize();
    app.execute(&format!("UPDATE notebook SET title = 'Mine' WHERE id = '{}'", id(10)));
    app.execute(&format!("DELETE FROM notebook WHERE id = '{}'", id(11)));
    app.receives([10, 11, 12].map(|number| notebook(number).with("Book", "Theirs")));
    let report = app.deserialize();
    assert_eq!((report.updated(), report.created(), report.unsaved()), (1, 0, 2), "{report}");
    let title: String = app.get("SELECT title FROM notebook WHERE id = ?1", [id(10)]);
    assert_eq!(title, "Mine");
    assert!(!app.has("notebook", 11));
    assert!(app.is_dirty(10) && app.is_dirty(11) && !app.is_dirty(12));
    // After a serialise run both are versions of this app, with the other text as a conflict.
    app.database.serialize::<super::Notes>().run().unwrap();
    assert_eq!(app.deserialize().unsaved(), 0);
    assert!(!app.is_dirty(10) && !app.is_dirty(11));
}

#[test]
fn triggers_of_the_app_run_and_those_that_track_changes_do_not() {
    let mut app = App::new();
    app.execute(
        "CREATE TABLE log (what TEXT); \
         CREATE TRIGGER inserted AFTER INSERT ON note BEGIN INSERT INTO log VALUES ('inserted ' || new.title); END; \
         CREATE TRIGGER changed AFTER UPDATE OF title ON note BEGIN INSERT INTO log VALUES ('changed ' || new.title); END; \
         CREATE TRIGGER deleted AFTER DELETE ON note BEGIN INSERT INTO log VALUES ('deleted ' || old.title); END;",
    );
    app.database.create::<super::Notes>().unwrap();
    let triggers = |app: &App| -> Vec<String> {
        let mut names = app
            .database
            .connection()
            .prepare("SELECT name || sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name")
            .unwrap();
        names.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
    };
    let before = triggers(&app);
    app.receives([notebook(10), note(20, 10, "Bread"), note(21, 10, "Cake")]);
    app.deserialize();
    app.receives([note(20, 10, "Rye"), note(21, 10, "Cake").deleted()]);
    app.deserialize();
    let log: String = app.get("SELECT group_concat(what) FROM (SELECT what FROM log ORDER BY rowid)", []);
    assert_eq!(log, "inserted Bread,inserted Cake,deleted Cake,changed Rye");
    assert_eq!((app.dirty_rows(), app.listed()), (0, vec![]));
    assert_eq!(triggers(&app), before);
    // Changes are tracked as before.
    assert_eq!(app.database.check::<super::Notes>().unwrap(), []);
    app.execute("UPDATE note SET title = 'Mine'");
    assert_eq!(app.dirty_rows(), 1);
    assert_eq!(app.database.serialize::<super::Notes>().run().unwrap().updated, 1);
}

#[test]
fn triggers_track_changes_again_without_triggers_of_the_app() {
    let mut app = App::new();
    app.receives([notebook(10)]);
    app.deserialize();
    app.execute("UPDATE notebook SET title = 'Mine'");
    assert_eq!(app.dirty_rows(), 1);
    app.execute("DELETE FROM notebook");
    assert_eq!(app.listed(), [10]);
}
