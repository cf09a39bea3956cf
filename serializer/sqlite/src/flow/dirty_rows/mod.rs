//! The source of the flow: the app's dirty rows, as text.

mod ahead;
mod list;
mod merge;
mod page;
mod place;
mod portion;
mod sample;

use std::marker::PhantomData;
use std::num::NonZeroUsize;

use ahead::AheadRows;
use list::List;
use merge::Merge;
use place::Extent;
use rusqlite::Connection;
use sample::{LISTED_ROWS, Listed, Spread};
use syncline_core::{Emit, Halt, Progress, Source};
use syncline_serializer::model::{Model, Profile};

use crate::error::{Doing, RunError as DatabaseError};
use crate::flow::left_out::LeaveOut;
use crate::flow::reader::Reader;
use crate::flow::run::FEW_CHUNKS;
use crate::flow::{Loaded, Run};
use crate::store::names::Quoted;
use crate::store::schema::TablesWithRowid;
use crate::store::selection::Selection;

pub(crate) use sample::Sample;

pub(crate) use portion::Portion;

/// How many rows are emitted before the driver has its turn.
const CHUNK: usize = 500;

/// Or how many bytes of them.
const CHUNK_BYTES: usize = 512 * 1024;

/// Source of the dirty rows of a profile, in the order of their ids.
///
/// The store's primary key and its counters grow in that order, whatever the model: read so, the rows touch each page
/// of those indexes once. How they are found depends on how many of the tables' rows are dirty:
///
/// * Few: one pass over each table, in its own order, lists where they are; then each is read by its rowid.
/// * Many: each model's rows are read by pages through the index of its ids, each page going on behind the last id of
///   the one before, and the pages of all models are merged.
///
/// Memory: a page of each model, or the list, which has an end.
///
/// Dirty bits are cleared by [`StoreWriter`](crate::flow::StoreWriter) after the last row: no row changes under the
/// query that reads it (quirk Q17), and no id need be remembered (Q18).
///
/// It may read on in a later transaction. Then it looks for no row behind the place that it has come to, so that all
/// transactions together read the tables once, and each row that was read ahead is read again.
#[derive(Debug)]
pub struct DirtyRows<'c, P> {
    connection: &'c Connection,
    plan: Plan,
    /// Whether all tables do.
    have_rowids: bool,
    /// A connection to read many rows by, where there can be a second one.
    reader: Option<Reader>,
    left_out: &'c dyn LeaveOut,
    profile: PhantomData<fn() -> P>,
}

#[derive(Debug)]
enum Plan {
    Few(List),
    Many(Merge),
}

impl<'c, P: Profile> DirtyRows<'c, P> {
    /// Makes ready to read the dirty rows of `P`'s models that `run` is about.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn new(run: &Run<'c, P>) -> Result<Self, DatabaseError> {
        Self::found_by(run, false)
    }

    /// As [`new`](Self::new), and looks for them on two threads where `by_two` and they pay.
    pub(crate) fn found_by(run: &Run<'c, P>, by_two: bool) -> Result<Self, DatabaseError> {
        let connection = run.connection();
        let tables = TablesWithRowid::read(connection)?;
        let have_rowids = P::MODELS.iter().all(|model| tables.contain(model.table));
        let (mut places, mut reader) = (None, None);
        if have_rowids {
            let extent = Extent::of::<P>(connection)?;
            reader = if by_two && extent.is_for_two() { Reader::open(run)? } else { None };
            places = place::places::<P>(connection, reader.as_mut(), run.filter(), &extent)?;
        }
        let plan = match places {
            Some(places) => Plan::Few(List::of::<P>(places)),
            None => Plan::Many(Merge::new::<P>(run.filter(), have_rowids && run.clears_each())),
        };
        let left_out = run.left_out();
        let mut rows = Self { connection, plan, have_rowids, reader, left_out, profile: PhantomData };
        rows.open_reader(run)?;
        Ok(rows)
    }

    /// Goes on in the transaction of `run`, behind [`suspend`](Self::suspend).
    pub(crate) fn go_on(&mut self, run: &Run<'c, P>) -> Result<(), DatabaseError> {
        self.open_reader(run)
    }

    /// Lets others write, which they may once the transaction is committed.
    pub(crate) fn suspend(&mut self, run: &Run<'c, P>) {
        self.reader = None;
        match &mut self.plan {
            Plan::Few(list) => list.suspend(run.filter()),
            Plan::Many(merge) => merge.suspend(),
        }
    }

    /// The next so many chunks, or all; `is_last` is told whether there are no more then.
    pub(crate) fn portion<'r>(
        &'r mut self,
        chunks: Option<NonZeroUsize>,
        is_last: &'r mut bool,
    ) -> Portion<'r, 'c, P> {
        Portion::new(self, chunks, is_last)
    }

    /// All rows, for another thread to read: where they are many, there is a second connection to read them by, and none
    /// may be left out.
    pub(crate) fn ahead(self: Box<Self>) -> Result<AheadRows<P>, Box<Self>> {
        match *self {
            Self { plan: Plan::Many(merge), reader: Some(reader), left_out, .. }
                if !left_out.is_allowed() =>
            {
                Ok(AheadRows::new(reader, merge))
            }
            rows => Err(Box::new(rows)),
        }
    }

    fn open_reader(&mut self, run: &Run<'c, P>) -> Result<(), DatabaseError> {
        if matches!(self.plan, Plan::Few(_)) || !run.is_long() {
            self.reader = None;
        } else if self.reader.is_none() {
            self.reader = Reader::open(run)?;
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Loaded>, Halt> {
        let Self { connection, plan, reader, .. } = self;
        let left_out = self.left_out;
        match plan {
            Plan::Few(list) => list.next::<P>(connection, left_out),
            Plan::Many(merge) => {
                merge.next::<P>(reader.as_ref().map_or(connection, Reader::connection), left_out)
            }
        }
    }

    /// The id of the next row, as a number, if there may be one.
    fn next_id(&mut self) -> Result<Option<u128>, Halt> {
        let Self { connection, plan, reader, .. } = self;
        let left_out = self.left_out;
        match plan {
            Plan::Few(list) => Ok(list.next_id()),
            Plan::Many(merge) => {
                merge.next_id::<P>(reader.as_ref().map_or(connection, Reader::connection), left_out)
            }
        }
    }

    /// How many rows it will emit.
    ///
    /// Where there are many they are counted, which takes one pass over the tables.
    ///
    /// # Errors
    ///
    /// When they cannot be counted.
    pub fn count(&self, run: &Run<'c, P>) -> Result<u64, DatabaseError> {
        Ok(self.count_by_model(run)?.iter().sum())
    }

    /// How many rows it will emit of each model.
    pub(crate) fn count_by_model(&self, run: &Run<'c, P>) -> Result<Vec<u64>, DatabaseError> {
        match &self.plan {
            Plan::Few(list) => Ok(list.len_by_model()),
            Plan::Many(_) => {
                P::MODELS.iter().map(|model| count(run.connection(), model, run.selection())).collect()
            }
        }
    }

    /// A few of the rows of the model with this index that can be serialised, and about how many it has; a table has `most`
    /// rows at most.
    pub(crate) fn sample(&self, run: &Run<'c, P>, model: usize, most: u64) -> Result<Sample, DatabaseError> {
        let connection = self.connection;
        let sample = match &self.plan {
            Plan::Few(list) => {
                let count = list.rowids_of(model).count() as u64;
                let rowids = list.rowids_of(model).take(LISTED_ROWS).collect();
                let rows = P::visit(model, Listed { connection, rowids }).transpose();
                rows.map(|rows| Some(Sample { count, rows: rows.unwrap_or_default() }))
            }
            Plan::Many(_) => {
                let has_rowids = self.have_rowids;
                P::visit(model, Spread { connection, selection: run.selection(), has_rowids, most })
                    .transpose()
            }
        };
        Ok(sample.doing("looking at a few rows")?.unwrap_or_default())
    }

    /// Whether they are listed.
    pub(crate) fn are_few(&self) -> bool {
        matches!(self.plan, Plan::Few(_))
    }

    /// Whether they are more than a few chunks.
    #[must_use]
    pub fn is_bulk(&self) -> bool {
        match &self.plan {
            Plan::Few(list) => list.len() > FEW_CHUNKS * CHUNK,
            Plan::Many(_) => true,
        }
    }
}

impl<P: Profile> Source for DirtyRows<'_, P> {
    type Item = Loaded;

    fn advance(&mut self, out: &mut impl Emit<Loaded>) -> Result<Progress, Halt> {
        let mut weight = 0;
        for _ in 0..CHUNK {
            let Some(loaded) = self.next()? else {
                return Ok(Progress::Done);
            };
            weight += loaded.weight();
            out.emit(loaded)?;
            if weight >= CHUNK_BYTES {
                break;
            }
        }
        Ok(Progress::More)
    }
}

fn count(connection: &Connection, model: &Model, selection: &Selection) -> Result<u64, DatabaseError> {
    let sql = format!("SELECT count(*) FROM {} WHERE {}", Quoted(model.table), selection.condition(model));
    Ok(connection
        .query_row(&sql, selection.parameters(), |row| row.get(0))
        .doing("counting the dirty rows")?)
}
