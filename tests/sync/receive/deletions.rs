//! Deletions that are received, and those that follow from them.

use super::{App, author, id, note, notebook, remark, seal};

#[test]
fn a_deletion_takes_along_what_refers_to_the_record() {
    let mut app = App::new();
    app.receives([notebook(10), note(20, 10, "Bread"), remark(30, 20), notebook(11), note(21, 11, "Cake")]);
    app.deserialize();
    app.receives([notebook(10).deleted()]);
    let report = app.deserialize();
    assert_eq!((report.deleted(), report.cascaded(), report.failed()), (1, 2, 0), "{report}");
    assert!(!app.has("notebook", 10) && !app.has("note", 20) && !app.has("remark", 30));
    assert!(app.has("notebook", 11) && app.has("note", 21));
    // The store's rows of the two are still alive, so their deletion is this device's to tell.
    assert_eq!(app.listed(), [20, 30]);
    assert!(!app.is_dirty(10));
    let serialized = app.database.serialize::<super::Notes>().run().unwrap();
    assert_eq!(serialized.deleted, 2);
    assert_eq!(app.deserialize().deleted(), 0);
}

#[test]
fn deletions_that_arrive_together_are_not_listed() {
    let mut app = App::new();
    app.receives([notebook(10), note(20, 10, "Bread"), remark(30, 20)]);
    app.deserialize();
    app.receives([remark(30, 20).deleted(), note(20, 10, "Bread").hard_deleted(), notebook(10).deleted()]);
    let report = app.deserialize();
    assert_eq!((report.deleted(), report.cascaded()), (3, 0), "{report}");
    assert_eq!(app.listed(), [0; 0]);
    assert!([10, 20, 30].iter().all(|number| !app.is_dirty(*number)));
}

#[test]
fn a_deletion_clears_an_earlier_failure_and_needs_no_text() {
    let mut app = App::new();
    app.receives([notebook(10).text("{")]);
    assert_eq!(app.deserialize().failed(), 1);
    app.receives([notebook(10).text("{").deleted()]);
    assert_eq!(app.deserialize().deleted(), 1);
    assert_eq!((app.failure(10), app.is_dirty(10)), (None, false));
}

#[test]
fn a_record_that_refers_to_a_deleted_one_is_deleted_in_turn() {
    let mut app = App::new();
    app.receives([notebook(10), note(20, 10, "Bread"), remark(30, 20)]);
    app.deserialize();
    // The notebook is deleted, and the note is changed, by two devices. The remark is a new one.
    app.receives([notebook(10).deleted(), note(20, 10, "Cake"), remark(31, 20)]);
    let report = app.deserialize();
    assert_eq!((report.deleted(), report.passed_on(), report.failed()), (1, 2, 0), "{report}");
    assert!(!app.has("note", 20) && !app.has("remark", 30) && !app.has("remark", 31));
    assert_eq!(app.listed(), [20, 30, 31]);
    assert!(app.is_dirty(20) && app.failure(20).is_none());
    app.database.serialize::<super::Notes>().run().unwrap();
    let report = app.deserialize();
    assert_eq!((report.deleted(), report.passed_on(), report.failed()), (0, 0, 0), "{report}");
    let dirty: u64 = app.get("SELECT count(*) FROM morango_store WHERE dirty_bit", []);
    assert_eq!((dirty, app.listed()), (0, vec![]));
}

#[test]
fn a_hard_deletion_is_passed_on_as_one() {
    let mut app = App::new();
    app.receives([notebook(10).hard_deleted(), note(20, 10, "Bread")]);
    app.deserialize();
    assert_eq!(app.listed(), [20]);
    assert_eq!(app.ids("SELECT id FROM morango_harddeletedmodels"), [20]);
}

#[test]
fn a_reference_that_becomes_null_lets_the_record_live() {
    let mut app = App::new();
    let of_author = |title| note(20, 10, title).with("}", &format!(r#", "author_id": "{}"}}"#, id(40)));
    app.receives([notebook(10), author(40), of_author("Bread")]);
    app.deserialize();
    app.receives([author(40).deleted()]);
    let report = app.deserialize();
    assert_eq!((report.deleted(), report.cascaded()), (1, 0), "{report}");
    assert!(app.get::<bool>("SELECT author_id IS NULL FROM note", []));
    // A later text that still names the author reads as without.
    app.receives([of_author("Cake")]);
    let report = app.deserialize();
    assert_eq!((report.updated(), report.passed_on(), report.failed()), (1, 0, 0), "{report}");
    assert!(app.get::<bool>("SELECT author_id IS NULL AND title = 'Cake' FROM note", []));
    assert_eq!((app.dirty_rows(), app.listed(), app.is_dirty(20)), (0, vec![], false));
}

#[test]
fn a_record_that_would_be_refused_here_goes_along() {
    let mut app = App::new();
    app.receives([notebook(10), note(20, 10, "Bread"), seal(50, 20)]);
    app.deserialize();
    app.receives([note(20, 10, "Bread").deleted()]);
    let report = app.deserialize();
    assert_eq!((report.deleted(), report.cascaded()), (1, 1), "{report}");
    assert!(!app.has("seal", 50));
    assert_eq!(app.listed(), [50]);
}

#[test]
fn a_row_of_a_local_table_prevents_a_deletion_or_goes_along_as_its_foreign_key_says() {
    let mut app = App::new();
    app.execute(
        "CREATE TABLE bookmark (note TEXT REFERENCES note (id) ON DELETE CASCADE); \
         CREATE TABLE opened (note TEXT REFERENCES note (id) ON DELETE SET NULL); \
         CREATE TABLE printed (note TEXT REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)",
    );
    app.receives([notebook(10), note(20, 10, "Bread"), note(21, 10, "Cake")]);
    app.deserialize();
    for table in ["bookmark", "opened"] {
        app.execute(&format!("INSERT INTO {table} SELECT id FROM note"));
    }
    app.execute(&format!("INSERT INTO printed VALUES ('{}')", id(21)));
    app.receives([note(20, 10, "Bread").deleted(), note(21, 10, "Cake").deleted()]);
    let report = app.deserialize();
    assert_eq!((report.deleted(), report.failed()), (1, 1), "{report}");
    assert!(!app.has("note", 20) && app.has("note", 21));
    let (class, text) = app.failure(21).unwrap();
    assert_eq!(class, super::INTEGRITY_ERROR);
    assert!(text.contains("printed"), "{text}");
    assert_eq!(app.get::<u64>("SELECT count(*) FROM bookmark", []), 1);
    assert_eq!(app.get::<u64>("SELECT count(*) FROM opened WHERE note IS NULL", []), 1);
    // Once the row is gone, the deletion is done.
    app.execute("DELETE FROM printed");
    assert_eq!(app.deserialize().deleted(), 1);
    assert_eq!((app.has("note", 21), app.failure(21)), (false, None));
}

#[test]
fn a_deletion_waits_for_changes_that_would_go_along() {
    let mut app = App::new();
    app.receives([notebook(10), note(20, 10, "Bread")]);
    app.deserialize();
    app.execute("UPDATE note SET title = 'Mine'");
    app.receives([notebook(10).deleted()]);
    let report = app.deserialize();
    assert_eq!((report.deleted(), report.unsaved()), (0, 1), "{report}");
    assert!(app.has("note", 20));
    app.database.serialize::<super::Notes>().run().unwrap();
    let report = app.deserialize();
    assert_eq!((report.deleted(), report.cascaded()), (1, 1), "{report}");
}

#[test]
fn a_deletion_of_an_unknown_record_is_done() {
    let mut app = App::new();
    app.receives([note(20, 10, "Bread").deleted()]);
    assert_eq!(app.deserialize().deleted(), 1);
    assert_eq!((app.is_dirty(20), app.listed()), (false, vec![]));
}
