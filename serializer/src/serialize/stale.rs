//! `ListedId` and `Stale`: an id on a list of deletions, and the store row that it leads to.

use super::leg::Leg;
use super::ticket::{Ticket, Tickets};
use crate::record_id::RecordId;

/// An id that a source has read from a list of deletions. Programs can neither make nor copy one, so the transaction can
/// count the ids that were processed.
#[derive(Debug)]
pub struct ListedId {
    id: RecordId,
    ticket: Ticket,
}

impl ListedId {
    /// Creates the value for an id that a source with `tickets` has read.
    #[must_use]
    pub fn new(id: RecordId, tickets: &mut Tickets) -> Self {
        Self { id, ticket: tickets.issue(0) }
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.id
    }

    pub(super) fn ticket(&self) -> Ticket {
        self.ticket
    }
}

/// A store row whose record the app has deleted. It can be marked only in the transaction that looked it up.
#[derive(Debug)]
pub struct Stale {
    rowid: i64,
    id: RecordId,
    is_dirty: bool,
    is_stamped: bool,
    waits: bool,
    ticket: Ticket,
    transaction: u64,
}

impl Stale {
    /// Creates the value for the row of `listed`, which was looked up in the transaction with the number `transaction`.
    /// `is_dirty` is `true` if the row was received and not yet applied to the app, and `is_stamped` if this transaction
    /// has saved it.
    #[must_use]
    pub fn new(
        _: Leg,
        rowid: i64,
        listed: &ListedId,
        is_dirty: bool,
        is_stamped: bool,
        transaction: u64,
    ) -> Self {
        Self { rowid, id: listed.id, is_dirty, is_stamped, waits: false, ticket: listed.ticket, transaction }
    }

    /// Creates the value for a hard deleted record that the app has made again and this transaction has not serialised.
    /// Its row is not to be marked, and its id stays on the list: serialising the record erases the former content.
    #[must_use]
    pub fn waiting(_: Leg, rowid: i64, listed: &ListedId, transaction: u64) -> Self {
        let ListedId { id, ticket } = *listed;
        Self { rowid, id, is_dirty: false, is_stamped: false, waits: true, ticket, transaction }
    }

    /// Returns `true` if the row is not to be marked, because the app has the record again.
    pub(super) fn waits(&self) -> bool {
        self.waits
    }

    /// The row's number in the store.
    #[must_use]
    pub fn rowid(&self) -> i64 {
        self.rowid
    }

    /// The id of the record.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// Returns `true` if the row was received and not yet applied to the app.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Returns `true` if this transaction saved the row before the look-up, so that the row has its counter.
    #[must_use]
    pub fn is_stamped(&self) -> bool {
        self.is_stamped
    }

    pub(super) fn ticket(&self) -> Ticket {
        self.ticket
    }

    pub(super) fn transaction(&self) -> u64 {
        self.transaction
    }
}
