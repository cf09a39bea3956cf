//! What travels through the serialise flow.

use std::sync::Arc;

use syncline_serializer::model::Model;
use syncline_serializer::record_id::RecordId;

use crate::flow::Respelt;

/// A dirty row of the app, as the store wants it.
#[derive(Debug)]
pub struct Loaded {
    /// Its model.
    pub model: &'static Model,
    /// Its id.
    pub id: RecordId,
    /// The record that its self-reference names. `None` for a root, and in models without a self-reference.
    pub parent: Option<RecordId>,
    /// Its rowid in the app's table, where it was read by that.
    pub rowid: Option<i64>,
    /// Its id as the app's table has it, where that is spelt otherwise.
    spelt: Option<Box<str>>,
    /// The text of this record, and of others that were read along with it: one allocation for all of them.
    text: Arc<str>,
    spans: Spans,
}

/// A dirty row of the app, but for its text, which is still growing.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) model: &'static Model,
    pub(crate) id: RecordId,
    pub(crate) parent: Option<RecordId>,
    pub(crate) rowid: Option<i64>,
    pub(crate) spelt: Option<Box<str>>,
    pub(crate) spans: Spans,
}

/// Where the texts of a record stand, one behind the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spans {
    /// Where `serialized` begins.
    pub(crate) start: usize,
    pub(crate) partition: usize,
    pub(crate) source_id: usize,
    pub(crate) end: usize,
}

impl Loaded {
    /// Joins the texts of a record. `serialized` is a JSON object.
    #[must_use]
    pub fn new(
        model: &'static Model,
        id: RecordId,
        parent: Option<RecordId>,
        [serialized, partition, source_id]: [&str; 3],
    ) -> Self {
        let text = [serialized, partition, source_id].concat();
        let partition = serialized.len();
        let source_id = text.len() - source_id.len();
        let spans = Spans { start: 0, partition, source_id, end: text.len() };
        Self { model, id, parent, rowid: None, spelt: None, text: text.into(), spans }
    }

    /// A record whose texts stand in `text`.
    pub(crate) fn in_page(draft: Draft, text: Arc<str>) -> Self {
        let Draft { model, id, parent, rowid, spelt, spans } = draft;
        Self { model, id, parent, rowid, spelt, text, spans }
    }

    /// Its id as the app's table has it.
    #[must_use]
    pub fn key(&self) -> &str {
        self.spelt.as_deref().unwrap_or(self.id.as_str())
    }

    /// Its id, and the same as the app's table has it where that is spelt otherwise.
    pub(crate) fn into_key(self) -> (RecordId, Option<Box<str>>) {
        (self.id, self.spelt)
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

/// A record, and what the store has of it.
#[derive(Debug)]
pub struct LookedUp {
    /// The record.
    pub loaded: Loaded,
    /// Its row in the store, if it has one.
    pub stored: Option<Stored>,
    /// The order to store, as far as it is known yet, where it is to be set (morango.md §7).
    pub self_ref_order: Option<i64>,
}

/// What the store has of a record.
#[derive(Debug)]
pub struct Stored {
    /// The row's rowid.
    pub rowid: i64,
    /// Whether the row was received from elsewhere and keeps traces of it, in columns that have indexes.
    pub was_received: bool,
    /// The texts of this row, and of others that were looked up along with it.
    text: Arc<str>,
    spans: StoredSpans,
    respelt: Vec<Respelt>,
}

/// Where the texts of a row of the store stand, one behind the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredSpans {
    /// Where `serialized` begins.
    pub(crate) start: usize,
    pub(crate) parent: usize,
    pub(crate) conflicting: usize,
    pub(crate) end: usize,
    pub(crate) is_in_conflict: bool,
}

impl Stored {
    /// A row whose texts stand in `text` at `spans`.
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

    /// Where it was received and not yet given to the app: the texts that it conflicted with before.
    #[must_use]
    pub fn conflicting(&self) -> Option<&str> {
        self.spans.is_in_conflict.then(|| &self.text[self.spans.conflicting..self.spans.end])
    }
}

impl LookedUp {
    /// Whether the parent in the store is to be written: the record is new, or has moved.
    #[must_use]
    pub fn parent_changed(&self) -> bool {
        let parent = self.loaded.parent.as_ref().map_or("", RecordId::as_str);
        self.loaded.model.self_reference.is_some()
            && self.stored.as_ref().is_none_or(|stored| stored.self_ref_fk() != parent)
    }
}

/// A record, and what the store shall have of it.
#[derive(Debug)]
pub struct Updated {
    /// The record.
    pub loaded: Loaded,
    /// What to write.
    pub change: Change,
    /// Its place in its tree, where it is to be written and known.
    pub self_ref_order: Option<i64>,
}

/// What to write to the store.
#[derive(Debug)]
pub enum Change {
    /// A new row, with the record's own text.
    Create,
    /// Another text for a row that is there.
    Update(Update),
    /// What to merge into the row that the record before was written to: they have one id.
    Join,
}

/// What to write to a row of the store that is there.
#[derive(Debug, Default)]
pub struct Update {
    /// The row's rowid.
    pub rowid: i64,
    /// The text that the store had, with the record's own keys written over it; `None` where that is the record's own.
    pub merged: Option<String>,
    /// All texts that it conflicted with, newest first, where the row was in conflict.
    pub conflicting: Option<String>,
    /// Whether the parent is written too.
    pub parent_changed: bool,
    /// Whether traces of having been received are wiped too.
    pub was_received: bool,
    /// Columns that hold bytes where text belongs, and are written as Morango reads them; mostly none.
    pub respelt: Vec<Respelt>,
}

impl Updated {
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
