//! The app's own triggers: those that meet the bookkeeping, and those that end the triggers behind them.

use rusqlite::config::DbConfig;
use syncline::filter::Filter;
use syncline::sqlite::flow::{DirtyRows, SerializeRecords, SyncTransaction};
use syncline::sqlite::{Difference, SchemaError};
use syncline::{Access as _, Database, RecordId};

use super::{App, Flat, Item};

/// Splits an input at the line before which the app starts.
fn halves(input: &str) -> (&str, &str) {
    input.split_once("-- create, then:").unwrap()
}

/// The counters of the store's rows, which change with each time that a record is written.
fn counters(app: &App) -> Vec<i64> {
    app.all("SELECT last_saved_counter FROM morango_store ORDER BY id")
}

/// Serialises twice. The second run finds nothing.
#[track_caller]
fn settles(app: &mut App) {
    app.serialize();
    assert_eq!(app.dirty(), [""; 0]);
    let written = counters(app);
    let again = app.serialize();
    assert_eq!((again.records(), counters(app)), (0, written));
    assert_eq!(app.audit(), [0, 0]);
}

/// Checks that `create` and `check` both refuse the table for `trigger`, and that nothing is changed.
#[track_caller]
fn refused_by_name(app: &mut App, trigger: &str) -> String {
    let schema = app.all::<String>("SELECT ifnull(sql, name) FROM sqlite_schema ORDER BY rowid");
    let error = app.database.create::<Flat>().unwrap_err();
    let message = error.to_string();
    let (SchemaError::SkipsTriggers { trigger: found, .. }
    | SchemaError::StopsBookkeeping { trigger: found, .. }) = error
    else {
        panic!("{message}")
    };
    assert_eq!(found, trigger);
    assert!(message.contains(&format!("`{trigger}`")), "{message}");
    assert_eq!(app.all::<String>("SELECT ifnull(sql, name) FROM sqlite_schema ORDER BY rowid"), schema);
    let differences = app.database.check::<Flat>().unwrap();
    assert!(
        differences.iter().any(|difference| matches!(
            difference,
            Difference::SkipsTriggers { trigger: found, .. } | Difference::StopsBookkeeping { trigger: found, .. }
                if found == trigger
        )),
        "{differences:?}"
    );
    message
}

/// "Last modified" by trigger.
#[test]
fn a_row_that_is_touched_at_every_update_becomes_clean() {
    let (before, after) = halves(include_str!("triggers/last-modified.sql"));
    let mut app = App::new();
    app.execute(before);
    app.database.create::<Flat>().unwrap();
    app.execute(after);
    settles(&mut app);
}

/// With recursive triggers, and with a condition as such triggers have it.
#[test]
fn a_guarded_touch_settles_with_recursive_triggers() {
    for recursive in ["OFF", "ON"] {
        let mut app = App::new();
        app.execute(&format!(
            "PRAGMA recursive_triggers = {recursive}; \
             CREATE TRIGGER touch AFTER UPDATE ON item WHEN new.title IS old.title \
             BEGIN UPDATE item SET title = old.title || '+' WHERE id = new.id; END"
        ));
        app.database.create::<Flat>().unwrap();
        app.execute("UPDATE item SET place = place WHERE title = 't1'");
        settles(&mut app);
    }
}

/// A trigger of the app runs once for an update of a row that it marks itself.
#[test]
fn marking_does_not_run_a_touch_again() {
    let app = App::new();
    app.execute(
        "CREATE TABLE log (what); \
         CREATE TRIGGER touch AFTER UPDATE ON item BEGIN \
         UPDATE item SET title = new.title || '!' WHERE id = new.id; INSERT INTO log VALUES (new.title); END",
    );
    app.execute("UPDATE item SET title = 'a' WHERE title = 't1'");
    assert_eq!(app.all::<String>("SELECT title FROM item WHERE title GLOB 'a*'"), ["a!"]);
    assert_eq!(app.dirty(), ["a!"]);
    assert_eq!(app.all::<String>("SELECT what FROM log"), ["a"]);
}

/// Clearing dirty bits runs no trigger of the app: stored or temporary, of all columns or of the dirty bit, by row and by
/// condition, in one transaction and in several.
#[test]
fn clearing_runs_no_trigger_of_the_app() {
    for temporary in ["", "TEMP"] {
        for event in ["AFTER UPDATE", "BEFORE UPDATE", "AFTER UPDATE OF _morango_dirty_bit"] {
            for (rows, every) in [(3, None), (3, Some(1)), (3000, None), (3000, Some(1))] {
                let mut app = App::new();
                app.execute(&format!(
                    "CREATE TABLE log (what); \
                     WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < {rows}) \
                     INSERT INTO item (id, place, title) \
                     SELECT lower(hex(randomblob(16))), 'home', 'n' || n FROM count; \
                     CREATE {temporary} TRIGGER seen {event} ON item BEGIN INSERT INTO log VALUES (new.id); END"
                ));
                let mut run = app.database.serialize::<Flat>();
                if let Some(every) = every {
                    run = run.commit_every(std::num::NonZeroUsize::new(every).unwrap());
                }
                assert_eq!(run.run().unwrap().records(), rows);
                assert_eq!(app.dirty(), [""; 0], "{temporary} {event} {rows}");
                assert_eq!(app.all::<i64>("SELECT count(*) FROM log"), [0], "{temporary} {event} {rows}");
                // The app's trigger is there again, and so is tracking.
                app.execute("UPDATE item SET title = 'again', _morango_dirty_bit = 0 WHERE title = 't1'");
                assert_eq!(app.dirty(), ["again"]);
                assert!(app.all::<i64>("SELECT count(*) FROM log")[0] > 0, "{temporary} {event} {rows}");
            }
        }
    }
}

/// A flow of the app's own, in a savepoint that is rolled back and in one that is kept.
#[test]
fn the_setting_comes_back_after_a_rollback() {
    for keeps in [false, true] {
        let mut app = App::new();
        app.execute(
            "CREATE TABLE log (what); \
             CREATE TEMP TRIGGER seen AFTER UPDATE ON main.item BEGIN INSERT INTO log VALUES (new.id); END; \
             UPDATE item SET title = 'x' WHERE title = 't1'; DELETE FROM log",
        );
        let mut outer = app.database.connection_mut().transaction().unwrap();
        let mut inner = outer.savepoint().unwrap();
        let run = SyncTransaction::<Flat>::begin(&mut inner, &Filter::everything()).unwrap();
        let rows = DirtyRows::new(&run).unwrap();
        let _outcome = SerializeRecords::run(rows, &run, false, &mut |_| {}).unwrap();
        run.commit().unwrap();
        if keeps {
            inner.commit().unwrap();
        } else {
            drop(inner);
        }
        outer.commit().unwrap();
        assert_eq!(app.all::<i64>("SELECT count(*) FROM log"), [0]);
        assert_eq!(app.dirty().is_empty(), keeps);
        let connection = app.database.connection();
        assert!(connection.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER).unwrap());
        app.execute("UPDATE item SET title = 'y' WHERE title = 't2'");
        assert!(app.all::<i64>("SELECT count(*) FROM log")[0] > 0);
        assert!(app.dirty().contains(&"y".to_owned()));
    }
}

/// Rows whose updates are ignored, without an error.
#[test]
fn a_trigger_that_ignores_updates_is_named() {
    let (before, after) = halves(include_str!("triggers/updates-are-ignored.sql"));
    let mut app = App::new();
    app.execute(before);
    let message = refused_by_name(&mut app, "frozen");
    assert!(message.contains("UPDATE OF \"place\", \"title\""), "{message}");
    // Even so a row becomes clean, and stays so.
    app.execute(after);
    settles(&mut app);
    // The message says what to write.
    app.execute(
        "DROP TRIGGER frozen; \
         CREATE TRIGGER frozen BEFORE UPDATE OF \"place\", \"title\" ON item BEGIN SELECT RAISE(IGNORE); END",
    );
    app.database.create::<Flat>().unwrap();
    assert_eq!(app.database.check::<Flat>().unwrap(), []);
    app.execute("INSERT INTO item (place, title) VALUES ('home', 'fresh'); UPDATE item SET title = 'never'");
    settles(&mut app);
    assert_eq!(app.all::<i64>("SELECT count(*) FROM item WHERE title = 'never'"), [0]);
}

/// An existing table with immutable rows, empty and not, and the other ways to say so.
#[test]
fn immutable_rows_are_refused_by_name() {
    let (before, after) = include_str!("triggers/immutable-rows.sql").split_once("-- track, then:").unwrap();
    for row in ["", "INSERT INTO item VALUES ('000000000000000000000000000000aa', 'home', 'a');"] {
        for raise in ["ABORT, 'fixed'", "FAIL, 'fixed'", "ROLLBACK, 'fixed'", "IGNORE"] {
            let mut app = App::empty();
            app.execute(&before.replace("ABORT, 'rows are immutable'", raise));
            app.execute(row);
            let error = app.database.track::<Flat>().unwrap_err();
            assert!(
                matches!(&error, SchemaError::StopsBookkeeping { trigger, .. } if trigger == "frozen"),
                "{raise}: {error}"
            );
            app.execute(
                "DROP TRIGGER frozen; CREATE TRIGGER frozen BEFORE UPDATE OF \"place\", \"title\" ON item \
                 BEGIN SELECT RAISE(ABORT, 'rows are immutable'); END",
            );
            app.database.track::<Flat>().unwrap();
            app.execute(after);
            settles(&mut app);
            assert_eq!(app.refused("UPDATE item SET title = 'b'"), "rows are immutable");
        }
    }
}

/// Rows that exist already get their identity without the app's triggers.
#[test]
fn tracking_a_table_runs_no_trigger_of_the_app() {
    let mut app = App::empty();
    app.execute(
        "CREATE TABLE item (id char(32) PRIMARY KEY NOT NULL, place text NOT NULL, title text NOT NULL); \
         INSERT INTO item VALUES ('000000000000000000000000000000aa', 'home', 'a'); CREATE TABLE log (what); \
         CREATE TRIGGER seen AFTER UPDATE ON item BEGIN INSERT INTO log VALUES (new.id); END",
    );
    app.database.track::<Flat>().unwrap();
    assert_eq!(app.all::<i64>("SELECT count(*) FROM log"), [0]);
    settles(&mut app);
}

/// A trigger that refuses some updates only is the app's business: what it refuses fails with its message.
#[test]
fn a_trigger_that_refuses_some_updates_is_accepted() {
    let mut app = App::new();
    app.execute(
        "CREATE TRIGGER kept BEFORE UPDATE ON item WHEN new.title IS NOT old.title AND old.title = 't1' \
         BEGIN SELECT RAISE(ABORT, 'kept'); END",
    );
    app.database.create::<Flat>().unwrap();
    assert_eq!(app.database.check::<Flat>().unwrap(), []);
    assert_eq!(app.refused("UPDATE item SET title = 'x'"), "kept");
    app.execute("UPDATE item SET title = 'x' WHERE title = 't2'");
    settles(&mut app);
}

/// A trigger that refuses every update of a row in some state would refuse the update that marks a row which enters the
/// state. One that compares values refuses only what the app changes.
#[test]
fn a_trigger_that_freezes_some_rows_is_refused_by_name() {
    const RAISE: &str = "SELECT RAISE(ABORT, 'frozen')";

    let freezes = |when: &str, body: &str| {
        let app = App::new();
        app.execute("CREATE TABLE log (what UNIQUE)");
        app.execute(&format!("CREATE TRIGGER frozen BEFORE UPDATE ON item {when} BEGIN {body}; END"));
        app
    };
    for (when, body) in [
        ("WHEN old.title = 'closed'", RAISE),
        ("", "SELECT RAISE(ABORT, 'frozen') WHERE old.title = 'closed'"),
        ("", "SELECT CASE old.title WHEN 'closed' THEN RAISE(FAIL, 'frozen') END"),
    ] {
        let mut app = freezes(when, body);
        let message = refused_by_name(&mut app, "frozen");
        assert!(message.contains("UPDATE OF"), "{message}");
    }
    for (when, body) in [
        ("WHEN old.title = 'closed' AND new.title IS NOT old.title", RAISE),
        ("WHEN new.title = ''", RAISE),
        ("WHEN old.id = 'none'", RAISE),
        ("", "INSERT INTO log VALUES (old.title || random())"),
    ] {
        let mut app = freezes(when, body);
        app.database.create::<Flat>().unwrap();
        assert_eq!(app.database.check::<Flat>().unwrap(), [], "{when} {body}");
        app.execute("UPDATE item SET title = 'closed' WHERE title = 't2'");
        settles(&mut app);
    }
}

/// Reported for another tool as simonw/sqlite-chronicle#7: a comment between the name and the event.
#[test]
fn a_comment_hides_no_trigger() {
    let mut app = App::new();
    app.execute(halves(include_str!("triggers/comment-before-after.sql")).0);
    refused_by_name(&mut app, "app");
}

/// A quote in the name of the trigger.
#[test]
fn a_quote_in_a_name_hides_no_trigger() {
    let mut app = App::new();
    app.execute(halves(include_str!("triggers/quote-in-the-name.sql")).0);
    refused_by_name(&mut app, "a\"pp");
}

/// A text that says what the trigger does not do.
#[test]
fn a_text_refuses_no_trigger() {
    let mut app = App::new();
    app.execute(include_str!("triggers/said-in-a-text.sql"));
    app.database.create::<Flat>().unwrap();
    assert_eq!(app.database.check::<Flat>().unwrap(), []);
    app.execute("UPDATE item SET title = 'a' WHERE title = 't1'");
    settles(&mut app);
}

/// A trigger that is created after the tables.
#[test]
fn check_names_a_trigger_that_came_later() {
    let mut app = App::new();
    app.execute(include_str!("triggers/check-says-nothing.sql"));
    refused_by_name(&mut app, "app");
}

/// A run is refused as well, also for a temporary trigger of its own connection, and marks nothing as done.
#[test]
fn a_run_names_a_trigger_that_came_later() {
    for (trigger, name) in [
        (include_str!("triggers/check-says-nothing.sql"), "app"),
        (include_str!("triggers/comment-before-after.sql"), "app"),
        ("CREATE TEMP TRIGGER own AFTER UPDATE ON main.item BEGIN SELECT RAISE(IGNORE); END;", "own"),
    ] {
        let mut app = App::new();
        app.execute("UPDATE item SET title = 'changed' WHERE title = 't2'");
        app.execute(halves(&format!("{trigger}\n-- create, then:")).0);
        let before = counters(&app);
        let message = app.database.serialize::<Flat>().run().unwrap_err().to_string();
        assert!(message.contains(&format!("`{name}`")), "{message}");
        assert_eq!((app.dirty(), counters(&app)), (vec!["changed".to_owned()], before));

        app.execute(&format!("DROP TRIGGER {name}"));
        app.database.create::<Flat>().unwrap();
        settles(&mut app);
    }
}

/// The further ways to write such a trigger. Each loses a change if it is accepted.
#[test]
fn every_trigger_that_ends_the_others_is_named() {
    for trigger in [
        "CREATE TRIGGER own AFTER INSERT ON item BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TRIGGER own AFTER DELETE ON item BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TRIGGER own AFTER UPDATE OF title ON item BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TRIGGER own AFTER UPDATE ON item WHEN new.title = 'x' BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TEMP TRIGGER own AFTER UPDATE ON main.item BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TRIGGER main.own /* BEFORE */ aFtEr/**/UPDATE ON [item] BEGIN SELECT raise\n(\tignore--\n); END",
        "CREATE TRIGGER IF NOT EXISTS [own] AFTER UPDATE ON \"ITEM\" BEGIN \
         SELECT CASE WHEN new.title = 'x' THEN RAISE(IGNORE) END; END",
        "CREATE TRIGGER own AFTER UPDATE ON item BEGIN DELETE FROM item WHERE id = (SELECT RAISE(IGNORE)); END",
    ] {
        let mut app = App::new();
        app.execute(trigger);
        refused_by_name(&mut app, "own");
    }
}

/// Triggers that do not end the tracking of this table.
#[test]
fn a_trigger_that_ends_no_others_is_accepted() {
    for trigger in [
        "CREATE TRIGGER own BEFORE DELETE ON item WHEN old.title = 'x' BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TRIGGER own BEFORE INSERT ON item WHEN new.title = 'x' BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TRIGGER own BEFORE UPDATE OF title ON item WHEN old.title = 'x' BEGIN SELECT RAISE(IGNORE); END",
        // It ends the triggers of the other table.
        "CREATE TRIGGER own AFTER UPDATE ON other BEGIN \
         UPDATE item SET title = 'nested' WHERE title = 't2'; SELECT RAISE(IGNORE); END",
        "CREATE TRIGGER nested AFTER INSERT ON other BEGIN SELECT RAISE(IGNORE); END; \
         CREATE TRIGGER own AFTER UPDATE OF title ON item BEGIN INSERT INTO other VALUES (1); END",
    ] {
        let mut app = App::new();
        app.execute("CREATE TABLE other (x); INSERT INTO other VALUES (0)");
        app.execute(trigger);
        app.database.create::<Flat>().unwrap();
        assert_eq!(app.database.check::<Flat>().unwrap(), [], "{trigger}");
        app.execute("UPDATE item SET title = 'seen' WHERE title = 't1'; UPDATE other SET x = 1");
        let dirty = app.dirty();
        assert!(dirty.contains(&"seen".to_owned()), "{trigger}: {dirty:?}");
        assert_eq!(
            dirty.contains(&"nested".to_owned()),
            trigger.contains("ON other BEGIN UPDATE"),
            "{trigger}"
        );
        settles(&mut app);
    }
}

/// A trigger that calls a function of the app cannot be examined by another program, which does not fail for it.
#[test]
fn a_trigger_with_an_unknown_function_is_left_alone() {
    let mut app = App::new();
    app.execute(
        "CREATE TRIGGER own AFTER UPDATE OF title ON item BEGIN SELECT function_of_the_app(new.title); END",
    );
    app.database.create::<Flat>().unwrap();
    assert_eq!(app.database.check::<Flat>().unwrap(), []);
    assert!(app.refused("UPDATE item SET title = 'x'").contains("function_of_the_app"));
}

/// Another connection's temporary triggers cannot be seen, and end with it.
#[test]
fn a_temporary_trigger_of_another_connection_is_not_seen() {
    let app = App::new();
    let other = Database::open(app.folder.path().join("app.sqlite3")).unwrap();
    let trigger = "CREATE TEMP TRIGGER own AFTER UPDATE ON main.item BEGIN SELECT RAISE(IGNORE); END";
    other.connection().execute_batch(trigger).unwrap();
    assert_eq!(app.database.check::<Flat>().unwrap(), []);
    assert_eq!(other.check::<Flat>().unwrap().len(), 1);
}

/// A trigger that compares versions refuses the update that marks a row, which changes no version.
#[test]
fn a_trigger_that_wants_a_greater_version_is_refused_by_name() {
    for when in [
        "new.title <= old.title",
        "old.title >= new.title",
        "NOT (new.title > old.title)",
        "new.title IS old.title",
        "new.title = old.title",
    ] {
        for trigger in [
            format!(
                "CREATE TRIGGER stale BEFORE UPDATE ON item WHEN {when} BEGIN SELECT RAISE(ABORT, 'stale'); END"
            ),
            format!(
                "CREATE TRIGGER stale BEFORE UPDATE ON item BEGIN SELECT RAISE(ABORT, 'stale') WHERE {when}; END"
            ),
            format!(
                "CREATE TRIGGER stale AFTER UPDATE ON item BEGIN SELECT CASE WHEN {when} THEN RAISE(FAIL, 'stale') END; END"
            ),
        ] {
            let mut app = App::new();
            app.execute(&trigger);
            let message = refused_by_name(&mut app, "stale");
            assert!(message.contains("UPDATE OF"), "{message}");
        }
    }
    for when in [
        "new.title < old.title",
        "NOT (new.title >= old.title)",
        "new.title <> old.title AND old.title > 't3'",
    ] {
        let mut app = App::new();
        app.execute(&format!(
            "CREATE TRIGGER stale BEFORE UPDATE ON item WHEN {when} BEGIN SELECT RAISE(ABORT, 'stale'); END"
        ));
        app.database.create::<Flat>().unwrap();
        app.execute("UPDATE item SET title = 'u' WHERE title = 't2'");
        settles(&mut app);
    }
}

/// A trigger that reads the row from its table.
#[test]
fn a_trigger_that_looks_up_the_row_is_refused_by_name() {
    for body in [
        "SELECT RAISE(ABORT, 'frozen') FROM item WHERE id = old.id AND title = 'closed'",
        "SELECT RAISE(ABORT, 'frozen') WHERE (SELECT title FROM item WHERE id = new.id) = 'closed'",
        "SELECT RAISE(ABORT, 'frozen') WHERE EXISTS (SELECT 1 FROM item WHERE rowid = new.rowid AND title = 'closed')",
    ] {
        let mut app = App::new();
        app.execute(&format!("CREATE TRIGGER frozen BEFORE UPDATE ON item BEGIN {body}; END"));
        refused_by_name(&mut app, "frozen");
    }
}

/// A row that the app's trigger keeps is not deleted: `delete` says so, and lists nothing.
#[test]
fn a_row_that_a_trigger_keeps_is_not_deleted() {
    for hard in [false, true] {
        let mut app = App::new();
        app.execute(
            "CREATE TRIGGER kept BEFORE DELETE ON item WHEN old.title = 't1' BEGIN SELECT RAISE(IGNORE); END",
        );
        app.database.create::<Flat>().unwrap();
        app.serialize();
        let id: String = app.all("SELECT id FROM item WHERE title = 't1'").remove(0);
        let id = RecordId::parse(&id).unwrap();
        let deleted =
            if hard { app.database.hard_delete::<Item>(id) } else { app.database.delete::<Item>(id) };
        assert!(!deleted.unwrap(), "it was kept");
        for list in ["morango_deletedmodels", "morango_harddeletedmodels"] {
            assert_eq!(app.all::<i64>(&format!("SELECT count(*) FROM {list}")), [0], "{list}");
        }
        settles(&mut app);
    }
}
