//! Removal of conflicting texts, without another version of the record.

use rusqlite::{Connection, TransactionBehavior};
use syncline_serializer::record_id::RecordId;

use crate::error::{DatabaseError, Doing};
use crate::store::schema::SyncSchema;

const CLEAR: &str = "UPDATE morango_store SET conflicting_serialized_data = '' \
                     WHERE profile = ?1 AND conflicting_serialized_data <> ''";

pub(crate) fn clear_all(connection: &mut Connection, profile: &str) -> Result<u64, DatabaseError> {
    const DOING: &str = "clearing the conflicts";

    SyncSchema::read(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).doing(DOING)?;
    let cleared = transaction.execute(CLEAR, [profile]).doing(DOING)?;
    transaction.commit().doing(DOING)?;
    Ok(cleared as u64)
}

pub(crate) fn clear(
    connection: &mut Connection,
    profile: &str,
    ids: &[RecordId],
) -> Result<u64, DatabaseError> {
    const DOING: &str = "clearing the conflicts";

    SyncSchema::read(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).doing(DOING)?;
    let sql = format!("{CLEAR} AND id = ?2");
    let mut distinct = ids.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    for id in &distinct {
        let cleared = transaction.prepare_cached(&sql).and_then(|mut clear| clear.execute((profile, id)));
        if cleared.doing(DOING)? == 0 {
            return Err(DatabaseError::NotInConflict { record: *id });
        }
    }
    transaction.commit().doing(DOING)?;
    Ok(distinct.len() as u64)
}
