//! The orders of records in the trees of their models: read from the store, and computed at the end for records that
//! waited.

use rusqlite::Connection;
use syncline_core::Failure;
use syncline_serializer::model::InvalidColumn;
use syncline_serializer::record_id::RecordId;
use syncline_serializer::serialize::backend::StoredOrder;
use syncline_serializer::value::{ColumnValue, InvalidValue};

use crate::sqlite_row::column_value;

/// Reads the store's orders of `records`.
pub(super) fn read(connection: &Connection, records: &[RecordId]) -> Result<Vec<StoredOrder>, Failure> {
    let mut statement =
        connection.prepare_cached("SELECT _self_ref_order FROM morango_store WHERE id = ?1")?;
    let order = |id: &RecordId| {
        let mut rows = statement.query([id.as_str()])?;
        let Some(row) = rows.next()? else { return Ok(StoredOrder::Missing) };
        match column_value(row.get_ref(0)?) {
            ColumnValue::Null => Ok(StoredOrder::Unknown),
            // The order of a child is one more.
            ColumnValue::Integer(order) if order < i64::MAX => Ok(StoredOrder::Known(order)),
            other => {
                let source = InvalidValue::expected("a place in a tree", other);
                let (table, column, record) = ("morango_store", "_self_ref_order", id.to_string());
                Err(Failure::new(InvalidColumn { table, column, record, source }).at(id))
            }
        }
    };
    records.iter().map(order).collect()
}

/// Creates the temporary table of records that wait for their parents.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "DROP TABLE IF EXISTS temp.syncline_waiting; \
         CREATE TEMP TABLE syncline_waiting (id TEXT PRIMARY KEY, parent TEXT NOT NULL) WITHOUT ROWID; \
         CREATE INDEX temp.syncline_waiting_parent ON syncline_waiting (parent)",
    )
}

/// Notes records that were written without an order, because their parents have none yet. Each pair is a record and its
/// parent.
pub(super) fn wait(connection: &Connection, records: &[(RecordId, RecordId)]) -> rusqlite::Result<()> {
    let mut insert =
        connection.prepare_cached("INSERT OR REPLACE INTO temp.syncline_waiting VALUES (?1, ?2)")?;
    for (id, parent) in records {
        insert.execute((id.as_str(), parent.as_str()))?;
    }
    Ok(())
}

/// Computes the orders of the records that waited, if there are any. All other records are in the store now.
pub(super) fn settle(connection: &Connection, has_waiting: bool) -> rusqlite::Result<()> {
    if has_waiting {
        // It starts with the records whose parent has an order, and continues with their descendants. Each is visited
        // once, and a cycle is never reached.
        connection.execute_batch(
            "CREATE TEMP TABLE syncline_settled AS \
             WITH RECURSIVE settled (id, place) AS ( \
                SELECT waiting.id, parent._self_ref_order + 1 FROM temp.syncline_waiting AS waiting \
                JOIN main.morango_store AS parent ON parent.id = waiting.parent \
                WHERE parent._self_ref_order IS NOT NULL \
                UNION ALL \
                SELECT waiting.id, settled.place + 1 FROM settled \
                JOIN temp.syncline_waiting AS waiting ON waiting.parent = settled.id \
             ) SELECT id, place FROM settled; \
             UPDATE main.morango_store SET _self_ref_order = settled.place \
             FROM temp.syncline_settled AS settled WHERE settled.id = morango_store.id; \
             DROP TABLE temp.syncline_settled",
        )?;
    }
    connection.execute_batch("DROP TABLE temp.syncline_waiting")
}
