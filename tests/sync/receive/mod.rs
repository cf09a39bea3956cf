//! The deserialise leg: received records of an app, as they are in the store behind a transfer.

mod arrivals;
mod deletions;
mod failures;
mod identity;
mod order;
mod records;
mod runs;
mod trees;

use rusqlite::types::FromSql;
use rusqlite::{Params, params};
use syncline::prelude::*;
use syncline::sqlite::Deserialized;

/// A notebook.
#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "notebook", source_id = "{id}", partition = "{id}:book")]
pub(crate) struct Notebook {
    pub(crate) id: RecordId,
    pub(crate) title: String,
}

/// A note of a notebook.
#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "note", source_id = "{id}", partition = "{notebook_id}:notes")]
pub(crate) struct Note {
    pub(crate) id: RecordId,
    #[syncable(references = Notebook, on_delete = cascade)]
    pub(crate) notebook_id: RecordId,
    pub(crate) title: String,
    pub(crate) rank: Option<i64>,
    #[syncable(references = Author, on_delete = set_null)]
    pub(crate) author_id: Option<RecordId>,
    #[syncable(local)]
    pub(crate) scroll: Option<i64>,
}

/// An author, to whom notes refer.
#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "author", source_id = "{id}", partition = "people")]
pub(crate) struct Author {
    pub(crate) id: RecordId,
    pub(crate) name: String,
}

/// A remark on a note.
#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "remark", source_id = "{id}", partition = "remarks")]
pub(crate) struct Remark {
    pub(crate) id: RecordId,
    #[syncable(references = Note, on_delete = cascade)]
    pub(crate) note_id: RecordId,
}

/// A lock on a note, which keeps the note from being deleted here.
#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "seal", source_id = "{id}", partition = "seals")]
pub(crate) struct Seal {
    pub(crate) id: RecordId,
    #[syncable(references = Note)]
    pub(crate) note_id: RecordId,
}

/// A folder in a tree.
#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "folder", source_id = "{id}", partition = "folders")]
pub(crate) struct Folder {
    pub(crate) id: RecordId,
    pub(crate) name: String,
    #[syncable(self_reference, on_delete = cascade)]
    pub(crate) parent_id: Option<RecordId>,
}

profile! {
    /// The models that sync.
    pub(crate) Notes = "notes" { Notebook, Author, Note, Remark, Seal, Folder }
}

/// A database of the app in a temporary folder.
pub(crate) struct App {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) database: Database,
}

/// A row of the store, as a transfer leaves it.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) model: String,
    pub(crate) id: RecordId,
    pub(crate) partition: String,
    pub(crate) text: String,
    pub(crate) parent: String,
    pub(crate) deleted: bool,
    pub(crate) hard_deleted: bool,
}

/// The id that ends with the digits of `number`.
pub(crate) fn id(number: u32) -> RecordId {
    RecordId::parse(&format!("{number:032x}")).unwrap()
}

pub(crate) fn received(model: &str, number: u32, partition: impl Into<String>, rest: &str) -> Received {
    let text = format!(r#"{{"id": "{}"{}{rest}}}"#, id(number), if rest.is_empty() { "" } else { ", " });
    let (model, partition) = (model.to_owned(), partition.into());
    Received {
        model,
        id: id(number),
        partition,
        text,
        parent: String::new(),
        deleted: false,
        hard_deleted: false,
    }
}

pub(crate) fn notebook(number: u32) -> Received {
    received("notebook", number, format!("{}:book", id(number)), r#""title": "Book""#)
}

pub(crate) fn author(number: u32) -> Received {
    received("author", number, "people", r#""name": "Somebody""#)
}

pub(crate) fn note(number: u32, notebook: u32, title: &str) -> Received {
    let rest = format!(r#""notebook_id": "{}", "title": "{title}""#, id(notebook));
    received("note", number, format!("{}:notes", id(notebook)), &rest)
}

pub(crate) fn remark(number: u32, note: u32) -> Received {
    received("remark", number, "remarks", &format!(r#""note_id": "{}""#, id(note)))
}

pub(crate) fn seal(number: u32, note: u32) -> Received {
    received("seal", number, "seals", &format!(r#""note_id": "{}""#, id(note)))
}

pub(crate) fn folder(number: u32, parent: Option<u32>) -> Received {
    let parent = parent.map(id);
    let json = parent.map_or("null".to_owned(), |id| format!(r#""{id}""#));
    let mut made =
        received("folder", number, "folders", &format!(r#""name": "f{number}", "parent_id": {json}"#));
    made.parent = parent.map(|id| id.to_string()).unwrap_or_default();
    made
}

impl Received {
    pub(crate) fn deleted(mut self) -> Self {
        self.deleted = true;
        self
    }

    pub(crate) fn hard_deleted(mut self) -> Self {
        "{}".clone_into(&mut self.text);
        self.hard_deleted = true;
        self.deleted()
    }

    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    pub(crate) fn with(mut self, from: &str, to: &str) -> Self {
        assert!(self.text.contains(from), "{from:?} is not in {:?}", self.text);
        self.text = self.text.replace(from, to);
        self
    }

    pub(crate) fn partition(mut self, partition: &str) -> Self {
        partition.clone_into(&mut self.partition);
        self
    }
}

impl App {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Database::open(folder.path().join("app.sqlite3")).unwrap();
        database.create::<Notes>().unwrap();
        Self { folder, database }
    }

    /// Puts rows into the store, dirty, as a transfer leaves them.
    pub(crate) fn receives(&self, rows: impl IntoIterator<Item = Received>) {
        let transaction = self.database.connection().unchecked_transaction().unwrap();
        for row in rows {
            transaction
                .prepare_cached(
                    "INSERT INTO morango_store (id, profile, serialized, deleted, hard_deleted, last_saved_instance, \
                     last_saved_counter, partition, source_id, model_name, conflicting_serialized_data, _self_ref_fk, \
                     dirty_bit) VALUES (?1, 'notes', ?2, ?3, ?4, ?5, 1, ?6, ?1, ?7, '', ?8, 1) \
                     ON CONFLICT (id) DO UPDATE SET serialized = excluded.serialized, deleted = excluded.deleted, \
                     hard_deleted = excluded.hard_deleted, dirty_bit = 1, deserialization_error = NULL, \
                     deserialization_exception = NULL, _self_ref_fk = excluded._self_ref_fk",
                )
                .unwrap()
                .execute(params![
                    row.id, row.text, row.deleted, row.hard_deleted, id(0xff), row.partition, row.model, row.parent
                ])
                .unwrap();
        }
        transaction.commit().unwrap();
    }

    pub(crate) fn deserialize(&mut self) -> Deserialized {
        self.database.deserialize::<Notes>().run().unwrap()
    }

    pub(crate) fn get<T: FromSql>(&self, sql: &str, values: impl Params) -> T {
        let row = self.database.connection().query_row(sql, values, |row| row.get(0));
        row.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.database.connection().execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The class and text of a record's failure.
    pub(crate) fn failure(&self, number: u32) -> Option<(String, String)> {
        self.database
            .connection()
            .query_row(
                "SELECT deserialization_exception, deserialization_error FROM morango_store WHERE id = ?1",
                [id(number)],
                |row| Ok(row.get::<_, Option<String>>(0)?.zip(row.get(1)?)),
            )
            .unwrap()
    }

    pub(crate) fn is_dirty(&self, number: u32) -> bool {
        self.get("SELECT dirty_bit FROM morango_store WHERE id = ?1", [id(number)])
    }

    pub(crate) fn has(&self, table: &str, number: u32) -> bool {
        self.get(&format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE id = ?1)"), [id(number)])
    }

    /// The ids on the list of deletions, by their last digits.
    pub(crate) fn listed(&self) -> Vec<u32> {
        self.ids("SELECT id FROM morango_deletedmodels ORDER BY id")
    }

    pub(crate) fn ids(&self, sql: &str) -> Vec<u32> {
        let mut ids = self.database.connection().prepare(sql).unwrap();
        let ids = ids.query_map([], |row| row.get::<_, String>(0)).unwrap();
        ids.map(|id| u32::from_str_radix(&id.unwrap()[24..], 16).unwrap()).collect()
    }

    /// The number of dirty rows of the app.
    pub(crate) fn dirty_rows(&self) -> u64 {
        ["notebook", "author", "note", "remark", "seal", "folder"]
            .iter()
            .map(|table| {
                self.get::<u64>(&format!("SELECT count(*) FROM {table} WHERE _morango_dirty_bit"), [])
            })
            .sum()
    }
}

pub(crate) const VALIDATION_ERROR: &str = "django.core.exceptions.ValidationError";
pub(crate) const INTEGRITY_ERROR: &str = "django.db.utils.IntegrityError";

pub(crate) fn failed(class: &str, text: &str) -> (String, String) {
    (class.to_owned(), text.to_owned())
}
