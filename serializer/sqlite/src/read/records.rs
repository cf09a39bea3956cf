//! The source `Records`: a model's records in the app's table, as structs.

use std::fmt;
use std::marker::PhantomData;

use rusqlite::Connection;
use rusqlite::types::Value;
use syncline_core::{Emit, Halt, Progress, Source};
use syncline_serializer::filter::{Filter, PartitionRanges};
use syncline_serializer::model::Syncable;
use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION};

use crate::app::columns;
use crate::sqlite_row::text_bytes;
use crate::store::names::Quoted;
use crate::store::selection::of_model;

/// The number of rows that a query reads.
const PAGE: usize = 100;

/// A source of a model's records, in the order of their ids. Created by [`stream`](crate::ReadRecords::stream) and
/// [`dirty`](crate::ReadRecords::dirty).
///
/// * Memory: a page of 100 records.
/// * Each page is read by a query of its own, which starts behind the last id and ends before the first record of the
///   page is emitted. So later stages may write to the database over the same connection, and other programs may write
///   as well. A record has the values of the moment when its page is read.
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct Records<'c, M> {
    connection: &'c Connection,
    only_dirty: bool,
    filter: Filter,
    ranges: PartitionRanges,
    last: Option<Value>,
    model: PhantomData<fn() -> M>,
}

impl<'c, M: Syncable> Records<'c, M> {
    pub(crate) fn new(connection: &'c Connection, only_dirty: bool) -> Self {
        let filter = Filter::everything();
        let ranges = PartitionRanges::of(&filter);
        Self { connection, only_dirty, filter, ranges, last: None, model: PhantomData }
    }

    /// Selects the records whose partition begins with `prefix`. White space separates several prefixes.
    ///
    /// Several calls select the records under any of their prefixes.
    pub fn filter(mut self, prefix: &str) -> Self {
        self.filter.add(prefix);
        self.ranges = PartitionRanges::of(&self.filter);
        self
    }

    fn sql(&self) -> String {
        let id = Quoted(ID);
        let behind = if self.last.is_some() { format!("{id} > ?2 AND ") } else { String::new() };
        let dirty = if self.only_dirty { format!("{} AND ", Quoted(DIRTY_BIT)) } else { String::new() };
        let select = columns::select(M::MODEL);
        format!("{select} WHERE {behind}{dirty}{} ORDER BY {id} LIMIT ?1", of_model(M::MODEL, ""))
    }

    /// Reads the next page. Returns `true` with the last page.
    fn read_page(&mut self) -> Result<(Vec<M>, bool), Halt> {
        let id = columns::id_of::<M>();
        let partition = M::MODEL.all_columns().position(|column| column.name == PARTITION);
        let mut statement = self.connection.prepare_cached(&self.sql())?;
        let mut rows = match &self.last {
            None => statement.query([PAGE])?,
            Some(last) => statement.query((PAGE, last))?,
        };
        let (mut page, mut count) = (Vec::with_capacity(PAGE), 0);
        let mut last = None;
        while let Some(row) = rows.next()? {
            count += 1;
            if count == PAGE {
                last = Some(row.get(id)?);
            }
            let is_wanted = match partition {
                Some(partition) => self.ranges.contain(text_bytes(row.get_ref(partition)?)),
                None => true,
            };
            if is_wanted {
                page.push(columns::read(row)?);
            }
        }
        self.last = last;
        Ok((page, count < PAGE))
    }
}

impl<M: Syncable> Source for Records<'_, M> {
    type Item = M;

    fn advance(&mut self, out: &mut impl Emit<M>) -> Result<Progress, Halt> {
        let (page, is_last) = self.read_page()?;
        for record in page {
            out.emit(record)?;
        }
        Ok(if is_last { Progress::Done } else { Progress::More })
    }

    fn name(&self) -> &'static str {
        M::MODEL.name
    }
}

impl<M: Syncable> fmt::Debug for Records<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records")
            .field("model", &M::MODEL.name)
            .field("only_dirty", &self.only_dirty)
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}
