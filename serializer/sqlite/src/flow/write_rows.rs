//! The statements that insert and update store rows.

use std::fmt::Write as _;

use rusqlite::{Connection, ErrorCode};
use syncline_core::Failure;
use syncline_serializer::instance::Stamp;
use syncline_serializer::serialize::backend::{Change, Refused, Respelt, Update};
use syncline_serializer::serialize::{TransactionState, Updated};

use crate::store::prepared::Prepared;
use crate::store::schema::SyncSchema;

/// The SQL of the statements that write store rows.
#[derive(Debug)]
pub(super) struct Statements {
    has_orders: bool,
    insert: String,
    /// Writes the columns without an index.
    update: String,
    /// Also erases the traces of a transfer.
    update_received: String,
    /// Also writes the parent.
    update_parent: String,
}

impl Statements {
    pub(super) fn new(schema: SyncSchema) -> Self {
        let (column, value, assignment) = if schema.self_ref_order {
            (", _self_ref_order", ", ?10", ", _self_ref_order = ?7")
        } else {
            ("", "", "")
        };
        let insert = format!(
            "INSERT INTO morango_store (id, serialized, deleted, hard_deleted, last_saved_instance, \
             last_saved_counter, model_name, profile, partition, source_id, conflicting_serialized_data, \
             _self_ref_fk, dirty_bit{column}) \
             VALUES (?1, ?2, 0, 0, ?3, ?4, ?5, ?6, ?7, ?8, '', ?9, 0{value})"
        );
        let set = "UPDATE morango_store SET serialized = ?2, last_saved_instance = ?3, last_saved_counter = ?4, \
                   deleted = 0, hard_deleted = 0";
        let received = ", conflicting_serialized_data = coalesce(?5, conflicting_serialized_data), dirty_bit = 0, \
                        last_transfer_session_id = NULL";
        let parent = format!("{received}, _self_ref_fk = ?6{assignment}");
        let update = |changes: &str| format!("{set}{changes}{BY_ROWID}");
        Self {
            has_orders: schema.self_ref_order,
            insert,
            update: update(""),
            update_received: update(received),
            update_parent: update(&parent),
        }
    }

    /// Writes the rows of a chunk. Each row is a statement of its own, and SQLite undoes a statement that a constraint
    /// rejects. So a rejected row does not affect the others, and each row is written once.
    pub(super) fn write(
        &self,
        connection: &Connection,
        profile: &'static str,
        state: &TransactionState<'_>,
        records: &[Updated],
    ) -> Result<Vec<Refused>, Failure> {
        let prepared = |sql| Prepared::new(connection, sql);
        let mut writer = Writer {
            connection,
            profile,
            stamp: state.stamp(),
            has_orders: self.has_orders,
            insert: prepared(self.insert.as_str()),
            update: prepared(&self.update),
            update_received: prepared(&self.update_received),
            update_parent: prepared(&self.update_parent),
        };
        let mut refused = Vec::new();
        for (index, record) in records.iter().enumerate() {
            let (is_about_one_row, failure) = match writer.write(record) {
                Ok(1) => continue,
                Ok(_) => (true, Failure::new(NOT_WRITTEN)),
                Err(error) => (is_about_one_row(connection, &error), Failure::new(error)),
            };
            let failure = failure.at(record.loaded().id());
            if !is_about_one_row || !state.left_out().is_allowed() {
                return Err(failure);
            }
            refused.push(Refused { index, failure });
        }
        Ok(refused)
    }
}

/// The error of a statement that changed no row.
const NOT_WRITTEN: &str = "the store row was not written: a trigger of `morango_store` ignored the statement, or the row \
                           was deleted; remove the trigger, and serialise again";

/// Returns `true` if the error concerns only this row: SQLite has undone the statement, and not the whole transaction,
/// as a trigger can demand. A full disk, a lock and a damaged file concern no row.
fn is_about_one_row(connection: &Connection, error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) && !connection.is_autocommit()
}

/// The statements and values to write the rows of one chunk.
struct Writer<'c> {
    connection: &'c Connection,
    profile: &'static str,
    stamp: &'c Stamp,
    has_orders: bool,
    insert: Prepared<'c>,
    update: Prepared<'c>,
    update_received: Prepared<'c>,
    update_parent: Prepared<'c>,
}

impl Writer<'_> {
    /// Writes a row. Returns the number of rows that the statement changed: 1, unless it was ignored.
    fn write(&mut self, record: &Updated) -> rusqlite::Result<usize> {
        match record.change() {
            Change::Create | Change::Join => self.insert(record),
            Change::Update(update) => self.update(record, update),
        }
    }

    fn insert(&mut self, record: &Updated) -> rusqlite::Result<usize> {
        let (Stamp { instance, counter }, loaded) = (self.stamp, record.loaded());
        let insert = self.insert.get()?;
        insert.raw_bind_parameter(1, loaded.id_ref().as_str())?;
        insert.raw_bind_parameter(2, loaded.serialized())?;
        insert.raw_bind_parameter(3, instance)?;
        insert.raw_bind_parameter(4, counter)?;
        insert.raw_bind_parameter(5, loaded.model().name)?;
        insert.raw_bind_parameter(6, self.profile)?;
        insert.raw_bind_parameter(7, loaded.partition())?;
        insert.raw_bind_parameter(8, loaded.source_id())?;
        insert.raw_bind_parameter(9, loaded.parent_text())?;
        if self.has_orders {
            insert.raw_bind_parameter(10, record.self_ref_order())?;
        }
        insert.raw_execute()
    }

    fn update(&mut self, record: &Updated, to: &Update) -> rusqlite::Result<usize> {
        let Stamp { instance, counter } = self.stamp;
        let update = match (to.parent_changed, to.was_received) {
            (true, _) => &mut self.update_parent,
            (false, true) => &mut self.update_received,
            (false, false) => &mut self.update,
        };
        let mut respelling;
        let update = if to.respelt.is_empty() && !to.starts_anew {
            update.get()?
        } else {
            respelling = self.connection.prepare_cached(&respell(update.sql(), to))?;
            for (index, Respelt { text, .. }) in to.respelt.iter().enumerate() {
                respelling.raw_bind_parameter(FIRST_RESPELT + index, text)?;
            }
            &mut respelling
        };
        update.raw_bind_parameter(1, to.rowid)?;
        update.raw_bind_parameter(2, to.merged.as_deref().unwrap_or(record.loaded().serialized()))?;
        update.raw_bind_parameter(3, instance)?;
        update.raw_bind_parameter(4, counter)?;
        if to.parent_changed || to.was_received {
            update.raw_bind_parameter(5, &to.conflicting)?;
        }
        if to.parent_changed {
            update.raw_bind_parameter(6, record.loaded().parent_text())?;
            if self.has_orders {
                update.raw_bind_parameter(7, record.self_ref_order())?;
            }
        }
        let written = update.raw_execute()?;
        if to.starts_anew {
            self.connection
                .prepare_cached("DELETE FROM morango_harddeletedmodels WHERE id = ?1 AND profile = ?2")?
                .execute((record.loaded().id_ref().as_str(), self.profile))?;
        }
        Ok(written)
    }
}

/// The end of every statement that updates a row.
const BY_ROWID: &str = " WHERE rowid = ?1";

/// The first parameter number that no such statement uses.
const FIRST_RESPELT: usize = 8;

/// Adds the columns that contain bytes instead of text to the statement `update`, and the errors of a transfer, if the
/// row starts anew.
fn respell(update: &str, to: &Update) -> String {
    let mut sql = update.strip_suffix(BY_ROWID).unwrap_or(update).to_owned();
    if to.starts_anew {
        sql.push_str(", deserialization_error = NULL, deserialization_exception = NULL");
    }
    for (index, Respelt { column, .. }) in to.respelt.iter().enumerate() {
        let _ = write!(sql, ", {column} = ?{}", FIRST_RESPELT + index);
    }
    sql + BY_ROWID
}
