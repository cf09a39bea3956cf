//! Queue: the leg that copies the records that a receiver lacks from the store to the buffers of a transfer session
//! (morango.md §9).
//!
//! [`Difference`] says which records these are. It is computed from the counters of both sides, and a backend asks it for
//! each row of the store. [`queue`] is the order of the leg, and [`QueueStore`] are its operations on a database.

mod difference;
mod store;

pub use difference::Difference;
pub use store::QueueStore;

use crate::transfer_session::{InvalidTransfer, TransferSession};

/// Fills the buffers of `session` with the records that its receiver lacks, and their record max counters. Returns the number
/// of records. The backend calls it in one transaction.
///
/// Buffers that the session has already are dropped first: they are left from an attempt whose stage was not recorded.
///
/// # Errors
///
/// If the counters of the two sides are of different formats, name partitions outside of the filter, or the database fails.
pub fn queue<S: QueueStore>(store: &S, session: &TransferSession) -> Result<u64, S::Error>
where
    S::Error: From<InvalidTransfer>,
{
    let difference = Difference::of(session)?;
    store.empty_buffers(session)?;
    let records = if difference.is_empty() {
        0
    } else {
        let records = store.copy_records(session, difference)?;
        store.copy_counters(session)?;
        records
    };
    store.save_total(session, records)?;
    Ok(records)
}
