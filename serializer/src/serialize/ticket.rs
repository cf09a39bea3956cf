//! Tickets: each proves that a record was read in this transaction, and numbers it.
//!
//! Every record, and every id on a list of deletions, that a source emits carries a ticket. Users can neither make nor copy one, so a record is written at
//! most once, and only in the transaction that read it. The serial numbers tell the ledger
//! whether everything up to a record was written, which lets it clear dirty bits by a condition.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Returns a number that is unique in this process.
pub(crate) fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The place of a record in the output of its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The source. No two sources of a process have the same number.
    pub(crate) source: u64,
    /// The number of tickets that the source issued before this one.
    pub(crate) serial: u64,
    /// The index of the record's model in its profile.
    pub(crate) model: u32,
}

impl Ticket {
    /// The ticket of a record that no source has emitted yet.
    pub(crate) const NONE: Self = Self { source: 0, serial: u64::MAX, model: 0 };
}

/// The tickets of one source.
#[derive(Debug)]
pub struct Tickets {
    source: u64,
    next: u64,
    issued: Issued,
    /// `true` from the beginning of a read until it succeeds. So it stays `true` after an error or a panic.
    is_reading: bool,
    /// `true` if a read has failed.
    has_failed: bool,
}

/// The number of tickets that a source has issued, once it has no more rows. The source may be on another thread.
#[derive(Debug, Clone)]
pub(crate) struct Issued(Arc<AtomicU64>);

impl Issued {
    const UNKNOWN: u64 = u64::MAX;

    /// `None` while the source may have more rows.
    pub(crate) fn all(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Acquire)).filter(|issued| *issued != Self::UNKNOWN)
    }
}

impl Tickets {
    /// Creates the tickets of another source.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Self {
        let issued = Issued(Arc::new(AtomicU64::new(Issued::UNKNOWN)));
        Self { source: next_number(), next: 0, issued, is_reading: false, has_failed: false }
    }

    pub(crate) fn source(&self) -> u64 {
        self.source
    }

    pub(crate) fn issued(&self) -> Issued {
        self.issued.clone()
    }

    /// Issues the next ticket, for a record of the model with this index.
    pub fn issue(&mut self, model: u32) -> Ticket {
        let serial = self.next;
        self.next += 1;
        Ticket { source: self.source, serial, model }
    }

    /// Skips a ticket, for a row that was read and is not emitted, so it must stay dirty or listed.
    pub fn void(&mut self) {
        self.next += 1;
    }

    /// Begins a read of rows, which ends with [`end_read`](Self::end_read) if it succeeds.
    ///
    /// If the read before has failed, a ticket is skipped and the tickets can no longer be closed. Dirty bits behind
    /// the failure are then cleared by row.
    pub fn begin_read(&mut self) {
        if self.is_reading {
            self.has_failed = true;
            self.void();
        }
        self.is_reading = true;
    }

    /// Ends a read that succeeded.
    pub fn end_read(&mut self) {
        self.is_reading = false;
    }

    /// Publishes the number of tickets: the source has no more rows. After a failed read it publishes nothing, because
    /// rows may be missing.
    pub fn close(&self) {
        if !self.has_failed && !self.is_reading {
            self.issued.0.store(self.next, Ordering::Release);
        }
    }
}
