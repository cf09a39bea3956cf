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

use super::key::Key;
use super::tasks::Loaded;
use super::ticket::{Issued, Ticket, Tickets};

/// Rows that were written and whose dirty bits are to be cleared by row.
#[derive(Debug, Default)]
pub struct WrittenRows {
    /// Tables and rowids.
    pub by_rowid: Vec<(&'static str, i64)>,
    /// Tables and ids, of rows that were read without a rowid.
    pub by_id: Vec<(&'static str, Key)>,
}

impl WrittenRows {
    /// The most rows that are gathered: so many that it pays to go through each table in its own order, in which rows that
    /// share a page change it once.
    const MOST: usize = 20_000;

    pub(super) fn are_many(&self) -> bool {
        self.by_rowid.len() + self.by_id.len() >= Self::MOST
    }
}

/// The sources of a transaction, and how far the records of each were written.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    sources: Vec<Entry>,
    /// Rows that are to be cleared by row.
    pub(super) rows: WrittenRows,
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
pub enum Sweep {
    /// All dirty rows of the transaction's filter.
    All,
    /// The rows of each model up to a key; no rows of a model without one.
    UpTo(Vec<Option<Key>>),
}

impl Ledger {
    /// Enters a source of records of so many models. Unless `in_order`, its records are cleared by row.
    pub(super) fn enter(&mut self, tickets: &Tickets, models: usize, in_order: bool) {
        self.sources.push(Entry {
            source: tickets.source(),
            issued: tickets.issued(),
            written: 0,
            has_gap: !in_order,
            last: vec![None; models],
        });
    }

    /// `true` if a source of this transaction issued `ticket`.
    pub(super) fn knows(&self, ticket: Ticket) -> bool {
        self.sources.iter().any(|entry| entry.source == ticket.source)
    }

    /// Notes that `record` was written.
    pub(super) fn written(&mut self, record: &Loaded) {
        let Ticket { source, serial, model } = record.ticket();
        // A flow has one source, or very few; the last one is at work.
        let Some(entry) = self.sources.iter_mut().rfind(|entry| entry.source == source) else { return };
        entry.has_gap |= serial != entry.written;
        if entry.has_gap {
            let table = record.model().table;
            match record.rowid() {
                Some(rowid) => self.rows.by_rowid.push((table, rowid)),
                None => self.rows.by_id.push((table, record.to_key())),
            }
            return;
        }
        entry.written += 1;
        if let Some(last) = entry.last.get_mut(model as usize) {
            *last = Some(record.to_key());
        }
    }

    /// The sweeps that clear the rows which were not cleared by row.
    pub(super) fn sweeps(&self) -> Vec<Sweep> {
        if self.sources.iter().any(Entry::is_whole) {
            return vec![Sweep::All];
        }
        let begun = self.sources.iter().filter(|entry| entry.written > 0);
        begun.map(|entry| Sweep::UpTo(entry.last.clone())).collect()
    }
}

impl Entry {
    /// `true` if the source has no more rows, and all of them were written without a gap.
    fn is_whole(&self) -> bool {
        !self.has_gap && self.written > 0 && self.issued.all() == Some(self.written)
    }
}
