//! `Inspection`: everything that a database has about one record.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};
use syncline_serializer::json;
use syncline_serializer::model::columns::{DIRTY_BIT, ID};
use syncline_serializer::model::{InvalidColumn, Model, ModelVisitor, Profile, Row as _, Syncable};
use syncline_serializer::record_id::RecordId;
use syncline_serializer::value::{ColumnValue, write_as_stored};

use crate::buffers::{self, Cleanup, SessionState};
use crate::error::{DatabaseError, Doing};

use crate::sqlite_row::SqliteRow;
use crate::store::names::Quoted;
use crate::store::schema::{SyncSchema, check_models};
use crate::store::selection::of_model;

/// Everything that a database has about one record. Created by [`Database::inspect`](crate::Database::inspect).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Inspection {
    /// The record's id.
    pub id: RecordId,
    /// The row in the app's table.
    pub record: Option<AppRow>,
    /// The row in the store.
    pub stored: Option<StoreRow>,
    /// The versions of the record that instances have saved, as far as this database knows (morango.md §2).
    pub counters: Vec<RecordCounter>,
    /// The versions in the buffers of transfers that run, can be resumed or broke off.
    pub buffered: Vec<BufferedVersion>,
    /// `true` if the record is in the list of deletions: the next serialising marks it as deleted.
    pub listed_as_deleted: bool,
    /// `true` if the record is in the list of hard deletions: the next serialising erases it.
    pub listed_as_hard_deleted: bool,
}

/// The record in the app's table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AppRow {
    /// The name of the record's model.
    pub model: &'static str,
    /// The name of the table.
    pub table: &'static str,
    /// The record's JSON text as serialising would write it, or the error.
    pub serialized: Result<String, InvalidColumn>,
    /// The columns that are not synced, with their values as JSON, or the size of a blob.
    pub local: Vec<(&'static str, String)>,
    /// `true` if the record changed since it was last serialised.
    pub dirty: bool,
}

/// The record in the store: the columns of `morango_store` (morango.md §2). Replacement characters stand for bytes that
/// are not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreRow {
    /// The name of the record's profile.
    pub profile: String,
    /// The name of the record's model.
    pub model: String,
    /// The record's fields as JSON text.
    pub serialized: String,
    /// The record's partition.
    pub partition: String,
    /// The record's source id.
    pub source_id: String,
    /// `true` if the record is deleted.
    pub deleted: bool,
    /// `true` if the record is hard deleted: its content is erased.
    pub hard_deleted: bool,
    /// `true` if the record was received and the app does not have it yet.
    pub dirty: bool,
    /// The instance that saved the record last.
    pub last_saved_instance: String,
    /// The instance's counter at that time.
    pub last_saved_counter: String,
    /// The id in the record's self-reference. Empty if there is none.
    pub self_reference: String,
    /// The depth of the record in its tree, if the store has it.
    pub self_reference_order: Option<String>,
    /// The transfer session that the record came with.
    pub last_transfer_session: Option<String>,
    /// The time at which that session was active last, in UTC, if it is known.
    pub received: Option<String>,
    /// The error of writing the received record to the app's table.
    pub error: Option<String>,
    /// The class of the error, as Python names it.
    pub exception: Option<String>,
    /// The conflicting texts, the newest first.
    pub conflicts: Vec<String>,
}

/// A version of a record in the buffers of a transfer session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BufferedVersion {
    /// The id of the transfer session.
    pub session: String,
    /// The reason why the buffers are needed or not.
    pub state: SessionState,
    /// The instance that saved the version.
    pub last_saved_instance: String,
    /// The instance's counter at that time.
    pub last_saved_counter: String,
    /// `true` if the version is a deletion.
    pub deleted: bool,
    /// The size of its text in bytes.
    pub bytes: u64,
}

/// The version of a record that one instance has saved.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordCounter {
    /// The instance's id.
    pub instance: String,
    /// The instance's counter.
    pub counter: String,
    /// `true` if the instance is this database on this machine.
    pub is_this_instance: bool,
}

pub(crate) fn inspect<P: Profile>(
    connection: &Connection,
    id: RecordId,
) -> Result<Option<Inspection>, DatabaseError> {
    // A transaction, so that all queries see the same state.
    let transaction = connection.unchecked_transaction().doing("reading the record")?;
    let schema = SyncSchema::read(&transaction)?;
    check_models::<P>(&transaction)?;
    let stored = store_record(&transaction, P::NAME, id, schema).doing("reading the store")?;
    let record = app_record::<P>(&transaction, id)?;
    let is_listed = |table: &str| {
        transaction
            .prepare(&format!("SELECT 1 FROM {table} WHERE id = ?1 AND profile = ?2"))
            .and_then(|mut statement| statement.exists((id, P::NAME)))
            .doing("reading the lists of deletions")
    };
    let listed_as_deleted = is_listed("morango_deletedmodels")?;
    let listed_as_hard_deleted = is_listed("morango_harddeletedmodels")?;
    let buffered = buffered(&transaction, id).doing("reading the buffers")?;
    let is_listed = listed_as_deleted || listed_as_hard_deleted;
    if record.is_none() && stored.is_none() && !is_listed && buffered.is_empty() {
        return Ok(None);
    }
    let counters = counters(&transaction, id).doing("reading the counters")?;
    Ok(Some(Inspection { id, record, stored, counters, buffered, listed_as_deleted, listed_as_hard_deleted }))
}

/// The versions of the record in the buffers.
fn buffered(connection: &Connection, id: RecordId) -> rusqlite::Result<Vec<BufferedVersion>> {
    let mut select = connection.prepare(
        "SELECT last_saved_instance, last_saved_counter, deleted, octet_length(serialized) FROM morango_buffer \
         WHERE transfer_session_id = ?1 AND model_uuid = ?2",
    )?;
    let mut found = Vec::new();
    for session in buffers::ids(connection)? {
        let versions = select.query_map((&session, id), |row| {
            Ok(BufferedVersion {
                state: buffers::state(connection, &session, Cleanup::OLDER_THAN)?,
                session: session.clone(),
                last_saved_instance: lossy(row, 0)?.unwrap_or_default(),
                last_saved_counter: lossy(row, 1)?.unwrap_or_default(),
                deleted: row.get(2)?,
                bytes: row.get(3)?,
            })
        })?;
        for version in versions {
            found.push(version?);
        }
    }
    Ok(found)
}

fn store_record(
    connection: &Connection,
    profile: &str,
    id: RecordId,
    schema: SyncSchema,
) -> rusqlite::Result<Option<StoreRow>> {
    let order = if schema.self_ref_order { "_self_ref_order" } else { "NULL" };
    connection
        .prepare(&format!(
            "SELECT profile, model_name, serialized, partition, source_id, deleted, hard_deleted, dirty_bit, \
             last_saved_instance, last_saved_counter, _self_ref_fk, {order}, last_transfer_session_id, \
             deserialization_error, conflicting_serialized_data, deserialization_exception, \
             (SELECT last_activity_timestamp FROM morango_transfersession AS t WHERE t.id = last_transfer_session_id) \
             FROM morango_store WHERE id = ?1 AND profile = ?2"
        ))?
        .query_row((id, profile), |row| {
            let text = |index| Ok::<_, rusqlite::Error>(lossy(row, index)?.unwrap_or_default());
            Ok(StoreRow {
                profile: text(0)?,
                model: text(1)?,
                serialized: text(2)?,
                partition: text(3)?,
                source_id: text(4)?,
                deleted: row.get(5)?,
                hard_deleted: row.get(6)?,
                dirty: row.get(7)?,
                last_saved_instance: text(8)?,
                last_saved_counter: text(9)?,
                self_reference: text(10)?,
                self_reference_order: lossy(row, 11)?,
                last_transfer_session: lossy(row, 12)?,
                received: lossy(row, 16)?,
                error: lossy(row, 13)?.filter(|error| !error.is_empty()),
                exception: lossy(row, 15)?.filter(|class| !class.is_empty()),
                conflicts: json::values(&text(14)?).map(str::to_owned).collect(),
            })
        })
        .optional()
}

/// The value of a column as text, for display.
fn lossy(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<String>> {
    Ok(match row.get_ref(index)? {
        ValueRef::Null => None,
        ValueRef::Integer(integer) => Some(integer.to_string()),
        ValueRef::Real(real) => Some(real.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    })
}

fn counters(connection: &Connection, id: RecordId) -> rusqlite::Result<Vec<RecordCounter>> {
    connection
        .prepare(
            "SELECT instance_id, counter, EXISTS (SELECT 1 FROM morango_instanceidmodel AS instance \
             WHERE instance.id = instance_id AND instance.current) \
             FROM morango_recordmaxcounter WHERE store_model_id = ?1 ORDER BY counter DESC, instance_id",
        )?
        .query_map([id], |row| {
            Ok(RecordCounter {
                instance: lossy(row, 0)?.unwrap_or_default(),
                counter: lossy(row, 1)?.unwrap_or_default(),
                is_this_instance: row.get(2)?,
            })
        })?
        .collect()
}

/// Returns the row with this id, from the table of any of the models.
fn app_record<P: Profile>(connection: &Connection, id: RecordId) -> Result<Option<AppRow>, DatabaseError> {
    for index in 0..P::MODELS.len() {
        if let Some(found) = P::visit(index, Find { connection, id })
            && let Some(record) = found.doing("reading the app's record")?
        {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

struct Find<'c> {
    connection: &'c Connection,
    id: RecordId,
}

impl ModelVisitor for Find<'_> {
    type Output = rusqlite::Result<Option<AppRow>>;

    fn visit<M: Syncable>(self) -> Self::Output {
        let model = M::MODEL;
        let columns = model.columns.iter().chain(model.local_columns).map(|column| Quoted(column.name));
        let columns: Vec<_> = columns.chain([Quoted(DIRTY_BIT)]).map(|column| column.to_string()).collect();
        self.connection
            .prepare(&format!(
                "SELECT {} FROM {} WHERE id = ?1 AND {}",
                columns.join(", "),
                Quoted(model.table),
                of_model(model, ""),
            ))?
            .query_row([self.id], |row| Ok(record_of::<M>(model, row, columns.len() - 1)))
            .optional()
    }
}

fn record_of<M: Syncable>(model: &'static Model, row: &Row<'_>, dirty_bit: usize) -> AppRow {
    let row = SqliteRow(row);
    let mut json = String::new();
    let serialized = match M::write_serialized(&row, &mut json) {
        Ok(()) => Ok(json),
        Err(error) => {
            let column = model.columns.get(error.column()).map_or("?", |column| column.name);
            let id = model.columns.iter().position(|column| column.name == ID).unwrap_or(0);
            Err(InvalidColumn::new(model.table, column, &row, id, error.into_invalid_value()))
        }
    };
    let local = model.local_columns.iter().enumerate().map(|(index, column)| {
        let shown = match row.column(model.columns.len() + index) {
            Ok(ColumnValue::Blob(bytes)) => format!("({} bytes)", bytes.len()),
            Ok(value) => {
                let mut json = String::new();
                write_as_stored(value, &mut json).map_or_else(|error| format!("({error})"), |()| json)
            }
            Err(error) => format!("({error})"),
        };
        (column.name, shown)
    });
    let is_false = matches!(row.column(dirty_bit), Ok(ColumnValue::Null | ColumnValue::Integer(0)));
    AppRow { model: model.name, table: model.table, serialized, local: local.collect(), dirty: !is_false }
}
