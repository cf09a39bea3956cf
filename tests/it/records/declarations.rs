//! The models of the tests: notes in notebooks, in a tree, with labels.

use syncline::{Access as _, Database, RecordId, Syncable, profile};

#[derive(Debug, Clone, PartialEq, Default, Syncable)]
#[syncable(profile = Notes, model = "notebook", partition = "{id}:notes")]
pub(crate) struct Notebook {
    pub(crate) id: RecordId,
    pub(crate) title: String,
}

#[derive(Debug, Clone, PartialEq, Default, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes")]
pub(crate) struct Note {
    pub(crate) id: RecordId,
    #[syncable(references = Notebook, on_delete = cascade)]
    pub(crate) notebook_id: RecordId,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) stars: i64,
    #[syncable(references = Note, on_delete = cascade)]
    pub(crate) parent_id: Option<RecordId>,
    #[syncable(local, default = 0)]
    pub(crate) scroll_position: i64,
}

/// A label. Its id follows from the note and the word.
#[derive(Debug, Clone, PartialEq, Default, Syncable)]
#[syncable(
    profile = Notes,
    model = "label",
    partition = "{notebook_id}:labels:{author_id}",
    partition_without(author_id = "{notebook_id}:labels"),
    source_id = "{note_id}:{word}"
)]
pub(crate) struct Label {
    pub(crate) id: RecordId,
    pub(crate) notebook_id: RecordId,
    #[syncable(references = Note, on_delete = cascade)]
    pub(crate) note_id: RecordId,
    #[syncable(references = Author, on_delete = set_null)]
    pub(crate) author_id: Option<RecordId>,
    #[syncable(default = "later")]
    pub(crate) word: String,
}

/// A person whose id comes from elsewhere.
#[derive(Debug, Clone, PartialEq, Default, Syncable)]
#[syncable(profile = Notes, model = "author", table = "people", source_id = "{id}", partition = "people")]
pub(crate) struct Author {
    pub(crate) id: RecordId,
    pub(crate) name: String,
}

profile! {
    pub(crate) Notes = "notes" { Note, Notebook, Label, Author }
}

/// Inserts a notebook.
pub(crate) fn notebook(database: &Database, title: &str) -> RecordId {
    let mut notebook = Notebook { title: title.to_owned(), ..Notebook::default() };
    database.insert(&mut notebook).unwrap();
    notebook.id
}

/// Inserts a note.
pub(crate) fn note(
    database: &Database,
    notebook_id: RecordId,
    title: &str,
    parent: Option<RecordId>,
) -> RecordId {
    let mut note = Note { notebook_id, title: title.to_owned(), parent_id: parent, ..Note::default() };
    database.insert(&mut note).unwrap();
    note.id
}
