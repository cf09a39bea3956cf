//! Models, a profile, a type of field and a pipeline over plain records, without the feature `sqlite`.

use syncline::prelude::*;
use syncline::{FieldValue, Profile as _};

profile! {
    /// The models of this program.
    pub Notes = "notes" { Notebook, Note }
}

/// The colour of a note.
#[derive(Debug, Clone, PartialEq, FieldValue)]
pub enum Colour {
    /// Red.
    Red,
    /// Blue.
    Blue,
}

/// A notebook.
#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "notebook", partition = "{id}")]
pub struct Notebook {
    /// The id.
    pub id: RecordId,
    /// The title.
    pub title: String,
}

/// A note in a notebook.
#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes")]
pub struct Note {
    /// The id.
    pub id: RecordId,
    /// The notebook.
    #[syncable(references = Notebook)]
    pub notebook_id: RecordId,
    /// The title.
    pub title: String,
    /// The colour.
    pub colour: Colour,
}

pipeline! {
    /// The titles of notes of one colour.
    pub Titles(notes: Vec<Note>, colour: Colour) -> Vec<String> {
        from_iter(notes)
            => filter(move |note: &Note| note.colour == colour)
            => map(|note: Note| note.title)
            => Collect::new()
    }
}

/// The names of the models, in the order in which they sync.
#[must_use]
pub fn model_names() -> Vec<&'static str> {
    Notes::MODELS.iter().map(|model| model.name).collect()
}
