//! A record writes only what its id and its partition say.

use super::{App, INTEGRITY_ERROR, VALIDATION_ERROR, folder, id, note, notebook};

#[test]
fn a_text_with_the_id_of_another_record_is_refused() {
    let mut app = App::new();
    app.receives([notebook(10), notebook(11)]);
    app.deserialize();
    app.receives([notebook(11).with(id(11).as_str(), id(10).as_str()).with("Book", "Stolen")]);
    let report = app.deserialize();
    assert_eq!((report.updated(), report.failed()), (0, 1), "{report}");
    assert_eq!(app.failure(11).unwrap().0, VALIDATION_ERROR);
    assert!(app.failure(11).unwrap().1.contains(id(10).as_str()));
    assert_eq!(app.get::<u64>("SELECT count(*) FROM notebook WHERE title = 'Book'", []), 2);
}

#[test]
fn content_of_another_partition_is_refused() {
    let mut app = App::new();
    app.receives([notebook(10), notebook(11)]);
    app.deserialize();
    // Its id and partition are of notebook 10, and its content would be in notebook 11.
    let partition = format!("{}:notes", id(10));
    app.receives([note(20, 11, "Bread").partition(&partition)]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.failed()), (0, 1), "{report}");
    let (class, text) = app.failure(20).unwrap();
    assert_eq!(class, VALIDATION_ERROR);
    assert!(text.contains(&partition) && text.contains(&format!("{}:notes", id(11))), "{text}");
    assert!(!app.has("note", 20));
}

#[test]
fn an_absent_id_is_the_records_own_where_morango_computes_one() {
    let mut app = App::new();
    let without_id = |number: u32| format!(r#""id": "{}", "#, id(number));
    app.receives([
        notebook(10).with(&without_id(10), ""),
        notebook(11).with(&format!(r#""{}""#, id(11)), "null"),
        notebook(12).with(id(12).as_str(), ""),
        folder(30, None).with(&without_id(30), ""),
        note(20, 10, "Bread").with(&without_id(20), ""),
        note(21, 10, "Cake").with(id(21).as_str(), ""),
    ]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.failed()), (5, 1), "{report}");
    assert_eq!(app.failure(20).unwrap().0, INTEGRITY_ERROR);
    assert!(app.has("notebook", 10) && app.has("notebook", 12) && app.has("note", 21));
}

#[test]
fn the_source_id_and_the_partition_in_the_text_are_ignored() {
    let mut app = App::new();
    let claimed =
        r#""_morango_partition": "theirs", "_morango_source_id": "x", "_morango_dirty_bit": true, "title""#;
    app.receives([notebook(10).with(r#""title""#, claimed)]);
    assert_eq!(app.deserialize().created(), 1);
    let partition: String = app.get("SELECT _morango_partition FROM notebook", []);
    assert_eq!((partition, app.dirty_rows()), (format!("{}:book", id(10)), 0));
}

#[test]
fn an_id_that_is_none_is_a_failure_of_the_record() {
    let mut app = App::new();
    app.receives([notebook(10)]);
    let values = [
        ("[]", "django.db.utils.ProgrammingError"),
        ("[1]", "django.db.utils.ProgrammingError"),
        ("{}", "django.db.utils.ProgrammingError"),
        (r#""nonsense""#, "builtins.ValueError"),
    ];
    for (number, (value, _)) in (20..).zip(values) {
        app.receives([note(number, 10, "x")
            .with(&format!(r#""{}", "notebook"#, id(number)), &format!(r#"{value}, "notebook"#))]);
    }
    let report = app.deserialize();
    assert_eq!((report.created(), report.failed()), (1, values.len() as u64), "{report}");
    for (number, (value, class)) in (20..).zip(values) {
        assert_eq!(app.failure(number).unwrap().0, class, "{value}");
    }
    app.receives([
        notebook(11).with(&format!(r#""{}""#, id(11)), "[]"),
        folder(30, None).with(&format!(r#""{}""#, id(30)), "{}"),
    ]);
    app.deserialize();
    for number in [11, 30] {
        assert_eq!(app.failure(number).unwrap().0, "builtins.KeyError", "{number}");
    }
}
