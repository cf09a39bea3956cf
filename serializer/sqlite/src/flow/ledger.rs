//! The ledger of a transaction: the records that were written, and with it the dirty bits that may be cleared.
//!
//! A dirty bit is cleared only for a row that the writer has written in this transaction. There are two ways:
//!
//! * **By row.** The rowid or the id of the row is gathered, and the bits of up to 20,000 rows are cleared together, in
//!   the order of the table.
//! * **By condition.** For many rows one statement a model is faster. A source that reads each model in the order of its
//!   ids numbers its records ([`Ticket`]). As long as the writer gets them without a gap, all dirty rows of a model up
//!   to the last one written are in the store, and at the end one statement a model clears their bits. Once the source
//!   has no more rows and all were written, the statement needs no upper bound.
//!
//! The first gap ends the second way for its source: a record that was filtered out, skipped, taken by nobody, reordered,
//! left out by a policy, or that failed. What comes behind the gap is cleared by row.

use crate::flow::Loaded;
use crate::flow::ticket::{Issued, Ticket, Tickets};
use syncline_serializer::record_id::RecordId;

/// The id of a row as its table has it, without an allocation where it is spelt as the store spells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    id: RecordId,
    spelt: Option<Box<str>>,
}

impl Key {
    pub(crate) fn new(id: RecordId, spelt: Option<Box<str>>) -> Self {
        Self { id, spelt }
    }

    pub(crate) fn id(&self) -> RecordId {
        self.id
    }

    pub(crate) fn as_str(&self) -> &str {
        self.spelt.as_deref().unwrap_or(self.id.as_str())
    }
}

/// The sources of a transaction, and how far the records of each were written.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    sources: Vec<Entry>,
}

/// A source, and its records that were written without a gap.
#[derive(Debug)]
struct Entry {
    source: u64,
    issued: Issued,
    /// The number of records without a gap.
    written: u64,
    has_gap: bool,
    /// For each model the last row of those records.
    last: Vec<Option<Key>>,
}

/// Dirty rows of all models that a statement a model can clear.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sweep {
    /// All dirty rows of the transaction's filter.
    All,
    /// The rows of each model up to a key; no rows of a model without one.
    UpTo(Vec<Option<Key>>),
}

impl Ledger {
    /// Enters a source of records of so many models. Unless `in_order`, its records are cleared by row.
    pub(crate) fn enter(&mut self, tickets: &Tickets, models: usize, in_order: bool) {
        self.sources.push(Entry {
            source: tickets.source(),
            issued: tickets.issued(),
            written: 0,
            has_gap: !in_order,
            last: vec![None; models],
        });
    }

    /// `true` if a source of this transaction issued `ticket`.
    pub(crate) fn knows(&self, ticket: Ticket) -> bool {
        self.sources.iter().any(|entry| entry.source == ticket.source)
    }

    /// Notes that `record` was written. `true` if its dirty bit is to be cleared by row.
    pub(crate) fn written(&mut self, record: &Loaded) -> bool {
        let Ticket { source, serial, model } = record.ticket();
        // A flow has one source, or very few; the last one is at work.
        let Some(entry) = self.sources.iter_mut().rfind(|entry| entry.source == source) else { return false };
        entry.has_gap |= serial != entry.written;
        if entry.has_gap {
            return true;
        }
        entry.written += 1;
        if let Some(last) = entry.last.get_mut(model as usize) {
            *last = Some(record.to_key());
        }
        false
    }

    /// The sweeps that clear the rows which were not cleared by row.
    pub(crate) fn sweeps(self) -> Vec<Sweep> {
        if self.sources.iter().any(Entry::is_whole) {
            return vec![Sweep::All];
        }
        let begun = self.sources.into_iter().filter(|entry| entry.written > 0);
        begun.map(|entry| Sweep::UpTo(entry.last)).collect()
    }
}

impl Entry {
    /// `true` if the source has no more rows, and all of them were written without a gap.
    fn is_whole(&self) -> bool {
        !self.has_gap && self.written > 0 && self.issued.all() == Some(self.written)
    }
}
