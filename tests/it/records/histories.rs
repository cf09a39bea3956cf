//! Property test: after random writes and a serialise, the store equals the app's tables.

mod app_triggers;
mod backups;
mod checks;
mod lapses;
mod moves;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rusqlite::{Connection, ErrorCode};
use syncline::sqlite::RecordError;
use syncline::{Access as _, Database, RecordId};

use super::all;
use super::declarations::{Author, Label, Note, Notebook, Notes};
use app_triggers::{AppTrigger, an_app_trigger};
use backups::{Backup, Peer, PutBack};
use lapses::{Lapse, a_lapse};
use moves::{Move, a_move};

/// A step of a history. Numbers select among existing records.
#[derive(Debug, Clone)]
enum Step {
    AddNotebook { how: Insert },
    AddNote { notebook: usize, parent: Option<usize>, title: u8, how: Insert },
    AddLabel { note: usize, author: Option<usize>, word: u8, how: Insert },
    AddAuthor { name: u8, how: Insert },
    UpdateNote { note: usize, column: usize, number: u8, how: &'static str },
    UpdateAll { table: usize },
    Scroll,
    Delete { table: usize, row: usize },
    HardDelete { table: usize, row: usize },
    MakeAgain { table: usize, row: usize, dirty: bool },
    ChangeId { note: usize },
    Move(Move),
    Lapse(Lapse),
    AppTrigger(AppTrigger),
    BackUp,
    PutBack(PutBack),
    Enforce { foreign_keys: bool },
    Recurse { triggers: bool },
    Serialize { filter: Option<usize> },
}

/// The way of an insert, and its conflict clause for a note of the same title or a label of the same word. SQL gives no id.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Insert {
    Helper,
    Sql(&'static str),
}

const TABLES: [(&str, &str); 4] =
    [("notebook", "title"), ("note", "title"), ("label", "word"), ("people", "name")];

fn step() -> impl Strategy<Value = Step> {
    let row = any::<usize>();
    let how = || {
        prop_oneof![
            2 => Just(Insert::Helper),
            1 => Just(Insert::Sql("INSERT")),
            2 => Just(Insert::Sql("REPLACE")),
            1 => Just(Insert::Sql("INSERT OR IGNORE")),
            1 => Just(Insert::Sql("INSERT OR FAIL")),
        ]
    };
    let conflict =
        prop_oneof![1 => Just(""), 3 => Just("OR REPLACE"), 1 => Just("OR IGNORE"), 1 => Just("OR FAIL")];
    prop_oneof![
        2 => how().prop_map(|how| Step::AddNotebook { how }),
        10 => (row, prop::option::of(row), 0..8_u8, how())
            .prop_map(|(notebook, parent, title, how)| Step::AddNote { notebook, parent, title, how }),
        6 => (row, prop::option::of(row), 0..4_u8, how())
            .prop_map(|(note, author, word, how)| Step::AddLabel { note, author, word, how }),
        1 => (0..9_u8, how()).prop_map(|(name, how)| Step::AddAuthor { name, how }),
        8 => (row, prop::sample::select(&[0, 0, 0, 1, 2, 3, 4][..]), 0..8_u8, conflict)
            .prop_map(|(note, column, number, how)| Step::UpdateNote { note, column, number, how }),
        1 => (0..4_usize).prop_map(|table| Step::UpdateAll { table }),
        2 => Just(Step::Scroll),
        4 => (0..4_usize, row).prop_map(|(table, row)| Step::Delete { table, row }),
        2 => (0..4_usize, row).prop_map(|(table, row)| Step::HardDelete { table, row }),
        3 => (0..4_usize, row, any::<bool>())
            .prop_map(|(table, row, dirty)| Step::MakeAgain { table, row, dirty }),
        1 => row.prop_map(|note| Step::ChangeId { note }),
        10 => a_move().prop_map(Step::Move),
        5 => a_lapse().prop_map(Step::Lapse),
        5 => an_app_trigger().prop_map(Step::AppTrigger),
        2 => Just(Step::BackUp),
        3 => prop::sample::select(
            &[PutBack::NewFile, PutBack::Over { said: true }, PutBack::Over { said: true }, PutBack::Over { said: false }][..],
        )
        .prop_map(Step::PutBack),
        1 => any::<bool>().prop_map(|foreign_keys| Step::Enforce { foreign_keys }),
        3 => any::<bool>().prop_map(|triggers| Step::Recurse { triggers }),
        6 => prop::option::of(row).prop_map(|filter| Step::Serialize { filter }),
    ]
}

/// A unique key, by which `REPLACE` removes notes.
const UNIQUE_TITLE: &str = "CREATE UNIQUE INDEX title ON note (title COLLATE NOCASE)";

/// The number of histories, of 45 steps on average, unless `PROPTEST_CASES` is set.
const HISTORIES: u32 = 144;

#[test]
fn the_store_says_what_the_tables_say() {
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let cases = if env::var_os("PROPTEST_CASES").is_some() { default.cases } else { HISTORIES };
    let mut runner = TestRunner::new(ProptestConfig { cases, ..default });
    let happened = std::cell::RefCell::new(BTreeMap::new());
    let history = prop::collection::vec(step(), 1..90);
    let outcome = runner.run(&history, |steps| {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        world.serialize(None);
        for (what, times) in world.happened {
            *happened.borrow_mut().entry(what).or_insert(0) += times;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));

    let happened = happened.into_inner();
    println!("{cases} histories: {happened:#?}");
    if cases >= HISTORIES {
        assert!(happened["steps"] > 2_000, "{happened:?}");
        let moves = moves::COUNTED.iter().flat_map(|(refused, done)| [*refused, *done]);
        for what in [
            "inserts",
            "inserts without an id",
            "labels replaced without an id",
            "labels that are there, without an id",
            "updates",
            "deletions",
            "cascades",
            "rows displaced by an insert, recursive triggers off",
            "rows displaced by an insert, recursive triggers on",
            "rows displaced by an update, recursive triggers off",
            "rows displaced by an update, recursive triggers on",
            "hard deletions",
            "hard cascades",
            "records made again",
            "ids changed",
            "serialised whole",
            "serialised by a filter",
            "store rows wiped",
        ]
        .into_iter()
        .chain(moves)
        .chain(lapses::COUNTED)
        .chain(app_triggers::counted())
        .chain(backups::COUNTED)
        {
            assert!(happened.get(what).is_some_and(|times| *times > 0), "no {what}: {happened:?}");
        }
    }
}

/// Opens the database. Its changes need not outlast a power failure.
fn open(path: &Path) -> Database {
    let database = Database::open(path).unwrap();
    database.connection().pragma_update(None, "synchronous", "off").unwrap();
    database
}

struct World {
    folder: tempfile::TempDir,
    database: Database,
    backup: Option<Backup>,
    peer: Peer,
    recursive_triggers: bool,
    /// The ids that were hard deleted since the last serialise.
    forgotten: BTreeSet<String>,
    /// The ids of wiped store rows.
    wiped: BTreeSet<String>,
    /// The outcomes with their counts.
    happened: BTreeMap<&'static str, u32>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut database = open(&folder.path().join("app.sqlite3"));
        database.create::<Notes>().unwrap();
        database.connection().execute_batch(UNIQUE_TITLE).unwrap();
        database.create::<Notes>().unwrap();
        // Some records to begin with.
        for _ in 0..2 {
            database.insert(&mut Notebook::default()).unwrap();
        }
        Self {
            folder,
            database,
            backup: None,
            peer: Peer::default(),
            recursive_triggers: false,
            forgotten: BTreeSet::new(),
            wiped: BTreeSet::new(),
            happened: BTreeMap::new(),
        }
    }

    fn connection(&self) -> &Connection {
        self.database.connection()
    }

    /// An id in `table`, if it has rows.
    fn pick(&self, table: &str, number: usize) -> Option<RecordId> {
        let ids: Vec<String> = all(self.connection(), &format!("SELECT id FROM {table} ORDER BY id"));
        let id = ids.get(number.checked_rem(ids.len())?)?;
        Some(RecordId::parse(id).unwrap())
    }

    /// Executes `sql` as another program, which may fail.
    fn attempt(&self, sql: &str) {
        if let Err(error) = self.connection().execute_batch(sql) {
            let is_refusal = error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation);
            assert!(is_refusal, "{sql}: {error}");
        }
    }

    fn take(&mut self, step: &Step) {
        self.count("steps");
        if let Step::Serialize { filter } = step {
            let prefix = filter.map(|number| match self.pick("notebook", number) {
                Some(id) if number % 5 > 0 => id.to_string(),
                _ => "people".to_owned(),
            });
            self.count(if prefix.is_some() { "serialised by a filter" } else { "serialised whole" });
            self.serialize(prefix.as_deref());
            return;
        }
        if let Step::Move(a_move) = step {
            let _there_is_such_a_note = self.attempt_move(a_move);
            return;
        }
        match step {
            Step::Lapse(lapse) => return self.lapse(lapse),
            Step::AppTrigger(trigger) => return self.toggle(trigger),
            Step::BackUp => return self.back_up(),
            Step::PutBack(how) => return self.put_back(*how),
            _ => {}
        }
        let before = self.alive();
        // A step whose record is missing does nothing.
        if self.change(step).is_some() {
            self.complete(step);
            let after = self.alive();
            self.check_new(step, &after.difference(&before).cloned().collect::<Vec<_>>());
            let gone: BTreeSet<String> = before.difference(&after).cloned().collect();
            self.count_change(step, &gone, after.difference(&before).count());
        }
    }

    /// Lets `create` complete the row that an `INSERT OR FAIL` leaves without an id if a trigger of the app fails.
    fn complete(&mut self, step: &Step) {
        let fails = Insert::Sql("INSERT OR FAIL");
        if matches!(step, Step::AddNote { how, .. } if *how == fails)
            && self.alive().iter().any(|id| id.starts_with("new:"))
        {
            let found = self.database.create::<Notes>().unwrap().comparison;
            assert!(found.is_equal(), "{found}");
            self.count("rows left without an id");
        }
    }

    /// The ids of all records.
    fn alive(&self) -> BTreeSet<String> {
        let tables: Vec<_> = TABLES.iter().map(|(table, _)| format!("SELECT id FROM {table}")).collect();
        all(self.connection(), &tables.join(" UNION ALL ")).into_iter().collect()
    }

    fn count(&mut self, what: &'static str) {
        *self.happened.entry(what).or_default() += 1;
    }

    /// Counts the outcome of a step by the removed and the new records.
    fn count_change(&mut self, step: &Step, gone: &BTreeSet<String>, new: usize) {
        let displaced = !gone.is_empty();
        match (step, self.recursive_triggers) {
            (
                Step::AddNotebook { how }
                | Step::AddNote { how, .. }
                | Step::AddLabel { how, .. }
                | Step::AddAuthor { how, .. },
                on,
            ) => {
                if new > 0 {
                    self.count("inserts");
                }
                match (step, how) {
                    (_, Insert::Sql(_)) if new > 0 => self.count("inserts without an id"),
                    (Step::AddLabel { .. }, Insert::Sql("REPLACE")) => {
                        self.count("labels replaced without an id");
                    }
                    (Step::AddLabel { .. }, Insert::Sql(_)) => {
                        self.count("labels that are there, without an id");
                    }
                    _ => {}
                }
                match (displaced, on) {
                    (true, true) => self.count("rows displaced by an insert, recursive triggers on"),
                    (true, false) => self.count("rows displaced by an insert, recursive triggers off"),
                    (false, _) => {}
                }
            }
            (Step::UpdateNote { .. }, on) => {
                self.count("updates");
                match (displaced, on) {
                    (true, true) => self.count("rows displaced by an update, recursive triggers on"),
                    (true, false) => self.count("rows displaced by an update, recursive triggers off"),
                    (false, _) => {}
                }
            }
            (Step::UpdateAll { .. }, _) => self.count("updates"),
            (Step::Delete { .. }, _) => {
                self.count("deletions");
                if gone.len() > 1 {
                    self.count("cascades");
                }
            }
            (Step::HardDelete { .. }, _) => {
                self.count("hard deletions");
                if gone.len() > 1 {
                    self.count("hard cascades");
                }
                self.forgotten.extend(gone.iter().cloned());
            }
            (Step::MakeAgain { .. }, _) => self.count("records made again"),
            (Step::ChangeId { .. }, _) if displaced => self.count("ids changed"),
            (Step::Recurse { triggers }, _) => self.recursive_triggers = *triggers,
            _ => {}
        }
    }

    fn add(&self, step: &Step) -> Option<()> {
        let db = &self.database;
        match step {
            Step::AddNotebook { how: Insert::Helper } => db.insert(&mut Notebook::default()).unwrap(),
            Step::AddNotebook { how: Insert::Sql(insert) } => {
                self.attempt(&format!("{insert} INTO notebook (title) VALUES ('')"));
            }
            Step::AddAuthor { name, how: Insert::Helper } => {
                db.insert(&mut Author { name: name.to_string(), ..Author::default() }).unwrap();
            }
            Step::AddAuthor { name, how: Insert::Sql(insert) } => {
                self.attempt(&format!("{insert} INTO people (name) VALUES ('{name}')"));
            }
            Step::AddNote { notebook, parent, title, how } => {
                let notebook_id = self.pick("notebook", *notebook)?;
                let parent_id = parent.and_then(|parent| self.pick("note", parent));
                let title = format!("{}{title}", if title % 2 == 0 { "T" } else { "t" });
                match how {
                    Insert::Helper => {
                        let mut note = Note { notebook_id, title, parent_id, ..Note::default() };
                        // Fails if the title exists.
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
            Step::AddLabel { note, author, word, how } => {
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
                match how {
                    Insert::Helper => {
                        // Fails if the label exists.
                        let _ = db.insert(&mut label);
                    }
                    Insert::Sql(insert) => {
                        let author = author_id.map_or("NULL".to_owned(), |id| format!("'{id}'"));
                        let Label { notebook_id, note_id, word, .. } = &label;
                        self.attempt(&format!(
                            "{insert} INTO label (notebook_id, note_id, author_id, word) \
                             VALUES ('{notebook_id}', '{note_id}', {author}, '{word}')"
                        ));
                    }
                }
            }
            _ => unreachable!("it adds nothing"),
        }
        Some(())
    }

    fn change(&self, step: &Step) -> Option<()> {
        let db = &self.database;
        match step {
            Step::AddNotebook { .. }
            | Step::AddAuthor { .. }
            | Step::AddNote { .. }
            | Step::AddLabel { .. } => return self.add(step),
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
            Step::HardDelete { table, row } => {
                let id = self.pick(TABLES[*table].0, *row)?;
                let deleted = match table {
                    0 => db.hard_delete::<Notebook>(id),
                    1 => db.hard_delete::<Note>(id),
                    2 => db.hard_delete::<Label>(id),
                    _ => db.hard_delete::<Author>(id),
                };
                match deleted {
                    Ok(deleted) => assert!(deleted || self.keeps_rows()),
                    Err(error) => {
                        assert!(matches!(error, RecordError::Sqlite(_)), "{error:?}");
                    }
                }
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
            Step::Move(_)
            | Step::Lapse(_)
            | Step::AppTrigger(_)
            | Step::BackUp
            | Step::PutBack(_)
            | Step::Serialize { .. } => unreachable!("it is taken elsewhere"),
        }
        Some(())
    }
}
