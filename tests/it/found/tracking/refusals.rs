//! A run of tables that are not tracked as declared is refused.

use syncline::sqlite::flow::SyncTransaction;
use syncline::sqlite::{RunError, SchemaError};
use syncline::{Database, filter::Filter};

use super::{App, Flat};

/// Asserts that a run is refused and names the table, and that `create` helps.
#[track_caller]
fn check_refused(app: &mut App) {
    let error = app.database.serialize::<Flat>().run().unwrap_err();
    assert!(
        matches!(&error, RunError::Schema(SchemaError::NotTracked { table }) if table == "item"),
        "{error:?}"
    );
    let message = error.to_string();
    assert!(
        message.contains("table `item` is not tracked") && message.contains("`Database::create`"),
        "{message}"
    );
    let counter = "SELECT counter FROM morango_instanceidmodel WHERE current";
    assert_eq!(app.one::<i64>(counter), 1, "the refused run took a counter");
    let error = SyncTransaction::<Flat>::begin(&mut app.database, &Filter::everything()).unwrap_err();
    assert!(matches!(error, RunError::Schema(SchemaError::NotTracked { .. })), "{error:?}");
    app.create();
    app.serialize();
}

#[test]
fn a_missing_trigger() {
    for trigger in ["updated", "deleted", "renamed", "inserted_item"] {
        let mut app = App::new();
        app.shell(&format!("DROP TRIGGER syncline_item_{trigger}"));
        check_refused(&mut app);
    }
}

#[test]
fn a_trigger_with_another_body() {
    let mut app = App::new();
    app.shell(
        "DROP TRIGGER syncline_item_updated;
         CREATE TRIGGER syncline_item_updated AFTER UPDATE ON item BEGIN SELECT 1; END",
    );
    check_refused(&mut app);
}

/// Such an edit does not change `PRAGMA schema_version`.
#[test]
fn a_trigger_that_was_removed_through_the_schema_table() {
    let mut app = App::new();
    app.shell(
        "PRAGMA writable_schema = ON;
         DELETE FROM sqlite_schema WHERE name = 'syncline_item_updated'",
    );
    app.database = Database::open(app.path()).unwrap();
    check_refused(&mut app);
}

#[test]
fn a_table_that_was_never_tracked() {
    let mut app = App::new();
    app.shell("DROP TABLE syncline_tracking; DROP TRIGGER syncline_item_updated");
    check_refused(&mut app);
}

/// Changes of the schema that leave the triggers as they are refuse nothing.
#[test]
fn a_changed_schema_with_all_triggers() {
    let mut app = App::new();
    for change in ["VACUUM", "CREATE TABLE own (a)", "CREATE INDEX by_title ON item (title)", "ANALYZE"] {
        app.shell(change);
        app.shell("UPDATE item SET title = title || 'x' WHERE title GLOB 't0*'");
        assert_eq!(app.serialize().records(), 1, "{change}");
        assert_eq!(app.serialize().records(), 0, "{change}");
        // The trigger could have been dropped and made again.
        let found = app.create();
        assert_eq!((found.models.len(), found.is_equal()), (1, true), "{change}");
        assert!(app.create().models.is_empty(), "{change}");
    }
}

/// The first run of a large store drops an index and makes it again.
#[test]
fn a_bulk_load_is_no_change_of_the_schema() {
    let mut app = App::new();
    app.shell("DELETE FROM morango_recordmaxcounter; DELETE FROM morango_store; UPDATE item SET title = title || 'x'");
    let before: i64 = app.one("PRAGMA schema_version");
    app.shell(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 3000)
         INSERT INTO item (id, place, title) SELECT printf('%032x', n), 'home', n FROM numbers",
    );
    assert_eq!(app.serialize().records(), 3006);
    assert!(app.one::<i64>("PRAGMA schema_version") > before, "it was no bulk load");
    assert!(app.create().models.is_empty(), "the load counts as a change by another program");
}

#[test]
fn a_change_that_was_rolled_back_is_none() {
    let mut app = App::new();
    app.shell("BEGIN; DROP TRIGGER syncline_item_updated; UPDATE item SET title = 'x'; ROLLBACK");
    assert!(app.create().models.is_empty());
    assert_eq!(app.serialize().records(), 0);
}
