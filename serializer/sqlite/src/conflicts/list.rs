//! `InConflict`: a record with the texts that lost a conflict, and `Conflicts`, which reads all of them.

use rusqlite::{Connection, OptionalExtension as _, Row};
use syncline_serializer::json;
use syncline_serializer::record_id::RecordId;

use crate::error::{DatabaseError, Doing};
use crate::store::schema::SyncSchema;

/// A record with conflicting texts, and all of its texts. Replacement characters stand for bytes that are not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InConflict {
    /// The record's id, as stored.
    pub id: String,
    /// The name of the record's model.
    pub model: String,
    /// The record's current text, which won the conflict: the one of this device, unless a peer's rule decided otherwise.
    pub serialized: String,
    /// The texts that lost, the newest first.
    pub conflicting: Vec<String>,
    /// The size of the texts that lost, in bytes.
    pub bytes: u64,
    /// `true` if the record is deleted.
    pub deleted: bool,
    /// `true` if the current text waits in the store for the app.
    pub dirty: bool,
}

impl InConflict {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let column = row.get_ref(3)?.as_blob()?;
        Ok(Self {
            id: row.get(0)?,
            model: row.get(1)?,
            serialized: String::from_utf8_lossy(row.get_ref(2)?.as_blob()?).into_owned(),
            conflicting: json::values(&String::from_utf8_lossy(column)).map(str::to_owned).collect(),
            bytes: column.len() as u64,
            deleted: row.get(4)?,
            dirty: row.get(5)?,
        })
    }
}

/// The query for the records in conflict of the profile `?1`, for [`InConflict::read`], with another condition to follow.
const SELECT: &str = "SELECT id, model_name, CAST(serialized AS BLOB), CAST(conflicting_serialized_data AS BLOB), \
     deleted, dirty_bit FROM morango_store WHERE profile = ?1 AND conflicting_serialized_data <> ''";

const READING: &str = "reading the conflicts";

/// The records in conflict of a profile, in the order of their ids. Created by
/// [`Database::conflicts`](crate::Database::conflicts).
///
/// It holds one record at a time. Each is read when it is asked for, so changes in between are seen.
#[derive(Debug)]
#[must_use = "an iterator reads nothing unless it is used"]
pub struct Conflicts<'c> {
    connection: &'c Connection,
    profile: &'static str,
    /// The id of the last record. `None` at the end.
    last: Option<String>,
}

impl<'c> Conflicts<'c> {
    pub(crate) fn of(connection: &'c Connection, profile: &'static str) -> Result<Self, DatabaseError> {
        SyncSchema::read(connection)?;
        Ok(Self { connection, profile, last: Some(String::new()) })
    }

    fn read(&self, last: &str) -> rusqlite::Result<Option<InConflict>> {
        self.connection
            .prepare_cached(&format!("{SELECT} AND id > ?2 ORDER BY id LIMIT 1"))?
            .query_row((self.profile, last), InConflict::read)
            .optional()
    }
}

impl Iterator for Conflicts<'_> {
    type Item = Result<InConflict, DatabaseError>;

    fn next(&mut self) -> Option<Self::Item> {
        let last = self.last.take()?;
        match self.read(&last).doing(READING) {
            Ok(Some(found)) => {
                self.last = Some(found.id.clone());
                Some(Ok(found))
            }
            Ok(None) => None,
            Err(error) => Some(Err(error.into())),
        }
    }
}

/// Reads the record `id`, if it is in conflict.
pub(crate) fn find(
    connection: &Connection,
    profile: &str,
    id: RecordId,
) -> Result<Option<InConflict>, DatabaseError> {
    SyncSchema::read(connection)?;
    let found = connection
        .prepare_cached(&format!("{SELECT} AND id = ?2"))
        .and_then(|mut select| select.query_row((profile, id), InConflict::read).optional());
    Ok(found.doing(READING)?)
}
