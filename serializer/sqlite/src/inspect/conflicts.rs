//! Conflicts: the store keeps the texts that lost against a record's current text (morango.md §6.3, §11.4, Q16).

use rusqlite::{Connection, TransactionBehavior};
use syncline_serializer::record_id::RecordId;

use crate::error::{DatabaseError, Doing};
use crate::store::schema::SyncSchema;

/// A record with conflicting texts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InConflict {
    /// The record's id, as stored.
    pub id: String,
    /// The name of the record's model.
    pub model: String,
    /// The number of conflicting texts.
    pub texts: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

/// The texts in a column `conflicting_serialized_data`, the newest first. The column has one text on each line.
///
/// No text contains a line break, because JSON escapes them.
pub(crate) fn texts(column: &str) -> impl Iterator<Item = &str> {
    column.split('\n').filter(|text| !text.is_empty())
}

pub(crate) fn list(connection: &Connection, profile: &str) -> Result<Vec<InConflict>, DatabaseError> {
    SyncSchema::read(connection)?;
    let conflicts = connection
        .prepare(
            "SELECT id, model_name, CAST(conflicting_serialized_data AS BLOB) FROM morango_store \
             WHERE profile = ?1 AND conflicting_serialized_data <> '' ORDER BY id",
        )
        .and_then(|mut statement| {
            let in_conflict = |row: &rusqlite::Row<'_>| {
                let column = row.get_ref(2)?.as_blob()?;
                Ok(InConflict {
                    id: row.get(0)?,
                    model: row.get(1)?,
                    texts: texts(&String::from_utf8_lossy(column)).count() as u64,
                    bytes: column.len() as u64,
                })
            };
            statement.query_map([profile], in_conflict)?.collect()
        })
        .doing("reading the conflicts")?;
    Ok(conflicts)
}

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

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn a_text_is_a_line() {
        assert_eq!(texts("").count(), 0);
        assert_eq!(texts("{\"a\": 1}\n").collect::<Vec<_>>(), ["{\"a\": 1}"]);
        assert_eq!(texts("new\nold\n").collect::<Vec<_>>(), ["new", "old"]);
        // Another program may leave out the last line break.
        assert_eq!(texts("new\n\nold").collect::<Vec<_>>(), ["new", "old"]);
    }
}
