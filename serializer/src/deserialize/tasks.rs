//! The states of a record on its way from the store to the app.

use super::reference::Reference;
use super::states::{AppState, Failed, ParentState, Target};
use crate::model::ReceivedRow;
use crate::received::{Failure, FieldFault};
use crate::record_id::RecordId;
use crate::value::StoredValue;

/// A dirty row of the store.
#[derive(Debug)]
pub struct Waiting {
    /// The index of its model in [`Profile::MODELS`](crate::Profile::MODELS).
    pub model_index: usize,
    /// The number of the chunk that it belongs to: neighbours with another number are in other chunks.
    pub chunk: u64,
    /// The row id of the row in the store.
    pub rowid: i64,
    /// The record's id.
    pub id: RecordId,
    /// The record's source id.
    pub source_id: String,
    /// The record's partition.
    pub partition: String,
    /// The column `_self_ref_fk`: the parent's id, or an empty text.
    pub parent: String,
    /// The record's text. `None` for a deletion.
    pub text: Option<StoreText>,
}

/// A text in the store. Python reads JSON from bytes as well.
#[derive(Debug)]
pub enum StoreText {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl StoreText {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// A record with the values of its columns, or the failure of its text.
#[derive(Debug)]
pub struct Parsed {
    pub(super) waiting: Waiting,
    pub(super) content: Result<Content, Failure>,
    /// `true` if the record was deleted. It has no content then.
    pub(super) is_deletion: bool,
}

/// The content of a record's text.
#[derive(Debug)]
pub(super) struct Content {
    /// A value for each of [`Model::columns`].
    pub(super) values: Vec<StoredValue<'static>>,
    /// The references that are not null, in the order of the columns.
    pub(super) references: Vec<Reference>,
    /// The faults of the fields, with the indices of their columns.
    pub(super) faults: Vec<(usize, FieldFault)>,
    /// The id in the text.
    pub(super) id: TextId,
    /// The failure of a reference that no query can bind.
    pub(super) unbound: Option<Failure>,
}

/// The id in a record's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextId {
    /// The text has no id, or null.
    Absent,
    /// The id is empty: the record's own is meant.
    Empty,
    /// The id, in lower case.
    Text(String),
    /// The id cannot be read, which is a fault of the field.
    Unread,
}

/// A record with the state of the records that it refers to, and of its own row in the app.
#[derive(Debug)]
pub struct LookedUp {
    pub(super) waiting: Waiting,
    pub(super) content: Result<Content, Failure>,
    /// `true` if the record was deleted.
    pub(super) is_deletion: bool,
    /// The target of each of [`Content::references`].
    pub(super) targets: Vec<Target>,
    /// The state of the parent, by the store's column. `None` for a model that is no tree.
    pub(super) parent: Option<ParentState>,
    pub(super) app: AppState,
}

/// A record with its outcome.
#[derive(Debug)]
pub struct Decided {
    pub(super) waiting: Waiting,
    pub(super) outcome: Outcome,
}

/// The outcome of a received record.
#[derive(Debug)]
pub enum Outcome {
    /// Its row is written.
    Save {
        /// The row.
        row: ReceivedRow,
        /// The id in the text.
        id: TextId,
    },
    /// It was deleted.
    Delete,
    /// It refers to a record that was deleted, and so is deleted in turn.
    PassOn {
        /// `true` if that record was hard deleted.
        hard: bool,
    },
    /// It cannot be written. The store keeps the failure.
    Fail(Failed),
    /// The app has changes of it that are not serialised yet: nothing happens.
    Unsaved,
}

impl Waiting {
    /// The memory that the record takes, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let text = self.text.as_ref().map_or(0, StoreText::len);
        size_of::<Self>() + text + self.source_id.len() + self.partition.len()
    }
}

impl Parsed {
    /// The number of the chunk that the record belongs to.
    #[must_use]
    pub fn chunk(&self) -> u64 {
        self.waiting.chunk
    }
}
