//! Dirty rows where there are few: listed, then read by their rowids.

use std::collections::VecDeque;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use syncline_core::Halt;

use crate::error::{DatabaseError, Doing};
use crate::filter::{Filter, PartitionRanges};
use crate::flow::Loaded;
use crate::flow::dirty_rows::page::{Page, Places, select};
use crate::flow::left_out::LeaveOut;
use crate::model::{Model, Syncable};
use crate::profile::{ModelVisitor, Profile};
use crate::store::names::Quoted;
use crate::store::page_cache::with_page_cache;
use crate::store::schema::{ID, PARTITION};
use crate::store::selection::dirty;

/// The dirty rows, in the order of their ids.
#[derive(Debug)]
pub(super) struct List {
    places: Vec<Place>,
    /// How many of them are read.
    read: usize,
    models: Vec<Option<ByRowid>>,
    ready: VecDeque<Loaded>,
    page: Page,
    /// Once others may have written since they were listed: under which partitions rows are still to be read.
    recheck: Option<PartitionRanges>,
}

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// Its id.
    key: u128,
    model: u32,
    rowid: i64,
}

impl List {
    /// The list never has more rows: 800 kB.
    const MOST: usize = 25_000;

    /// Where one row of so many is to be read, or more, reading all through the index of ids is as cheap.
    const FRACTION: u64 = 3;

    /// Lists the dirty rows of tables that have rowids, unless they are many.
    pub(super) fn make<P: Profile>(
        connection: &Connection,
        filter: &Filter,
    ) -> Result<Option<Self>, DatabaseError> {
        let places = with_page_cache(connection, LISTING_KIB, || places::<P>(connection, filter));
        let places = places.doing("listing the dirty rows")?;
        Ok(places.map(|places| Self {
            places,
            read: 0,
            models: P::MODELS.iter().map(|_| None).collect(),
            ready: VecDeque::with_capacity(Page::ROWS),
            page: Page::default(),
            recheck: None,
        }))
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// How many rows there are of each model.
    pub(super) fn len_by_model(&self) -> Vec<u64> {
        let mut counts = vec![0; self.models.len()];
        for place in &self.places {
            counts[place.model as usize] += 1;
        }
        counts
    }

    /// Where the rows of a model stand.
    pub(super) fn rowids_of(&self, model: usize) -> impl Iterator<Item = i64> {
        self.places.iter().filter(move |place| place.model as usize == model).map(|place| place.rowid)
    }

    /// The next row.
    pub(super) fn next<P: Profile>(
        &mut self,
        connection: &Connection,
        left_out: &dyn LeaveOut,
    ) -> Result<Option<Loaded>, Halt> {
        if self.ready.is_empty() {
            while let Some(&Place { model, rowid, .. }) = self.places.get(self.read)
                && !self.page.is_full()
            {
                let model = model as usize;
                let by_rowid = &mut self.models[model];
                let (page, recheck) = (&mut self.page, self.recheck.as_ref());
                P::visit(model, One { connection, by_rowid, rowid, page, recheck, left_out }).transpose()?;
                self.read += 1;
            }
            self.page.empty_into(&mut self.ready);
        }
        Ok(self.ready.pop_front())
    }

    /// The id of the next row, as a number, if there may be one.
    pub(super) fn next_id(&self) -> Option<u128> {
        let ready = self.ready.front().map(|row| number(row.id.as_str().as_bytes()));
        ready.or_else(|| self.places.get(self.read).map(|place| place.key))
    }

    /// Lets others write: what was read ahead is read again, and what is no longer dirty, or under `filter`, is passed
    /// over.
    pub(super) fn suspend(&mut self, filter: &Filter) {
        if let Some(next) = self.ready.front() {
            let reads = |place: &Place| {
                let model = self.models[place.model as usize].as_ref();
                Some(place.rowid) == next.rowid
                    && model.is_some_and(|by_rowid| by_rowid.name == next.model.name)
            };
            let place = self.places[..self.read].iter().rposition(reads);
            self.read = place.expect("what was read ahead is on the list");
            self.ready.clear();
        }
        if self.recheck.is_none() {
            self.recheck = Some(PartitionRanges::of(filter));
            self.models.fill_with(|| None);
        }
    }
}

/// The page cache while the tables are gone through: each page is looked at once, so there is nothing to keep, and memory
/// that nobody has touched yet takes longer.
const LISTING_KIB: i64 = 512;

/// Where the dirty rows stand, unless they are many.
fn places<P: Profile>(connection: &Connection, filter: &Filter) -> rusqlite::Result<Option<Vec<Place>>> {
    let few = few(connection, P::MODELS)?;
    let ranges = PartitionRanges::of(filter);
    let mut places = Vec::with_capacity(few);
    for (index, model) in (0..).zip(P::MODELS) {
        let mut statement = connection.prepare(&format!(
            "SELECT rowid, {ID}, {partition} FROM {table} WHERE {dirty}",
            partition = Quoted(PARTITION),
            table = Quoted(model.table),
            dirty = dirty(model),
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if !ranges.contain(row.get_ref(2)?) {
                continue;
            }
            if places.len() == few {
                return Ok(None);
            }
            places.push(Place { key: key(row.get_ref(1)?), model: index, rowid: row.get(0)? });
        }
    }
    places.sort_unstable();
    Ok(Some(places))
}

/// How many rows are few.
fn few(connection: &Connection, models: &[&Model]) -> rusqlite::Result<usize> {
    let mut tables: Vec<_> = models.iter().map(|model| model.table).collect();
    tables.sort_unstable();
    tables.dedup();
    let mut rows = 0;
    for table in tables {
        // An upper limit, which takes no pass over the table.
        let last: Option<i64> =
            connection
                .query_row(&format!("SELECT max(rowid) FROM {}", Quoted(table)), [], |row| row.get(0))?;
        rows = u64::saturating_add(rows, last.map_or(0, |last| u64::try_from(last).unwrap_or(0)));
    }
    Ok(usize::try_from(rows / List::FRACTION).unwrap_or(usize::MAX).min(List::MOST))
}

/// The hex digits of an id as a number. What is no id is refused when it is read.
fn key(id: ValueRef<'_>) -> u128 {
    number(id.as_bytes().unwrap_or_default())
}

pub(super) fn number(id: &[u8]) -> u128 {
    let digits = id.iter().take(32);
    digits.fold(0, |key, digit| (key << 4) | u128::from((*digit as char).to_digit(16).unwrap_or(0)))
}

/// How the rows of a model are read by their rowid.
#[derive(Debug)]
struct ByRowid {
    name: &'static str,
    sql: String,
    places: Places,
}

impl ByRowid {
    fn new(model: &'static Model, recheck: bool) -> Self {
        let select = select(model, &[]);
        let condition = if recheck { format!(" AND {}", dirty(model)) } else { String::new() };
        Self {
            name: model.name,
            sql: format!("{select} WHERE rowid = ?1{condition}"),
            places: Places::of(model),
        }
    }
}

/// Reads one row.
struct One<'a> {
    connection: &'a Connection,
    by_rowid: &'a mut Option<ByRowid>,
    rowid: i64,
    page: &'a mut Page,
    recheck: Option<&'a PartitionRanges>,
    left_out: &'a dyn LeaveOut,
}

impl ModelVisitor for One<'_> {
    type Output = Result<(), Halt>;

    fn visit<M: Syncable>(self) -> Result<(), Halt> {
        let Self { recheck, .. } = self;
        let ByRowid { sql, places, .. } =
            self.by_rowid.get_or_insert_with(|| ByRowid::new(M::MODEL, recheck.is_some()));
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([self.rowid])?;
        match rows.next()? {
            Some(row) if recheck.is_some_and(|ranges| !places.is_in(ranges, row)) => Ok(()),
            Some(row) => self.page.load::<M>(row, places, Some(self.rowid), self.left_out),
            None if recheck.is_some() => Ok(()),
            None => Err(rusqlite::Error::QueryReturnedNoRows.into()),
        }
    }
}
