//! Creating and comparing tables. Nothing is ever dropped.

use std::error::Error as _;
use std::thread;

use rusqlite::Connection;
use syncline::record::{Identity, InvalidRecord};
use syncline::sqlite::Difference;
use syncline::{Access as _, Database, RecordId, Syncable, profile};

use super::declarations::{Author, Note, Notes, note, notebook};
use super::{Scratch, all};

/// The models of the app's next version.
mod next {
    use syncline::{RecordId, Syncable, profile};

    #[derive(Debug, Clone, Default, Syncable)]
    #[syncable(profile = Notes, model = "notebook", partition = "{id}:notes")]
    pub(super) struct Notebook {
        pub(super) id: RecordId,
        pub(super) title: String,
    }

    #[derive(Debug, Clone, Default, Syncable)]
    #[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes", retired("body", "parent_id"))]
    pub(super) struct Note {
        pub(super) id: RecordId,
        #[syncable(references = Notebook, on_delete = cascade)]
        pub(super) notebook_id: RecordId,
        pub(super) title: String,
        pub(super) stars: i64,
        pub(super) colour: Option<String>,
        #[syncable(default = "it's plain")]
        pub(super) style: String,
        #[syncable(local, default = 1.5)]
        pub(super) zoom: f64,
    }

    profile! { pub(super) Notes = "notes" { Note, Notebook } }
}

/// A model with a new column that existing rows cannot have.
mod impossible {
    use syncline::{RecordId, Syncable, profile};

    #[derive(Debug, Syncable)]
    #[syncable(profile = Notes, model = "notebook", partition = "{id}:notes")]
    pub(super) struct Notebook {
        pub(super) id: RecordId,
        pub(super) weight: i64,
    }

    profile! { pub(super) Notes = "notes" { Notebook } }
}

fn schema(connection: &Connection) -> Vec<String> {
    all(connection, "SELECT ifnull(sql, name) FROM sqlite_schema ORDER BY name")
}

#[test]
fn tables_are_made_once_and_nothing_differs() {
    let mut scratch = Scratch::new();
    assert_eq!(scratch.database.check::<Notes>().unwrap(), []);
    let before = schema(scratch.database.connection());
    let version: i64 = scratch.all("SELECT schema_version FROM pragma_schema_version").remove(0);
    scratch.database.create::<Notes>().unwrap();
    scratch.database.track::<Notes>().unwrap();
    assert_eq!(schema(scratch.database.connection()), before);
    let after: i64 = scratch.all("SELECT schema_version FROM pragma_schema_version").remove(0);
    assert_eq!(after, version, "nothing was made anew");
    let table = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'note'";
    assert_eq!(
        scratch.all::<String>(table),
        [r#"CREATE TABLE "note" (
    "id" char(32) NOT NULL PRIMARY KEY DEFAULT ('new:' || lower(hex(randomblob(16)))) CONSTRAINT "id is 32 lower-case hex digits" CHECK (typeof("id") = 'text' AND length("id") = 32 AND "id" NOT GLOB '*[^0-9a-f]*' AND instr("id", char(0)) = 0 OR typeof("id") = 'text' AND length("id") = 36 AND substr("id", 1, 4) = 'new:' AND substr("id", 5) NOT GLOB '*[^0-9a-f]*' AND instr("id", char(0)) = 0),
    "_morango_source_id" varchar(96) NOT NULL DEFAULT '' CONSTRAINT "_morango_source_id is text of at most 96 characters without a NUL" CHECK ("_morango_source_id" IS NULL OR typeof("_morango_source_id") = 'text' AND length("_morango_source_id") <= 96 AND instr("_morango_source_id", char(0)) = 0),
    "_morango_partition" varchar(128) NOT NULL DEFAULT '' CONSTRAINT "_morango_partition is text of at most 128 characters without a NUL" CHECK ("_morango_partition" IS NULL OR typeof("_morango_partition") = 'text' AND length("_morango_partition") <= 128 AND instr("_morango_partition", char(0)) = 0),
    "notebook_id" char(32) NOT NULL REFERENCES "notebook" ("id") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED CONSTRAINT "notebook_id is 32 lower-case hex digits" CHECK ("notebook_id" IS NULL OR typeof("notebook_id") = 'text' AND length("notebook_id") = 32 AND "notebook_id" NOT GLOB '*[^0-9a-f]*' AND instr("notebook_id", char(0)) = 0),
    "title" text NOT NULL,
    "body" text,
    "stars" integer NOT NULL,
    "parent_id" char(32) REFERENCES "note" ("id") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED CONSTRAINT "parent_id is 32 lower-case hex digits" CHECK ("parent_id" IS NULL OR typeof("parent_id") = 'text' AND length("parent_id") = 32 AND "parent_id" NOT GLOB '*[^0-9a-f]*' AND instr("parent_id", char(0)) = 0),
    "scroll_position" integer NOT NULL DEFAULT 0,
    "_morango_dirty_bit" bool NOT NULL DEFAULT 1
)"#]
    );
    let index = "SELECT sql FROM sqlite_schema WHERE name = 'syncline_note.dirty'";
    assert_eq!(
        scratch.all::<String>(index),
        [r#"CREATE INDEX "syncline_note.dirty" ON "note" ("id") WHERE "_morango_dirty_bit""#]
    );
}

#[test]
fn references_are_kept() {
    let scratch = Scratch::new();
    let mut lost = Note { notebook_id: RecordId::random(), ..Note::default() };
    let error = scratch.database.insert(&mut lost).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "FOREIGN KEY constraint failed");
}

#[test]
fn a_column_is_added_and_none_is_dropped() {
    let mut scratch = Scratch::new();
    let home = notebook(&scratch.database, "Home");
    let bread = note(&scratch.database, home, "Bread", None);
    scratch.serialize();
    let missing = |column| Difference::NoColumn { table: "note", column };
    let [colour, style, zoom, others @ ..] = &*scratch.database.check::<next::Notes>().unwrap() else {
        panic!()
    };
    assert_eq!([colour, style, zoom], [&missing("colour"), &missing("style"), &missing("zoom")]);
    let is_other = |difference: &Difference| matches!(difference, Difference::OtherModel { .. });
    assert!(others.len() == 2 && others.iter().all(is_other), "{others:?}");

    scratch.database.create::<next::Notes>().unwrap();
    assert_eq!(scratch.database.check::<next::Notes>().unwrap(), others);
    let mut kept = scratch.database.get::<next::Note>(bread).unwrap().unwrap();
    assert_eq!((kept.colour.as_deref(), kept.style.as_str(), kept.zoom), (None, "it's plain", 1.5));
    // The old columns still exist, and the records are clean.
    assert_eq!(scratch.database.get::<Note>(bread).unwrap().unwrap().title, "Bread");
    assert_eq!(scratch.dirty_notes(), [""; 0]);

    scratch.execute("UPDATE note SET zoom = 2, body = 'no model has it by now'");
    assert_eq!(scratch.dirty_notes(), [""; 0]);
    scratch.execute("UPDATE note SET colour = 'red'");
    assert_eq!(scratch.dirty_notes(), ["Bread"]);
    let serialized = scratch.database.serialize::<next::Notes>().run().unwrap();
    assert_eq!(serialized.updated, 1);
    let stored: Vec<String> =
        scratch.all(&format!("SELECT serialized FROM morango_store WHERE id = '{bread}'"));
    // The store keeps keys that this version does not know, and adds the new ones.
    assert!(
        stored[0].ends_with(
            r#""body": null, "stars": 0, "parent_id": null, "colour": "red", "style": "it's plain"}"#
        ),
        "{}",
        stored[0]
    );

    kept.title = "Rye".to_owned();
    assert!(scratch.database.update(&kept).unwrap());
    let mut salt = next::Note { notebook_id: home, title: "Salt".to_owned(), ..next::Note::default() };
    scratch.database.insert(&mut salt).unwrap();

    // The older version still works with the database.
    scratch.database.create::<Notes>().unwrap();
    let newer = |column: &str| Difference::Newer { table: "note", model: "note", column: column.to_owned() };
    assert_eq!(scratch.database.check::<Notes>().unwrap(), [newer("colour"), newer("style")]);
    assert_eq!(all::<String>(&scratch.shell(), "SELECT style FROM note"), ["it's plain", ""]);
}

#[test]
fn a_column_without_a_value_is_not_added() {
    let mut scratch = Scratch::new();
    let before = schema(scratch.database.connection());
    let error = scratch.database.create::<impossible::Notes>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "column `weight` cannot be added to table `notebook`: it may not be NULL, and no `default` is declared for the rows \
         that are there"
    );
    assert_eq!(schema(scratch.database.connection()), before);
}

/// A model of a table that existed before the app used this library.
#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Old, model = "oldnote", table = "old", partition = "{owner}:notes")]
struct OldNote {
    id: RecordId,
    owner: String,
    #[syncable(column = "text", key = "text")]
    content: String,
    #[syncable(self_reference)]
    above: Option<RecordId>,
}

profile! { Old = "old" { OldNote } }

const OLD: &str = "
    CREATE TABLE old (id TEXT PRIMARY KEY, owner TEXT NOT NULL, text TEXT NOT NULL, above TEXT, secret TEXT UNIQUE);
    INSERT INTO old VALUES ('a0000000000000000000000000000001', 'ada', 'one', NULL, 'x');
    INSERT INTO old VALUES ('a0000000000000000000000000000002', 'ada', 'two', 'a0000000000000000000000000000001', 'y');
";

#[test]
fn a_table_that_is_there_is_tracked() {
    check_tracked(OLD);
}

#[test]
fn a_table_without_rowids_is_tracked() {
    let without = OLD.replacen("UNIQUE);", "UNIQUE) WITHOUT ROWID;", 1);
    assert_ne!(without, OLD);
    check_tracked(&without);
}

#[track_caller]
fn check_tracked(tables: &str) {
    let mut scratch = Scratch::empty();
    scratch.execute(tables);
    scratch.database.track::<Old>().unwrap();
    scratch.database.track::<Old>().unwrap();
    let first = scratch.database.serialize::<Old>().run().unwrap();
    assert_eq!(first.created, 2);
    assert_eq!(
        scratch.all::<String>("SELECT source_id || ' ' || partition FROM morango_store ORDER BY id"),
        ["a0000000000000000000000000000001 ada:notes", "a0000000000000000000000000000002 ada:notes"]
    );
    scratch.execute(
        "REPLACE INTO old (id, owner, text, secret) VALUES ('a0000000000000000000000000000003', 'bob', 'three', 'x');
         UPDATE old SET text = 'dos' WHERE text = 'two';",
    );
    assert!(
        scratch.refused("UPDATE old SET above = 'x'").contains("syncline: above is 32 lower-case hex digits")
    );
    assert!(
        scratch
            .refused("INSERT INTO old (id, owner, text) VALUES ('A', 'bob', '')")
            .contains("syncline: id is 32")
    );
    let no_id = scratch.refused("INSERT INTO old (owner, text) VALUES ('bob', '')");
    assert!(
        no_id.contains("syncline: id is 32") || no_id.contains("NOT NULL constraint failed: old.id"),
        "{no_id}"
    );
    let second = scratch.database.serialize::<Old>().run().unwrap();
    assert_eq!((second.created, second.updated, second.deleted), (1, 1, 1));

    let mut four =
        OldNote { id: RecordId::NEW, owner: "bob".to_owned(), content: "four".to_owned(), above: None };
    scratch.database.insert(&mut four).unwrap();
    assert_eq!(scratch.database.get::<OldNote>(four.id).unwrap().unwrap(), four);
    // The table differs from the model, and `check` says so.
    let differences: Vec<_> =
        scratch.database.check::<Old>().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        differences,
        [
            "column `above` of table `old` is not a foreign key, but should be one to `old` with ON DELETE NO ACTION"
        ]
    );
}

#[test]
fn a_trigger_of_the_apps_own_lets_ours_run() {
    let mut scratch = Scratch::empty();
    scratch.execute(OLD);
    // `RAISE(IGNORE)` in a `BEFORE` trigger prevents the change, so there is nothing to track.
    scratch.execute(
        "CREATE TRIGGER unwanted BEFORE INSERT ON old WHEN new.text = 'x' BEGIN SELECT RAISE(IGNORE); END",
    );
    scratch.execute("CREATE TRIGGER trigger_after INSERT ON old BEGIN SELECT 'RAISE(IGNORE)'; END");
    scratch.database.track::<Old>().unwrap();
    // A trigger that was created after the table was tracked is found as well.
    scratch.execute(
        "CREATE TRIGGER \"after that\" After UPDATE ON old BEGIN SELECT raise( ignore ) WHERE new.text = 'x'; END",
    );
    let before = schema(scratch.database.connection());
    assert_eq!(
        scratch.database.track::<Old>().unwrap_err().to_string(),
        "table `old` cannot be tracked: the trigger `after that` has a RAISE(IGNORE) after a change, and no other \
         trigger would see that change: make it a BEFORE trigger (for updates with its columns, `BEFORE UPDATE OF ..`), or \
         remove that"
    );
    assert_eq!(schema(scratch.database.connection()), before);
    scratch.execute("DROP TRIGGER \"after that\"");
    scratch.database.track::<Old>().unwrap();
}

/// A search index that the app's own triggers maintain. Removing an entry that it lacks corrupts it.
const SEARCH: &str = "
    CREATE VIRTUAL TABLE search USING fts5 (text, content = old);
    CREATE TABLE seen (what);
    CREATE TRIGGER found AFTER INSERT ON old BEGIN
        INSERT INTO search (rowid, text) VALUES (new.rowid, new.text);
        INSERT INTO seen VALUES ('inserted ' || new.text);
    END;
    CREATE TRIGGER lost AFTER DELETE ON old BEGIN
        INSERT INTO search (search, rowid, text) VALUES ('delete', old.rowid, old.text);
    END;
    CREATE TRIGGER changed AFTER UPDATE ON old BEGIN
        INSERT INTO search (search, rowid, text) VALUES ('delete', old.rowid, old.text);
        INSERT INTO search (rowid, text) VALUES (new.rowid, new.text);
        INSERT INTO seen VALUES ('updated ' || new.text);
    END;
    INSERT INTO search (search) VALUES ('rebuild');
";

#[test]
fn a_search_index_of_the_apps_own_is_kept() {
    const CHECK: &str = "INSERT INTO search (search, rank) VALUES ('integrity-check', 1)";
    const OTHERS: &str =
        "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name NOT GLOB 'syncline_*'";

    for is_first in [true, false] {
        let mut scratch = Scratch::empty();
        scratch.execute(
            &OLD.replace("PRIMARY KEY", "PRIMARY KEY DEFAULT ('new:' || lower(hex(randomblob(16))))"),
        );
        if is_first {
            scratch.execute(SEARCH);
        }
        scratch.database.track::<Old>().unwrap();
        if !is_first {
            scratch.execute(SEARCH);
            // As after a change of the declaration.
            scratch.execute("DROP TRIGGER syncline_old_inserted_oldnote");
            scratch.database.track::<Old>().unwrap();
        }
        assert_eq!(scratch.database.check::<Old>().unwrap().len(), 1, "but for a reference");
        let insert = "INTO old (owner, text) VALUES ('ada', 'three'), ('bob', 'four')";
        for change in [
            &*format!("INSERT {insert}"),
            "INSERT INTO old (id, owner, text) VALUES ('a0000000000000000000000000000003', 'ada', 'five')",
            "UPDATE old SET text = 'vier' WHERE text = 'four'",
            "DELETE FROM old WHERE text = 'three'",
        ] {
            scratch.execute(change);
            scratch.execute(CHECK);
        }
        assert_eq!(
            scratch.all::<String>("SELECT text FROM search ORDER BY rowid"),
            scratch.all::<String>("SELECT text FROM old ORDER BY rowid")
        );
        // Not every version of FTS5 detects an update of a row before its insert.
        let first = |text: &str| -> String {
            scratch
                .all(&format!("SELECT what FROM seen WHERE what GLOB '* {text}' ORDER BY rowid LIMIT 1"))
                .remove(0)
        };
        assert_eq!(["three", "four"].map(first), ["inserted three", "inserted four"]);
        // The triggers are unchanged, and not made again at every start.
        let written: Vec<String> = scratch.all(OTHERS);
        assert_eq!(written.len(), 3);
        assert!(written.iter().all(|sql| SEARCH.contains(sql)), "{written:?}");
        let before = schema(scratch.database.connection());
        let version: i64 = scratch.all("SELECT schema_version FROM pragma_schema_version").remove(0);
        scratch.database.track::<Old>().unwrap();
        assert_eq!(schema(scratch.database.connection()), before);
        assert_eq!(scratch.all::<i64>("SELECT schema_version FROM pragma_schema_version"), [version]);
    }
}

#[test]
fn what_a_generated_column_displaces_is_listed() {
    for kind in ["VIRTUAL", "STORED"] {
        let mut scratch = Scratch::empty();
        scratch.execute(OLD);
        scratch.execute(&format!(
            "CREATE TABLE newer (id TEXT PRIMARY KEY, owner TEXT NOT NULL, text TEXT NOT NULL, above TEXT,
                 low TEXT GENERATED ALWAYS AS (lower(text)) {kind} UNIQUE);
             INSERT INTO newer (id, owner, text, above) SELECT id, owner, text, above FROM old;
             DROP TABLE old; ALTER TABLE newer RENAME TO old"
        ));
        scratch.database.track::<Old>().unwrap();
        scratch.database.serialize::<Old>().run().unwrap();
        scratch.execute("UPDATE OR REPLACE old SET text = 'TWO' WHERE text = 'one'");
        assert_eq!(scratch.listed(), ["a0000000000000000000000000000002"], "{kind}");
        scratch.execute(
            "REPLACE INTO old (id, owner, text) VALUES ('a0000000000000000000000000000003', 'bob', 'Two')",
        );
        let both = ["a0000000000000000000000000000001", "a0000000000000000000000000000002"];
        assert_eq!(scratch.listed(), both, "{kind}");
        let second = scratch.database.serialize::<Old>().run().unwrap();
        assert_eq!((second.created, second.updated, second.deleted), (1, 0, 2), "{kind}");
    }
}

#[test]
fn a_field_that_nobody_can_write_is_refused() {
    let mut scratch = Scratch::empty();
    scratch.execute(
        "CREATE TABLE old (id TEXT PRIMARY KEY, owner TEXT NOT NULL, above TEXT REFERENCES old (id),
             text TEXT NOT NULL GENERATED ALWAYS AS (lower(owner)))",
    );
    for error in [scratch.database.track::<Old>(), scratch.database.create::<Old>()] {
        assert_eq!(
            error.unwrap_err().to_string(),
            "column `text` of table `old` is generated from other columns, so no record can be written with it: remove it \
             out of the model"
        );
    }
    let differences = scratch.database.check::<Old>().unwrap();
    assert!(differences.contains(&Difference::Generated { table: "old", column: "text" }), "{differences:?}");
}

#[test]
fn a_strict_table_is_tracked() {
    check_tracked(&OLD.replacen("UNIQUE);", "UNIQUE) STRICT;", 1));
}

#[test]
fn a_column_of_any_type_is_added_to_a_strict_table() {
    let mut scratch = Scratch::empty();
    scratch.execute(
        "CREATE TABLE note (id text PRIMARY KEY, notebook_id text NOT NULL REFERENCES notebook (id) ON DELETE CASCADE, \
         title text NOT NULL, stars integer NOT NULL) STRICT",
    );
    scratch.database.create::<next::Notes>().unwrap();
    assert_eq!(scratch.database.check::<next::Notes>().unwrap(), []);
    let mut home = next::Notebook::default();
    scratch.database.insert(&mut home).unwrap();
    let mut salt = next::Note { notebook_id: home.id, ..next::Note::default() };
    scratch.database.insert(&mut salt).unwrap();
    assert_eq!(scratch.database.serialize::<next::Notes>().run().unwrap().created, 2);
}

#[test]
fn a_table_that_got_another_name_makes_room() {
    let mut scratch = Scratch::empty();
    scratch.execute(OLD);
    scratch.database.track::<Old>().unwrap();
    scratch.database.serialize::<Old>().run().unwrap();
    // The app recreates its table and copies the rows.
    scratch.execute("ALTER TABLE old RENAME TO older");
    scratch.database.create::<Old>().unwrap();
    scratch.execute("INSERT INTO old (id, owner, text) SELECT id, owner, text FROM older WHERE text = 'one'");
    assert_eq!(scratch.all::<i64>("SELECT _morango_dirty_bit FROM old"), [1]);
    assert_eq!(
        scratch.all::<String>("SELECT tbl_name FROM sqlite_schema WHERE name = 'syncline_old.dirty'"),
        ["old"]
    );
    scratch.execute("DELETE FROM older");
    assert_eq!(scratch.listed(), [""; 0], "what is no record by now is no deletion");
    assert_eq!(scratch.database.serialize::<Old>().run().unwrap().updated, 1);
}

#[test]
fn what_could_not_sync_is_not_tracked() {
    for (sql, message) in [
        (
            "UPDATE old SET id = 7 WHERE text = 'two'",
            "table `old` cannot be tracked: column `id` of record '7' holds a value that cannot sync: id is 32 lower-case hex digits; correct the row",
        ),
        (
            "UPDATE old SET id = NULL WHERE text = 'two'",
            "table `old` cannot be tracked: column `id` of record NULL holds a value that cannot sync: id is 32 lower-case hex digits; correct the row",
        ),
        (
            "UPDATE old SET above = upper(above)",
            "table `old` cannot be tracked: column `above` of record 'a0000000000000000000000000000002' holds a value that cannot sync: above is 32 lower-case hex digits; correct the row",
        ),
        (
            "UPDATE old SET owner = hex(zeroblob(70))",
            "table `old` cannot be tracked: the partition that is made of owner for record 'a0000000000000000000000000000001' is \
             `00000000000000000000000000000000000000000000000000000000000000000000000000000000\
             000000000000000000000000000000000000000000000000000000000000:notes`, and a partition is text of at most 128 characters without a NUL; correct the row",
        ),
        (
            "CREATE UNIQUE INDEX low ON old (lower(text))",
            "table `old` cannot be tracked: its unique index `low` is over an expression, so rows that REPLACE displaces through it would not be seen",
        ),
        (
            "ALTER TABLE old RENAME TO older; CREATE TABLE old AS SELECT * FROM older",
            "table `old` cannot be tracked: its column `id` is not unique, so two rows may have the same id: create a unique index on it",
        ),
        (
            "ALTER TABLE old DROP COLUMN above",
            "table `old` has no column `above`: a model declares it; `Database::create` adds it",
        ),
        (
            "DROP TABLE old",
            "the database has no table `old`: a model is declared for it; `Database::create` makes it",
        ),
        (
            "CREATE TABLE django_migrations (id)",
            "the database has a table `django_migrations`: its application makes the tables and tracks their changes itself",
        ),
    ] {
        let mut scratch = Scratch::empty();
        scratch.execute(OLD);
        scratch.execute(sql);
        let before = schema(scratch.database.connection());
        let error = scratch.database.track::<Old>().unwrap_err();
        let said = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        assert_eq!(said, message);
        assert_eq!(schema(scratch.database.connection()), before, "half made: {sql}");
    }
}

#[test]
fn a_row_that_the_store_knows_otherwise_is_not_tracked() {
    let mut scratch = Scratch::empty();
    scratch.execute(OLD);
    scratch.database.track::<Old>().unwrap();
    scratch.database.serialize::<Old>().run().unwrap();
    // As after a restore of this table alone.
    scratch.execute("DROP TRIGGER syncline_old_is_who_it_was; UPDATE old SET _morango_partition = 'elsewhere' WHERE text = 'two'");
    let error = scratch.database.track::<Old>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "table `old` cannot be tracked: the sync store has record 'a0000000000000000000000000000002' with another partition, \
         source id or model, which never change: write them into the row, or give it another id"
    );
    scratch.execute("UPDATE old SET _morango_partition = 'ada:notes'");
    scratch.database.track::<Old>().unwrap();
}

#[test]
fn every_difference_is_named_at_once() {
    let scratch = Scratch::empty();
    scratch.execute(
        "CREATE TABLE notebook (id text, title integer, weight integer NOT NULL,
             _morango_source_id text, _morango_partition text, _morango_dirty_bit bool);
         CREATE TABLE note (id char(32) PRIMARY KEY, notebook_id char(32) NOT NULL REFERENCES note (id), title text NOT NULL,
             body text NOT NULL, stars integer NOT NULL, parent_id char(32) REFERENCES note (id) ON DELETE CASCADE,
             _morango_source_id text, _morango_partition text);",
    );
    let differences: Vec<_> =
        scratch.database.check::<Notes>().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        differences,
        [
            "column `title` of table `notebook` may be NULL, and its field is no Option",
            "column `title` of table `notebook` is declared `INTEGER`, and its field is text",
            "column `id` of table `notebook` is not unique",
            "column `weight` of table `notebook` is NOT NULL without a default, and no model declares it",
            "table `notebook` is not tracked as its models declare it: call `Database::create` or `track`",
            "column `notebook_id` of table `note` is a foreign key to `note` with ON DELETE NO ACTION, but should be one to \
             `notebook` with ON DELETE CASCADE",
            "column `body` of table `note` is NOT NULL, and its field is an Option",
            "table `note` has no column `scroll_position`",
            "table `note` has no column `_morango_dirty_bit`",
            "there is no table `people`",
            "there is no table `label`",
        ]
    );
}

#[test]
fn a_date_may_stand_in_a_column_of_text() {
    #[derive(Debug, Clone, PartialEq, Syncable)]
    #[syncable(profile = Days, model = "day", partition = "days")]
    struct Day {
        id: RecordId,
        date: chrono::NaiveDate,
        begins: Option<chrono::NaiveTime>,
        noted: chrono::DateTime<chrono::Utc>,
    }
    profile! { Days = "days" { Day } }

    for kind in ["", "STRICT"] {
        let mut scratch = Scratch::empty();
        scratch.execute(&format!(
            "CREATE TABLE day (id TEXT PRIMARY KEY, date TEXT NOT NULL, begins TEXT, noted TEXT NOT NULL) {kind}"
        ));
        scratch.database.track::<Days>().unwrap();
        assert_eq!(scratch.database.check::<Days>().unwrap(), []);
        let mut day = Day {
            id: RecordId::NEW,
            date: "2025-01-02".parse().unwrap(),
            begins: Some("03:04:05".parse().unwrap()),
            noted: "2025-01-02T03:04:05Z".parse().unwrap(),
        };
        scratch.database.insert(&mut day).unwrap();
        assert_eq!(scratch.database.get::<Day>(day.id).unwrap(), Some(day));
    }
}

#[test]
fn a_model_without_a_partition_makes_no_identity() {
    #[derive(Debug, Syncable)]
    #[syncable(profile = Nowhere, model = "thing")]
    struct Thing {
        id: RecordId,
    }
    profile! { Nowhere = "nowhere" { Thing } }

    // `create` and `insert` refuse it at compile time (tests/ui/partition). Generic code over all models gets an error.
    assert_eq!(Identity::of(&Thing { id: RecordId::NEW }), Err(InvalidRecord::NoPartition));
}

#[test]
fn a_newer_schema_is_refused() {
    let scratch = Scratch::new();
    let path = scratch.folder.path().join("app.sqlite3");
    scratch.execute("ALTER TABLE morango_store ADD COLUMN note text; ALTER TABLE morango_store ADD COLUMN more text NOT NULL DEFAULT ''");
    drop(Database::open(&path).unwrap());
    scratch.execute(
        "DROP TABLE morango_deletedmodels;
         CREATE TABLE morango_deletedmodels (id char(32) NOT NULL PRIMARY KEY, profile varchar(40) NOT NULL, who text NOT NULL)",
    );
    let before = schema(scratch.database.connection());
    let error = Database::open(&path).unwrap_err();
    assert_eq!(
        error.to_string(),
        "table `morango_deletedmodels` has a column `who` that must be filled and that this version of syncline does not know: \
         a newer Morango or syncline made it; use a newer syncline"
    );
    assert_eq!(schema(scratch.database.connection()), before);
}

#[test]
fn a_connection_of_the_apps_own_serves_as_well() {
    let connection = Connection::open_in_memory().unwrap();
    let mut database = Database::from_connection(connection).unwrap();
    database.create::<Notes>().unwrap();
    let home = notebook(&database, "Home");
    note(&database, home, "Bread", None);
    assert_eq!(database.serialize::<Notes>().run().unwrap().created, 2);

    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("BEGIN").unwrap();
    let error = Database::from_connection(connection).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "cannot start a transaction within a transaction");
}

#[test]
fn a_database_moves_to_another_thread() {
    let mut scratch = Scratch::new();
    let home = notebook(&scratch.database, "Home");
    let serialized = thread::spawn(move || {
        note(&scratch.database, home, "Bread", None);
        scratch.serialize()
    });
    assert_eq!(serialized.join().unwrap().created, 2);
}

#[test]
fn authors_may_share_the_table_of_others() {
    let scratch = Scratch::new();
    let mut ada = Author { name: "Ada".to_owned(), ..Author::default() };
    scratch.database.insert(&mut ada).unwrap();
    assert_eq!(scratch.all::<String>("SELECT name FROM people"), ["Ada"]);
}
