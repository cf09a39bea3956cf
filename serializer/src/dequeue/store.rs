//! `DequeueStore`: the operations of dequeue on a database, one for each numbered step of morango.md §11.

use crate::counters::{Counter, InstanceCounters, Received};
use crate::record_id::RecordId;
use crate::transfer_session::TransferSession;

/// A record in conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundConflict {
    /// Its id.
    pub id: String,
    /// The name of its model.
    pub model: String,
    /// The store's text.
    pub mine: String,
    /// The received text.
    pub theirs: String,
    /// `true` if either side deleted the record.
    pub deleted: bool,
}

/// An answer that replaces the store's text of a record in conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The record's id.
    pub id: String,
    /// The text. `None` for the received one.
    pub text: Option<String>,
    /// The value of `_self_ref_fk` that the text says, for a model with a self-reference. The received text comes with its own.
    pub self_reference: Option<String>,
}

/// An open transaction of a backend, for [`dequeue`](super::dequeue).
///
/// All steps process the buffers of one session only (quirk Q8). A record of the session is *stale* if the store has a counter of
/// the instance that saved it last that is as high. It is in *conflict* if the store has the record, and the session's
/// counters of it do not reach the store's last save.
///
/// Every method fails if the database cannot be read or written.
#[expect(clippy::missing_errors_doc, reason = "the trait says it for all of them")]
pub trait DequeueStore {
    /// The error of the database.
    type Error;

    /// The id of the current instance, and its counter.
    fn instance(&self) -> Result<(RecordId, Counter), Self::Error>;

    /// The highest counter of `instance` that the buffers of the session name: as a counter of a record, or as the last save of
    /// one. 0 if there is none.
    fn named_counter(&self, session: &TransferSession, instance: RecordId) -> Result<i64, Self::Error>;

    /// Step 1: drops the buffered counters of stale records.
    fn drop_counters_of_stale_records(&self, session: &TransferSession) -> Result<(), Self::Error>;

    /// Step 2: drops the buffers of stale records. Returns their number.
    fn drop_stale_records(&self, session: &TransferSession) -> Result<u64, Self::Error>;

    /// Step 3: writes the counter of the current instance.
    fn save_counter(&self, counter: Counter) -> Result<(), Self::Error>;

    /// Step 4: lists the records in conflict. Returns their number.
    fn list_conflicts(&self, session: &TransferSession) -> Result<u64, Self::Error>;

    /// Step 4: a chunk of the listed conflicts with ids behind `after`, in the order of their ids. Empty at the end. Records that
    /// either side hard deleted are left out.
    fn conflicts(&self, session: &TransferSession, after: &str) -> Result<Vec<FoundConflict>, Self::Error>;

    /// Step 4: notes the answers for listed conflicts. A conflict without one keeps the store's text.
    fn save_answers(&self, answers: &[Answered]) -> Result<(), Self::Error>;

    /// Step 4: merges the listed conflicts into the store, as a save of `me`.
    ///
    /// Without an answer the store's text stays, and the received text is put before its conflicting texts. With one, so are those
    /// of the two texts that are not the answer. A hard deleted record ends all of them. The flags of deletion are those of
    /// either side (quirk Q3). The row becomes dirty.
    fn merge_conflicts(&self, session: &TransferSession, me: (RecordId, Counter)) -> Result<(), Self::Error>;

    /// Step 5: raises the counters that the store has of records in conflict to the buffered ones.
    fn raise_counters_of_conflicts(&self, session: &TransferSession) -> Result<(), Self::Error>;

    /// Step 6: writes the counter of `me` for records in conflict.
    fn add_own_counters_of_conflicts(&self, me: (RecordId, Counter)) -> Result<(), Self::Error>;

    /// Step 7: drops the buffered counters of records in conflict whose instance has a counter in the store. The rest is for
    /// step 10.
    fn drop_known_counters_of_conflicts(&self, session: &TransferSession) -> Result<(), Self::Error>;

    /// Step 8: drops the buffers of records in conflict.
    fn drop_conflicts(&self, session: &TransferSession) -> Result<(), Self::Error>;

    /// Step 9: writes the records that are left to the store, over older versions. Returns their number. The rows become dirty.
    fn write_records(&self, session: &TransferSession) -> Result<u64, Self::Error>;

    /// Step 10: writes the buffered counters that are left. A counter of the store that is higher stays (quirk Q13). A counter
    /// of a record that is not in the store is left out.
    fn write_counters(&self, session: &TransferSession) -> Result<(), Self::Error>;

    /// Step 11: drops the buffered counters of the session.
    fn drop_counters(&self, session: &TransferSession) -> Result<(), Self::Error>;

    /// Step 12: drops the buffers of the session.
    fn drop_records(&self, session: &TransferSession) -> Result<(), Self::Error>;

    /// The counters of this database as a receiver, for the filter of the session, in the older format.
    fn known_counters(&self, session: &TransferSession) -> Result<InstanceCounters, Self::Error>;

    /// Step 13: writes database max counters. A counter that is higher stays (quirk Q2).
    fn raise_database_counters(&self, received: &Received) -> Result<(), Self::Error>;
}
