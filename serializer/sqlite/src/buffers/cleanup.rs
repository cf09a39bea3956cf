//! `Cleanup`: removes the buffers of transfers that are long dead.

use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use syncline_core::CancelToken;
use syncline_serializer::record_id::RecordId;

use crate::buffers::session::{self, BufferedSession, SessionState};
use crate::error::{DatabaseError, Doing, RunError, SqliteError};
use crate::store::schema::SyncSchema;

const DOING: &str = "removing the buffers of a transfer session";

/// A removal of the buffers of dead transfers. Created by
/// [`Database::cleanup`](crate::Database::cleanup).
///
/// A session is dead if it was inactive for [`older_than`](Self::older_than), no process of its runs, and it cannot be resumed: it
/// ended, it failed, or there is no such session. Other sessions stay, unless [`session`](Self::session) names them.
#[derive(Debug)]
#[must_use = "a cleanup does nothing until `find` or `run` is called"]
pub struct Cleanup<'d> {
    connection: &'d Connection,
    older_than: Duration,
    named: Vec<RecordId>,
    token: CancelToken,
}

/// The result of a [`Cleanup`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cleaned {
    /// The sessions whose buffers are removed.
    pub removed: Vec<BufferedSession>,
    /// The sessions whose buffers stay.
    pub kept: Vec<BufferedSession>,
}

impl Cleaned {
    /// The number of records in the buffers that are removed.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.removed.iter().map(|session| session.records).sum()
    }

    /// The size of their texts in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.removed.iter().map(|session| session.bytes).sum()
    }
}

impl<'d> Cleanup<'d> {
    /// The time after which an inactive session is old: 7 days.
    pub const OLDER_THAN: Duration = Duration::from_hours(7 * 24);

    pub(crate) fn new(connection: &'d Connection) -> Self {
        Self { connection, older_than: Self::OLDER_THAN, named: Vec::new(), token: CancelToken::new() }
    }

    /// Sets the time for which a session must have been inactive.
    pub fn older_than(mut self, time: Duration) -> Self {
        self.older_than = time;
        self
    }

    /// Removes the buffers of the transfer session `id` too, although it is recent, its process runs or it can be resumed. A sync
    /// that uses it fails, or begins anew.
    pub fn session(mut self, id: RecordId) -> Self {
        self.named.push(id);
        self
    }

    /// Ends the run between two sessions once `token` is cancelled.
    pub fn cancelled_by(mut self, token: &CancelToken) -> Self {
        self.token = token.clone();
        self
    }

    /// Finds the sessions whose buffers [`run`](Self::run) would remove, and changes nothing.
    ///
    /// # Errors
    ///
    /// If a named session has no buffers, or the database cannot be read.
    pub fn find(&self) -> Result<Cleaned, DatabaseError> {
        const DOING: &str = "reading the buffers of transfer sessions";

        SyncSchema::read(self.connection)?;
        let transaction = self.connection.unchecked_transaction().doing(DOING)?;
        let sessions = session::read(&transaction, self.older_than).doing(DOING)?;
        let is_there = |id: &&RecordId| sessions.iter().any(|session| session.id == id.as_str());
        if let Some(id) = self.named.iter().find(|id| !is_there(id)) {
            return Err(DatabaseError::NoBuffers { session: *id });
        }
        let (removed, kept) = sessions.into_iter().partition(|session| self.removes(session));
        Ok(Cleaned { removed, kept })
    }

    fn removes(&self, session: &BufferedSession) -> bool {
        session.state.is_dead() || self.named.iter().any(|id| session.id == id.as_str())
    }

    /// Removes the buffers, and marks their sessions as inactive. Each session has a transaction of its own, in which its state is
    /// read again.
    ///
    /// A sync session that is old as well becomes inactive with the last of its active transfer sessions. Morango does the same
    /// (morango.md §14).
    ///
    /// # Errors
    ///
    /// If a named session has no buffers, the run is cancelled, or the database cannot be written. Sessions that were done stay
    /// done.
    pub fn run(self) -> Result<Cleaned, DatabaseError> {
        let Cleaned { removed: found, mut kept } = self.find()?;
        let mut removed = Vec::new();
        for session in found {
            if self.token.is_cancelled() {
                return Err(RunError::Cancelled.into());
            }
            match self.remove(&session.id)? {
                Ok(session) => removed.push(session),
                Err(session) => kept.push(session),
            }
        }
        Ok(Cleaned { removed, kept })
    }

    /// Removes the buffers of one session. Returns the session as an error if it was used in the meantime.
    fn remove(&self, id: &str) -> Result<Result<BufferedSession, BufferedSession>, SqliteError> {
        let transaction =
            Transaction::new_unchecked(self.connection, TransactionBehavior::Immediate).doing(DOING)?;
        let session = session::read_one(&transaction, id, self.older_than).doing(DOING)?;
        if !self.removes(&session) {
            return Ok(Err(session));
        }
        self.delete(&transaction, &session).doing(DOING)?;
        transaction.commit().doing(DOING)?;
        Ok(Ok(session))
    }

    fn delete(&self, connection: &Connection, session: &BufferedSession) -> rusqlite::Result<()> {
        for table in ["morango_recordmaxcounterbuffer", "morango_buffer"] {
            let sql = format!("DELETE FROM {table} WHERE transfer_session_id = ?1");
            connection.execute(&sql, [&session.id])?;
        }
        connection.execute(
            "UPDATE morango_transfersession SET active = 0 WHERE id = ?1 AND active",
            [&session.id],
        )?;
        // A sync session whose process runs may begin another transfer.
        if let Some(sync_session) = &session.sync_session
            && !matches!(session.state, SessionState::Running { .. })
        {
            connection.execute(
                "UPDATE morango_syncsession SET active = 0 WHERE id = ?1 AND active \
                 AND julianday(last_activity_timestamp) < julianday('now') - ?2 / 86400.0 AND NOT EXISTS \
                 (SELECT 1 FROM morango_transfersession AS t WHERE t.sync_session_id = ?1 AND t.active)",
                params![sync_session, self.older_than.as_secs_f64()],
            )?;
        }
        Ok(())
    }
}
