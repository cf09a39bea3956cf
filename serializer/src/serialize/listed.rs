//! The ids on the lists of deletions that a transaction has processed.
//!
//! An id is done if nothing is lost when it leaves its list: the look-up found no store row, or found the record in the
//! app, or the row that it found was marked. A source numbers the ids that it emits ([`ListedId`]), and an id counts
//! only if it comes behind the last one that counted, so none counts twice. If as many are done as the source has emitted,
//! all are, and the list needs no look at the end. If some are missing, because a stage left them out, reordered them or
//! failed, each id is held against the store instead.

use super::deletion_list::DeletionList;
use super::stale::{ListedId, Stale};
use super::ticket::{Issued, Ticket, Tickets};

/// The sources of listed ids of a transaction, and the number of ids of each that are done.
#[derive(Debug, Default)]
pub(super) struct ListedIdsDone {
    sources: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    source: u64,
    list: DeletionList,
    issued: Issued,
    /// The number of ids that are done.
    done: u64,
    /// The next serial number that counts if the look-up finds no row to mark.
    next_looked_up: u64,
    /// The next serial number that counts if its row is marked.
    next_marked: u64,
}

impl ListedIdsDone {
    /// Adds a source of all ids on `list` in the transaction's range.
    pub(super) fn enter(&mut self, tickets: &Tickets, list: DeletionList) {
        self.sources.push(Entry {
            source: tickets.source(),
            list,
            issued: tickets.issued(),
            done: 0,
            next_looked_up: 0,
            next_marked: 0,
        });
    }

    /// Records that `ids` were looked up: those without a row in `stale` are done.
    pub(super) fn looked_up(&mut self, ids: &[ListedId], stale: &[Stale]) {
        let mut stale = stale.iter().map(Stale::ticket).peekable();
        for ticket in ids.iter().map(ListedId::ticket) {
            if stale.next_if(|of_row| *of_row == ticket).is_none()
                && let Some(entry) = self.entry(ticket)
            {
                entry.done += u64::from(advance(&mut entry.next_looked_up, ticket));
            }
        }
    }

    /// Records that the rows of `stale` were marked as `list` requires. A row that was marked for another list than the
    /// one of its id does not count.
    pub(super) fn marked(&mut self, list: DeletionList, stale: &[Stale]) {
        for ticket in stale.iter().map(Stale::ticket) {
            if let Some(entry) = self.entry(ticket).filter(|entry| entry.list == list) {
                entry.done += u64::from(advance(&mut entry.next_marked, ticket));
            }
        }
    }

    /// Returns `true` if a source of this transaction has read the id of `row` from `list`.
    pub(super) fn is_on(&self, list: DeletionList, row: &Stale) -> bool {
        let source = row.ticket().source;
        self.sources.iter().any(|entry| entry.source == source && entry.list == list)
    }

    /// Returns `true` if `id` was read from the list of hard deletions.
    pub(super) fn is_hard(&self, id: &ListedId) -> bool {
        let source = id.ticket().source;
        let is_hard = |entry: &Entry| entry.source == source && entry.list == DeletionList::HardDeleted;
        self.sources.iter().any(is_hard)
    }

    fn entry(&mut self, ticket: Ticket) -> Option<&mut Entry> {
        self.sources.iter_mut().rfind(|entry| entry.source == ticket.source)
    }

    /// Returns `true` if a source has emitted all ids on `list`, and all of them are done.
    pub(super) fn all_done(&self, list: DeletionList) -> bool {
        self.sources.iter().any(|entry| entry.list == list && entry.issued.all() == Some(entry.done))
    }
}

/// Moves `next` behind `ticket`. Returns `false` if the ticket comes before `next`, and so may have counted already.
fn advance(next: &mut u64, ticket: Ticket) -> bool {
    let is_new = ticket.serial >= *next;
    if is_new {
        *next = ticket.serial + 1;
    }
    is_new
}
