//! The answer to a conflict, as a new version of the record.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use syncline_serializer::dequeue::self_reference;
use syncline_serializer::json::{self, Merger};
use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Answer, Discriminator, InvalidColumn, Model, Profile, Row, Syncable};
use syncline_serializer::record_id::RecordId;
use syncline_serializer::value::{ColumnValue, InvalidValue, StoredValue};

use crate::conflicts::list::{InConflict, find};
use crate::error::{DatabaseError, Doing};
use crate::store::instance;
use crate::store::names::Quoted;
use crate::store::schema::{Columns, SyncSchema};
use crate::store::selection::of_model;

const DOING: &str = "resolving a conflict";

/// Writes `answer` as a new version of the record `id`, in one transaction.
pub(crate) fn resolve<P: Profile>(
    connection: &mut Connection,
    id: RecordId,
    answer: &Answer,
) -> Result<(), DatabaseError> {
    in_transaction::<P>(connection, id, |_, found| {
        Ok(match answer {
            Answer::Mine => None,
            Answer::Theirs => found.conflicting.first().map(String::as_str),
            Answer::Text(text) => Some(text.as_str()),
        }
        .map(str::to_owned))
    })
}

/// Writes `record` as a new version of itself, in one transaction. Keys that the model lacks are kept.
pub(crate) fn resolve_as<P: Profile, M: Syncable>(
    connection: &mut Connection,
    record: &M,
) -> Result<(), DatabaseError> {
    let id = record.record_id();
    in_transaction::<P>(connection, id, |connection, found| {
        if found.model != M::NAME {
            let (model, expected) = (found.model.clone(), M::NAME);
            return Err(DatabaseError::AnotherModel { record: id, model, expected });
        }
        let (source_id, partition): (String, String) = connection
            .query_row("SELECT source_id, partition FROM morango_store WHERE id = ?1", [id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .doing(DOING)?;
        let row = RecordRow::of(record, &source_id, &partition);
        let mut current = String::new();
        M::write_serialized(&row, &mut current).map_err(|error| {
            let column = M::MODEL.columns.get(error.column()).map_or("?", |column| column.name);
            let source = error.into_invalid_value();
            InvalidColumn { table: M::MODEL.table, column, record: id.to_string(), source }
        })?;
        let mut text = String::new();
        match Merger::new().merge(&found.serialized, &current, &mut text) {
            Ok(()) => Ok(Some(text)),
            // The store's text is no object, so it has no keys to keep.
            Err(_) => Ok(Some(current)),
        }
    })
}

/// Finds the record, asks `answer` for the text, and writes it. `None` is the store's own text.
fn in_transaction<P: Profile>(
    connection: &mut Connection,
    id: RecordId,
    answer: impl FnOnce(&Connection, &InConflict) -> Result<Option<String>, DatabaseError>,
) -> Result<(), DatabaseError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).doing(DOING)?;
    let schema = SyncSchema::read(&transaction)?;
    let found = find(&transaction, P::NAME, id)?.ok_or(DatabaseError::NotInConflict { record: id })?;
    if is_changed_in_app::<P>(&transaction, &found.model, id)? {
        return Err(DatabaseError::ChangedInApp { record: id });
    }
    let answer = answer(&transaction, &found)?;
    let mut text = String::new();
    let parent = match &answer {
        None => None,
        Some(answer) => {
            let members = json::members(answer).ok().flatten();
            let members = members.ok_or(DatabaseError::NoJsonObject { record: id })?;
            json::recode(answer, &mut text).map_err(|_| DatabaseError::NoJsonObject { record: id })?;
            self_reference(&found.model, &members, P::MODELS)
        }
    };
    let text = answer.map(|_| text);
    let stamp = instance::next_stamp(&transaction)?;
    transaction
        .execute(
            "UPDATE morango_store SET serialized = coalesce(?4, serialized), conflicting_serialized_data = '', \
             dirty_bit = dirty_bit OR coalesce(?4 <> serialized, 0), \
             deserialization_error = CASE WHEN ?4 <> serialized THEN NULL ELSE deserialization_error END, \
             deserialization_exception = CASE WHEN ?4 <> serialized THEN NULL ELSE deserialization_exception END, \
             last_saved_instance = ?2, last_saved_counter = ?3, last_transfer_session_id = NULL WHERE id = ?1",
            params![id, stamp.instance, stamp.counter, text],
        )
        .doing(DOING)?;
    if let Some(parent) = parent {
        move_in_tree(&transaction, schema, id, &parent).doing(DOING)?;
    }
    transaction
        .execute(
            "INSERT INTO morango_recordmaxcounter (store_model_id, instance_id, counter) VALUES (?1, ?2, ?3) \
             ON CONFLICT (store_model_id, instance_id) DO UPDATE SET counter = excluded.counter",
            params![id, stamp.instance, stamp.counter],
        )
        .doing(DOING)?;
    transaction.commit().doing(DOING)?;
    Ok(())
}

/// Returns `true` if the app has a change or a deletion of the record that is not in the store.
fn is_changed_in_app<P: Profile>(
    connection: &Connection,
    model: &str,
    id: RecordId,
) -> Result<bool, DatabaseError> {
    let is_listed = connection
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM morango_deletedmodels WHERE id = ?1) \
             OR EXISTS (SELECT 1 FROM morango_harddeletedmodels WHERE id = ?1)",
            [id],
            |row| row.get(0),
        )
        .doing(DOING)?;
    let Some(model) = P::MODELS.iter().find(|known| known.name == model) else { return Ok(is_listed) };
    Ok(is_listed || is_dirty(connection, model, id)?)
}

fn is_dirty(connection: &Connection, model: &Model, id: RecordId) -> Result<bool, DatabaseError> {
    if !Columns::of(connection, model.table)?.is_some_and(|columns| columns.has(DIRTY_BIT)) {
        return Ok(false);
    }
    let (table, of_model) = (Quoted(model.table), of_model(model, ""));
    let sql = format!("SELECT {} FROM {table} WHERE {} = ?1 AND {of_model}", Quoted(DIRTY_BIT), Quoted(ID));
    let dirty =
        connection.query_row(&sql, [id], |row| row.get::<_, Option<bool>>(0)).optional().doing(DOING)?;
    Ok(dirty.flatten().unwrap_or(false))
}

/// Writes the parent of the record and its depth in the tree. The depth of records below it stays, as with Morango (morango.md §7).
fn move_in_tree(
    connection: &Connection,
    schema: SyncSchema,
    id: RecordId,
    parent: &str,
) -> rusqlite::Result<()> {
    let order = if schema.self_ref_order {
        ", _self_ref_order = CASE WHEN ?2 = '' THEN 0 \
         ELSE (SELECT parent._self_ref_order + 1 FROM morango_store AS parent WHERE parent.id = ?2) END"
    } else {
        ""
    };
    let sql =
        format!("UPDATE morango_store SET _self_ref_fk = ?2{order} WHERE id = ?1 AND _self_ref_fk IS NOT ?2");
    connection.execute(&sql, params![id, parent])?;
    Ok(())
}

/// The columns of a record, with the source id and partition that the store has.
struct RecordRow<'r> {
    values: Vec<Result<StoredValue<'r>, InvalidValue>>,
}

impl<'r> RecordRow<'r> {
    fn of<M: Syncable>(record: &'r M, source_id: &'r str, partition: &'r str) -> Self {
        let values = M::MODEL.columns.iter().enumerate().map(|(index, column)| match column.name {
            SOURCE_ID => Ok(StoredValue::Text(source_id.into())),
            PARTITION => Ok(StoredValue::Text(partition.into())),
            name => record.stored(index).unwrap_or_else(|| match M::MODEL.discriminator {
                Some(Discriminator { column, value, .. }) if column == name => {
                    Ok(StoredValue::Text(value.into()))
                }
                _ => Err(InvalidValue::new(format!("column `{name}` has no field"))),
            }),
        });
        Self { values: values.collect() }
    }
}

impl Row for RecordRow<'_> {
    fn column(&self, index: usize) -> Result<ColumnValue<'_>, InvalidValue> {
        match self.values.get(index) {
            Some(Ok(value)) => Ok(value.as_column()),
            Some(Err(error)) => Err(error.clone()),
            None => Err(InvalidValue::new(format!("there is no column {index}"))),
        }
    }
}
