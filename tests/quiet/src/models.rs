//! Models, field types and profiles.

use syncline::{FieldValue, RecordId, Syncable, profile};

/// A text.
#[derive(Debug, Clone, PartialEq, Eq, FieldValue)]
pub struct Title(pub String);

/// Names, one of which is deprecated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FieldValue)]
#[syncable(rename_all = "snake_case")]
pub enum State {
    /// Not begun.
    Todo,
    /// Not in use any more.
    #[deprecated]
    Waiting,
    /// Under a condition.
    #[cfg(feature = "tags")]
    Tagged,
}

/// Numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FieldValue)]
#[syncable(integer)]
pub enum Urgency {
    /// Some day.
    Someday = 1,
    /// Now.
    #[deprecated]
    Now = 5,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes")]
pub struct Note {
    /// Its id.
    pub id: RecordId,
    /// Its notebook.
    #[syncable(references = Notebook)]
    pub notebook_id: RecordId,
    /// Its title.
    pub title: Title,
    /// Its state.
    pub state: Option<State>,
    /// A field whose name is a keyword.
    pub r#type: Urgency,
    /// A field that is deprecated.
    #[deprecated]
    #[syncable(default = 0)]
    pub old: i64,
    /// A field of this machine.
    #[cfg(feature = "tags")]
    #[syncable(local)]
    pub position: i64,
}

/// A book of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Syncable)]
#[syncable(profile = Notes, model = "notebook", partition = "all")]
pub struct Notebook {
    /// Its id.
    pub id: RecordId,
}

/// A model under a condition.
#[cfg(feature = "tags")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Syncable)]
#[syncable(profile = Notes, model = "tag", partition = "all")]
pub struct Tag {
    /// Its id.
    pub id: RecordId,
}

/// A model of two profiles, whose ids come from functions of the app, with checks of every kind.
#[derive(Debug, Clone, Copy, PartialEq, Syncable)]
#[syncable(
    profile(Notes, Archive),
    model = "tally",
    partition = "",
    source_id_with = Tally::source,
    id_with = Tally::computed
)]
pub struct Tally {
    /// Its id.
    pub id: RecordId,
    /// A number with bounds.
    #[syncable(default = -3)]
    pub small: i8,
    /// A number that must not be negative.
    pub large: Option<u64>,
    /// A number that must be finite.
    #[syncable(default = 0.5)]
    pub share: f64,
    /// Names.
    #[syncable(default = "todo")]
    pub state: State,
    /// Other names.
    #[syncable(default = 1)]
    pub urgency: Urgency,
}

impl Tally {
    fn source(&self) -> String {
        self.small.to_string()
    }

    fn computed(_partition: &str, source_id: &str) -> RecordId {
        RecordId::hash(&[source_id])
    }
}

profile! {
    /// The models of another database.
    pub(crate) Archive = "archive" { Tally }
}

profile! {
    /// All models.
    pub Notes = "notes" {
        /// Pages first.
        Note,
        #[cfg(feature = "tags")]
        Tag,
        Notebook,
        #[doc = "Under two conditions."]
        #[cfg(any(feature = "tags", not(feature = "tags")))]
        #[cfg(not(miri))]
        Tally,
    }
}
