//! The errors of both sides.

use syncline_serializer::record_id::RecordId;

use crate::session::Direction;
use crate::stage::Stage;
use crate::validate::InvalidBuffer;

/// A server refused a request. It wrote nothing, but that a session ended where it says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The kind, as a status of HTTP.
    pub kind: RefusalKind,
    /// The reason.
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

/// The kind of a [`Refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalKind {
    /// The content cannot be used: 400. A transfer session that it belongs to has ended.
    Invalid,
    /// The session does not allow it: 403.
    Forbidden,
    /// There is no such active session: 404.
    NotFound,
}

/// A server could not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError<E: std::error::Error + 'static> {
    /// It refused the request.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Its database failed. The request may be sent again.
    #[error(transparent)]
    Store(E),
}

/// A sync failed. `S` is the error of the database, `L` the error of the link to the peer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError<S: std::error::Error + 'static, L: std::error::Error + 'static> {
    /// Both databases are one instance: one is a copy of the other, or they are one file. Nothing was written.
    #[error(
        "both databases are the instance {instance}, since one is a copy of the other or both are one file, and changes in \
         one would be lost: {}",
        same_instance_hint(*is_foreign)
    )]
    SameInstance {
        /// The instance.
        instance: RecordId,
        /// `true` if another application makes the instances of the database.
        is_foreign: bool,
    },
    /// This side's database failed before a transfer began, or between two of them.
    #[error("the database failed")]
    Store(#[source] Box<S>),
    /// The peer refused, or could not be reached, before a transfer began or between two of them.
    #[error("the peer failed")]
    Peer(#[source] Box<L>),
    /// This side's database failed in a transfer. The next sync with this peer resumes there.
    #[error("the {direction} was cut in {stage}, where the next sync resumes")]
    CutHere {
        /// The direction.
        direction: Direction,
        /// The stage.
        stage: Stage,
        /// The error of the database.
        source: Box<S>,
    },
    /// The peer failed in a transfer. The next sync with it resumes there, unless it refused.
    #[error("the peer failed in the {direction}, in {stage}")]
    CutThere {
        /// The direction.
        direction: Direction,
        /// The stage.
        stage: Stage,
        /// The error of the link.
        source: Box<L>,
    },
    /// The peer sent data that cannot be taken. The transfer session has ended on both sides, and nothing of it is in the store.
    #[error(
        "the peer {peer} sent what cannot be taken in the {direction}, in {stage}, and the session has ended"
    )]
    Invalid {
        /// The instance of the peer.
        peer: RecordId,
        /// The direction.
        direction: Direction,
        /// The stage.
        stage: Stage,
        /// The fault.
        source: Box<Fault<S>>,
    },
    /// The sync was cancelled. The next sync with this peer resumes.
    #[error("it was cancelled: the next sync resumes")]
    Cancelled,
}

/// The fault of data that a peer sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault<S: std::error::Error + 'static> {
    /// A record.
    #[error(transparent)]
    Buffer(#[from] InvalidBuffer),
    /// A fault that the database found: counters that cannot be true, or cannot be compared.
    #[error(transparent)]
    Transfer(S),
    /// An answer that does not fit the request.
    #[error("{0}")]
    Answer(String),
}

impl<S: std::error::Error + 'static, L: std::error::Error + 'static> SyncError<S, L> {
    /// The error of this side's database outside of a transfer.
    pub fn store(source: S) -> Self {
        Self::Store(Box::new(source))
    }

    /// The error of the link to the peer outside of a transfer.
    pub fn peer(source: L) -> Self {
        Self::Peer(Box::new(source))
    }

    /// `true` if the session has ended for good, and the next sync begins another.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Invalid { .. })
    }

    /// `true` if nothing failed, but the sync was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }
}

fn same_instance_hint(is_foreign: bool) -> &'static str {
    if is_foreign {
        "let the application of the copy generate its ids anew"
    } else {
        "give the copy a database id of its own, by `Database::restored` or the command `new-instance DB`"
    }
}
