//! Random histories: whatever happened, after serialising the store says what the app's tables say.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode};
use serde_json::Value as Json;
use syncline::{Access as _, Database, RecordId};

use super::all;
use super::declarations::{Author, Label, Note, Notebook, Notes};

/// Something that happens. Numbers choose among what is there.
#[derive(Debug, Clone)]
enum Step {
    AddNotebook,
    AddNote { notebook: usize, parent: Option<usize>, title: u8, how: Insert },
    AddLabel { note: usize, author: Option<usize>, word: u8 },
    AddAuthor { name: u8 },
    UpdateNote { note: usize, column: usize, number: u8, how: &'static str },
    UpdateAll { table: usize },
    Scroll,
    Delete { table: usize, row: usize },
    MakeAgain { table: usize, row: usize, dirty: bool },
    ChangeId { note: usize },
    Enforce { foreign_keys: bool },
    Recurse { triggers: bool },
    Serialize { filter: Option<usize> },
}

/// Who inserts, and what becomes of a note with the same title.
#[derive(Debug, Clone, Copy)]
enum Insert {
    Helper,
    Sql(&'static str),
}

const TABLES: [(&str, &str); 4] =
    [("notebook", "title"), ("note", "title"), ("label", "word"), ("people", "name")];

fn step() -> impl Strategy<Value = Step> {
    let row = any::<usize>();
    let how = prop_oneof![
        2 => Just(Insert::Helper),
        1 => Just(Insert::Sql("INSERT")),
        2 => Just(Insert::Sql("REPLACE")),
        1 => Just(Insert::Sql("INSERT OR IGNORE")),
        1 => Just(Insert::Sql("INSERT OR FAIL")),
    ];
    let conflict = prop_oneof![Just(""), Just("OR REPLACE"), Just("OR IGNORE"), Just("OR FAIL")];
    prop_oneof![
        2 => Just(Step::AddNotebook),
        10 => (row, prop::option::of(row), 0..12_u8, how)
            .prop_map(|(notebook, parent, title, how)| Step::AddNote { notebook, parent, title, how }),
        4 => (row, prop::option::of(row), 0..4_u8)
            .prop_map(|(note, author, word)| Step::AddLabel { note, author, word }),
        1 => (0..9_u8).prop_map(|name| Step::AddAuthor { name }),
        8 => (row, 0..5_usize, 0..12_u8, conflict)
            .prop_map(|(note, column, number, how)| Step::UpdateNote { note, column, number, how }),
        1 => (0..4_usize).prop_map(|table| Step::UpdateAll { table }),
        2 => Just(Step::Scroll),
        4 => (0..4_usize, row).prop_map(|(table, row)| Step::Delete { table, row }),
        3 => (0..4_usize, row, any::<bool>())
            .prop_map(|(table, row, dirty)| Step::MakeAgain { table, row, dirty }),
        1 => row.prop_map(|note| Step::ChangeId { note }),
        1 => any::<bool>().prop_map(|foreign_keys| Step::Enforce { foreign_keys }),
        1 => any::<bool>().prop_map(|triggers| Step::Recurse { triggers }),
        6 => prop::option::of(row).prop_map(|filter| Step::Serialize { filter }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_says_what_the_tables_say(steps in prop::collection::vec(step(), 1..90)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        world.serialize(None);
    }
}

struct World {
    database: Database,
}

/// The rows of a table, each as its columns.
type Rows = Vec<Vec<Value>>;

impl World {
    fn new() -> Self {
        let mut database = Database::from_connection(Connection::open_in_memory().unwrap()).unwrap();
        database.create::<Notes>().unwrap();
        // By which notes displace each other.
        database
            .connection()
            .execute_batch("CREATE UNIQUE INDEX title ON note (title COLLATE NOCASE)")
            .unwrap();
        database.create::<Notes>().unwrap();
        Self { database }
    }

    fn connection(&self) -> &Connection {
        self.database.connection()
    }

    /// One of the ids in `table`, if there are any.
    fn pick(&self, table: &str, number: usize) -> Option<RecordId> {
        let ids: Vec<String> = all(self.connection(), &format!("SELECT id FROM {table} ORDER BY id"));
        let id = ids.get(number.checked_rem(ids.len())?)?;
        Some(RecordId::parse(id).unwrap())
    }

    /// Lets a program do `sql`, which may not be possible.
    fn attempt(&self, sql: &str) {
        if let Err(error) = self.connection().execute_batch(sql) {
            let is_refusal = error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation);
            assert!(is_refusal, "{sql}: {error}");
        }
    }

    fn take(&mut self, step: &Step) {
        if let Step::Serialize { filter } = step {
            let prefix = filter.map(|number| match self.pick("notebook", number) {
                Some(id) if number % 5 > 0 => id.to_string(),
                _ => "people".to_owned(),
            });
            self.serialize(prefix.as_deref());
        } else {
            // Where what it is about is missing, nothing happens.
            self.change(step);
        }
    }

    fn change(&self, step: &Step) -> Option<()> {
        let db = &self.database;
        match step {
            Step::AddNotebook => db.insert(&mut Notebook::default()).unwrap(),
            Step::AddAuthor { name } => {
                db.insert(&mut Author { name: name.to_string(), ..Author::default() }).unwrap();
            }
            Step::AddNote { notebook, parent, title, how } => {
                let notebook_id = self.pick("notebook", *notebook)?;
                let parent_id = parent.and_then(|parent| self.pick("note", parent));
                let title = format!("{}{title}", if title % 2 == 0 { "T" } else { "t" });
                match how {
                    Insert::Helper => {
                        let mut note = Note { notebook_id, title, parent_id, ..Note::default() };
                        // There may be such a title.
                        let _ = db.insert(&mut note);
                    }
                    Insert::Sql(insert) => {
                        let parent = parent_id.map_or("NULL".to_owned(), |id| format!("'{id}'"));
                        self.attempt(&format!(
                            "{insert} INTO note (notebook_id, title, stars, parent_id, _morango_dirty_bit) \
                             VALUES ('{notebook_id}', '{title}', 0, {parent}, {})",
                            title.len() % 2
                        ));
                    }
                }
            }
            Step::AddLabel { note, author, word } => {
                let note = db.get::<Note>(self.pick("note", *note)?).unwrap()?;
                let author_id = author.and_then(|author| self.pick("people", author));
                let word = word.to_string();
                let mut label = Label {
                    notebook_id: note.notebook_id,
                    note_id: note.id,
                    author_id,
                    word,
                    ..Label::default()
                };
                // There may be such a label.
                let _ = db.insert(&mut label);
            }
            Step::UpdateNote { note, column, number, how } => {
                let id = self.pick("note", *note)?;
                let set = match column {
                    0 => format!("title = 'T{number}'"),
                    1 => format!("body = nullif('{number}', '0')"),
                    2 => format!("stars = {number}, _morango_dirty_bit = 0"),
                    3 => format!("parent_id = (SELECT id FROM note ORDER BY id LIMIT 1 OFFSET {number})"),
                    _ => format!("scroll_position = {number}"),
                };
                self.attempt(&format!("UPDATE {how} note SET {set} WHERE id = '{id}'"));
            }
            Step::UpdateAll { table } => {
                let (table, column) = TABLES[*table];
                self.attempt(&format!("UPDATE {table} SET {column} = {column} || 'x'"));
            }
            Step::Scroll => self.attempt("UPDATE note SET scroll_position = scroll_position + 1"),
            Step::Delete { table, row } => {
                let table = TABLES[*table].0;
                let id = self.pick(table, *row)?;
                self.attempt(&format!("DELETE FROM {table} WHERE id = '{id}'"));
            }
            Step::MakeAgain { table, row, dirty } => {
                let table = TABLES[*table].0;
                let id = self.pick(table, *row)?;
                self.attempt(&format!(
                    "CREATE TEMP TABLE kept AS SELECT * FROM {table} WHERE id = '{id}'; \
                     UPDATE kept SET _morango_dirty_bit = {dirty}"
                ));
                self.attempt(&format!("DELETE FROM {table} WHERE id = '{id}'"));
                self.attempt(&format!("INSERT INTO {table} SELECT * FROM kept"));
                self.attempt("DROP TABLE kept");
            }
            Step::ChangeId { note } => {
                let id = self.pick("note", *note)?;
                self.attempt(&format!("UPDATE note SET id = '{}' WHERE id = '{id}'", RecordId::random()));
            }
            Step::Enforce { foreign_keys } => {
                self.connection().pragma_update(None, "foreign_keys", foreign_keys).unwrap();
            }
            Step::Recurse { triggers } => {
                self.connection().pragma_update(None, "recursive_triggers", triggers).unwrap();
            }
            Step::Serialize { .. } => unreachable!("it is taken elsewhere"),
        }
        Some(())
    }

    /// Serialises twice, and looks at what came of it.
    fn serialize(&mut self, prefix: Option<&str>) {
        let before = self.counters();
        let outside_before = self.outside(prefix);
        let first = self.run(prefix);
        for (which, counter) in self.counters() {
            assert!(before.get(&which).is_none_or(|before| *before <= counter), "{which} went back");
        }
        self.check(prefix, &first.instance, first.counter);
        assert_eq!(self.outside(prefix), outside_before, "what the filter does not let through has changed");

        let settled = self.everything();
        let second = self.run(prefix);
        assert_eq!(second.counter, first.counter + 1);
        assert_eq!((second.records(), second.deleted), (0, 0), "nothing was left to do");
        assert_eq!(self.everything(), settled, "a second run changed more than its counters");
    }

    fn run(&mut self, prefix: Option<&str>) -> syncline::Serialized {
        let run = self.database.serialize::<Notes>();
        match prefix {
            Some(prefix) => run.filter(prefix),
            None => run,
        }
        .run()
        .unwrap()
    }

    /// The store, beside the tables.
    fn check(&self, prefix: Option<&str>, instance: &str, counter: i64) {
        let stored = self.stored();
        let mut alive = 0;
        for (model, table, columns) in [
            ("notebook", "notebook", "'title', title"),
            (
                "note",
                "note",
                "'notebook_id', notebook_id, 'title', title, 'body', body, 'stars', stars, 'parent_id', parent_id",
            ),
            (
                "label",
                "label",
                "'notebook_id', notebook_id, 'note_id', note_id, 'author_id', author_id, 'word', word",
            ),
            ("author", "people", "'name', name"),
        ] {
            let parent = if table == "note" { "ifnull(parent_id, '')" } else { "''" };
            let sql = format!(
                "SELECT id, _morango_partition, _morango_source_id, _morango_dirty_bit, {parent}, \
                 json_object('id', id, '_morango_source_id', _morango_source_id, \
                 '_morango_partition', _morango_partition, {columns}) FROM {table}"
            );
            for row in rows(self.connection(), &sql) {
                let id = text(&row[0]);
                if prefix.is_some_and(|prefix| !text(&row[1]).starts_with(prefix)) {
                    continue;
                }
                alive += 1;
                assert_eq!(row[3], Value::Integer(0), "{model} {id} is dirty");
                let found = stored.get(&id).unwrap_or_else(|| panic!("{model} {id} is not in the store"));
                let expected = Stored {
                    model: model.to_owned(),
                    partition: text(&row[1]),
                    source_id: text(&row[2]),
                    parent: text(&row[4]),
                    deleted: false,
                    serialized: serde_json::from_str(&text(&row[5])).unwrap(),
                };
                assert_eq!(*found, expected);
            }
        }
        if prefix.is_none() {
            let in_store = stored.values().filter(|stored| !stored.deleted).count();
            assert_eq!(in_store, alive, "the store has records that the tables do not have");
            let listed: Vec<String> = all(self.connection(), "SELECT id FROM morango_deletedmodels");
            assert_eq!(listed, [""; 0]);
        }
        // Whoever saved a record last has its counter.
        let wrong: Vec<String> = all(
            self.connection(),
            &format!(
                "SELECT id FROM morango_store AS store WHERE last_saved_instance <> '{instance}' \
                 OR last_saved_counter > {counter} OR last_saved_counter IS NOT (SELECT counter FROM \
                 morango_recordmaxcounter WHERE store_model_id = store.id AND instance_id = '{instance}')"
            ),
        );
        assert_eq!(wrong, [""; 0], "their counters are not those that they were saved with");
    }

    fn stored(&self) -> BTreeMap<String, Stored> {
        let sql = "SELECT id, model_name, partition, source_id, _self_ref_fk, deleted, serialized FROM morango_store";
        let read = |row: Vec<Value>| {
            let stored = Stored {
                model: text(&row[1]),
                partition: text(&row[2]),
                source_id: text(&row[3]),
                parent: text(&row[4]),
                deleted: row[5] == Value::Integer(1),
                serialized: serde_json::from_str(&text(&row[6])).unwrap(),
            };
            (text(&row[0]), stored)
        };
        rows(self.connection(), sql).into_iter().map(read).collect()
    }

    /// The rows of the tables, and what the store has of them, that a filter does not let through.
    fn outside(&self, prefix: Option<&str>) -> Rows {
        let Some(prefix) = prefix else { return Rows::new() };
        let mut outside = Rows::new();
        for (table, _) in TABLES {
            let sql = format!(
                "SELECT app.*, store.serialized, store.last_saved_counter FROM {table} AS app \
                 LEFT JOIN morango_store AS store ON store.id = app.id \
                 WHERE substr(app._morango_partition, 1, {}) <> '{prefix}' ORDER BY app.id",
                prefix.len()
            );
            outside.extend(rows(self.connection(), &sql));
        }
        outside
    }

    /// All tables, without the counters that move on whenever somebody serialises; `sqlite_sequence` is one, of upserts.
    fn everything(&self) -> BTreeMap<String, Rows> {
        let names: Vec<String> = all(
            self.connection(),
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sqlite_sequence' ORDER BY name",
        );
        let select = |name: &str| match name {
            "morango_instanceidmodel" => "SELECT id, current FROM morango_instanceidmodel".to_owned(),
            "morango_databasemaxcounter" => {
                "SELECT instance_id, partition FROM morango_databasemaxcounter".to_owned()
            }
            name => format!("SELECT * FROM {name}"),
        };
        names.into_iter().map(|name| (name.clone(), rows(self.connection(), &select(&name)))).collect()
    }

    /// Every counter there is.
    fn counters(&self) -> BTreeMap<String, i64> {
        let sql = "SELECT 'instance ' || id, counter FROM morango_instanceidmodel \
                   UNION ALL SELECT 'record ' || store_model_id || ' ' || instance_id, counter FROM morango_recordmaxcounter \
                   UNION ALL SELECT 'partition ' || partition || ' ' || instance_id, counter FROM morango_databasemaxcounter";
        rows(self.connection(), sql)
            .into_iter()
            .map(|row| match row[1] {
                Value::Integer(counter) => (text(&row[0]), counter),
                ref other => panic!("{other:?} is no counter"),
            })
            .collect()
    }
}

/// What the store has of a record.
#[derive(Debug, PartialEq)]
struct Stored {
    model: String,
    partition: String,
    source_id: String,
    parent: String,
    deleted: bool,
    serialized: Json,
}

fn rows(connection: &Connection, sql: &str) -> Rows {
    let mut statement = connection.prepare(sql).unwrap();
    let count = statement.column_count();
    let read = |row: &rusqlite::Row<'_>| (0..count).map(|index| row.get(index)).collect();
    statement.query_map([], read).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    }
}
