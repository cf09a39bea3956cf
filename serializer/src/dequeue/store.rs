//! `DequeueStore`: the operations of dequeue on a database, one for each numbered step of morango.md §11.

use crate::counters::{Counter, InstanceCounters, Received};
use crate::record_id::RecordId;
use crate::transfer_session::TransferSession;

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

    /// Step 4: merges records in conflict into the store, as a save of `me`. Returns their number.
    ///
    /// The store's text stays, and the received text is put before its conflicting texts; a hard deleted record ends both. The
    /// flags of deletion are those of either side (quirk Q3). The row becomes dirty.
    fn merge_conflicts(&self, session: &TransferSession, me: (RecordId, Counter))
    -> Result<u64, Self::Error>;

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
