//! The rows of `morango_syncsession` and `morango_transfersession`, as either side has them (morango.md §2, §14).

use std::fmt;

use syncline_serializer::filter::Filter;
use syncline_serializer::record_id::RecordId;

use crate::stage::{Stage, Status};

/// A sync session: the connection of two databases, which has transfer sessions.
///
/// Certificates have no place here yet: the rows have `NULL` in their columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncSession {
    /// Its id, which is the same on both sides.
    pub id: RecordId,
    /// The profile that syncs.
    pub profile: String,
    /// `true` on the side that answers.
    pub is_server: bool,
    /// `false` after it ended.
    pub active: bool,
    /// The way to the peer: a path or a URL.
    pub connection_path: String,
    /// The instance of the side that began.
    pub client_instance: RecordId,
    /// The instance of the side that answers.
    pub server_instance: RecordId,
    /// The client's description of its instance, as JSON.
    pub client_json: String,
    /// The server's description of its instance, as JSON.
    pub server_json: String,
}

/// A transfer session: one filter, one direction, and its progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its id, which is the same on both sides.
    pub id: RecordId,
    /// The sync session that it belongs to.
    pub sync_session: RecordId,
    /// The prefixes of the partitions, separated by line breaks. Empty for everything.
    pub filter: String,
    /// The direction, as the client sees it.
    pub direction: Direction,
    /// `false` after it ended.
    pub active: bool,
    /// The number of records in the buffers of the sender. `None` until it is known.
    pub total: Option<u64>,
    /// The number of records that were handed over.
    pub transferred: u64,
    /// The counters of the client, as the text that travels.
    pub client_fsic: String,
    /// The counters of the server, as the text that travels.
    pub server_fsic: String,
    /// The stage that was begun last.
    pub stage: Stage,
    /// The status of that stage.
    pub status: Status,
}

impl Transfer {
    /// A transfer session that begins, with its first stage pending.
    #[must_use]
    pub fn new(id: RecordId, sync_session: RecordId, filter: String, direction: Direction) -> Self {
        Self {
            id,
            sync_session,
            filter,
            direction,
            active: true,
            total: None,
            transferred: 0,
            client_fsic: "{}".to_owned(),
            server_fsic: "{}".to_owned(),
            stage: Stage::Initializing,
            status: Status::Pending,
        }
    }

    /// Its filter.
    #[must_use]
    pub fn filter(&self) -> Filter {
        let mut filter = Filter::everything();
        filter.add(&self.filter);
        filter
    }

    /// Returns `true` if every record was handed over. A peer may send more than it said.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.total.is_some_and(|total| self.transferred >= total)
    }

    /// Returns `true` if `stage` was completed.
    #[must_use]
    pub fn is_past(&self, stage: Stage) -> bool {
        self.stage > stage || (self.stage == stage && self.status == Status::Completed)
    }
}

/// The direction of a transfer, as the client sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The server sends and the client receives.
    Pull,
    /// The client sends and the server receives.
    Push,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pull => "pull",
            Self::Push => "push",
        })
    }
}
