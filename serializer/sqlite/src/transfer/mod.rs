//! The legs between the store and the buffers of a transfer session, on SQLite.

mod buffers;
mod dequeue;
mod fsic;
mod process;
mod queue;
mod rows;
mod session;
mod sync;
mod sync_store;

pub use fsic::{Format, counters_for};
pub use session::read_session;
pub use sync::{SyncError, SyncRun, SyncWith};
pub use sync_store::SyncStore;

use rusqlite::Connection;
use syncline_serializer::dequeue::Dequeued;
use syncline_serializer::model::Profile;
use syncline_serializer::transfer_session::TransferSession;

use crate::error::{RunError, TransferError};
use crate::flow::SyncScope;

/// Fills the buffers of `session` with the records of the profile `profile` that its receiver lacks, in one transaction (morango.md
/// §9). Returns the number of records.
///
/// # Errors
///
/// If the counters of the two sides cannot be compared, or the database cannot be written. Nothing is written then.
pub fn queue(
    place: &mut impl SyncScope,
    profile: &str,
    session: &TransferSession,
) -> Result<u64, TransferError> {
    in_transaction(place, |connection| {
        syncline_serializer::queue::queue(&queue::Queue::new(connection, profile), session)
    })
}

/// Merges the buffers of `session` into the store, in one transaction (morango.md §11, §12). The profile `P` decides about records
/// in conflict.
///
/// # Errors
///
/// If the peer names counters of this instance that cannot be true, or the database cannot be written. Nothing is written
/// then.
pub fn dequeue<P: Profile>(
    place: &mut impl SyncScope,
    session: &TransferSession,
) -> Result<Dequeued, TransferError> {
    in_transaction(place, |connection| {
        let dequeue = dequeue::Dequeue::begin(connection, session)?;
        syncline_serializer::dequeue::dequeue::<P, _>(&dequeue, session)
    })
}

fn in_transaction<T>(
    place: &mut impl SyncScope,
    work: impl FnOnce(&Connection) -> Result<T, TransferError>,
) -> Result<T, TransferError> {
    let opened = place.open()?;
    let done = work(&opened)?;
    opened.commit().map_err(|source| RunError::sqlite("committing", source))?;
    Ok(done)
}
