//! The run as a whole: its transaction, its settings, and a database that cannot be written.

use std::time::Duration;

use rusqlite::TransactionBehavior;
use syncline::prelude::*;
use syncline::run::{Observer, RunEnd};
use syncline::sqlite::RunError;
use syncline::sqlite::deserialize::{DeserializeOptions, in_transaction};

use super::{App, Notes, folder, id, note, notebook, received};

/// Every row of every table, as text.
fn dump(app: &App) -> Vec<String> {
    let connection = app.database.connection();
    let mut tables =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap();
    let mut rows = Vec::new();
    for table in tables {
        let mut select = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let count = select.column_count();
        let mut found = select.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let values: Vec<_> =
                (0..count).map(|index| format!("{:?}", row.get_ref(index).unwrap())).collect();
            rows.push(format!("{table}: {}", values.join(", ")));
        }
    }
    rows
}

#[test]
fn a_transaction_of_the_caller_is_not_committed() {
    let mut app = App::new();
    app.receives([notebook(10), note(20, 10, "Bread")]);
    let before = dump(&app);
    let connection = app.database.connection_mut();
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let report = in_transaction::<Notes>(&mut transaction, &DeserializeOptions::default()).unwrap();
    assert_eq!(report.created(), 2);
    transaction.rollback().unwrap();
    assert_eq!(dump(&app), before);
    let mut transaction = app.database.connection_mut().transaction().unwrap();
    in_transaction::<Notes>(&mut transaction, &DeserializeOptions::default()).unwrap();
    transaction.commit().unwrap();
    assert!(app.has("note", 20));
    assert_eq!(app.dirty_rows(), 0);
    app.execute("UPDATE note SET title = 'Mine'");
    assert_eq!(app.dirty_rows(), 1);
}

#[test]
fn a_full_disk_leaves_the_database_as_it_was() {
    let mut app = App::new();
    app.receives([notebook(10)]);
    app.receives((0..2_000).map(|number| note(1_000 + number, 10, &"long ".repeat(40))));
    let before = dump(&app);
    let pages: u64 = app.get("PRAGMA page_count", []);
    app.get::<u64>(&format!("PRAGMA max_page_count = {}", pages + 20), []);
    let error = app.database.deserialize::<Notes>().run().unwrap_err();
    assert!(matches!(&error, RunError::Sqlite(source) if source.to_string().contains("full")), "{error}");
    assert_eq!(dump(&app), before);
    app.get::<u64>("PRAGMA max_page_count = 1000000", []);
    assert_eq!(app.deserialize().created(), 2_001);
    app.execute("UPDATE notebook SET title = 'Mine'");
    assert_eq!(app.dirty_rows(), 1);
}

#[test]
fn a_locked_database_is_an_error_that_passes() {
    let mut app = App::new();
    app.receives([notebook(10)]);
    let mut other = rusqlite::Connection::open(app.folder.path().join("app.sqlite3")).unwrap();
    let lock = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let run = app.database.deserialize::<Notes>().busy_timeout(Duration::from_millis(20)).run();
    assert!(run.unwrap_err().is_transient());
    drop(lock);
    assert_eq!(app.deserialize().created(), 1);
}

#[test]
fn an_observer_is_told_of_all_records_and_the_end() {
    #[derive(Default)]
    struct Told(Option<u64>, u64, Vec<RunEnd>);
    impl Observer for &mut Told {
        fn start(&mut self, total: Option<u64>) {
            self.0 = total;
        }
        fn advance(&mut self, items: u64) {
            self.1 += items;
        }
        fn end(&mut self, end: RunEnd) {
            self.2.push(end);
        }
    }
    let mut app = App::new();
    app.receives([
        notebook(10),
        note(20, 10, "Bread"),
        note(21, 11, "x"),
        folder(30, None),
        notebook(12).deleted(),
    ]);
    app.receives([received("drawing", 50, "people", r#""strokes": 3"#)]);
    let mut told = Told::default();
    app.database.deserialize::<Notes>().progress(&mut told).run().unwrap();
    assert_eq!((told.0, told.1, told.2), (Some(5), 5, vec![RunEnd::Finished]));
}

#[test]
fn no_setting_of_the_connection_and_no_temporary_table_stays() {
    let mut app = App::new();
    app.receives([notebook(10), note(20, 10, "Bread"), folder(30, None), folder(31, Some(30))]);
    let settings = |app: &App| -> Vec<i64> {
        ["foreign_keys", "cache_size", "busy_timeout", "defer_foreign_keys"]
            .map(|name| app.get::<i64>(&format!("PRAGMA {name}"), []))
            .to_vec()
    };
    let before = settings(&app);
    app.deserialize();
    assert_eq!(settings(&app), before);
    assert_eq!(app.get::<u64>("SELECT count(*) FROM temp.sqlite_schema", []), 0);
    let record = app.database.get::<super::Note>(id(20)).unwrap();
    assert!(record.is_some());
}

#[test]
fn changes_that_are_not_serialised_are_lost_only_if_the_caller_says_so() {
    let mut app = App::new();
    app.receives([notebook(10), notebook(11)]);
    app.deserialize();
    app.execute(&format!("UPDATE notebook SET title = 'Mine'; DELETE FROM notebook WHERE id = '{}'", id(11)));
    app.receives([notebook(10).with("Book", "Theirs"), notebook(11)]);
    let mut options = DeserializeOptions::default();
    options.overwrites_unsaved = true;
    let report = in_transaction::<Notes>(&mut app.database, &options).unwrap();
    assert_eq!((report.updated(), report.created(), report.unsaved()), (1, 1, 0), "{report}");
    assert_eq!(app.get::<String>("SELECT title FROM notebook WHERE id = ?1", [id(10)]), "Theirs");
}
