//! The rows of `morango_syncsession` and `morango_transfersession`, written as Morango writes them (morango.md §2, §14).

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use syncline_serializer::record_id::RecordId;
use syncline_transfer::{Direction, Stage, Status, SyncSession, Transfer};

use super::process;
use crate::error::{Doing as _, SqliteError};

/// The time of SQLite's clock in UTC, as Django writes it.
const NOW: &str = "strftime('%Y-%m-%d %H:%M:%f', 'now')";

const SYNC_SESSION: &str = "SELECT id, profile, is_server, active, connection_path, client_instance_id, server_instance_id, \
     client_instance_json, server_instance_json, process_id FROM morango_syncsession";

const TRANSFER: &str = "SELECT id, sync_session_id, filter, push, active, records_total, records_transferred, client_fsic, \
     server_fsic, transfer_stage, transfer_stage_status FROM morango_transfersession";

/// Writes a sync session over a file. The process id says who runs it, on the side of the client.
pub(super) fn create_sync_session(connection: &Connection, session: &SyncSession) -> Result<(), SqliteError> {
    let process = (!session.is_server).then(std::process::id);
    connection
        .execute(
            &format!(
                "INSERT INTO morango_syncsession (id, start_timestamp, last_activity_timestamp, active, is_server, profile, \
                 connection_kind, connection_path, client_ip, server_ip, client_instance_id, server_instance_id, \
                 client_instance_json, server_instance_json, extra_fields, process_id) \
                 VALUES (?1, {NOW}, {NOW}, ?2, ?3, ?4, 'disk', ?5, '', '', ?6, ?7, ?8, ?9, '{{}}', ?10)"
            ),
            params![
                session.id.as_str(),
                session.active,
                session.is_server,
                session.profile,
                session.connection_path,
                session.client_instance.as_str(),
                session.server_instance.as_str(),
                session.client_json,
                session.server_json,
                process,
            ],
        )
        .doing("writing the sync session")?;
    Ok(())
}

pub(super) fn sync_session(
    connection: &Connection,
    id: RecordId,
) -> Result<Option<SyncSession>, SqliteError> {
    connection
        .query_row(&format!("{SYNC_SESSION} WHERE id = ?1"), [id.as_str()], read_sync_session)
        .optional()
        .map(Option::flatten)
        .doing("reading the sync session")
}

/// The active sync sessions of this client with the server, whose process is gone. The latest comes first.
pub(super) fn left_behind(
    connection: &Connection,
    profile: &str,
    (client, server): (RecordId, RecordId),
) -> Result<Vec<SyncSession>, SqliteError> {
    const DOING: &str = "reading the sync sessions";

    let mut statement = connection
        .prepare(&format!(
            "{SYNC_SESSION} WHERE active AND NOT is_server AND connection_kind = 'disk' AND profile = ?1 \
             AND client_instance_id = ?2 AND server_instance_id = ?3 ORDER BY start_timestamp DESC"
        ))
        .doing(DOING)?;
    let mut rows = statement.query((profile, client.as_str(), server.as_str())).doing(DOING)?;
    let mut sessions = Vec::new();
    while let Some(row) = rows.next().doing(DOING)? {
        let (session, process) =
            (read_sync_session(row).doing(DOING)?, row.get::<_, Option<i64>>(9).doing(DOING)?);
        sessions.extend(session.filter(|session| !process::runs(session.id, process)));
    }
    Ok(sessions)
}

/// `None` for a session without instances, as an older Morango wrote them.
fn read_sync_session(row: &Row<'_>) -> rusqlite::Result<Option<SyncSession>> {
    let (Some(session), Some(client), Some(server)) = (id(row, 0)?, id(row, 5)?, id(row, 6)?) else {
        return Ok(None);
    };
    Ok(Some(SyncSession {
        id: session,
        profile: row.get(1)?,
        is_server: row.get(2)?,
        active: row.get(3)?,
        connection_path: row.get(4)?,
        client_instance: client,
        server_instance: server,
        client_json: row.get(7)?,
        server_json: row.get(8)?,
    }))
}

fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<RecordId>> {
    Ok(row.get::<_, Option<String>>(column)?.and_then(|text| RecordId::parse(&text).ok()))
}

pub(super) fn take_over(connection: &Connection, id: RecordId) -> Result<(), SqliteError> {
    connection
        .execute(
            &format!(
                "UPDATE morango_syncsession SET process_id = ?2, last_activity_timestamp = {NOW} WHERE id = ?1"
            ),
            params![id.as_str(), std::process::id()],
        )
        .doing("taking the sync session over")?;
    Ok(())
}

/// Ends a sync session and its transfer sessions. Returns the ids of those that were active.
pub(super) fn close_sync_session(
    connection: &Connection,
    id: RecordId,
) -> Result<Vec<RecordId>, SqliteError> {
    const DOING: &str = "ending the sync session";

    let open = active_transfers(connection, id)?;
    connection
        .execute(
            &format!(
                "UPDATE morango_transfersession SET active = 0, last_activity_timestamp = {NOW} \
                 WHERE sync_session_id = ?1 AND active"
            ),
            [id.as_str()],
        )
        .doing(DOING)?;
    connection
        .execute(
            &format!(
                "UPDATE morango_syncsession SET active = 0, last_activity_timestamp = {NOW} WHERE id = ?1"
            ),
            [id.as_str()],
        )
        .doing(DOING)?;
    Ok(open.into_iter().map(|transfer| transfer.id).collect())
}

pub(super) fn create_transfer(connection: &Connection, transfer: &Transfer) -> Result<(), SqliteError> {
    connection
        .execute(
            &format!(
                "INSERT INTO morango_transfersession (id, sync_session_id, filter, push, active, start_timestamp, \
                 last_activity_timestamp, records_total, records_transferred, bytes_sent, bytes_received, client_fsic, \
                 server_fsic, transfer_stage, transfer_stage_status) \
                 VALUES (?1, ?2, ?3, ?4, ?5, {NOW}, {NOW}, ?6, ?7, 0, 0, ?8, ?9, ?10, ?11)"
            ),
            params![
                transfer.id.as_str(),
                transfer.sync_session.as_str(),
                transfer.filter,
                transfer.direction == Direction::Push,
                transfer.active,
                transfer.total,
                transfer.transferred,
                transfer.client_fsic,
                transfer.server_fsic,
                transfer.stage.as_str(),
                transfer.status.as_str(),
            ],
        )
        .doing("writing the transfer session")?;
    Ok(())
}

pub(super) fn transfer(connection: &Connection, id: RecordId) -> Result<Option<Transfer>, SqliteError> {
    connection
        .query_row(&format!("{TRANSFER} WHERE id = ?1"), [id.as_str()], read_transfer)
        .optional()
        .map(Option::flatten)
        .doing("reading the transfer session")
}

/// The active transfer sessions of a sync session, in the order of their creation.
pub(super) fn active_transfers(
    connection: &Connection,
    sync_session: RecordId,
) -> Result<Vec<Transfer>, SqliteError> {
    const DOING: &str = "reading the transfer sessions";

    let mut statement = connection
        .prepare(&format!("{TRANSFER} WHERE sync_session_id = ?1 AND active ORDER BY start_timestamp, rowid"))
        .doing(DOING)?;
    let rows = statement.query_map([sync_session.as_str()], read_transfer).doing(DOING)?;
    let transfers: Vec<_> = rows.collect::<rusqlite::Result<_>>().doing(DOING)?;
    Ok(transfers.into_iter().flatten().collect())
}

/// `None` for a session whose ids are none, or whose stage this version does not know.
fn read_transfer(row: &Row<'_>) -> rusqlite::Result<Option<Transfer>> {
    let (stage, status): (Option<String>, Option<String>) = (row.get(9)?, row.get(10)?);
    let stage = Stage::parse(stage.as_deref().unwrap_or(Stage::Initializing.as_str()));
    let status = Status::parse(status.as_deref().unwrap_or(Status::Pending.as_str()));
    let (Some(transfer), Some(sync_session)) = (id(row, 0)?, id(row, 1)?) else { return Ok(None) };
    let (Some(stage), Some(status)) = (stage, status) else { return Ok(None) };
    Ok(Some(Transfer {
        id: transfer,
        sync_session,
        filter: row.get(2)?,
        direction: if row.get(3)? { Direction::Push } else { Direction::Pull },
        active: row.get(4)?,
        total: row.get(5)?,
        transferred: row.get(6)?,
        client_fsic: row.get(7)?,
        server_fsic: row.get(8)?,
        stage,
        status,
    }))
}

/// Writes what can change of a transfer session, and the time to it and to its sync session.
pub(super) fn save_transfer(connection: &Connection, transfer: &Transfer) -> Result<(), SqliteError> {
    const DOING: &str = "writing the stage of the transfer session";

    connection
        .prepare_cached(&format!(
            "UPDATE morango_transfersession SET active = ?2, records_total = ?3, records_transferred = ?4, client_fsic = ?5, \
             server_fsic = ?6, transfer_stage = ?7, transfer_stage_status = ?8, last_activity_timestamp = {NOW} WHERE id = ?1"
        ))
        .and_then(|mut update| {
            update.execute(params![
                transfer.id.as_str(),
                transfer.active,
                transfer.total,
                transfer.transferred,
                transfer.client_fsic,
                transfer.server_fsic,
                transfer.stage.as_str(),
                transfer.status.as_str(),
            ])
        })
        .doing(DOING)?;
    touch_sync_session(connection, transfer.sync_session).doing(DOING)
}

fn touch_sync_session(connection: &Connection, id: RecordId) -> rusqlite::Result<()> {
    connection
        .prepare_cached(&format!(
            "UPDATE morango_syncsession SET last_activity_timestamp = {NOW} WHERE id = ?1"
        ))?
        .execute([id.as_str()])?;
    Ok(())
}

/// Adds `records` to the number of records that a transfer session has received.
pub(super) fn add_transferred(
    connection: &Connection,
    id: RecordId,
    records: u64,
) -> Result<(), SqliteError> {
    connection
        .prepare_cached(&format!(
            "UPDATE morango_transfersession SET records_transferred = records_transferred + ?2, \
             last_activity_timestamp = {NOW} WHERE id = ?1"
        ))
        .and_then(|mut update| update.execute(params![id.as_str(), records]))
        .doing("counting the received records")?;
    Ok(())
}
