//! `ById`: the scan for many dirty rows. It reads the rows of each model in the order of their ids, and merges the
//! models.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use rusqlite::types::Value;
use syncline_core::Halt;
use syncline_serializer::filter::{Filter, PartitionRanges};
use syncline_serializer::model::Syncable;
use syncline_serializer::model::{ModelVisitor, Profile};
use syncline_serializer::record_id::RecordId;
use syncline_serializer::serialize::Loaded;
use syncline_serializer::serialize::backend::Key;

use crate::flow::dirty_rows::page::{Page, Places, Reading, select};
use crate::flow::dirty_rows::row_at::number;
use crate::store::selection::dirty;
use crate::store::writable::Writable;

/// The dirty rows of several models, merged in the order of their ids.
#[derive(Debug)]
pub(super) struct ById {
    models: Vec<Option<Ahead>>,
    /// The next id of each model that has rows in memory.
    heads: BinaryHeap<Reverse<(RecordId, usize)>>,
    /// The models whose next page must be read before the next row is known.
    emptied: Vec<usize>,
    ranges: PartitionRanges,
    writable: Writable,
    page: Page,
    /// `true` if each row needs its rowid.
    with_rowids: bool,
}

/// A page of rows of one model.
#[derive(Debug)]
struct Ahead {
    places: Places,
    first_page: String,
    next_page: String,
    last: Option<Value>,
    rows: VecDeque<Loaded>,
    /// The ids of rows that were read before others could write. Each is read again when its turn comes.
    again: VecDeque<Key>,
    by_key: String,
    /// The index of the rowid column, if it is read.
    rowid: Option<usize>,
    is_last_page: bool,
}

impl Ahead {
    fn new<M: Syncable>(with_rowids: bool, writable: &Writable) -> Self {
        let rowid = with_rowids.then_some(M::MODEL.columns.len());
        let further: &[&str] = if with_rowids { &["rowid"] } else { &[] };
        let (select, dirty) = (select(M::MODEL, further), dirty(M::MODEL, writable));
        Self {
            places: Places::of(M::MODEL),
            first_page: format!("{select} WHERE {dirty} ORDER BY id"),
            next_page: format!("{select} WHERE id > ?1 AND {dirty} ORDER BY id"),
            last: None,
            rows: VecDeque::with_capacity(Page::ROWS),
            again: VecDeque::new(),
            by_key: format!("{select} WHERE id = ?1 AND {dirty}"),
            rowid,
            is_last_page: false,
        }
    }

    /// Adds a row to `page`.
    fn load<M: Syncable>(
        &self,
        row: &rusqlite::Row<'_>,
        page: &mut Page,
        reading: &mut Reading<'_>,
    ) -> Result<(), Halt> {
        let rowid = self.rowid.map(|place| row.get(place)).transpose()?;
        page.load::<M>(row, &self.places, rowid, reading)
    }

    /// The id of the next row, if it is known. A row that is read again may be gone.
    fn head(&self) -> Option<RecordId> {
        self.rows.front().map(Loaded::id).or_else(|| self.again.front().map(Key::id))
    }

    /// Drops the rows in memory, and keeps their ids to read them again.
    fn suspend(&mut self) {
        let mut again: VecDeque<_> = self.rows.drain(..).map(|row| row.to_key()).collect();
        again.append(&mut self.again);
        self.again = again;
    }
}

impl ById {
    /// Creates the scan of the `writable` rows. With `with_rowids` each row has its rowid.
    pub(super) fn new<P: Profile>(filter: &Filter, writable: Writable, with_rowids: bool) -> Self {
        let count = P::MODELS.len();
        Self {
            models: P::MODELS.iter().map(|_| None).collect(),
            heads: BinaryHeap::with_capacity(count),
            emptied: (0..count).collect(),
            ranges: PartitionRanges::of(filter),
            writable,
            page: Page::default(),
            with_rowids,
        }
    }

    pub(super) fn with_rowids(&self) -> bool {
        self.with_rowids
    }

    /// Returns the row with the lowest id.
    pub(super) fn next<P: Profile>(&mut self, reading: &mut Reading<'_>) -> Result<Option<Loaded>, Halt> {
        loop {
            self.fill::<P>(reading)?;
            let Some(&Reverse((_, model))) = self.heads.peek() else {
                return Ok(None);
            };
            let Some(ahead) = &mut self.models[model] else {
                return Ok(None);
            };
            if ahead.rows.is_empty() {
                let (page, ranges) = (&mut self.page, &self.ranges);
                P::visit(model, Again { ahead, ranges, page, reading }).transpose()?;
            }
            // Only now: if the read fails, the row must stay the next one.
            self.heads.pop();
            let next = ahead.rows.pop_front();
            match ahead.head() {
                Some(id) => self.heads.push(Reverse((id, model))),
                // The page is read only when its row is needed: if a chunk is full now, the page would be in memory
                // while the chunk is processed.
                None => self.emptied.push(model),
            }
            if let Some(row) = next {
                let model = u32::try_from(model).expect("a profile has fewer than 2^32 models");
                return Ok(Some(reading.tickets.stamp(row, model)));
            }
        }
    }

    /// The id of the next row, as a number, if there may be one.
    pub(super) fn next_id<P: Profile>(&mut self, reading: &mut Reading<'_>) -> Result<Option<u128>, Halt> {
        self.fill::<P>(reading)?;
        Ok(self.heads.peek().map(|Reverse((id, _))| number(id.as_str().as_bytes())))
    }

    /// Reads the next page of each model without rows in memory.
    fn fill<P: Profile>(&mut self, reading: &mut Reading<'_>) -> Result<(), Halt> {
        while let Some(&model) = self.emptied.last() {
            let Self { models, ranges, writable, page, .. } = self;
            let (ahead, with_rowids) = (&mut models[model], self.with_rowids);
            let visitor = NextPage { ahead, with_rowids, ranges, writable, page, reading };
            let head = P::visit(model, visitor).transpose()?.flatten();
            // Only now: if the read fails, the page must be read again.
            self.emptied.pop();
            if let Some(id) = head {
                self.heads.push(Reverse((id, model)));
            }
        }
        Ok(())
    }

    /// The rows that the program could write when the scan began.
    pub(super) fn writable(&self) -> &Writable {
        &self.writable
    }

    /// Lets other programs write: rows in memory are read again.
    pub(super) fn suspend(&mut self) {
        self.models.iter_mut().flatten().for_each(Ahead::suspend);
    }
}

/// Reads the next page of a model without rows in memory. Returns its first id, if there is one.
struct NextPage<'a, 'r> {
    ahead: &'a mut Option<Ahead>,
    with_rowids: bool,
    ranges: &'a PartitionRanges,
    writable: &'a Writable,
    page: &'a mut Page,
    reading: &'a mut Reading<'r>,
}

impl ModelVisitor for NextPage<'_, '_> {
    type Output = Result<Option<RecordId>, Halt>;

    fn visit<M: Syncable>(self) -> Self::Output {
        let Self { ahead, with_rowids, ranges, writable, page, reading } = self;
        let ahead = ahead.get_or_insert_with(|| Ahead::new::<M>(with_rowids, writable));
        if ahead.is_last_page {
            return Ok(None);
        }
        page.begin_read(reading);
        let mut last = None;
        let sql = if ahead.last.is_none() { &ahead.first_page } else { &ahead.next_page };
        let mut statement = reading.connection.prepare_cached(sql)?;
        let mut rows = match &ahead.last {
            None => statement.query([])?,
            Some(last) => statement.query([last])?,
        };
        let is_last_page = loop {
            let Some(row) = rows.next()? else { break true };
            if !ahead.places.is_in(ranges, row) {
                continue;
            }
            ahead.load::<M>(row, page, reading)?;
            if page.is_full() {
                last = Some(row.get(ahead.places.id)?);
                break false;
            }
        };
        ahead.is_last_page = is_last_page;
        ahead.last = last;
        page.end_read(reading, &mut ahead.rows);
        Ok(ahead.rows.front().map(Loaded::id))
    }
}

/// Reads the first row that is to be read again, if it is still dirty.
struct Again<'a, 'r> {
    ahead: &'a mut Ahead,
    ranges: &'a PartitionRanges,
    page: &'a mut Page,
    reading: &'a mut Reading<'r>,
}

impl ModelVisitor for Again<'_, '_> {
    type Output = Result<(), Halt>;

    fn visit<M: Syncable>(self) -> Self::Output {
        let Self { ahead, ranges, page, reading } = self;
        let Some(key) = ahead.again.front() else { return Ok(()) };
        page.begin_read(reading);
        let mut statement = reading.connection.prepare_cached(&ahead.by_key)?;
        let mut rows = statement.query([key.as_str()])?;
        while let Some(row) = rows.next()? {
            if !ahead.places.is_in(ranges, row) {
                continue;
            }
            ahead.load::<M>(row, page, reading)?;
        }
        page.end_read(reading, &mut ahead.rows);
        ahead.again.pop_front();
        Ok(())
    }
}
