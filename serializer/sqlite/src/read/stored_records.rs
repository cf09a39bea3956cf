//! The source `StoredRecords`: the rows of the store.

use std::fmt;

use rusqlite::{Connection, Row};
use syncline_core::{Emit, Failure, Halt, Progress, Source};
use syncline_serializer::filter::{Filter, PartitionRanges};
use syncline_serializer::model::InvalidColumn;
use syncline_serializer::record_id::RecordId;
use syncline_serializer::value::{ColumnValue, FieldValue, InvalidValue};

/// The number of rows that a query reads.
const PAGE: usize = 100;

/// A row of the store (morango.md §2): the record as this machine would send it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredRecord {
    /// The record's id.
    pub id: RecordId,
    /// The name of the record's model. This program may not know the model.
    pub model_name: String,
    /// The record's partition.
    pub partition: String,
    /// The record's source id.
    pub source_id: String,
    /// The record's fields as a JSON object. `{}` after a hard deletion.
    pub serialized: String,
    /// The texts that it conflicted with, the newest first, one on each line.
    pub conflicting: String,
    /// `true` if the record is deleted.
    pub deleted: bool,
    /// `true` if the record is hard deleted: its content is erased.
    pub hard_deleted: bool,
    /// `true` if the record was received and the app does not have it yet.
    pub dirty: bool,
    /// The instance that saved the record last.
    pub last_saved_instance: String,
    /// The instance's counter at that time.
    pub last_saved_counter: i64,
    /// The id in the record's self-reference.
    pub parent: Option<RecordId>,
}

/// A source of the store rows of one profile, in the order of their ids. Created by [`store`](crate::ReadStore::store).
///
/// It reads pages, as [`Records`](crate::Records) does.
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

    /// Selects the records whose partition begins with `prefix`. White space separates several prefixes.
    ///
    /// Several calls select the records under any of their prefixes.
    pub fn filter(mut self, prefix: &str) -> Self {
        self.filter.add(prefix);
        self.ranges = PartitionRanges::of(&self.filter);
        self
    }

    /// Selects the records of the model `M`.
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
