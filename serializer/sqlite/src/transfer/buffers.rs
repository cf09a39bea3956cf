//! Buffers in chunks: read on the side that sends, written on the side that receives (morango.md §10).

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use syncline_serializer::counters::Counter;
use syncline_serializer::model::InvalidColumn;
use syncline_serializer::record_id::RecordId;
use syncline_serializer::serialize::CHUNK_BYTES;
use syncline_transfer::{Buffer, BufferCounter};

use super::queue::COLUMNS;
use super::rows;
use crate::error::{Doing as _, RunError, SqliteError, TransferError};

/// The place in the buffers of a session behind the chunk that was read last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    session: RecordId,
    offset: u64,
    row: i64,
}

/// Reads a chunk, and moves `place` behind it. With a place at `offset` no row is read twice.
pub(super) fn read(
    connection: &Connection,
    has_orders: bool,
    place: &mut Option<Place>,
    (session, offset, limit): (RecordId, u64, usize),
) -> Result<Vec<Buffer>, TransferError> {
    const DOING: &str = "reading the buffers";

    let before = match *place {
        Some(place) if (place.session, place.offset) == (session, offset) => place.row,
        _ => row_before(connection, session, offset).doing(DOING)?,
    };
    let order = if has_orders { "_self_ref_order" } else { "NULL" };
    let mut rows = connection
        .prepare_cached(&format!(
            "SELECT id, model_uuid, {order}, {COLUMNS} FROM morango_buffer \
             WHERE transfer_session_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
        ))
        .doing(DOING)?;
    let mut counters = connection.prepare_cached(COUNTERS).doing(DOING)?;
    let mut rows = rows.query(params![session.as_str(), before, limit]).doing(DOING)?;
    let (mut buffers, mut last, mut bytes) = (Vec::new(), before, 0);
    while let Some(row) = rows.next().doing(DOING)? {
        let mut buffer = buffer(row, session)?;
        let mut rows = counters.query([buffer.record.as_str(), session.as_str()]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            buffer.counters.push(BufferCounter {
                transfer_session: session,
                record: buffer.record,
                instance: id(row, 0, ("morango_recordmaxcounterbuffer", "instance_id"))?,
                counter: counter(row, 1).doing(DOING)?,
            });
        }
        last = row.get(0).doing(DOING)?;
        bytes += buffer.weight();
        buffers.push(buffer);
        if bytes >= CHUNK_BYTES.get() {
            break;
        }
    }
    *place = Some(Place { session, offset: offset + buffers.len() as u64, row: last });
    Ok(buffers)
}

/// The plus sign keeps SQLite from the index of the sessions, which leads to all records of the session for each of them.
const COUNTERS: &str = "SELECT instance_id, counter FROM morango_recordmaxcounterbuffer \
     WHERE model_uuid = ?1 AND +transfer_session_id = ?2 ORDER BY id";

fn row_before(connection: &Connection, session: RecordId, offset: u64) -> rusqlite::Result<i64> {
    let Some(before) = offset.checked_sub(1) else { return Ok(0) };
    let row = connection
        .query_row(
            "SELECT id FROM morango_buffer WHERE transfer_session_id = ?1 ORDER BY id LIMIT 1 OFFSET ?2",
            params![session.as_str(), before],
            |row| row.get(0),
        )
        .optional()?;
    Ok(row.unwrap_or(i64::MAX))
}

/// Reads the row of a buffer, without its counters. The columns of [`COLUMNS`] begin at 3.
fn buffer(row: &Row<'_>, session: RecordId) -> Result<Buffer, TransferError> {
    let record = id(row, 1, ("morango_buffer", "model_uuid"))?;
    let last_saved_instance = id(row, 7, ("morango_buffer", "last_saved_instance"))?;
    let read = || {
        Ok(Buffer {
            transfer_session: session,
            record,
            profile: row.get(3)?,
            serialized: row.get(4)?,
            deleted: row.get(5)?,
            hard_deleted: row.get(6)?,
            last_saved_instance,
            last_saved_counter: counter(row, 8)?,
            partition: row.get(9)?,
            source_id: row.get(10)?,
            model: row.get(11)?,
            conflicting: row.get(12)?,
            self_ref_fk: row.get(13)?,
            self_ref_order: row.get(2)?,
            counters: Vec::new(),
        })
    };
    Ok(read().doing("reading a buffer")?)
}

fn counter(row: &Row<'_>, column: usize) -> rusqlite::Result<Counter> {
    row.get(column)
}

/// The id in a column of one of the buffers' tables.
fn id(
    row: &Row<'_>,
    column: usize,
    (table, name): (&'static str, &'static str),
) -> Result<RecordId, TransferError> {
    let text: String = row.get(column).doing("reading a buffer")?;
    RecordId::parse(&text).map_err(|source| {
        RunError::Invalid(InvalidColumn { table, column: name, record: text, source }).into()
    })
}

/// Writes a chunk in place of the session's buffers of the same records. Returns how many more records the session has.
pub(super) fn insert(
    connection: &Connection,
    has_orders: bool,
    session: RecordId,
    buffers: &[Buffer],
) -> Result<u64, SqliteError> {
    const DOING: &str = "writing received buffers";

    let mut drop_record = connection
        .prepare_cached("DELETE FROM morango_buffer WHERE transfer_session_id = ?1 AND model_uuid = ?2")
        .doing(DOING)?;
    let mut drop_counters = connection
        .prepare_cached(
            "DELETE FROM morango_recordmaxcounterbuffer WHERE model_uuid = ?2 AND +transfer_session_id = ?1",
        )
        .doing(DOING)?;
    let (order, value) = if has_orders { (", _self_ref_order", ", ?14") } else { ("", "") };
    let mut insert_record = connection
        .prepare_cached(&format!(
            "INSERT INTO morango_buffer (transfer_session_id, model_uuid, {COLUMNS}{order}) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13{value})"
        ))
        .doing(DOING)?;
    let mut insert_counter = connection
        .prepare_cached(
            "INSERT INTO morango_recordmaxcounterbuffer (transfer_session_id, model_uuid, instance_id, counter) \
             VALUES (?1, ?2, ?3, ?4)",
        )
        .doing(DOING)?;
    let mut more = 0;
    for buffer in buffers {
        let of_record = [session.as_str(), buffer.record.as_str()];
        if drop_record.execute(of_record).doing(DOING)? == 0 {
            more += 1;
        } else {
            drop_counters.execute(of_record).doing(DOING)?;
        }
        let values = params![
            session.as_str(),
            buffer.record.as_str(),
            buffer.profile,
            buffer.serialized,
            buffer.deleted,
            buffer.hard_deleted,
            buffer.last_saved_instance.as_str(),
            buffer.last_saved_counter,
            buffer.partition,
            buffer.source_id,
            buffer.model,
            buffer.conflicting,
            buffer.self_ref_fk,
            buffer.self_ref_order,
        ];
        let values = if has_orders { values } else { &values[..13] };
        insert_record.execute(values).doing(DOING)?;
        for counter in &buffer.counters {
            let values =
                params![session.as_str(), buffer.record.as_str(), counter.instance.as_str(), counter.counter];
            insert_counter.execute(values).doing(DOING)?;
        }
    }
    rows::add_transferred(connection, session, more)?;
    Ok(more)
}

pub(super) fn drop_all(connection: &Connection, session: RecordId) -> Result<(), SqliteError> {
    for table in ["morango_recordmaxcounterbuffer", "morango_buffer"] {
        connection
            .execute(&format!("DELETE FROM {table} WHERE transfer_session_id = ?1"), [session.as_str()])
            .doing("dropping the buffers of the session")?;
    }
    Ok(())
}
