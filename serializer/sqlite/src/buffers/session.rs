//! `BufferedSession`: a transfer session with buffers, and `SessionState`, the reason why they are needed or not.

use std::fmt;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::store::process;

/// A transfer session that has rows in the buffers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BufferedSession {
    /// The id of the transfer session.
    pub id: String,
    /// The number of records in its buffers.
    pub records: u64,
    /// The number of counters in its buffers.
    pub counters: u64,
    /// The size of the records' texts in bytes. The rows take more.
    pub bytes: u64,
    /// `true` if this device is the receiver. `None` if the session is unknown.
    pub is_receiver: Option<bool>,
    /// The prefixes of the records that it transfers, one on each line.
    pub filter: Option<String>,
    /// The stage at which it stopped, with its status: `dequeuing errored`.
    pub stage: Option<String>,
    /// The time of its last activity, in UTC.
    pub last_activity: Option<String>,
    /// The sync session that it belongs to.
    pub sync_session: Option<String>,
    /// The reason why the buffers are needed or not.
    pub state: SessionState,
}

/// The reason why the buffers of a transfer session are needed or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionState {
    /// The session was active a short time ago.
    Recent,
    /// The process of its sync session runs, or another process with the same id.
    Running {
        /// The id of the process.
        process: i64,
    },
    /// The session stopped, and can go on where it was.
    Resumable,
    /// A stage of the session failed. A session never leaves that state (morango.md §14).
    Failed,
    /// The session has ended, or its sync session has.
    Ended,
    /// There is no such session.
    Unknown,
}

impl SessionState {
    /// `true` if no transfer needs the buffers any more.
    #[must_use]
    pub fn is_dead(self) -> bool {
        matches!(self, Self::Failed | Self::Ended | Self::Unknown)
    }
}

impl fmt::Display for SessionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recent => f.write_str("was active a short time ago"),
            Self::Running { process } => write!(f, "process {process} runs"),
            Self::Resumable => f.write_str("can be resumed"),
            Self::Failed => f.write_str("failed"),
            Self::Ended => f.write_str("ended"),
            Self::Unknown => f.write_str("unknown session"),
        }
    }
}

/// Reads the sessions that have buffers, the least recently active first. A session is recent until it was inactive for
/// `older_than`.
pub(crate) fn read(connection: &Connection, older_than: Duration) -> rusqlite::Result<Vec<BufferedSession>> {
    let mut sessions = Vec::new();
    for id in ids(connection)? {
        sessions.push(read_one(connection, &id, older_than)?);
    }
    sessions.sort_by(|one, other| (&one.last_activity, &one.id).cmp(&(&other.last_activity, &other.id)));
    Ok(sessions)
}

/// The ids of the transfer sessions that have buffers.
pub(crate) fn ids(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    // Each step finds the next id by the index, so the time grows with the sessions and not with the rows.
    let mut ids = connection.prepare(
        "WITH RECURSIVE \
         records(id) AS (SELECT min(transfer_session_id) FROM morango_buffer UNION ALL SELECT (SELECT min(transfer_session_id) \
         FROM morango_buffer WHERE transfer_session_id > records.id) FROM records WHERE id IS NOT NULL), \
         counters(id) AS (SELECT min(transfer_session_id) FROM morango_recordmaxcounterbuffer UNION ALL SELECT \
         (SELECT min(transfer_session_id) FROM morango_recordmaxcounterbuffer WHERE transfer_session_id > counters.id) \
         FROM counters WHERE id IS NOT NULL) \
         SELECT id FROM records WHERE id IS NOT NULL UNION SELECT id FROM counters WHERE id IS NOT NULL",
    )?;
    ids.query_map([], |row| row.get(0))?.collect()
}

/// The state of the session `id`.
pub(crate) fn state(
    connection: &Connection,
    id: &str,
    older_than: Duration,
) -> rusqlite::Result<SessionState> {
    Ok(Found::of(connection, id, older_than)?.map_or(SessionState::Unknown, |found| found.state()))
}

/// Reads the session `id` and counts its buffers, of which there may be none.
pub(super) fn read_one(
    connection: &Connection,
    id: &str,
    older_than: Duration,
) -> rusqlite::Result<BufferedSession> {
    let (records, bytes) = connection
        .prepare_cached(
            "SELECT count(*), ifnull(sum(octet_length(serialized) + octet_length(conflicting_serialized_data)), 0) \
             FROM morango_buffer WHERE transfer_session_id = ?1",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let counters = connection
        .prepare_cached("SELECT count(*) FROM morango_recordmaxcounterbuffer WHERE transfer_session_id = ?1")?
        .query_row([id], |row| row.get(0))?;
    let mut session = BufferedSession {
        id: id.to_owned(),
        records,
        counters,
        bytes,
        is_receiver: None,
        filter: None,
        stage: None,
        last_activity: None,
        sync_session: None,
        state: SessionState::Unknown,
    };
    if let Some(found) = Found::of(connection, id, older_than)? {
        session.state = found.state();
        let stage: Vec<_> =
            found.stage.into_iter().chain(found.status).filter(|part| !part.is_empty()).collect();
        session.stage = Some(stage.join(" ")).filter(|stage| !stage.is_empty());
        session.is_receiver = Some(found.is_receiver);
        session.filter = Some(found.filter);
        session.last_activity = found.last_activity;
        session.sync_session = found.sync_session;
    }
    Ok(session)
}

/// A row of `morango_transfersession`, with the row of its sync session.
struct Found {
    filter: String,
    is_receiver: bool,
    is_active: bool,
    stage: Option<String>,
    status: Option<String>,
    last_activity: Option<String>,
    sync_session: Option<String>,
    /// `None` if there is no sync session.
    is_sync_active: Option<bool>,
    process: Option<i64>,
    /// `None` if the time of its last activity is no time.
    is_old: Option<bool>,
}

impl Found {
    fn of(connection: &Connection, id: &str, older_than: Duration) -> rusqlite::Result<Option<Self>> {
        connection
            .prepare_cached(
                "SELECT t.filter, t.push IS s.is_server, t.active, t.transfer_stage, t.transfer_stage_status, \
                 t.last_activity_timestamp, t.sync_session_id, s.active, s.process_id, \
                 julianday(t.last_activity_timestamp) < julianday('now') - ?2 / 86400.0 \
                 FROM morango_transfersession AS t LEFT JOIN morango_syncsession AS s ON s.id = t.sync_session_id \
                 WHERE t.id = ?1",
            )?
            .query_row((id, older_than.as_secs_f64()), Self::read)
            .optional()
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            filter: row.get(0)?,
            is_receiver: row.get(1)?,
            is_active: row.get(2)?,
            stage: row.get(3)?,
            status: row.get(4)?,
            last_activity: row.get(5)?,
            sync_session: row.get(6)?,
            is_sync_active: row.get(7)?,
            process: row.get(8)?,
            is_old: row.get(9)?,
        })
    }

    fn state(&self) -> SessionState {
        if self.is_old != Some(true) {
            return SessionState::Recent;
        }
        if let Some(process) = self.process.filter(|id| process::is_alive(*id)) {
            return SessionState::Running { process };
        }
        if !self.is_active || self.is_sync_active != Some(true) {
            return SessionState::Ended;
        }
        if self.status.as_deref() == Some("errored") { SessionState::Failed } else { SessionState::Resumable }
    }
}
