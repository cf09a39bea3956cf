//! The three states of a record on its way through the leg.

use std::sync::Arc;

use super::key::Key;
use super::ticket::{Ticket, Tickets};
use crate::model::Model;
use crate::record_id::RecordId;

/// A dirty row of the app, as the store will keep it.
///
/// Only a source creates one, and it cannot be cloned. So a record is written at most once, and only in the transaction
/// that read it.
#[derive(Debug)]
pub struct Loaded {
    model: &'static Model,
    id: RecordId,
    parent: Option<RecordId>,
    rowid: Option<i64>,
    /// The id in the table's spelling, if it differs.
    spelt: Option<Box<str>>,
    ticket: Ticket,
    /// The text of this record and of others that were read with it, in one allocation.
    text: Arc<str>,
    spans: Spans,
}

/// A [`Loaded`] without its text, which is still being collected.
#[derive(Debug)]
pub struct Draft {
    /// The model.
    pub model: &'static Model,
    /// The id in the store's spelling.
    pub id: RecordId,
    /// The parent: the record in the self-reference.
    pub parent: Option<RecordId>,
    /// The rowid, by which the backend finds the row fast, if it has one.
    pub rowid: Option<i64>,
    /// The id in the table's spelling, if it differs.
    pub spelt: Option<Box<str>>,
    /// The positions of the texts.
    pub spans: Spans,
}

/// The positions of a record's texts, which follow one another.
#[derive(Debug, Clone, Copy)]
pub struct Spans {
    /// The start of the JSON text.
    pub start: usize,
    /// The start of the partition.
    pub partition: usize,
    /// The start of the source id.
    pub source_id: usize,
    /// The end of the source id.
    pub end: usize,
}

impl Draft {
    /// Creates the record, whose texts are parts of `text`. It has no ticket yet.
    #[must_use]
    pub fn with_text(self, text: Arc<str>) -> Loaded {
        let Self { model, id, parent, rowid, spelt, spans } = self;
        Loaded { model, id, parent, rowid, spelt, ticket: Ticket::NONE, text, spans }
    }
}

impl Tickets {
    /// Gives the next ticket to a record that its source emits now. `model` is the index of its model in the profile.
    #[must_use]
    pub fn stamp(&mut self, record: Loaded, model: u32) -> Loaded {
        Loaded { ticket: self.issue(model), ..record }
    }
}

impl Loaded {
    pub(super) fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &'static Model {
        self.model
    }

    /// The id in the store's spelling.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// The id by reference, for a text that lives as long as the record.
    #[must_use]
    pub fn id_ref(&self) -> &RecordId {
        &self.id
    }

    /// The id in the record's self-reference. `None` for a root, and for a model without a self-reference.
    #[must_use]
    pub fn parent(&self) -> Option<RecordId> {
        self.parent
    }

    /// The parent's id as text, empty without a parent.
    #[must_use]
    pub fn parent_text(&self) -> &str {
        self.parent.as_ref().map_or("", RecordId::as_str)
    }

    /// The id in the table's spelling.
    #[must_use]
    pub fn key(&self) -> &str {
        self.spelt.as_deref().unwrap_or(self.id.as_str())
    }

    /// The id in the table's spelling, independent of the record.
    #[must_use]
    pub fn to_key(&self) -> Key {
        Key::new(self.id, self.spelt.clone())
    }

    /// The rowid, by which the backend finds the row fast, if it has one.
    #[must_use]
    pub fn rowid(&self) -> Option<i64> {
        self.rowid
    }

    /// Returns `true` if the parent must be written: the record is new or has moved.
    pub(super) fn moves(&self, stored: Option<&Stored>) -> bool {
        self.model.self_reference.is_some()
            && stored.is_none_or(|stored| stored.self_ref_fk() != self.parent_text())
    }

    /// The record as JSON text.
    #[must_use]
    pub fn serialized(&self) -> &str {
        &self.text[self.spans.start..self.spans.partition]
    }

    /// The partition.
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.text[self.spans.partition..self.spans.source_id]
    }

    /// The source id.
    #[must_use]
    pub fn source_id(&self) -> &str {
        &self.text[self.spans.source_id..self.spans.end]
    }

    /// The approximate size in memory, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.spans.end - self.spans.start
    }
}

/// A record with its store row, before the new text is known.
#[derive(Debug)]
pub struct LookedUp {
    pub(super) loaded: Loaded,
    pub(super) stored: Option<Stored>,
    /// The new order, if it changes and is known yet.
    pub(super) self_ref_order: Option<i64>,
    /// The number of the transaction that looked up the store row.
    pub(super) transaction: u64,
}

impl LookedUp {
    /// The record.
    #[must_use]
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// The store row, if there is one.
    #[must_use]
    pub fn stored(&self) -> Option<&Stored> {
        self.stored.as_ref()
    }

    /// `true` if the parent must be written: the record is new or has moved.
    #[must_use]
    pub fn parent_changed(&self) -> bool {
        self.loaded.moves(self.stored.as_ref())
    }
}

/// A store row before the change.
#[derive(Debug)]
pub struct Stored {
    rowid: i64,
    was_received: bool,
    /// The texts of this row and of others that were looked up with it.
    text: Arc<str>,
    spans: StoredSpans,
    respelt: Vec<Respelt>,
    starts_anew: bool,
}

/// The positions of the texts of a store row, which follow one another.
#[derive(Debug, Clone, Copy)]
pub struct StoredSpans {
    /// The start of the JSON text.
    pub start: usize,
    /// The start of the parent's id.
    pub parent: usize,
    /// The start of the texts of a conflict.
    pub conflicting: usize,
    /// The end of the texts of a conflict.
    pub end: usize,
    /// `true` if the row was received and not yet applied to the app.
    pub is_in_conflict: bool,
}

/// A column of the store that contains bytes instead of text, and the text that Morango would save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Respelt {
    /// The column.
    pub column: &'static str,
    /// The bytes as Python prints them, `b'..'`.
    pub text: String,
}

impl Stored {
    /// Creates a row whose texts are parts of `text`. `was_received` is `true` if indexed columns have traces of a
    /// transfer.
    #[must_use]
    pub fn new(
        rowid: i64,
        was_received: bool,
        text: Arc<str>,
        spans: StoredSpans,
        respelt: Vec<Respelt>,
    ) -> Self {
        Self { rowid, was_received, text, spans, respelt, starts_anew: false }
    }

    /// Sets whether the record is on the list of hard deletions. It was deleted and made again then, and its row starts
    /// from nothing.
    #[must_use]
    pub fn starting_anew(self, starts_anew: bool) -> Self {
        Self { starts_anew, ..self }
    }

    pub(super) fn starts_anew(&self) -> bool {
        self.starts_anew
    }

    pub(super) fn rowid(&self) -> i64 {
        self.rowid
    }

    pub(super) fn was_received(&self) -> bool {
        self.was_received
    }

    /// The JSON text.
    #[must_use]
    pub fn serialized(&self) -> &str {
        &self.text[self.spans.start..self.spans.parent]
    }

    /// The id of the parent, or an empty text.
    #[must_use]
    pub fn self_ref_fk(&self) -> &str {
        &self.text[self.spans.parent..self.spans.conflicting]
    }

    /// Takes the columns that contain bytes instead of text. Almost always there are none.
    pub(super) fn take_respelt(&mut self) -> Vec<Respelt> {
        std::mem::take(&mut self.respelt)
    }

    /// The texts of an earlier conflict, if the row was received and not yet applied to the app.
    #[must_use]
    pub fn conflicting(&self) -> Option<&str> {
        self.spans.is_in_conflict.then(|| &self.text[self.spans.conflicting..self.spans.end])
    }
}

/// A record with the change of its store row.
#[derive(Debug)]
pub struct Updated {
    pub(super) loaded: Loaded,
    pub(super) change: Change,
    /// The new order, if it changes and is known.
    pub(super) self_ref_order: Option<i64>,
    /// The number of the transaction that looked up the store row.
    pub(super) transaction: u64,
}

/// A change of the store.
#[derive(Debug)]
pub enum Change {
    /// A new row with the record's own text.
    Create,
    /// A new text for an existing row.
    Update(Update),
    /// A merge into the row of the record before, which has the same id. A backend never receives it.
    Join,
}

/// A change of an existing store row.
#[derive(Debug, Default)]
pub struct Update {
    /// The row's number in the store.
    pub rowid: i64,
    /// The stored text with the record's keys merged into it. `None` if that is the record's own text.
    pub merged: Option<String>,
    /// All texts of the conflict, newest first, if the row was in conflict.
    pub conflicting: Option<String>,
    /// `true` if the parent is written as well.
    pub parent_changed: bool,
    /// `true` if traces of a transfer are erased as well.
    pub was_received: bool,
    /// `true` if the record was hard deleted and made again: nothing of the row's content stays, and its id leaves the
    /// list of hard deletions.
    pub starts_anew: bool,
    /// The columns that contain bytes instead of text. Almost always there are none.
    pub respelt: Vec<Respelt>,
}

impl Updated {
    /// The record.
    #[must_use]
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// The change.
    #[must_use]
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// The new order, if it changes and is known. The order of a root is always known.
    #[must_use]
    pub fn self_ref_order(&self) -> Option<i64> {
        let is_root = self.loaded.parent.is_none() && self.loaded.model.self_reference.is_some();
        if is_root { Some(0) } else { self.self_ref_order }
    }

    /// Returns `true` if the store has no row of the record yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        matches!(self.change, Change::Create)
    }

    /// Returns `true` if the parent is written, with the order.
    pub(super) fn parent_changed(&self) -> bool {
        match &self.change {
            Change::Create | Change::Join => self.loaded.model().self_reference.is_some(),
            Change::Update(update) => update.parent_changed,
        }
    }

    /// The approximate size in memory, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let change = match &self.change {
            Change::Create | Change::Join => 0,
            Change::Update(update) => {
                [&update.merged, &update.conflicting].into_iter().flatten().map(String::len).sum()
            }
        };
        self.loaded.weight() + change
    }
}
