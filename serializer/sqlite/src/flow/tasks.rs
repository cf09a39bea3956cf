//! The records that travel through the serialise flow, in the three states that they have on the way.

use std::sync::Arc;

use crate::flow::Respelt;
use crate::flow::ledger::Key;
use crate::flow::ticket::Ticket;
use syncline_serializer::model::Model;
use syncline_serializer::record_id::RecordId;

/// A dirty row of the app, in the form in which the store keeps it.
///
/// Only a source makes one, and it cannot be copied: so a record is written at most once, and only in the transaction
/// that read it.
#[derive(Debug)]
pub struct Loaded {
    model: &'static Model,
    id: RecordId,
    parent: Option<RecordId>,
    /// Its rowid in the app's table, where it was read by that.
    rowid: Option<i64>,
    /// Its id as the app's table has it, where that is spelt otherwise.
    spelt: Option<Box<str>>,
    ticket: Ticket,
    /// The text of this record, and of others that were read along with it: one allocation for all of them.
    text: Arc<str>,
    spans: Spans,
}

/// A [`Loaded`] without its text, which is still growing.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) model: &'static Model,
    pub(crate) id: RecordId,
    pub(crate) parent: Option<RecordId>,
    pub(crate) rowid: Option<i64>,
    pub(crate) spelt: Option<Box<str>>,
    pub(crate) spans: Spans,
}

/// The positions of a record's texts, one behind the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spans {
    /// The start of `serialized`.
    pub(crate) start: usize,
    pub(crate) partition: usize,
    pub(crate) source_id: usize,
    pub(crate) end: usize,
}

impl Loaded {
    /// A record whose texts are parts of `text`. It has no ticket yet.
    pub(crate) fn in_page(draft: Draft, text: Arc<str>) -> Self {
        let Draft { model, id, parent, rowid, spelt, spans } = draft;
        Self { model, id, parent, rowid, spelt, ticket: Ticket::NONE, text, spans }
    }

    /// The same record with its ticket: its source emits it now.
    pub(crate) fn with(self, ticket: Ticket) -> Self {
        Self { ticket, ..self }
    }

    pub(crate) fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// Its model.
    #[must_use]
    pub fn model(&self) -> &'static Model {
        self.model
    }

    /// Its id, as the store spells it.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// The record that its self-reference names. `None` for a root, and in models without a self-reference.
    #[must_use]
    pub fn parent(&self) -> Option<RecordId> {
        self.parent
    }

    pub(crate) fn id_ref(&self) -> &RecordId {
        &self.id
    }

    pub(crate) fn parent_ref(&self) -> Option<&RecordId> {
        self.parent.as_ref()
    }

    /// Its id as the app's table has it.
    #[must_use]
    pub fn key(&self) -> &str {
        self.spelt.as_deref().unwrap_or(self.id.as_str())
    }

    pub(crate) fn to_key(&self) -> Key {
        Key::new(self.id, self.spelt.clone())
    }

    pub(crate) fn into_key(self) -> Key {
        Key::new(self.id, self.spelt)
    }

    pub(crate) fn rowid(&self) -> Option<i64> {
        self.rowid
    }

    /// `true` if its parent is to be written to its row in the store, which may be none yet.
    pub(crate) fn moves(&self, stored: Option<&Stored>) -> bool {
        let parent = self.parent.as_ref().map_or("", RecordId::as_str);
        self.model.self_reference.is_some() && stored.is_none_or(|stored| stored.self_ref_fk() != parent)
    }

    /// The record as JSON text.
    #[must_use]
    pub fn serialized(&self) -> &str {
        &self.text[self.spans.start..self.spans.partition]
    }

    /// Its partition.
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.text[self.spans.partition..self.spans.source_id]
    }

    /// Its source id.
    #[must_use]
    pub fn source_id(&self) -> &str {
        &self.text[self.spans.source_id..self.spans.end]
    }

    /// About how many bytes of memory it takes.
    #[must_use]
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.spans.end - self.spans.start
    }
}

/// A record and its row in the store, before the new text is known.
#[derive(Debug)]
pub struct LookedUp {
    pub(crate) loaded: Loaded,
    pub(crate) stored: Option<Stored>,
    /// The order to store, as far as it is known yet, where it is to be set (morango.md §7).
    pub(crate) self_ref_order: Option<i64>,
}

/// A row of the store, as it was before.
#[derive(Debug)]
pub struct Stored {
    pub(crate) rowid: i64,
    /// `true` if the row was received from elsewhere and keeps traces of it, in columns that have indexes.
    pub(crate) was_received: bool,
    /// The texts of this row, and of others that were looked up along with it.
    text: Arc<str>,
    spans: StoredSpans,
    respelt: Vec<Respelt>,
}

/// The positions of the texts of a row of the store, one behind the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredSpans {
    /// The start of `serialized`.
    pub(crate) start: usize,
    pub(crate) parent: usize,
    pub(crate) conflicting: usize,
    pub(crate) end: usize,
    pub(crate) is_in_conflict: bool,
}

impl Stored {
    /// A row whose texts are parts of `text`.
    pub(crate) fn in_page(
        rowid: i64,
        was_received: bool,
        text: Arc<str>,
        spans: StoredSpans,
        respelt: Vec<Respelt>,
    ) -> Self {
        Self { rowid, was_received, text, spans, respelt }
    }

    /// Its text.
    #[must_use]
    pub fn serialized(&self) -> &str {
        &self.text[self.spans.start..self.spans.parent]
    }

    /// The parent that it names, or an empty text.
    #[must_use]
    pub fn self_ref_fk(&self) -> &str {
        &self.text[self.spans.parent..self.spans.conflicting]
    }

    /// Gives away which of its columns hold bytes where text belongs; mostly none.
    pub(crate) fn take_respelt(&mut self) -> Vec<Respelt> {
        std::mem::take(&mut self.respelt)
    }

    /// The texts that it conflicted with before, where it was received and not yet given to the app.
    #[must_use]
    pub fn conflicting(&self) -> Option<&str> {
        self.spans.is_in_conflict.then(|| &self.text[self.spans.conflicting..self.spans.end])
    }
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

/// A record and the change of its row in the store.
#[derive(Debug)]
pub struct Updated {
    pub(crate) loaded: Loaded,
    pub(crate) change: Change,
    /// Its place in its tree, where it is to be written and known.
    pub(crate) self_ref_order: Option<i64>,
}

/// A change of the store.
#[derive(Debug)]
pub(crate) enum Change {
    /// A new row, with the record's own text.
    Create,
    /// Another text for a row that is there.
    Update(Update),
    /// A merge into the row that the record before was written to: they have one id.
    Join,
}

/// A change of a row that the store has.
#[derive(Debug, Default)]
pub(crate) struct Update {
    pub(crate) rowid: i64,
    /// The text that the store had, with the record's own keys written over it; `None` where that is the record's own.
    pub(crate) merged: Option<String>,
    /// All texts that it conflicted with, newest first, where the row was in conflict.
    pub(crate) conflicting: Option<String>,
    /// `true` if the parent is written too.
    pub(crate) parent_changed: bool,
    /// `true` if traces of having been received are wiped too.
    pub(crate) was_received: bool,
    /// Columns that hold bytes where text belongs, and are written as Morango reads them; mostly none.
    pub(crate) respelt: Vec<Respelt>,
}

impl Updated {
    /// The record.
    #[must_use]
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// `true` if the store has no row of it yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        matches!(self.change, Change::Create)
    }

    /// About how many bytes of memory it takes.
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
