//! `ByRowid`: the scan for few dirty rows. It reads each row of a list by its rowid.

use std::collections::VecDeque;

use syncline_core::{Failure, Halt};
use syncline_serializer::filter::{Filter, PartitionRanges};
use syncline_serializer::model::{Model, Syncable};
use syncline_serializer::model::{ModelVisitor, Profile};
use syncline_serializer::serialize::Loaded;

use crate::flow::dirty_rows::page::{Page, Places, Reading, select};
use crate::flow::dirty_rows::row_at::{RowAt, number};
use crate::store::selection::dirty;
use crate::store::writable::Writable;

/// The list of dirty rows, in the order of their ids.
#[derive(Debug)]
pub(super) struct ByRowid {
    places: Vec<RowAt>,
    /// The number of rows that were read.
    read: usize,
    models: Vec<Option<Select>>,
    ready: VecDeque<Loaded>,
    page: Page,
    /// The filter to check again, after other programs may have written.
    recheck: Option<PartitionRanges>,
    writable: Writable,
}

impl ByRowid {
    /// Creates the scan for the rows at `places`, which are `writable`.
    pub(super) fn of<P: Profile>(places: Vec<RowAt>, writable: Writable) -> Self {
        Self {
            places,
            read: 0,
            models: P::MODELS.iter().map(|_| None).collect(),
            ready: VecDeque::with_capacity(Page::ROWS),
            page: Page::default(),
            recheck: None,
            writable,
        }
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The rowids of a model's rows.
    pub(super) fn rowids_of(&self, model: usize) -> impl Iterator<Item = i64> {
        self.places.iter().filter(move |place| place.model as usize == model).map(|place| place.rowid)
    }

    /// Returns the next row.
    pub(super) fn next<P: Profile>(&mut self, reading: &mut Reading<'_>) -> Result<Option<Loaded>, Halt> {
        if self.ready.is_empty() {
            self.page.begin_read(reading);
            let mut read = self.read;
            while let Some(&RowAt { model, rowid, .. }) = self.places.get(read)
                && !self.page.is_full()
            {
                let model = model as usize;
                let by_rowid = &mut self.models[model];
                let (page, recheck) = (&mut self.page, self.recheck.as_ref());
                let recheck = recheck.map(|ranges| (ranges, &self.writable));
                P::visit(model, One { by_rowid, rowid, page, recheck, reading }).transpose()?;
                read += 1;
            }
            self.page.end_read(reading, &mut self.ready);
            self.read = read;
        }
        let next = self.ready.pop_front();
        // The dirty bit of each row is cleared by rowid, so the ticket needs no model.
        Ok(next.map(|row| reading.tickets.stamp(row, 0)))
    }

    /// The id of the next row, as a number, if there may be one.
    pub(super) fn next_id(&self) -> Option<u128> {
        let ready = self.ready.front().map(|row| number(row.id().as_str().as_bytes()));
        ready.or_else(|| self.places.get(self.read).map(|place| place.key))
    }

    /// The rows that the program could write when the scan began.
    pub(super) fn writable(&self) -> &Writable {
        &self.writable
    }

    /// Lets other programs write: rows in memory are read again, and rows that are no longer dirty, or not under
    /// `filter`, are skipped.
    pub(super) fn suspend(&mut self, filter: &Filter) {
        if let Some(next) = self.ready.front() {
            let reads = |place: &RowAt| {
                let model = self.models[place.model as usize].as_ref();
                Some(place.rowid) == next.rowid()
                    && model.is_some_and(|by_rowid| by_rowid.name == next.model().name)
            };
            let place = self.places[..self.read].iter().rposition(reads);
            // Without its place all rows are read again, and those that were written are no longer dirty.
            self.read = place.unwrap_or(0);
            self.ready.clear();
        }
        if self.recheck.is_none() {
            self.recheck = Some(PartitionRanges::of(filter));
            self.models.fill_with(|| None);
        }
    }
}

/// The statement that reads a row of a model by its rowid.
#[derive(Debug)]
struct Select {
    name: &'static str,
    sql: String,
    places: Places,
}

impl Select {
    fn new(model: &'static Model, recheck: Option<&Writable>) -> Self {
        let select = select(model, &[]);
        let condition =
            recheck.map(|writable| format!(" AND {}", dirty(model, writable))).unwrap_or_default();
        Self {
            name: model.name,
            sql: format!("{select} WHERE rowid = ?1{condition}"),
            places: Places::of(model),
        }
    }
}

/// Reads one row.
struct One<'a, 'r> {
    by_rowid: &'a mut Option<Select>,
    rowid: i64,
    page: &'a mut Page,
    recheck: Option<(&'a PartitionRanges, &'a Writable)>,
    reading: &'a mut Reading<'r>,
}

impl ModelVisitor for One<'_, '_> {
    type Output = Result<(), Halt>;

    fn visit<M: Syncable>(self) -> Result<(), Halt> {
        let Self { recheck, .. } = self;
        let Select { sql, places, .. } =
            self.by_rowid.get_or_insert_with(|| Select::new(M::MODEL, recheck.map(|(_, writable)| writable)));
        let mut statement = self.reading.connection.prepare_cached(sql)?;
        let mut rows = statement.query([self.rowid])?;
        match rows.next()? {
            Some(row) if recheck.is_some_and(|(ranges, _)| !places.is_in(ranges, row)) => Ok(()),
            Some(row) => self.page.load::<M>(row, places, Some(self.rowid), self.reading),
            None if recheck.is_some() => Ok(()),
            None => {
                let (table, rowid) = (M::MODEL.table, self.rowid);
                let message = format!(
                    "the row {rowid} of the table `{table}` was dirty when the run began, and is gone: do not write to the \
                     table over the connection of the run, and run it again"
                );
                Err(Failure::new(message).into())
            }
        }
    }
}
