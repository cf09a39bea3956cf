//! The requests of a client and the answers of a server. Each is one of Morango's HTTP calls (morango.md §15).

use syncline_serializer::record_id::RecordId;

use crate::buffer::Buffer;
use crate::session::{Direction, Transfer};
use crate::stage::Stage;

/// A request of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `GET morangoinfo/1/`
    Info,
    /// `POST syncsessions/`
    CreateSyncSession(CreateSyncSession),
    /// `GET syncsessions/<id>/`: is it there, and active?
    FindSyncSession(RecordId),
    /// `DELETE syncsessions/<id>/`
    CloseSyncSession(RecordId),
    /// `POST transfersessions/`
    CreateTransfer(CreateTransfer),
    /// `GET transfersessions/<id>/`
    FindTransfer(RecordId),
    /// `PATCH transfersessions/<id>/`
    PatchTransfer(PatchTransfer),
    /// `DELETE transfersessions/<id>/`
    CloseTransfer(RecordId),
    /// `GET buffers/?transfer_session_id=&limit=&offset=`
    GetBuffers {
        /// The transfer session.
        transfer: RecordId,
        /// The largest number of records.
        limit: usize,
        /// The number of records before them.
        offset: u64,
    },
    /// `POST buffers/`
    PostBuffers(Vec<Buffer>),
}

/// The body of `POST syncsessions/`. Certificates, a nonce and a signature are added by a link that needs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateSyncSession {
    /// The id, which the client chooses.
    pub id: RecordId,
    /// The profile.
    pub profile: String,
    /// The way to the server.
    pub connection_path: String,
    /// The instance of the client.
    pub instance: RecordId,
    /// The client's description of its instance, as JSON.
    pub instance_json: String,
}

/// The body of `POST transfersessions/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTransfer {
    /// The id, which the client chooses.
    pub id: RecordId,
    /// The sync session.
    pub sync_session: RecordId,
    /// The prefixes of the partitions, separated by line breaks.
    pub filter: String,
    /// The direction.
    pub direction: Direction,
}

/// The body of `PATCH transfersessions/<id>/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchTransfer {
    /// The transfer session.
    pub id: RecordId,
    /// The stage to reach.
    pub stage: Stage,
    /// The counters of the client, for the stage in which they are exchanged.
    pub client_fsic: Option<String>,
    /// The number of records that a push has.
    pub total: Option<u64>,
    /// The number of records of a pull that the client has.
    pub transferred: Option<u64>,
}

/// The answer of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// About the server.
    Info(Info),
    /// The sync session was created. The text is what the server says about its instance.
    SyncSessionCreated {
        /// The instance, as JSON.
        server_json: String,
    },
    /// The transfer session, as the server has it.
    Transfer(Transfer),
    /// A chunk of buffers.
    Buffers(Vec<Buffer>),
    /// Done, or found.
    Done,
}

/// The answer to [`Request::Info`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// The instance of the server.
    pub instance: RecordId,
    /// The server's description of its instance, as JSON.
    pub instance_json: String,
}
