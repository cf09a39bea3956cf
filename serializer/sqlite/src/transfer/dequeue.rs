//! Dequeue on SQLite: each numbered step of morango.md §11 is a statement of SQL.

use rusqlite::{Connection, Params, params};
use syncline_serializer::counters::{Counter, Fsic, InstanceCounters, Received, Role};
use syncline_serializer::dequeue::{Answered, DequeueStore, FoundConflict};
use syncline_serializer::record_id::RecordId;
use syncline_serializer::serialize::{CHUNK, CHUNK_BYTES};
use syncline_serializer::transfer_session::{InvalidTransfer, TransferSession};

use super::fsic::{Format, counters_for};
use super::queue::COLUMNS;
use crate::error::{Doing as _, TransferError};
use crate::store::instance;
use crate::store::schema::SyncSchema;

/// The ids of stale records, by the session `?1`.
const STALE: &str = "SELECT b.model_uuid FROM morango_buffer AS b CROSS JOIN morango_recordmaxcounter AS c \
     ON c.store_model_id = b.model_uuid AND c.instance_id = b.last_saved_instance \
     AND c.counter >= b.last_saved_counter WHERE b.transfer_session_id = ?1";

/// The open transaction of a dequeue leg. It has a temporary table with the ids of the records in conflict, and with the answers to
/// them: a text, or none for the received text.
pub(super) struct Dequeue<'c> {
    connection: &'c Connection,
    /// `true` if the depth of a record in its tree comes with it.
    has_orders: bool,
    /// `true` if the store has a column for that.
    store_has_orders: bool,
}

impl<'c> Dequeue<'c> {
    pub(super) fn begin(
        connection: &'c Connection,
        session: &TransferSession,
    ) -> Result<Self, TransferError> {
        connection
            .execute_batch(
                "DROP TABLE IF EXISTS temp.syncline_conflicts; \
                 CREATE TEMP TABLE syncline_conflicts (id TEXT PRIMARY KEY, is_answered INTEGER NOT NULL DEFAULT 0, \
                 answer TEXT, parent TEXT) WITHOUT ROWID",
            )
            .doing("making room for conflicts")?;
        let store_has_orders = SyncSchema::read(connection)?.self_ref_order;
        Ok(Self { connection, has_orders: session.has_orders, store_has_orders })
    }

    /// Reads conflicts behind the id `after`: up to 500, or fewer once they take 2 MiB.
    fn read_conflicts(&self, session: &TransferSession, after: &str) -> rusqlite::Result<Vec<FoundConflict>> {
        let mut select = self.connection.prepare_cached(
            "SELECT x.id, s.model_name, CAST(s.serialized AS BLOB), CAST(b.serialized AS BLOB), \
             s.deleted OR b.deleted FROM temp.syncline_conflicts AS x CROSS JOIN morango_buffer AS b \
             ON b.transfer_session_id = ?1 AND b.model_uuid = x.id CROSS JOIN morango_store AS s ON s.id = x.id \
             WHERE x.id > ?2 AND NOT s.hard_deleted AND NOT b.hard_deleted ORDER BY x.id",
        )?;
        let mut rows = select.query((session.id.as_str(), after))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (mut found, mut bytes) = (Vec::new(), 0);
        while found.len() < CHUNK.get()
            && bytes < CHUNK_BYTES.get()
            && let Some(row) = rows.next()?
        {
            let (mine, theirs) = (row.get_ref(2)?.as_blob()?, row.get_ref(3)?.as_blob()?);
            bytes += mine.len() + theirs.len();
            found.push(FoundConflict {
                id: row.get(0)?,
                model: row.get(1)?,
                mine: text(mine),
                theirs: text(theirs),
                deleted: row.get(4)?,
            });
        }
        Ok(found)
    }

    fn execute(&self, doing: &'static str, sql: &str, values: impl Params) -> Result<u64, TransferError> {
        Ok(self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).doing(doing)? as u64)
    }
}

impl Drop for Dequeue<'_> {
    fn drop(&mut self) {
        // If the transaction was rolled back, the table is gone, or the next leg drops it.
        let _ = self.connection.execute_batch("DROP TABLE IF EXISTS temp.syncline_conflicts");
    }
}

impl DequeueStore for Dequeue<'_> {
    type Error = TransferError;

    fn instance(&self) -> Result<(RecordId, Counter), TransferError> {
        let (instance, counter) = instance::current(self.connection)?;
        match Counter::try_from(counter) {
            Ok(counter) => Ok((instance, counter)),
            Err(_) => Err(InvalidTransfer::NoCounterLeft { counter }.into()),
        }
    }

    fn named_counter(&self, session: &TransferSession, instance: RecordId) -> Result<i64, TransferError> {
        let named = self.connection.query_row(
            "SELECT max(coalesce((SELECT max(counter) FROM morango_recordmaxcounterbuffer \
             WHERE transfer_session_id = ?1 AND instance_id = ?2), 0), \
             coalesce((SELECT max(last_saved_counter) FROM morango_buffer \
             WHERE transfer_session_id = ?1 AND last_saved_instance = ?2), 0))",
            (session.id.as_str(), instance.as_str()),
            |row| row.get(0),
        );
        Ok(named.doing("reading the counters of this instance that the peer knows")?)
    }

    fn drop_counters_of_stale_records(&self, session: &TransferSession) -> Result<(), TransferError> {
        let sql = format!(
            "DELETE FROM morango_recordmaxcounterbuffer WHERE transfer_session_id = ?1 AND model_uuid IN ({STALE})"
        );
        self.execute("dropping the counters of stale records (step 1)", &sql, [session.id.as_str()])?;
        Ok(())
    }

    fn drop_stale_records(&self, session: &TransferSession) -> Result<u64, TransferError> {
        let sql =
            format!("DELETE FROM morango_buffer WHERE transfer_session_id = ?1 AND model_uuid IN ({STALE})");
        self.execute("dropping stale records (step 2)", &sql, [session.id.as_str()])
    }

    fn save_counter(&self, counter: Counter) -> Result<(), TransferError> {
        let sql = "UPDATE morango_instanceidmodel SET counter = ?1 WHERE current";
        self.execute("incrementing the instance's counter (step 3)", sql, [counter])?;
        Ok(())
    }

    fn list_conflicts(&self, session: &TransferSession) -> Result<u64, TransferError> {
        self.execute(
            "listing conflicts (step 4)",
            "INSERT INTO temp.syncline_conflicts (id) SELECT b.model_uuid FROM morango_buffer AS b \
             CROSS JOIN morango_store AS s ON s.id = b.model_uuid WHERE b.transfer_session_id = ?1 \
             AND NOT EXISTS (SELECT 1 FROM morango_recordmaxcounterbuffer AS c \
             WHERE c.model_uuid = b.model_uuid AND c.transfer_session_id = ?1 \
             AND c.instance_id = s.last_saved_instance AND c.counter >= s.last_saved_counter)",
            [session.id.as_str()],
        )
    }

    fn conflicts(&self, session: &TransferSession, after: &str) -> Result<Vec<FoundConflict>, TransferError> {
        Ok(self.read_conflicts(session, after).doing("reading conflicts (step 4)")?)
    }

    fn save_answers(&self, answers: &[Answered]) -> Result<(), TransferError> {
        for Answered { id, text, self_reference } in answers {
            self.execute(
                "noting the answers to conflicts (step 4)",
                "UPDATE temp.syncline_conflicts SET is_answered = 1, answer = ?2, parent = ?3 WHERE id = ?1",
                (id, text, self_reference),
            )?;
        }
        Ok(())
    }

    fn merge_conflicts(
        &self,
        session: &TransferSession,
        me: (RecordId, Counter),
    ) -> Result<(), TransferError> {
        // An answer may move a record in its tree. The order that came along is the one of the received parent.
        let received_order = if self.has_orders { "b._self_ref_order" } else { "NULL" };
        let order = if self.store_has_orders {
            format!(
                ", _self_ref_order = CASE \
                 WHEN x.is_answered AND x.answer IS NULL AND b._self_ref_fk <> s._self_ref_fk THEN {received_order} \
                 WHEN x.parent <> s._self_ref_fk THEN NULL ELSE s._self_ref_order END"
            )
        } else {
            String::new()
        };
        // Where Morango writes an empty text for a hard deleted record, this is `{}` (quirk Q4).
        let sql = format!(
            "UPDATE morango_store AS s SET \
             serialized = CASE WHEN b.hard_deleted THEN '{{}}' WHEN NOT x.is_answered THEN s.serialized \
             ELSE coalesce(x.answer, b.serialized) END, \
             conflicting_serialized_data = CASE WHEN b.hard_deleted THEN '' \
             WHEN x.is_answered AND x.answer IS NULL THEN '' ELSE b.serialized || char(10) END || \
             CASE WHEN x.is_answered THEN s.serialized || char(10) ELSE '' END || \
             CASE WHEN b.hard_deleted THEN '' ELSE s.conflicting_serialized_data END, \
             deleted = s.deleted OR b.deleted, hard_deleted = s.hard_deleted OR b.hard_deleted, \
             last_saved_instance = ?2, last_saved_counter = ?3, dirty_bit = 1, deserialization_error = NULL, \
             deserialization_exception = NULL, last_transfer_session_id = ?1, \
             _self_ref_fk = CASE WHEN x.is_answered AND x.answer IS NULL THEN b._self_ref_fk \
             ELSE coalesce(x.parent, s._self_ref_fk) END{order} \
             FROM temp.syncline_conflicts AS x CROSS JOIN morango_buffer AS b \
             ON b.transfer_session_id = ?1 AND b.model_uuid = x.id WHERE s.id = x.id"
        );
        self.execute("merging conflicts (step 4)", &sql, params![session.id.as_str(), me.0.as_str(), me.1])?;
        Ok(())
    }

    fn raise_counters_of_conflicts(&self, session: &TransferSession) -> Result<(), TransferError> {
        self.execute(
            "raising counters of conflicts (step 5)",
            "UPDATE morango_recordmaxcounter AS c SET counter = b.counter FROM \
             (SELECT b.model_uuid, b.instance_id, max(b.counter) AS counter FROM temp.syncline_conflicts AS x \
             CROSS JOIN morango_recordmaxcounterbuffer AS b ON b.model_uuid = x.id \
             WHERE b.transfer_session_id = ?1 GROUP BY b.model_uuid, b.instance_id) AS b \
             WHERE c.store_model_id = b.model_uuid AND c.instance_id = b.instance_id AND c.counter < b.counter",
            [session.id.as_str()],
        )?;
        Ok(())
    }

    fn add_own_counters_of_conflicts(&self, me: (RecordId, Counter)) -> Result<(), TransferError> {
        self.execute(
            "writing the counters of conflicts (step 6)",
            "INSERT INTO morango_recordmaxcounter (store_model_id, instance_id, counter) \
             SELECT id, ?1, ?2 FROM temp.syncline_conflicts WHERE 1 \
             ON CONFLICT (store_model_id, instance_id) DO UPDATE SET counter = excluded.counter",
            params![me.0.as_str(), me.1],
        )?;
        Ok(())
    }

    fn drop_known_counters_of_conflicts(&self, session: &TransferSession) -> Result<(), TransferError> {
        self.execute(
            "dropping known counters of conflicts (step 7)",
            "DELETE FROM morango_recordmaxcounterbuffer WHERE transfer_session_id = ?1 \
             AND model_uuid IN (SELECT id FROM temp.syncline_conflicts) \
             AND EXISTS (SELECT 1 FROM morango_recordmaxcounter AS c \
             WHERE c.store_model_id = model_uuid AND c.instance_id = morango_recordmaxcounterbuffer.instance_id)",
            [session.id.as_str()],
        )?;
        Ok(())
    }

    fn drop_conflicts(&self, session: &TransferSession) -> Result<(), TransferError> {
        self.execute(
            "dropping the buffers of conflicts (step 8)",
            "DELETE FROM morango_buffer WHERE transfer_session_id = ?1 \
             AND model_uuid IN (SELECT id FROM temp.syncline_conflicts)",
            [session.id.as_str()],
        )?;
        Ok(())
    }

    fn write_records(&self, session: &TransferSession) -> Result<u64, TransferError> {
        let (order, order_update) = if self.has_orders {
            (", _self_ref_order", ", _self_ref_order = excluded._self_ref_order")
        } else {
            ("", "")
        };
        let sql = format!(
            "INSERT INTO morango_store (id, dirty_bit, last_transfer_session_id, {COLUMNS}{order}) \
             SELECT model_uuid, 1, transfer_session_id, {COLUMNS}{order} FROM morango_buffer \
             WHERE transfer_session_id = ?1 ORDER BY id \
             ON CONFLICT (id) DO UPDATE SET profile = excluded.profile, serialized = excluded.serialized, \
             deleted = excluded.deleted, hard_deleted = excluded.hard_deleted, \
             last_saved_instance = excluded.last_saved_instance, last_saved_counter = excluded.last_saved_counter, \
             partition = excluded.partition, source_id = excluded.source_id, model_name = excluded.model_name, \
             conflicting_serialized_data = excluded.conflicting_serialized_data, \
             _self_ref_fk = excluded._self_ref_fk, dirty_bit = 1, deserialization_error = NULL, \
             deserialization_exception = NULL, last_transfer_session_id = excluded.last_transfer_session_id\
             {order_update}"
        );
        self.execute("writing records (step 9)", &sql, [session.id.as_str()])
    }

    fn write_counters(&self, session: &TransferSession) -> Result<(), TransferError> {
        self.execute(
            "writing counters (step 10)",
            "INSERT INTO morango_recordmaxcounter (store_model_id, instance_id, counter) \
             SELECT model_uuid, instance_id, counter FROM morango_recordmaxcounterbuffer AS b \
             WHERE transfer_session_id = ?1 AND EXISTS (SELECT 1 FROM morango_store WHERE id = b.model_uuid) \
             ORDER BY id ON CONFLICT (store_model_id, instance_id) \
             DO UPDATE SET counter = max(counter, excluded.counter)",
            [session.id.as_str()],
        )?;
        Ok(())
    }

    fn drop_counters(&self, session: &TransferSession) -> Result<(), TransferError> {
        let sql = "DELETE FROM morango_recordmaxcounterbuffer WHERE transfer_session_id = ?1";
        self.execute("dropping the session's counters (step 11)", sql, [session.id.as_str()])?;
        Ok(())
    }

    fn drop_records(&self, session: &TransferSession) -> Result<(), TransferError> {
        let sql = "DELETE FROM morango_buffer WHERE transfer_session_id = ?1";
        self.execute("dropping the session's buffers (step 12)", sql, [session.id.as_str()])?;
        Ok(())
    }

    fn known_counters(&self, session: &TransferSession) -> Result<InstanceCounters, TransferError> {
        match counters_for(self.connection, &session.prefixes(), Role::Receiver, Format::ByInstance)? {
            Fsic::ByInstance(counters) => Ok(counters),
            Fsic::ByPartition(_) => Ok(InstanceCounters::default()),
        }
    }

    fn raise_database_counters(&self, received: &Received) -> Result<(), TransferError> {
        for row in &received.counters {
            self.execute(
                "writing database max counters (step 13)",
                "INSERT INTO morango_databasemaxcounter (partition, instance_id, counter) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (instance_id, partition) DO UPDATE SET counter = max(counter, excluded.counter)",
                params![row.partition, row.instance.as_str(), row.counter],
            )?;
        }
        Ok(())
    }
}
