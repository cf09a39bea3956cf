//! The ledger of a transaction: the written records, and so the dirty bits that may be cleared.
//!
//! A dirty bit is cleared only for a row that the writer has written in this transaction. There are two ways:
//!
//! * **By row.** The rowid or id of the row is collected, and the bits of up to 20,000 rows are cleared together, in
//!   the order of the table.
//! * **By condition.** For many rows, one statement for each model is faster. A source that reads each model in the
//!   order of its ids numbers its records ([`Ticket`]). While the writer receives them without a gap, all dirty rows of
//!   a model up to the last one written are in the store. At the end one statement for each model clears their bits. If
//!   the source is at its end and all its rows were written, the statement needs no upper bound.
//!
//! The first gap ends the second way for its source: a record that was filtered out, skipped, reordered, left out by a
//! policy, not taken, or failed. Bits behind the gap are cleared by row.

use super::key::Key;
use super::tasks::Loaded;
use super::ticket::{Issued, Ticket, Tickets};

/// The written rows whose dirty bits are to be cleared by row.
#[derive(Debug, Default)]
pub struct WrittenRows {
    /// Rows by table and rowid.
    pub by_rowid: Vec<(&'static str, i64)>,
    /// Rows by table and id, for rows that were read without a rowid.
    pub by_id: Vec<(&'static str, Key)>,
}

impl WrittenRows {
    /// The number of collected rows at which they are cleared. With so many, clearing them in the order of each table
    /// writes a page once for several rows.
    const MOST: usize = 20_000;

    /// Adds a row. If `are_many`, all memory is allocated at once, so that the peak does not depend on the number of
    /// rows.
    fn push(&mut self, record: &Loaded, are_many: bool) {
        fn add<K>(rows: &mut Vec<(&'static str, K)>, row: (&'static str, K), are_many: bool) {
            if are_many && rows.capacity() == 0 {
                rows.reserve_exact(WrittenRows::MOST + SLACK);
            }
            rows.push(row);
        }

        /// Room for the rows of the chunk that reaches the limit. A chunk of the built-in flow is smaller.
        const SLACK: usize = 512;

        let table = record.model().table;
        match record.rowid() {
            Some(rowid) => add(&mut self.by_rowid, (table, rowid), are_many),
            None => add(&mut self.by_id, (table, record.to_key()), are_many),
        }
    }

    pub(super) fn are_many(&self) -> bool {
        self.by_rowid.len() + self.by_id.len() >= Self::MOST
    }
}

/// The sources of a transaction, and the progress of each.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    sources: Vec<Entry>,
    /// The rows whose bits are cleared by row.
    pub(super) rows: WrittenRows,
}

/// A source, and its progress without a gap.
#[derive(Debug)]
struct Entry {
    source: u64,
    issued: Issued,
    /// The number of records without a gap.
    written: u64,
    has_gap: bool,
    /// `true` if its records would be cleared by condition if there were no gap. There are then many.
    in_order: bool,
    /// For each model the last of those records.
    last: Vec<Option<Key>>,
}

/// Dirty rows of all models that one statement for each model can clear.
#[derive(Debug, PartialEq, Eq)]
pub enum Sweep {
    /// All dirty rows of the transaction's filter.
    All,
    /// The rows of each model up to a key, and no rows of a model without one.
    UpTo(Vec<Option<Key>>),
}

impl Ledger {
    /// Adds a source of records of `models` models. If not `in_order`, its records are cleared by row.
    pub(super) fn enter(&mut self, tickets: &Tickets, models: usize, in_order: bool) {
        self.sources.push(Entry {
            source: tickets.source(),
            issued: tickets.issued(),
            written: 0,
            has_gap: !in_order,
            in_order,
            last: vec![None; models],
        });
    }

    /// `true` if a source of this transaction issued `ticket`.
    pub(super) fn knows(&self, ticket: Ticket) -> bool {
        self.sources.iter().any(|entry| entry.source == ticket.source)
    }

    /// Records that `record` was written.
    pub(super) fn written(&mut self, record: &Loaded) {
        let Ticket { source, serial, model } = record.ticket();
        // A transaction has one source, or very few. The last one is the active one.
        let Some(entry) = self.sources.iter_mut().rfind(|entry| entry.source == source) else { return };
        entry.has_gap |= serial != entry.written;
        if entry.has_gap {
            self.rows.push(record, entry.in_order);
            return;
        }
        entry.written += 1;
        if let Some(last) = entry.last.get_mut(model as usize) {
            *last = Some(record.to_key());
        }
    }

    /// The sweeps for the rows that are not cleared by row.
    pub(super) fn sweeps(&self) -> Vec<Sweep> {
        if self.sources.iter().any(Entry::is_whole) {
            return vec![Sweep::All];
        }
        let begun = self.sources.iter().filter(|entry| entry.written > 0);
        begun.map(|entry| Sweep::UpTo(entry.last.clone())).collect()
    }
}

impl Entry {
    /// `true` if the source is at its end, and all its rows were written without a gap.
    fn is_whole(&self) -> bool {
        !self.has_gap && self.written > 0 && self.issued.all() == Some(self.written)
    }
}
