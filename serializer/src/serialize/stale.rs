//! `Stale`: a store row whose record the app has deleted.

use crate::record_id::RecordId;

/// A store row whose record the app has deleted. It can be marked only in the transaction that looked it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stale {
    rowid: i64,
    id: RecordId,
    is_dirty: bool,
    transaction: u64,
}

impl Stale {
    /// Creates the value for a row that was looked up in the transaction of `state`. `is_dirty` is `true` if the row
    /// was received and not yet applied to the app.
    #[must_use]
    pub fn new(rowid: i64, id: RecordId, is_dirty: bool, state: &super::state::TransactionState<'_>) -> Self {
        Self { rowid, id, is_dirty, transaction: state.id() }
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

    pub(super) fn transaction(&self) -> u64 {
        self.transaction
    }
}
