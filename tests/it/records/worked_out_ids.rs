//! Rows that are inserted without an id get the id that `insert` would compute.

mod ids_that_are_there;
mod keys_and_triggers;

use rusqlite::Connection;
use rusqlite::types::ToSql;
use syncline::{Access as _, Database, RecordId, Syncable, profile};

use super::declarations::{Author, Label, Note, Notebook, Notes, note, notebook};
use super::{Scratch, all};

/// A record whose id follows from a place, a number and a name.
#[derive(Debug, Clone, PartialEq, Default, Syncable)]
#[syncable(profile = Things, model = "thing", partition = "{place}:things:{id}", source_id = "{number}/{name|nobody}")]
struct Thing {
    id: RecordId,
    place: String,
    number: i64,
    name: Option<String>,
    #[syncable(local)]
    data: Option<Vec<u8>>,
}

profile! { Things = "things" { Thing } }

/// A person whose id comes from elsewhere.
#[derive(Debug, Clone, PartialEq, Default, Syncable)]
#[syncable(
    profile = Mixed,
    model = "person",
    table = "mixed",
    discriminator(kind = "person"),
    source_id = "{id}",
    partition = "{id}:people"
)]
struct Person {
    id: RecordId,
    kind: String,
}

/// A record in the same table whose id follows from its name.
#[derive(Debug, Clone, PartialEq, Default, Syncable)]
#[syncable(
    profile = Mixed,
    model = "place",
    table = "mixed",
    discriminator(kind = "place"),
    source_id = "{name}",
    partition = "{id}:places"
)]
struct Place {
    id: RecordId,
    kind: String,
    name: String,
}

profile! { Mixed = "mixed" { Person, Place } }

/// The identity and the dirty bit of a row.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    id: String,
    source_id: String,
    partition: String,
    dirty: bool,
}

impl Row {
    /// Reads the only row of `table` that matches the condition `which`.
    #[track_caller]
    fn one(connection: &Connection, table: &str, which: &str) -> Self {
        let sql = format!(
            "SELECT id, _morango_source_id, _morango_partition, _morango_dirty_bit FROM {table} WHERE {which}"
        );
        let mut statement = connection.prepare(&sql).unwrap();
        let mut rows: Vec<Self> = statement
            .query_map([], |row| {
                Ok(Self {
                    id: row.get(0)?,
                    source_id: row.get(1)?,
                    partition: row.get(2)?,
                    dirty: row.get(3)?,
                })
            })
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0)
    }

    /// Asserts that the id is the hash of partition, source id and model, and that the row is dirty.
    #[track_caller]
    fn is_hash(&self, model: &str) {
        let with_placeholder = self.partition.replace(&self.id, "${id}");
        assert_eq!(self.id, RecordId::derive(&with_placeholder, &self.source_id, model).as_str(), "{self:?}");
        assert!(self.dirty, "{self:?}");
    }
}

/// Asserts that no placeholder id is left in `tables`.
#[track_caller]
fn nothing_interim(connection: &Connection, tables: &[&str]) {
    for table in tables.iter().chain(&["morango_deletedmodels", "morango_store"]) {
        let left: Vec<String> = all(connection, &format!("SELECT id FROM {table} WHERE id GLOB 'new:*'"));
        assert_eq!(left, [""; 0], "{table}");
    }
    assert_eq!(all::<String>(connection, "PRAGMA integrity_check"), ["ok"]);
}

/// Runs `check` with another program's connection, with and without `recursive_triggers` and `foreign_keys`.
fn each_writer(check: impl Fn(&mut Scratch, &Connection)) {
    for recursive in [false, true] {
        for enforced in [false, true] {
            let mut scratch = Scratch::new();
            let shell = scratch.shell();
            shell.pragma_update(None, "recursive_triggers", recursive).unwrap();
            shell.pragma_update(None, "foreign_keys", enforced).unwrap();
            check(&mut scratch, &shell);
            nothing_interim(&shell, &["notebook", "note", "label", "people"]);
        }
    }
}

/// Makes a notebook with a note, and a function that writes the `INSERT` of a label of the note.
fn with_a_note(scratch: &Scratch) -> (RecordId, RecordId, impl Fn(&str, &str) -> String + use<>) {
    let home = notebook(&scratch.database, "Home");
    let bread = note(&scratch.database, home, "Bread", None);
    let insert = move |how: &str, word: &str| {
        format!("{how} INTO label (notebook_id, note_id, word) VALUES ('{home}', '{bread}', '{word}')")
    };
    (home, bread, insert)
}

#[test]
fn each_kind_of_id_is_what_the_app_would_make() {
    each_writer(|scratch, shell| {
        shell.execute_batch("INSERT INTO notebook (title) VALUES ('Home')").unwrap();
        let home = Row::one(shell, "notebook", "1");
        home.is_hash("notebook");
        assert_eq!(home.partition, format!("{}:notes", home.id));
        assert_eq!(RecordId::parse(&home.source_id).unwrap().as_str(), home.source_id, "it is random");

        shell.execute_batch(&format!("INSERT INTO note (notebook_id, title, stars, _morango_dirty_bit) VALUES ('{}', 'Bread', 0, 0)", home.id)).unwrap();
        let bread = Row::one(shell, "note", "1");
        bread.is_hash("note");
        assert_eq!(bread.partition, format!("{}:notes", home.id));

        // A model that allows ids from elsewhere gets a random one.
        shell.execute_batch("INSERT INTO people (name) VALUES ('Ada')").unwrap();
        let ada = Row::one(shell, "people", "1");
        assert_eq!((&ada.source_id, ada.partition.as_str(), ada.dirty), (&ada.id, "people", true));

        for (author, word) in [("NULL".to_owned(), "now"), (format!("'{}'", ada.id), "then")] {
            shell
                .execute_batch(&format!(
                    "INSERT INTO label (notebook_id, note_id, author_id, word) VALUES ('{}', '{}', {author}, '{word}')",
                    home.id, bread.id
                ))
                .unwrap();
            let row = Row::one(shell, "label", &format!("word = '{word}'"));
            row.is_hash("label");
            let id = RecordId::parse(&row.id).unwrap();
            let label = scratch.database.get::<Label>(id).unwrap().unwrap();
            assert!(scratch.database.delete::<Label>(id).unwrap());
            let mut again = Label { id: RecordId::NEW, ..label };
            scratch.database.insert(&mut again).unwrap();
            assert_eq!(again.id, id);
        }
        assert_eq!(scratch.serialize().created, 5);
        let deleted: Vec<String> = all(shell, "SELECT id FROM morango_store WHERE deleted");
        assert_eq!(deleted, [""; 0]);
    });
}

#[test]
fn two_databases_make_one_record_of_one_thing() {
    let thing =
        Thing { place: "Größe".to_owned(), number: -7, name: Some("ö".to_owned()), ..Thing::default() };
    let mut ids: Vec<String> = [(); 2]
        .iter()
        .map(|()| {
            let mut scratch = Scratch::empty();
            scratch.database.create::<Things>().unwrap();
            scratch.execute("INSERT INTO thing (place, number, name) VALUES ('Größe', -7, 'ö')");
            assert_eq!(scratch.database.serialize::<Things>().run().unwrap().created, 1);
            scratch.all::<String>("SELECT id FROM thing").remove(0)
        })
        .collect();
    let mut scratch = Scratch::empty();
    scratch.database.create::<Things>().unwrap();
    let mut by_the_app = thing;
    scratch.database.insert(&mut by_the_app).unwrap();
    ids.push(by_the_app.id.to_string());
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn any_text_is_hashed_as_rust_hashes_it() {
    let mut scratch = Scratch::empty();
    scratch.database.create::<Things>().unwrap();
    let connection = scratch.database.connection();
    let mut expected = 0;
    // Inputs of one to eight SHA-256 blocks.
    let places =
        ["", "a", "it's", "Größe", "😀", "a\u{1}b", "\u{1}", "${id}", &"x".repeat(86), &"😀".repeat(86)];
    let names = [None, Some(""), Some("\u{1}"), Some("ä\u{10ffff}"), Some("::"), Some("x"), Some("😀")];
    for place in places {
        for name in names {
            for (number, characters) in [(0, 1), (i64::MAX, 15), (i64::MIN, 75)] {
                let name = name.map(|name| name.chars().cycle().take(characters).collect::<String>());
                let row: [&dyn ToSql; 3] = [&place, &number, &name];
                connection
                    .execute("INSERT INTO thing (place, number, name) VALUES (?1, ?2, ?3)", row)
                    .unwrap();
                let source_id = format!("{number}/{}", name.as_deref().unwrap_or("nobody"));
                let partition = format!("{place}:things:${{id}}");
                let id = RecordId::derive(&partition, &source_id, "thing");
                let found: (String, String) = connection
                    .query_row(
                        "SELECT _morango_source_id, _morango_partition FROM thing WHERE id = ?1",
                        [id],
                        |row| Ok((row.get(0)?, row.get(1)?)),
                    )
                    .unwrap_or_else(|error| panic!("{partition:?} {source_id:?}: {error}"));
                assert_eq!(found, (source_id, partition.replace("${id}", id.as_str())));
                expected += 1;
            }
        }
    }
    assert_eq!(scratch.all::<i64>("SELECT count(*) FROM thing"), [expected]);
}

#[test]
fn what_is_given_goes_into_the_hash() {
    each_writer(|scratch, shell| {
        let (home, ..) = with_a_note(scratch);
        let insert = |columns: &str, values: &str| {
            shell.execute_batch(&format!(
                "INSERT INTO note (notebook_id, title, stars, {columns}) VALUES ('{home}', 'x', 0, {values})"
            ))
        };
        let check = |columns: &str, values: &str, source_id: Option<&str>, partition: &str| {
            insert(columns, values).unwrap();
            let row = Row::one(shell, "note", "title = 'x'");
            let source_id = source_id.unwrap_or(&row.source_id);
            assert_eq!(row.id, RecordId::derive(partition, source_id, "note").as_str(), "{values}");
            let (source_id, partition) = (source_id.to_owned(), partition.replace("${id}", &row.id));
            let id = row.id.clone();
            assert_eq!(row, Row { id, source_id, partition, dirty: true });
            shell.execute_batch("DELETE FROM note WHERE title = 'x'").unwrap();
        };
        let usual = format!("{home}:notes");
        check("_morango_source_id", "'mine'", Some("mine"), &usual);
        check("_morango_partition", "'here'", None, "here");
        check("_morango_partition", "'here:${id}:${id}'", None, "here:${id}:${id}");
        check("_morango_partition, _morango_source_id", "'${id}', 'mine'", Some("mine"), "${id}");
        check(
            "_morango_partition, _morango_source_id, _morango_dirty_bit",
            "'here', 'mine', 1",
            Some("mine"),
            "here",
        );
        // An id that is given in the placeholder's form.
        check(
            "id",
            "'new:0123456789abcdef0123456789abcdef'",
            Some("0123456789abcdef0123456789abcdef"),
            &usual,
        );

        let id = RecordId::random();
        shell
            .execute_batch(&format!("INSERT INTO people (_morango_source_id, name) VALUES ('{id}', 'Ada')"))
            .unwrap();
        assert!(scratch.database.get::<Author>(id).unwrap().is_some(), "its source id is its id");
        for (how, source_id) in [("", "ada"), ("OR IGNORE", "ada"), ("OR FAIL", RecordId::NEW.as_str())] {
            let sql =
                format!("INSERT {how} INTO people (_morango_source_id, name) VALUES ('{source_id}', 'x')");
            assert_eq!(
                shell.execute_batch(&sql).unwrap_err().to_string(),
                "syncline: id is 32 lower-case hex digits",
                "{sql}"
            );
        }
        assert_eq!(all::<String>(shell, "SELECT name FROM people"), ["Ada"]);
    });
}

#[test]
fn a_table_has_ids_of_both_kinds() {
    let mut scratch = Scratch::empty();
    scratch.database.create::<Mixed>().unwrap();
    let given = RecordId::random();
    scratch.execute(&format!(
        "INSERT INTO mixed (kind) VALUES ('person');
         INSERT INTO mixed (kind, _morango_source_id, name) VALUES ('person', '{given}', 'given');
         INSERT INTO mixed (kind, name) VALUES ('place', 'home')"
    ));
    let connection = scratch.database.connection();
    for which in ["kind = 'person' AND name IS NULL", "name = 'given'"] {
        let person = Row::one(connection, "mixed", which);
        assert_eq!((&person.source_id, person.partition), (&person.id, format!("{}:people", person.id)));
    }
    assert_eq!(Row::one(connection, "mixed", "name = 'given'").id, given.as_str());
    let place = Row::one(connection, "mixed", "kind = 'place'");
    place.is_hash("place");
    assert_eq!(place.source_id, "home");
    for how in ["INSERT", "INSERT OR FAIL"] {
        let refused =
            scratch.refused(&format!("{how} INTO mixed (kind, _morango_source_id) VALUES ('person', 'ada')"));
        assert_eq!(refused, "syncline: id is 32 lower-case hex digits");
    }
    assert_eq!(scratch.database.serialize::<Mixed>().run().unwrap().created, 3);
}

#[test]
fn an_id_that_is_given_stays() {
    each_writer(|_, shell| {
        let id = RecordId::random();
        shell.execute_batch(&format!("INSERT INTO notebook (id, title) VALUES ('{id}', 'Home')")).unwrap();
        let row = Row::one(shell, "notebook", "1");
        assert_eq!((row.id.as_str(), row.source_id.as_str()), (id.as_str(), id.as_str()));
    });
}

#[test]
fn nobody_else_sees_what_stands_in_for_an_id() {
    each_writer(|scratch, shell| {
        let (home, ..) = with_a_note(scratch);
        let interim = "new:0123456789abcdef0123456789abcdef";
        for (sql, message) in [
            (format!("UPDATE note SET id = '{interim}'"), "syncline: id is 32 lower-case hex digits"),
            (
                format!("INSERT INTO note (notebook_id, title, stars) VALUES ('{interim}', 'x', 0)"),
                "CHECK constraint failed: notebook_id is 32 lower-case hex digits",
            ),
            (
                format!("UPDATE note SET parent_id = '{interim}'"),
                "CHECK constraint failed: parent_id is 32 lower-case hex digits",
            ),
            (
                format!(
                    "INSERT INTO note (id, notebook_id, title, stars) VALUES ('{interim}0', '{home}', 'x', 0)"
                ),
                "CHECK constraint failed: id is 32 lower-case hex digits",
            ),
            (
                format!(
                    "INSERT INTO note (id, notebook_id, title, stars) VALUES (upper('{interim}'), '{home}', 'x', 0)"
                ),
                "CHECK constraint failed: id is 32 lower-case hex digits",
            ),
        ] {
            assert_eq!(shell.execute_batch(&sql).unwrap_err().to_string(), message, "{sql}");
        }
        let returned: String = shell
            .query_row("INSERT INTO notebook (title) VALUES ('x') RETURNING id", [], |row| row.get(0))
            .unwrap();
        assert!(returned.starts_with("new:"), "{returned}");
        let made = Row::one(shell, "notebook", "rowid = last_insert_rowid()");
        assert_eq!(returned[4..], made.source_id);
        made.is_hash("notebook");
    });
}

#[test]
fn the_rowid_is_the_one_that_was_last_inserted() {
    each_writer(|scratch, shell| {
        let (.., insert) = with_a_note(scratch);
        for how in ["INSERT", "REPLACE"] {
            shell.execute_batch(&insert(how, "now")).unwrap();
            Row::one(shell, "label", "rowid = last_insert_rowid()").is_hash("label");
        }
    });
}

#[test]
fn tables_of_any_kind_have_them() {
    let columns = "place TEXT NOT NULL, number INTEGER NOT NULL, name TEXT, data BLOB";
    let default = "DEFAULT ('new:' || lower(hex(randomblob(16))))";
    for table in [
        format!("(id TEXT PRIMARY KEY NOT NULL {default}, {columns}) WITHOUT ROWID"),
        format!("(id TEXT PRIMARY KEY NOT NULL {default}, {columns}) STRICT"),
        format!("(id TEXT PRIMARY KEY NOT NULL {default}, {columns}) STRICT, WITHOUT ROWID"),
        format!("(id TEXT PRIMARY KEY NOT NULL {default}, {columns}, rowid)"),
        format!("(id TEXT PRIMARY KEY NOT NULL {default}, {columns}, rowid, oid, _rowid_)"),
        format!("(number_of_row INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL {default}, {columns})"),
        format!("(id TEXT PRIMARY KEY COLLATE NOCASE NOT NULL {default}, {columns})"),
        format!("(id TEXT PRIMARY KEY NOT NULL {default}, {columns}, both AS (id || place) STORED UNIQUE)"),
        format!(
            "(id TEXT PRIMARY KEY NOT NULL {default}, {columns}, both AS (id || place), UNIQUE (place, id))"
        ),
    ] {
        for recursive in [false, true] {
            let mut scratch = Scratch::empty();
            scratch.execute(&format!("PRAGMA recursive_triggers = {recursive}; CREATE TABLE thing {table}"));
            scratch.database.track::<Things>().unwrap();
            let insert =
                |how: &str| format!("{how} INTO thing (place, number, name) VALUES ('here', 5, 'Ada')");
            scratch.execute(&insert("INSERT"));
            let connection = scratch.database.connection();
            let before = Row::one(connection, "thing", "1");
            before.is_hash("thing");
            assert_eq!(before.id, RecordId::derive("here:things:${id}", "5/Ada", "thing").as_str());
            for how in ["INSERT", "INSERT OR FAIL"] {
                let refused = scratch.refused(&insert(how));
                assert!(refused.starts_with("UNIQUE constraint failed: thing."), "{table}: {refused}");
            }
            for how in ["INSERT OR IGNORE", "REPLACE"] {
                scratch.execute(&insert(how));
                assert_eq!(Row::one(connection, "thing", "1"), before, "{how}: {table}");
            }
            nothing_interim(connection, &["thing"]);
            let serialized = scratch.database.serialize::<Things>().run().unwrap();
            assert_eq!((serialized.created, serialized.deleted), (1, 0), "{table}");
        }
    }
}

#[test]
fn a_table_that_was_there_keeps_its_own_default() {
    let mut scratch = Scratch::empty();
    scratch.execute(
        "CREATE TABLE thing (id TEXT PRIMARY KEY NOT NULL DEFAULT (lower(hex(randomblob(16)))), place TEXT NOT NULL,
             number INTEGER NOT NULL, name TEXT, data BLOB)",
    );
    scratch.database.track::<Things>().unwrap();
    scratch.execute("INSERT INTO thing (place, number) VALUES ('here', 5)");
    let row = Row::one(scratch.database.connection(), "thing", "1");
    assert_eq!(row.source_id, "5/nobody");
    assert_ne!(row.id, RecordId::derive("here:things:${id}", "5/nobody", "thing").as_str());
}

#[test]
fn a_row_that_waits_for_an_id_gets_it_when_its_table_is_tracked() {
    let mut scratch = Scratch::empty();
    scratch.execute(
        "CREATE TABLE thing (id TEXT PRIMARY KEY NOT NULL, place TEXT NOT NULL, number INTEGER NOT NULL, name TEXT, data BLOB);
         INSERT INTO thing VALUES ('new:0123456789abcdef0123456789abcdef', 'here', 5, NULL, NULL)",
    );
    scratch.database.track::<Things>().unwrap();
    let row = Row::one(scratch.database.connection(), "thing", "1");
    assert_eq!(row.source_id, "5/nobody");
    assert_eq!(row.id, RecordId::derive("here:things:${id}", "5/nobody", "thing").as_str());
    assert_eq!(scratch.database.serialize::<Things>().run().unwrap().created, 1);
}

#[test]
fn a_database_in_utf_16_makes_no_hashes() {
    for encoding in ["UTF-16le", "UTF-16be"] {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(&format!("PRAGMA encoding = '{encoding}'; CREATE TABLE first (id)"))
            .unwrap();
        let mut database = Database::from_connection(connection).unwrap();
        database.create::<Notes>().unwrap();
        let error = |sql: &str| database.connection().execute_batch(sql).unwrap_err().to_string();
        for how in ["INSERT", "INSERT OR IGNORE", "INSERT OR FAIL"] {
            assert_eq!(
                error(&format!("{how} INTO notebook (title) VALUES ('Home')")),
                "syncline: this database does not keep its text as UTF-8, of which ids are made: insert the row with the app, \
                 or give it an id"
            );
        }
        nothing_interim(database.connection(), &["notebook"]);
        let home = notebook(&database, "Home");
        note(&database, home, "Bread", None);
        // Rows without a hash behave as elsewhere.
        database.connection().execute_batch("INSERT INTO people (name) VALUES ('Ada')").unwrap();
        assert_eq!(database.serialize::<Notes>().run().unwrap().created, 3);
    }
}

#[test]
fn the_helpers_find_what_was_made() {
    let mut scratch = Scratch::new();
    scratch.execute("INSERT INTO notebook (title) VALUES ('Home')");
    let id = RecordId::parse(&Row::one(scratch.database.connection(), "notebook", "1").id).unwrap();
    let identity = scratch.database.identity::<Notebook>(id).unwrap().unwrap();
    assert_eq!(RecordId::derive("${id}:notes", &identity.source_id, "notebook"), id);
    let mut home = scratch.database.get::<Notebook>(id).unwrap().unwrap();
    home.title.push('!');
    assert!(scratch.database.update(&home).unwrap());
    scratch.serialize();
    assert!(scratch.database.delete::<Notebook>(id).unwrap());
    scratch.database.insert_as(&mut home, identity).unwrap();
    let salt = note(&scratch.database, id, "Salt", None);
    assert!(scratch.database.get::<Note>(salt).unwrap().is_some());
}
