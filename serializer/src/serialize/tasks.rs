//! The three states of a record on its way through the leg.

use std::sync::Arc;

use super::key::Key;
use super::ticket::{Ticket, Tickets};
use crate::model::Model;
use crate::record_id::RecordId;

/// A dirty row of the app, in the form in which the store keeps it.
///
/// Only a source makes one, and it cannot be copied: so a record is written at most once, and only in the transaction
/// that read it.
#[derive(Debug)]
pub struct Loaded {
    model: &'static Model,
    id: RecordId,
    parent: Option<RecordId>,
    rowid: Option<i64>,
    /// The id as the app's table has it, if it is spelt otherwise.
    spelt: Option<Box<str>>,
    ticket: Ticket,
    /// The text of this record, and of others that were read along with it: one allocation for all of them.
    text: Arc<str>,
    spans: Spans,
}

/// A [`Loaded`] without its text, which is still growing.
#[derive(Debug)]
pub struct Draft {
    /// The model.
    pub model: &'static Model,
    /// The id as the store spells it.
    pub id: RecordId,
    /// The record that its self-reference names.
    pub parent: Option<RecordId>,
    /// A number by which the backend finds the row fast, if it has one.
    pub rowid: Option<i64>,
    /// The id as the app's table has it, if it is spelt otherwise.
    pub spelt: Option<Box<str>>,
    /// The positions of its texts.
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
    /// The record, whose texts are parts of `text`. It has no ticket yet.
    #[must_use]
    pub fn with_text(self, text: Arc<str>) -> Loaded {
        let Self { model, id, parent, rowid, spelt, spans } = self;
        Loaded { model, id, parent, rowid, spelt, ticket: Ticket::NONE, text, spans }
    }
}

impl Tickets {
    /// The record with the next ticket: its source emits it now. `model` is the index of its model in the profile.
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

    /// The id as the store spells it.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// The same by reference, for a text that lives as long as the record.
    #[must_use]
    pub fn id_ref(&self) -> &RecordId {
        &self.id
    }

    /// The record that its self-reference names. `None` for a root, and in models without a self-reference.
    #[must_use]
    pub fn parent(&self) -> Option<RecordId> {
        self.parent
    }

    /// The text of the parent's id, which is empty without a parent.
    #[must_use]
    pub fn parent_text(&self) -> &str {
        self.parent.as_ref().map_or("", RecordId::as_str)
    }

    /// The id as the app's table has it.
    #[must_use]
    pub fn key(&self) -> &str {
        self.spelt.as_deref().unwrap_or(self.id.as_str())
    }

    /// The same, apart from the record.
    #[must_use]
    pub fn to_key(&self) -> Key {
        Key::new(self.id, self.spelt.clone())
    }

    /// The number by which the backend finds the row fast, if it has one.
    #[must_use]
    pub fn rowid(&self) -> Option<i64> {
        self.rowid
    }

    /// `true` if the parent is to be written to the row of the store, which may not exist yet.
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

    /// The size in memory, in bytes, about.
    #[must_use]
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.spans.end - self.spans.start
    }
}

/// A record and its row in the store, before the new text is known.
#[derive(Debug)]
pub struct LookedUp {
    pub(super) loaded: Loaded,
    pub(super) stored: Option<Stored>,
    /// The order to store, as far as it is known yet, if it is to be set.
    pub(super) self_ref_order: Option<i64>,
}

impl LookedUp {
    /// The record.
    #[must_use]
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// Its row in the store, if it has one.
    #[must_use]
    pub fn stored(&self) -> Option<&Stored> {
        self.stored.as_ref()
    }

    /// `true` if the parent in the store is to be written: the record is new, or has moved.
    #[must_use]
    pub fn parent_changed(&self) -> bool {
        self.loaded.moves(self.stored.as_ref())
    }
}

/// A row of the store, as it was before.
#[derive(Debug)]
pub struct Stored {
    rowid: i64,
    was_received: bool,
    /// The texts of this row, and of others that were looked up along with it.
    text: Arc<str>,
    spans: StoredSpans,
    respelt: Vec<Respelt>,
}

/// The positions of the texts of a row of the store, which follow one another.
#[derive(Debug, Clone, Copy)]
pub struct StoredSpans {
    /// The start of the JSON text.
    pub start: usize,
    /// The start of the parent's id.
    pub parent: usize,
    /// The start of the texts that it conflicted with.
    pub conflicting: usize,
    /// The end of those.
    pub end: usize,
    /// `true` if the row was received and not yet given to the app.
    pub is_in_conflict: bool,
}

/// A column of the store that holds bytes where text belongs, and the text that Morango saves for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Respelt {
    /// The column.
    pub column: &'static str,
    /// The bytes as Python prints them, `b'..'`.
    pub text: String,
}

impl Stored {
    /// A row whose texts are parts of `text`. `was_received` if it keeps traces of a transfer in indexed columns.
    #[must_use]
    pub fn new(
        rowid: i64,
        was_received: bool,
        text: Arc<str>,
        spans: StoredSpans,
        respelt: Vec<Respelt>,
    ) -> Self {
        Self { rowid, was_received, text, spans, respelt }
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

    /// Takes the columns that hold bytes where text belongs; mostly none.
    pub(super) fn take_respelt(&mut self) -> Vec<Respelt> {
        std::mem::take(&mut self.respelt)
    }

    /// The texts that it conflicted with before, if it was received and not yet given to the app.
    #[must_use]
    pub fn conflicting(&self) -> Option<&str> {
        self.spans.is_in_conflict.then(|| &self.text[self.spans.conflicting..self.spans.end])
    }
}

/// A record and the change of its row in the store.
#[derive(Debug)]
pub struct Updated {
    pub(super) loaded: Loaded,
    pub(super) change: Change,
    /// The order in its tree, if it is to be written and known.
    pub(super) self_ref_order: Option<i64>,
}

/// A change of the store.
#[derive(Debug)]
pub enum Change {
    /// A new row, with the record's own text.
    Create,
    /// Another text for a row that is there.
    Update(Update),
    /// A merge into the row that the record before was written to: they have one id. A backend is not given it.
    Join,
}

/// A change of a row that the store has.
#[derive(Debug, Default)]
pub struct Update {
    /// The row's number in the store.
    pub rowid: i64,
    /// The store's text with the record's own keys written over it; `None` if that is the record's own text.
    pub merged: Option<String>,
    /// All texts that it conflicted with, newest first, if the row was in conflict.
    pub conflicting: Option<String>,
    /// `true` if the parent is written too.
    pub parent_changed: bool,
    /// `true` if traces of a transfer are wiped too.
    pub was_received: bool,
    /// The columns that hold bytes where text belongs; mostly none.
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

    /// The order in its tree, if it is to be written and known.
    #[must_use]
    pub fn self_ref_order(&self) -> Option<i64> {
        self.self_ref_order
    }

    /// `true` if the store has no row of it yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        matches!(self.change, Change::Create)
    }

    /// `true` if the parent is written, with the order.
    pub(super) fn parent_changed(&self) -> bool {
        match &self.change {
            Change::Create | Change::Join => self.loaded.model().self_reference.is_some(),
            Change::Update(update) => update.parent_changed,
        }
    }

    /// The size in memory, in bytes, about.
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
