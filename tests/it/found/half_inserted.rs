//! Rows whose insert ended before the tracking triggers had run: they have a placeholder in the place of their id.
//!
//! Found by the random histories: a trigger of the app that inserts a row of the same table, and a statement `OR FAIL`.

use syncline::RecordId;
use syncline::sqlite::{Difference, RunError, SchemaError};

use super::{App, Flat};

/// The placeholders in the table and in the store.
fn placeholders(app: &App) -> Vec<String> {
    app.all(
        "SELECT id FROM item WHERE id GLOB 'new:*' UNION SELECT id FROM morango_store WHERE id GLOB 'new:*'",
    )
}

/// Checks that every row has the id of its identity, and that it is in the store as it is.
#[track_caller]
fn all_are_complete(app: &mut App) {
    app.serialize();
    assert_eq!(placeholders(app), [""; 0]);
    let identities: Vec<String> = app.all(
        "SELECT id || ' ' || _morango_partition || ' ' || _morango_source_id FROM item WHERE title NOT GLOB 'given*'",
    );
    for identity in identities {
        let words: Vec<_> = identity.split(' ').collect();
        assert_eq!(RecordId::derive(words[1], words[2], "item").as_str(), words[0], "{identity}");
    }
    assert_eq!(app.audit(), [0, 0]);
    assert_eq!(app.dirty(), [""; 0]);
    assert_eq!(app.serialize().records(), 0);
    assert_eq!(
        app.all::<i64>("SELECT count(*) FROM item WHERE _morango_partition <> place || ':items'"),
        [0]
    );
}

/// A copy of each inserted row. A title is unique.
const COPIES: &str = "CREATE UNIQUE INDEX title ON item (title); \
     CREATE TRIGGER copies AFTER INSERT ON item WHEN length(new.title) < 3 OR new.title = 'given' \
     BEGIN INSERT OR IGNORE INTO item (place, title) VALUES (new.place, 'copy'); END";

#[test]
fn an_insert_or_fail_that_fails_in_a_trigger_of_the_app() {
    for starts in [false, true] {
        let mut app = App::new();
        app.execute(COPIES);
        app.database.create::<Flat>().unwrap();
        app.execute("INSERT OR FAIL INTO item (place, title) VALUES ('home', 'a')");
        app.refused("INSERT OR FAIL INTO item (place, title) VALUES ('home', 'b'), ('home', 'c')");
        // SQLite keeps the row that was inserted before the failure.
        assert_eq!(app.all::<String>("SELECT title FROM item WHERE id GLOB 'new:*'"), ["b"]);
        if starts {
            assert!(app.database.create::<Flat>().unwrap().comparison.is_equal());
            assert_eq!(placeholders(&app), [""; 0]);
        }
        all_are_complete(&mut app);
        assert_eq!(app.all::<i64>("SELECT count(*) FROM item"), [9]);
    }
}

/// The statement ends at each of the steps that compute an id.
#[test]
fn a_failure_between_two_steps() {
    const ZEROS: &str = "'new:00000000000000000000000000000000'";
    for when in [
        "old._morango_source_id = '' AND new._morango_source_id <> ''".to_owned(),
        format!("new.id = {ZEROS}"),
        format!("old.id = {ZEROS} AND new.id GLOB 'new:*'"),
        "old.id GLOB 'new:*' AND new.id NOT GLOB 'new:*'".to_owned(),
    ] {
        for title in ["'a'", "'b'), ('home', 'c'"] {
            let mut app = App::new();
            app.execute(&format!(
                "CREATE TABLE log (title TEXT UNIQUE); INSERT INTO log VALUES ('a'), ('b'); \
                 CREATE TRIGGER logs AFTER UPDATE ON item WHEN {when} \
                 BEGIN INSERT INTO log VALUES (new.title); END"
            ));
            app.database.create::<Flat>().unwrap();
            app.refused(&format!("INSERT OR FAIL INTO item (place, title) VALUES ('home', {title})"));
            all_are_complete(&mut app);
        }
    }
}

#[test]
fn a_row_that_is_inserted_while_another_one_is_marked() {
    for recursive in ["OFF", "ON"] {
        let mut app = App::new();
        app.execute(&format!(
            "PRAGMA recursive_triggers = {recursive}; \
             CREATE TRIGGER history AFTER UPDATE ON item WHEN length(new.title) < 4 \
             BEGIN INSERT INTO item (place, title) VALUES (new.place, new.title || 'x'); END"
        ));
        app.database.create::<Flat>().unwrap();
        let inserted = app
            .database
            .connection()
            .execute_batch("INSERT INTO item (place, title) VALUES ('home', 'a'), ('away', 'b')");
        // With recursive triggers two rows are completed within each other, which is refused.
        assert_eq!(inserted.is_ok(), recursive == "OFF");
        app.execute("UPDATE item SET title = 'long' WHERE title = 't1'");
        all_are_complete(&mut app);
    }
}

#[test]
fn a_row_that_cannot_be_completed_is_named() {
    let mut app = App::new();
    app.execute(COPIES);
    app.execute("CREATE UNIQUE INDEX one_place ON item (title COLLATE NOCASE, _morango_partition)");
    app.database.create::<Flat>().unwrap();
    app.execute("INSERT INTO item (place, title) VALUES ('home', 'a')");
    app.refused("INSERT OR FAIL INTO item (place, title) VALUES ('home', 'A')");
    let row = app.all::<String>("SELECT id FROM item WHERE id GLOB 'new:*'").remove(0);
    let error = app.database.serialize::<Flat>().run().unwrap_err();
    let RunError::Schema(error @ SchemaError::Unfinished { .. }) = error else { panic!("{error:?}") };
    assert_eq!(
        error.to_string(),
        format!(
            "table `item` has a row without an id, and none can be computed: correct or delete the row with the placeholder \
             `{row}`"
        )
    );
    assert!(format!("{error:?}").contains("UNIQUE constraint failed: item.title"), "{error:?}");
    assert_eq!(app.all::<i64>("SELECT count(*) FROM morango_store WHERE id GLOB 'new:*'"), [0]);
    app.execute("UPDATE item SET title = 'b' WHERE title = 'A'");
    all_are_complete(&mut app);
}

/// Such a row has no partition: its run fails, and its record does not reach the store.
#[test]
fn an_insert_with_an_id_that_fails_in_a_trigger_of_the_app() {
    let mut app = App::new();
    app.execute(COPIES);
    app.database.create::<Flat>().unwrap();
    app.execute("INSERT INTO item (place, title) VALUES ('home', 'a')");
    let id = RecordId::random();
    app.refused(&format!("INSERT OR FAIL INTO item (id, place, title) VALUES ('{id}', 'home', 'given')"));
    let error = app.database.serialize::<Flat>().run().unwrap_err();
    let message = format!("{error:?}");
    assert!(
        message.contains(&format!("column `_morango_source_id` of table `item`, record `{id}`")),
        "{message}"
    );
    assert!(message.contains("it is empty, because an INSERT OR FAIL of the row failed midway"), "{message}");
    app.execute(
        "UPDATE item SET _morango_source_id = id, _morango_partition = place || ':items' WHERE title = 'given'",
    );
    all_are_complete(&mut app);
}

/// Statements that insert rows without ids by other ways.
#[test]
fn rows_are_complete_whatever_inserts_them() {
    for recursive in ["OFF", "ON"] {
        let mut app = App::new();
        app.execute(&format!(
            "PRAGMA recursive_triggers = {recursive}; {COPIES}; \
             CREATE TABLE tag (name TEXT UNIQUE, place TEXT); \
             CREATE TRIGGER tags AFTER INSERT ON item WHEN length(new.title) < 6 \
             BEGIN INSERT OR REPLACE INTO tag VALUES (new.title, new.place); END; \
             CREATE TRIGGER tagged AFTER INSERT ON tag WHEN length(new.name) < 6 \
             BEGIN INSERT OR REPLACE INTO item (place, title) VALUES (new.place, 'of ' || new.name); END; \
             CREATE VIEW titles AS SELECT title FROM item; \
             CREATE TRIGGER through INSTEAD OF INSERT ON titles \
             BEGIN INSERT INTO item (place, title) VALUES ('view', new.title), ('view', new.title || '!'); END; \
             CREATE TEMP TRIGGER temporary AFTER INSERT ON main.item WHEN new.title GLOB 't?' \
             BEGIN INSERT INTO item (place, title) SELECT place, title || '+' FROM item WHERE title GLOB 'k?'; END"
        ));
        app.database.create::<Flat>().unwrap();
        app.execute(
            "INSERT INTO item (place, title) VALUES ('home', 'k1'), ('home', 'k2'); \
             INSERT INTO titles VALUES ('seen'); \
             INSERT INTO item (place, title) VALUES ('home', 't9'); \
             INSERT INTO item (place, title) VALUES ('home', 't9') ON CONFLICT (title) DO UPDATE SET title = 'up'; \
             INSERT INTO item (place, title) VALUES ('home', 'up') ON CONFLICT DO NOTHING; \
             REPLACE INTO item (place, title) SELECT place, title FROM item WHERE title GLOB 't?'; \
             INSERT OR IGNORE INTO item (place, title) SELECT 'away', title || '-' FROM item; \
             UPDATE OR REPLACE item SET title = 'k1' WHERE title = 'k2'; \
             UPDATE OR IGNORE item SET title = 'k1'",
        );
        let returned: Vec<String> =
            app.all("INSERT INTO item (place, title) VALUES ('home', 'r1'), ('home', 'r2') RETURNING title");
        assert_eq!(returned, ["r1", "r2"]);
        assert_eq!(placeholders(&app), [""; 0]);
        all_are_complete(&mut app);
    }
}

/// A trigger that ends its statement after a change, and keeps the change.
#[test]
fn a_trigger_that_fails_and_keeps_the_change_is_refused_by_name() {
    let refused = |triggers: &str| {
        let mut app = App::new();
        app.execute("CREATE TABLE log (title TEXT UNIQUE, size INTEGER NOT NULL ON CONFLICT FAIL); CREATE TABLE list (title)");
        app.execute(triggers);
        let listed =
            app.database.check::<Flat>().unwrap().into_iter().find_map(|difference| match difference {
                Difference::SkipsTriggers { trigger, by, .. } => Some((trigger, by)),
                _ => None,
            });
        let created = app.database.create::<Flat>();
        match created {
            Ok(_) => assert_eq!(listed, None, "{triggers}"),
            Err(SchemaError::SkipsTriggers { trigger, by, .. }) => {
                assert_eq!(listed, Some((trigger, by)), "{triggers}");
                assert!(matches!(
                    app.database.serialize::<Flat>().run(),
                    Err(RunError::Schema(SchemaError::SkipsTriggers { .. }))
                ));
            }
            Err(error) => panic!("{triggers}: {error}"),
        }
        listed.map(|(trigger, _)| trigger)
    };
    for event in ["INSERT", "UPDATE", "UPDATE OF title", "DELETE"] {
        let row = if event == "DELETE" { "old" } else { "new" };
        for (body, is_refused) in [
            (format!("SELECT RAISE(FAIL, 'no') WHERE {row}.title = 'x'"), true),
            (format!("INSERT OR FAIL INTO log VALUES ({row}.title, 1)"), true),
            (format!("INSERT INTO log VALUES ('', {row}.title)"), true),
            (format!("INSERT OR FAIL INTO list VALUES ({row}.title)"), false),
            (format!("INSERT OR ABORT INTO log VALUES ({row}.title, 1)"), false),
            (format!("SELECT RAISE(ABORT, 'raise(fail)') WHERE {row}.title = 'x'"), false),
        ] {
            let after = format!("CREATE TRIGGER own AFTER {event} ON item BEGIN {body}; END");
            assert_eq!(refused(&after), is_refused.then(|| "own".to_owned()), "{after}");
            let temporary = after.replace("TRIGGER", "TEMP TRIGGER").replace("item", "main.item");
            assert_eq!(refused(&temporary), is_refused.then(|| "own".to_owned()), "{temporary}");
            let before = after.replace("AFTER", "BEFORE").replace("= 'x'", "<> new.title");
            if event != "UPDATE" && event != "DELETE" && event != "INSERT" {
                assert_eq!(refused(&before), None, "{before}");
            }
            let within = format!(
                "CREATE TRIGGER outer AFTER {event} ON item BEGIN INSERT INTO list VALUES ({row}.title); END; \
                 CREATE TRIGGER own AFTER INSERT ON list BEGIN {}; END",
                body.replace("old.", "new.")
            );
            let is_endless = body.contains("INTO list");
            assert_eq!(refused(&within), (is_refused && !is_endless).then(|| "own".to_owned()), "{within}");
        }
    }
}
