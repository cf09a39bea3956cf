//! Records that cannot be written: the failure is theirs, and the others go on.

use super::{App, INTEGRITY_ERROR, VALIDATION_ERROR, failed, id, note, notebook, remark};

#[test]
fn texts_that_are_no_records() {
    let texts = [
        ("", "json.decoder.JSONDecodeError"),
        ("{", "json.decoder.JSONDecodeError"),
        ("nonsense", "json.decoder.JSONDecodeError"),
        ("null", "builtins.TypeError"),
        ("5", "builtins.TypeError"),
        ("true", "builtins.TypeError"),
        (r#"["id"]"#, "builtins.TypeError"),
        (r#""the id""#, "builtins.TypeError"),
    ];
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let mut app = App::new();
    let (numbers, deep_at) = (100.., 99);
    app.receives(numbers.clone().zip(texts).map(|(number, (text, _))| notebook(number).text(text)));
    app.receives([notebook(deep_at).text(deep), notebook(10), note(20, 10, "Bread")]);
    let report = app.deserialize();
    assert_eq!(report.created(), 2, "{report}");
    assert_eq!(report.failed(), texts.len() as u64 + 1, "{report}");
    assert_eq!(app.failure(deep_at).unwrap().0, "builtins.RecursionError");
    for (number, (text, class)) in numbers.zip(texts) {
        assert_eq!(app.failure(number).unwrap().0, class, "{text:?}");
        assert!(app.is_dirty(number));
    }
    assert!(!report.first_failures.is_empty() && report.first_failures.len() <= 10);
    // They are tried again at every run, unless that is told not to.
    assert_eq!(app.deserialize().failed(), texts.len() as u64 + 1);
    let report = app.database.deserialize::<super::Notes>().skip_erroring().run().unwrap();
    assert_eq!(report.failed(), 0, "{report}");
    app.receives([notebook(100)]);
    assert_eq!(app.deserialize().created(), 1);
    assert_eq!((app.failure(100), app.is_dirty(100)), (None, false));
}

#[test]
fn a_missing_target_is_named() {
    let mut app = App::new();
    app.receives([note(20, 10, "Bread"), remark(30, 20)]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.failed()), (0, 2), "{report}");
    let text = format!("Note.notebook_id references non-existent notebook instance with id '{}'", id(10));
    assert_eq!(app.failure(20).unwrap(), failed(INTEGRITY_ERROR, &text));
    let text = format!("['note with id {} failed to deserialize']", id(20));
    assert_eq!(app.failure(30).unwrap(), failed(VALIDATION_ERROR, &text));
    // It arrives in a later sync.
    app.receives([notebook(10)]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.failed()), (3, 0), "{report}");
    assert_eq!((app.failure(20), app.failure(30)), (None, None));
}

#[test]
fn a_target_that_only_the_store_has_is_named_and_no_commit_fails() {
    let mut app = App::new();
    app.receives([notebook(10)]);
    app.deserialize();
    // The row was lost without a trace, as rows are that cascaded away in earlier versions.
    app.execute("PRAGMA foreign_keys = OFF; DROP TRIGGER syncline_notebook_deleted; DELETE FROM notebook");
    app.database.create::<super::Notes>().unwrap();
    app.receives([note(20, 10, "Bread")]);
    let report = app.deserialize();
    assert_eq!(report.failed(), 1, "{report}");
    let text = format!("Note.notebook_id references non-existent notebook instance with id '{}'", id(10));
    assert_eq!(app.failure(20).unwrap(), failed(INTEGRITY_ERROR, &text));
}

#[test]
fn ids_of_targets_in_another_spelling_are_missing() {
    let mut app = App::new();
    let hyphens = "00000000-0000-0000-0000-00000000000a";
    app.receives([notebook(10)]);
    for (number, spelt) in (20..).zip([hyphens.to_owned(), id(10).to_string().to_uppercase(), "5".to_owned()])
    {
        app.receives([note(number, 10, "x").with(id(10).as_str(), &spelt)]);
    }
    let upper_is_another = id(10).to_string() != id(10).to_string().to_uppercase();
    let report = app.deserialize();
    assert_eq!(report.failed(), 2 + u64::from(upper_is_another), "{report}");
    let text = format!("Note.notebook_id references non-existent notebook instance with id '{hyphens}'");
    assert_eq!(app.failure(20).unwrap(), failed(INTEGRITY_ERROR, &text));
}

#[test]
fn values_that_no_reference_can_have() {
    let mut app = App::new();
    app.receives([notebook(10)]);
    let values = [
        ("[1]", "django.db.utils.ProgrammingError"),
        (r#"{"a": 1}"#, "django.db.utils.ProgrammingError"),
        ("99999999999999999999", "builtins.OverflowError"),
        (r#""\ud800""#, "builtins.UnicodeEncodeError"),
        ("5", INTEGRITY_ERROR),
        ("true", INTEGRITY_ERROR),
    ];
    for (number, (value, _)) in (20..).zip(values) {
        app.receives([
            note(number, 10, "x").with(&format!(r#""{}", "title""#, id(10)), &format!(r#"{value}, "title""#))
        ]);
    }
    assert_eq!(app.deserialize().failed(), values.len() as u64);
    for (number, (value, class)) in (20..).zip(values) {
        assert_eq!(app.failure(number).unwrap().0, class, "{value}");
    }
}

#[test]
fn a_unique_value_that_exists_fails_alone() {
    let mut app = App::new();
    app.execute("CREATE UNIQUE INDEX one_title ON note (notebook_id, title)");
    app.database.create::<super::Notes>().unwrap();
    app.receives([notebook(10), note(20, 10, "Bread")]);
    app.deserialize();
    app.receives((21..321).map(|number| note(number, 10, &format!("t{}", number / 2))));
    app.receives([note(400, 10, "Bread")]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.failed()), (150 + 1, 150), "{report}");
    let text = "UNIQUE constraint failed: note.notebook_id, note.title";
    assert_eq!(app.failure(400).unwrap(), failed(INTEGRITY_ERROR, text));
    // The app's row that had the value first is not displaced.
    assert!(app.has("note", 20));
    assert_eq!(app.listed(), [0; 0]);
}

#[test]
fn a_check_of_the_table_and_a_trigger_of_the_app_refuse_one_record() {
    let mut app = App::new();
    app.execute(
        "CREATE TRIGGER no_cake BEFORE INSERT ON note WHEN new.title = 'Cake' BEGIN SELECT RAISE(ABORT, 'no cake'); END; \
         CREATE TRIGGER ignored BEFORE INSERT ON note WHEN new.title = 'Pie' BEGIN SELECT RAISE(IGNORE); END",
    );
    app.database.create::<super::Notes>().unwrap();
    app.receives([notebook(10), note(20, 10, "Bread"), note(21, 10, "Cake"), note(22, 10, "Pie")]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.failed()), (2, 2), "{report}");
    assert_eq!(app.failure(21).unwrap(), failed(INTEGRITY_ERROR, "no cake"));
    assert_eq!(app.failure(22).unwrap().0, INTEGRITY_ERROR);
}
