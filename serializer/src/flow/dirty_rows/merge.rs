//! Dirty rows where there are many: each model's in the order of its ids, merged.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use rusqlite::Connection;
use rusqlite::types::Value;
use syncline_core::Halt;

use crate::filter::{Filter, PartitionRanges};
use crate::flow::Loaded;
use crate::flow::dirty_rows::page::{Page, Places, select};
use crate::model::Syncable;
use crate::profile::{ModelVisitor, Profile};
use crate::record_id::RecordId;
use crate::store::selection::dirty;

/// The rows of several models, each in the order of its ids, in one order.
#[derive(Debug)]
pub(super) struct Merge {
    models: Vec<Option<Ahead>>,
    /// The next id of each model that has rows read ahead.
    heads: BinaryHeap<Reverse<(RecordId, usize)>>,
    /// The models whose next page is to be read before the next row is known.
    emptied: Vec<usize>,
    ranges: PartitionRanges,
    page: Page,
}

/// The rows of one model, read ahead by a page.
#[derive(Debug)]
struct Ahead {
    places: Places,
    first_page: String,
    next_page: String,
    last: Option<Value>,
    rows: VecDeque<Loaded>,
    is_last_page: bool,
}

impl Ahead {
    fn new<M: Syncable>() -> Self {
        let (select, dirty) = (select(M::MODEL), dirty(M::MODEL));
        Self {
            places: Places::of(M::MODEL),
            first_page: format!("{select} WHERE {dirty} ORDER BY id"),
            next_page: format!("{select} WHERE id > ?1 AND {dirty} ORDER BY id"),
            last: None,
            rows: VecDeque::with_capacity(Page::ROWS),
            is_last_page: false,
        }
    }
}

impl Merge {
    pub(super) fn new<P: Profile>(filter: &Filter) -> Self {
        let count = P::MODELS.len();
        Self {
            models: P::MODELS.iter().map(|_| None).collect(),
            heads: BinaryHeap::with_capacity(count),
            emptied: (0..count).collect(),
            ranges: PartitionRanges::of(filter),
            page: Page::default(),
        }
    }

    /// The row with the lowest id of those that are left.
    pub(super) fn next<P: Profile>(&mut self, connection: &Connection) -> Result<Option<Loaded>, Halt> {
        while let Some(model) = self.emptied.pop() {
            let Self { models, ranges, page, .. } = self;
            let visitor = NextPage { connection, ahead: &mut models[model], ranges, page };
            if let Some(id) = P::visit(model, visitor).transpose()?.flatten() {
                self.heads.push(Reverse((id, model)));
            }
        }
        let Some(Reverse((_, model))) = self.heads.pop() else {
            return Ok(None);
        };
        let rows = self.models[model].as_mut().map(|ahead| &mut ahead.rows);
        let next = rows.and_then(|rows| {
            let next = rows.pop_front()?;
            Some((next, rows.front().map(|behind| behind.id)))
        });
        let Some((next, behind)) = next else {
            return Ok(None);
        };
        match behind {
            Some(id) => self.heads.push(Reverse((id, model))),
            // Only when another row is wanted: a chunk may be full now, and on its way the page would be held too.
            None => self.emptied.push(model),
        }
        Ok(Some(next))
    }
}

/// Reads the next page of a model that has no rows left. Gives the first id of it, if there is one.
struct NextPage<'a> {
    connection: &'a Connection,
    ahead: &'a mut Option<Ahead>,
    ranges: &'a PartitionRanges,
    page: &'a mut Page,
}

impl ModelVisitor for NextPage<'_> {
    type Output = Result<Option<RecordId>, Halt>;

    fn visit<M: Syncable>(self) -> Self::Output {
        let Self { connection, ahead, ranges, page } = self;
        let ahead = ahead.get_or_insert_with(Ahead::new::<M>);
        if ahead.is_last_page {
            return Ok(None);
        }
        let sql = if ahead.last.is_none() { &ahead.first_page } else { &ahead.next_page };
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = match &ahead.last {
            None => statement.query([])?,
            Some(last) => statement.query([last])?,
        };
        ahead.is_last_page = loop {
            let Some(row) = rows.next()? else { break true };
            if !ranges.contain(row.get_ref(ahead.places.partition)?) {
                continue;
            }
            page.load::<M>(row, &ahead.places, None)?;
            if page.is_full() {
                ahead.last = Some(row.get(ahead.places.id)?);
                break false;
            }
        };
        page.empty_into(&mut ahead.rows);
        Ok(ahead.rows.front().map(|first| first.id))
    }
}
