//! Two databases of one app, and what their stores say.

use std::collections::BTreeMap;
use std::path::PathBuf;

use syncline::prelude::*;
use syncline::rusqlite::Connection;
use syncline::rusqlite::types::Value;
use syncline::transfer::{Direction, Synced};
use tempfile::TempDir;

/// A notebook. Two devices that create one with the same title create the same record.
#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "notebook", partition = "{place}:books", source_id = "{title}")]
pub(crate) struct Notebook {
    pub(crate) id: RecordId,
    pub(crate) place: String,
    pub(crate) title: String,
    pub(crate) text: String,
}

/// A note, in a notebook.
#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "{place}:notes:${id}")]
pub(crate) struct Note {
    pub(crate) id: RecordId,
    pub(crate) place: String,
    #[syncable(references = Notebook, on_delete = cascade)]
    pub(crate) notebook_id: Option<RecordId>,
    pub(crate) title: String,
}

profile! {
    pub(crate) Notes = "notes" { Note, Notebook }
}

/// Two databases in a folder.
pub(crate) struct Two {
    pub(crate) folder: TempDir,
    pub(crate) here: Database,
    pub(crate) there: Database,
}

impl Two {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let open = |name| {
            let mut database = Database::open(folder.path().join(name)).unwrap();
            database.create::<Notes>().unwrap();
            without_waiting(database)
        };
        Self { here: open("here.sqlite3"), there: open("there.sqlite3"), folder }
    }

    pub(crate) fn paths(&self) -> [PathBuf; 2] {
        ["here.sqlite3", "there.sqlite3"].map(|name| self.folder.path().join(name))
    }

    pub(crate) fn sync(&mut self) -> Synced {
        self.here.sync::<Notes>().with(&mut self.there).run().unwrap()
    }

    /// Asserts that the stores agree, that a further sync moves nothing, and that no session and no buffer is left.
    #[track_caller]
    pub(crate) fn assert_agree(&mut self) {
        assert_eq!(store(&self.here), store(&self.there));
        assert_eq!(app(&self.here), app(&self.there));
        let again = self.sync();
        assert_eq!(moved(&again), (0, 0), "{again}");
        for database in [&self.here, &self.there] {
            assert_eq!(left_over(database), (0, 0, 0, 0));
        }
    }
}

/// Does not wait for the disk at each commit: no test here cuts the power.
pub(crate) fn without_waiting(database: Database) -> Database {
    database.connection().pragma_update(None, "synchronous", "off").unwrap();
    database
}

/// The numbers of records that a sync pulled and pushed.
pub(crate) fn moved(synced: &Synced) -> (u64, u64) {
    (synced.records(Direction::Pull), synced.records(Direction::Push))
}

/// Inserts a note, and returns its id.
pub(crate) fn note(database: &Database, place: &str, title: &str) -> RecordId {
    let mut note = Note { place: place.into(), title: title.into(), ..Note::default() };
    database.insert(&mut note).unwrap();
    note.id
}

/// Inserts a notebook, whose id follows from its title.
pub(crate) fn notebook(database: &Database, title: &str, text: &str) -> RecordId {
    let mut notebook =
        Notebook { place: "home".into(), title: title.into(), text: text.into(), ..Notebook::default() };
    database.insert(&mut notebook).unwrap();
    notebook.id
}

/// The store's rows of all records, with their counters.
pub(crate) type Store = BTreeMap<String, (Vec<String>, Vec<String>)>;

pub(crate) fn store(database: &Database) -> Store {
    let connection = database.connection();
    let mut store: Store = rows(
        connection,
        "SELECT id, profile, model_name, partition, source_id, serialized, deleted, hard_deleted, last_saved_instance, \
         last_saved_counter, conflicting_serialized_data, _self_ref_fk FROM morango_store",
    )
    .into_iter()
    .map(|mut row| (row.remove(0), (row, Vec::new())))
    .collect();
    let counters = "SELECT store_model_id, instance_id, counter FROM morango_recordmaxcounter ORDER BY 1, 2";
    for row in rows(connection, counters) {
        store.get_mut(&row[0]).unwrap().1.push(row[1..].join(" "));
    }
    store
}

/// The rows of the app's tables, which are clean and what the store says.
#[track_caller]
pub(crate) fn app(database: &Database) -> Vec<Vec<String>> {
    assert_eq!(database.check_deep::<Notes>().unwrap(), []);
    let tables =
        ["SELECT id, place, title, text FROM notebook", "SELECT id, place, notebook_id, title FROM note"];
    let mut rows: Vec<_> = tables.iter().flat_map(|sql| rows(database.connection(), sql)).collect();
    rows.sort();
    rows
}

/// The store's rows of all records, without their counters, which a repeated step may raise.
pub(crate) fn content(database: &Database) -> Vec<Vec<String>> {
    rows(
        database.connection(),
        "SELECT id, partition, serialized, deleted, hard_deleted, last_saved_instance, conflicting_serialized_data \
         FROM morango_store ORDER BY id",
    )
}

/// The numbers of active sync sessions, active transfer sessions, buffers and buffered counters.
pub(crate) fn left_over(database: &Database) -> (u64, u64, u64, u64) {
    let count = |sql: &str| -> u64 {
        database.connection().query_row(&format!("SELECT count(*) FROM {sql}"), [], |row| row.get(0)).unwrap()
    };
    (
        count("morango_syncsession WHERE active"),
        count("morango_transfersession WHERE active"),
        count("morango_buffer"),
        count("morango_recordmaxcounterbuffer"),
    )
}

/// The rows of a query, each value as text.
pub(crate) fn rows(connection: &Connection, sql: &str) -> Vec<Vec<String>> {
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|column| Ok(text(row.get(column)?))).collect());
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

fn text(value: Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(bytes) => format!("{bytes:?}"),
    }
}
