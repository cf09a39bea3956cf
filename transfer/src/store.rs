//! `SessionStore`: the operations of both sides on a database.

use syncline_serializer::counters::{Fsic, Role};
use syncline_serializer::dequeue::Dequeued;
use syncline_serializer::deserialize::Deserialized;
use syncline_serializer::filter::Filter;
use syncline_serializer::record_id::RecordId;
use syncline_serializer::serialize::Serialized;
use syncline_serializer::transfer_session::InvalidTransfer;

use crate::buffer::Buffer;
use crate::session::{Direction, SyncSession, Transfer};

/// The operations of one side of a sync on its database. Records are handed over in chunks.
///
/// Every method is one transaction, and may be repeated: a run that was cut calls it again. Every method fails if the database
/// cannot be read or written.
#[expect(clippy::missing_errors_doc, reason = "the trait says it for all of them")]
pub trait SessionStore {
    /// The error of the database. [`invalid`](Self::invalid) tells a fault of what the peer sent from others.
    type Error: std::error::Error + From<InvalidTransfer> + Send + Sync + 'static;

    /// The fault of what the peer sent, if `error` is one. It ends the session for good; after any other error it can go on.
    fn invalid(error: &Self::Error) -> Option<&InvalidTransfer>;

    /// The profile that syncs.
    fn profile(&self) -> &str;

    /// Checks that the tables of the database are those of the profile. Returns the current instance. Writes nothing.
    fn instance(&mut self) -> Result<Instance, Self::Error>;

    /// The id that a record of `model` with this partition and source id must have. In `partition`, `${id}` stands for the
    /// record's own id (morango.md §1.3).
    fn expected_id(&self, model: &str, partition: &str, source_id: &str) -> Option<RecordId>;

    /// Writes a new sync session.
    fn create_sync_session(&mut self, session: &SyncSession) -> Result<(), Self::Error>;

    /// The sync session `id`.
    fn sync_session(&mut self, id: RecordId) -> Result<Option<SyncSession>, Self::Error>;

    /// The active sync sessions that a run with this peer left behind, whose process is gone, with their active transfer sessions
    /// in the order of their creation. This side is the client.
    fn unfinished(&mut self, client: RecordId, server: RecordId) -> Result<Vec<Unfinished>, Self::Error>;

    /// Takes a sync session over for this process.
    fn take_over(&mut self, id: RecordId) -> Result<(), Self::Error>;

    /// Ends a sync session, and the transfer sessions of it that are active: their buffers are dropped.
    fn close_sync_session(&mut self, id: RecordId) -> Result<(), Self::Error>;

    /// Writes a new transfer session.
    fn create_transfer(&mut self, transfer: &Transfer) -> Result<(), Self::Error>;

    /// The transfer session `id`.
    fn transfer(&mut self, id: RecordId) -> Result<Option<Transfer>, Self::Error>;

    /// The active transfer session of a sync session in this direction.
    fn active_transfer(
        &mut self,
        sync_session: RecordId,
        direction: Direction,
    ) -> Result<Option<Transfer>, Self::Error>;

    /// Writes what can change of a transfer session: its stage and status, counters and numbers of records, and if it is
    /// active.
    fn save_transfer(&mut self, transfer: &Transfer) -> Result<(), Self::Error>;

    /// Drops the buffers of a transfer session.
    fn drop_buffers(&mut self, id: RecordId) -> Result<(), Self::Error>;

    /// Serialises the changes of the app (morango.md §6).
    fn serialize(&mut self, filter: &Filter) -> Result<Serialized, Self::Error>;

    /// The counters of the database under a filter (morango.md §8).
    fn counters(&mut self, filter: &Filter, role: Role) -> Result<Fsic, Self::Error>;

    /// Queues: fills the buffers of a transfer session (morango.md §9). Returns the number of records.
    fn queue(&mut self, id: RecordId) -> Result<u64, Self::Error>;

    /// Buffers of a transfer session in the order in which they were queued: at most `limit` after the first `offset`, and fewer
    /// if they are large. At least one, if there is one.
    fn buffers(&mut self, id: RecordId, offset: u64, limit: usize) -> Result<Vec<Buffer>, Self::Error>;

    /// Writes a chunk of buffers in place of those that the session has of the same records, and raises its number of records
    /// by those that are new (morango.md §10.4). Returns that number.
    fn insert_buffers(&mut self, id: RecordId, buffers: &[Buffer]) -> Result<u64, Self::Error>;

    /// Dequeues: merges the buffers of a transfer session into the store (morango.md §11).
    fn dequeue(&mut self, id: RecordId) -> Result<Dequeued, Self::Error>;

    /// Deserialises: writes what arrived in the store to the app's tables (morango.md §13).
    fn deserialize(&mut self, filter: &Filter) -> Result<Deserialized, Self::Error>;
}

/// The current instance of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its id.
    pub id: RecordId,
    /// The description of the instance, as JSON (morango.md §15).
    pub json: String,
    /// `true` if another application makes the instance of this database, so that Syncline must not change it.
    pub is_foreign: bool,
}

/// A sync session that a run left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The sync session.
    pub session: SyncSession,
    /// Its active transfer sessions.
    pub transfers: Vec<Transfer>,
}
