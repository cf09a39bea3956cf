//! The rows of the store, as a source.

use std::fmt;

use rusqlite::{Connection, Row};
use syncline_core::{Emit, Failure, Halt, Progress, Source};
use syncline_serializer::filter::{Filter, PartitionRanges};
use syncline_serializer::model::InvalidColumn;
use syncline_serializer::record_id::RecordId;
use syncline_serializer::value::{ColumnValue, FieldValue, InvalidValue};

/// How many rows a query reads.
const PAGE: usize = 100;

/// A row of the store (morango.md §2): what this machine would tell another one of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredRecord {
    /// The record's id.
    pub id: RecordId,
    /// Its model, by name: perhaps one that this program does not know.
    pub model_name: String,
    /// Its partition.
    pub partition: String,
    /// Its source id.
    pub source_id: String,
    /// Its columns, as a JSON object; `{}` when it was deleted for good.
    pub serialized: String,
    /// Texts that it conflicted with, newest first, a line each.
    pub conflicting: String,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Whether it is deleted for good, with all that it held.
    pub hard_deleted: bool,
    /// Whether it was received, and not yet given to the app.
    pub dirty: bool,
    /// Who saved it last.
    pub last_saved_instance: String,
    /// And with which counter.
    pub last_saved_counter: i64,
    /// The record that its self-reference names.
    pub parent: Option<RecordId>,
}

/// Source of the rows of the store that are of one profile, in the order of their ids. Made by
/// [`store`](crate::ReadStore::store).
///
/// It is read by pages, as [`Records`](crate::Records) is.
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct StoredRecords<'c> {
    connection: &'c Connection,
    profile: &'static str,
    model: Option<&'static str>,
    filter: Filter,
    ranges: PartitionRanges,
    last: Option<String>,
}

impl<'c> StoredRecords<'c> {
    pub(crate) fn new(connection: &'c Connection, profile: &'static str) -> Self {
        let filter = Filter::everything();
        let ranges = PartitionRanges::of(&filter);
        Self { connection, profile, model: None, filter, ranges, last: None }
    }

    /// Only records whose partition begins with `prefix`, or with one of the prefixes in it when it has white space.
    ///
    /// Called several times: those under any of them.
    pub fn filter(mut self, prefix: &str) -> Self {
        self.filter.add(prefix);
        self.ranges = PartitionRanges::of(&self.filter);
        self
    }

    /// Only records of the model `M`.
    pub fn of<M: syncline_serializer::Syncable>(mut self) -> Self {
        self.model = Some(M::NAME);
        self
    }

    fn read_page(&mut self) -> Result<(Vec<StoredRecord>, bool), Halt> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, model_name, partition, source_id, serialized, conflicting_serialized_data, deleted, hard_deleted, \
             dirty_bit, last_saved_instance, last_saved_counter, _self_ref_fk FROM morango_store \
             WHERE id > ?1 AND profile = ?2 AND (?3 IS NULL OR model_name = ?3) ORDER BY id LIMIT ?4",
        )?;
        let behind = self.last.as_deref().unwrap_or_default();
        let mut rows = statement.query((behind, self.profile, self.model, PAGE))?;
        let (mut page, mut count) = (Vec::with_capacity(PAGE), 0);
        let mut last = None;
        while let Some(row) = rows.next()? {
            count += 1;
            if count == PAGE {
                last = Some(row.get(0)?);
            }
            let record = read(row)?;
            if self.ranges.contain(Some(record.partition.as_bytes())) {
                page.push(record);
            }
        }
        self.last = last;
        Ok((page, count < PAGE))
    }
}

fn read(row: &Row<'_>) -> Result<StoredRecord, Failure> {
    let id: String = row.get(0)?;
    let invalid = |column, source: InvalidValue| {
        let source = InvalidColumn { table: "morango_store", column, record: id.clone(), source };
        Failure::new(source).at(&id)
    };
    let parent: String = row.get(11)?;
    let parent = match parent.as_str() {
        "" => None,
        parent => {
            let parent = RecordId::read(ColumnValue::Text(parent));
            Some(parent.map_err(|source| invalid("_self_ref_fk", source))?)
        }
    };
    Ok(StoredRecord {
        id: RecordId::parse(&id).map_err(|source| invalid("id", source))?,
        model_name: row.get(1)?,
        partition: row.get(2)?,
        source_id: row.get(3)?,
        serialized: row.get(4)?,
        conflicting: row.get(5)?,
        deleted: row.get(6)?,
        hard_deleted: row.get(7)?,
        dirty: row.get(8)?,
        last_saved_instance: row.get(9)?,
        last_saved_counter: row.get(10)?,
        parent,
    })
}

impl Source for StoredRecords<'_> {
    type Item = StoredRecord;

    fn advance(&mut self, out: &mut impl Emit<StoredRecord>) -> Result<Progress, Halt> {
        let (page, is_last) = self.read_page()?;
        for record in page {
            out.emit(record)?;
        }
        Ok(if is_last { Progress::Done } else { Progress::More })
    }

    fn name(&self) -> &'static str {
        "store"
    }
}

impl fmt::Debug for StoredRecords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredRecords")
            .field("profile", &self.profile)
            .field("model", &self.model)
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}
