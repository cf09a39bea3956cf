//! Queue on SQLite: the rows that the receiver lacks are copied by statements of SQL.

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};
use syncline_serializer::filter::PartitionRange;
use syncline_serializer::queue::{Difference, QueueStore};
use syncline_serializer::transfer_session::TransferSession;

use super::fsic::canonical;
use crate::error::{Doing as _, TransferError};

/// The SQL function that asks [`Difference::includes`].
const IS_MISSING: &str = "syncline_is_missing";

/// The open transaction of a queue leg.
pub(super) struct Queue<'c> {
    connection: &'c Connection,
    profile: &'c str,
}

impl<'c> Queue<'c> {
    pub(super) fn new(connection: &'c Connection, profile: &'c str) -> Self {
        Self { connection, profile }
    }

    /// Returns `true` if most rows of the store are in `ranges`. Rows are then read in the order of the table, since the index
    /// would lead to each row by itself.
    fn covers_most(&self, ranges: &[PartitionRange]) -> rusqlite::Result<bool> {
        let all: u64 =
            self.connection.query_row("SELECT count(*) FROM morango_store", [], |row| row.get(0))?;
        let mut count = self.connection.prepare_cached(
            "SELECT count(*) FROM morango_store WHERE partition >= ?1 AND partition < coalesce(?2, x'')",
        )?;
        let mut covered: u64 = 0;
        for range in ranges {
            covered += count.query_row((&range.from, &range.to), |row| row.get::<_, u64>(0))?;
        }
        Ok(covered > all / 8)
    }

    fn copy(&self, session: &TransferSession, difference: Difference) -> rusqlite::Result<u64> {
        let ranges = difference.ranges();
        let covers_most = self.covers_most(&ranges)?;
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
        self.connection.create_scalar_function(IS_MISSING, 3, flags, move |context| {
            let (ValueRef::Text(partition), ValueRef::Text(instance), ValueRef::Integer(counter)) =
                (context.get_raw(0), context.get_raw(1), context.get_raw(2))
            else {
                return Ok(false);
            };
            // Morango selects by the values of the counters, so a row whose values are none of those is not selected.
            let texts = std::str::from_utf8(partition).ok().zip(std::str::from_utf8(instance).ok());
            let row = texts.and_then(|(partition, instance)| Some((partition, canonical(instance)?)));
            Ok(row.is_some_and(|(partition, instance)| difference.includes(partition, instance, counter)))
        })?;
        let copied = if covers_most {
            self.insert(session, "NOT INDEXED", "1", &[None])
        } else {
            let ranges: Vec<_> = ranges.iter().map(Some).collect();
            self.insert(session, "", "partition >= ?3 AND partition < coalesce(?4, x'')", &ranges)
        };
        self.connection.remove_function(IS_MISSING, 3)?;
        copied
    }

    fn insert(
        &self,
        session: &TransferSession,
        index: &str,
        condition: &str,
        ranges: &[Option<&PartitionRange>],
    ) -> rusqlite::Result<u64> {
        let order = if session.has_orders { ", _self_ref_order" } else { "" };
        let mut insert = self.connection.prepare(&format!(
            "INSERT INTO morango_buffer (transfer_session_id, model_uuid, {COLUMNS}{order}) \
             SELECT ?1, id, {COLUMNS}{order} FROM morango_store {index} \
             WHERE profile = ?2 AND {condition} AND {IS_MISSING}(partition, last_saved_instance, last_saved_counter)"
        ))?;
        let mut copied = 0;
        for range in ranges {
            insert.raw_bind_parameter(1, session.id.as_str())?;
            insert.raw_bind_parameter(2, self.profile)?;
            if let Some(range) = range {
                insert.raw_bind_parameter(3, &range.from)?;
                insert.raw_bind_parameter(4, &range.to)?;
            }
            copied += insert.raw_execute()? as u64;
        }
        Ok(copied)
    }
}

/// The columns that the store and the buffers share, but for the id of the record.
pub(super) const COLUMNS: &str = "profile, serialized, deleted, hard_deleted, last_saved_instance, last_saved_counter, \
     partition, source_id, model_name, conflicting_serialized_data, _self_ref_fk";

impl QueueStore for Queue<'_> {
    type Error = TransferError;

    fn empty_buffers(&self, session: &TransferSession) -> Result<(), TransferError> {
        for table in ["morango_recordmaxcounterbuffer", "morango_buffer"] {
            self.connection
                .execute(
                    &format!("DELETE FROM {table} WHERE transfer_session_id = ?1"),
                    [session.id.as_str()],
                )
                .doing("emptying the buffers of the session")?;
        }
        Ok(())
    }

    fn copy_records(&self, session: &TransferSession, difference: Difference) -> Result<u64, TransferError> {
        Ok(self.copy(session, difference).doing("copying records to the buffers")?)
    }

    fn copy_counters(&self, session: &TransferSession) -> Result<(), TransferError> {
        self.connection
            .execute(
                "INSERT INTO morango_recordmaxcounterbuffer \
                 (transfer_session_id, model_uuid, instance_id, counter) \
                 SELECT b.transfer_session_id, b.model_uuid, c.instance_id, c.counter FROM morango_buffer AS b \
                 CROSS JOIN morango_recordmaxcounter AS c ON c.store_model_id = b.model_uuid \
                 WHERE b.transfer_session_id = ?1",
                [session.id.as_str()],
            )
            .doing("copying counters to the buffers")?;
        Ok(())
    }

    fn save_total(&self, session: &TransferSession, records: u64) -> Result<(), TransferError> {
        self.connection
            .execute(
                "UPDATE morango_transfersession SET records_total = ?2 WHERE id = ?1",
                params![session.id.as_str(), records],
            )
            .doing("writing the number of records")?;
        Ok(())
    }
}
