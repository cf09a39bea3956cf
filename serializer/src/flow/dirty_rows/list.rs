//! Dirty rows where there are few: listed, then read by their rowids.

use std::collections::VecDeque;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use syncline_core::Halt;

use crate::error::{DatabaseError, Doing};
use crate::filter::{Filter, PartitionRanges};
use crate::flow::Loaded;
use crate::flow::dirty_rows::page::{Page, Places, select};
use crate::model::{Model, Syncable};
use crate::profile::{ModelVisitor, Profile};
use crate::store::names::Quoted;
use crate::store::schema::{ID, PARTITION, TablesWithRowid};
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

    /// Lists the dirty rows, unless they are many.
    pub(super) fn make<P: Profile>(
        connection: &Connection,
        filter: &Filter,
    ) -> Result<Option<Self>, DatabaseError> {
        let tables = TablesWithRowid::read(connection)?;
        if !P::MODELS.iter().all(|model| tables.contain(model.table)) {
            return Ok(None);
        }
        let places = places::<P>(connection, filter).doing("listing the dirty rows")?;
        Ok(places.map(|places| Self {
            places,
            read: 0,
            models: P::MODELS.iter().map(|_| None).collect(),
            ready: VecDeque::with_capacity(Page::ROWS),
            page: Page::default(),
        }))
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The next row.
    pub(super) fn next<P: Profile>(&mut self, connection: &Connection) -> Result<Option<Loaded>, Halt> {
        if self.ready.is_empty() {
            while let Some(&Place { model, rowid, .. }) = self.places.get(self.read)
                && !self.page.is_full()
            {
                let model = model as usize;
                let by_rowid = &mut self.models[model];
                P::visit(model, One { connection, by_rowid, rowid, page: &mut self.page }).transpose()?;
                self.read += 1;
            }
            self.page.empty_into(&mut self.ready);
        }
        Ok(self.ready.pop_front())
    }
}

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
    let digits = id.as_bytes().unwrap_or_default().iter().take(32);
    digits.fold(0, |key, digit| (key << 4) | u128::from((*digit as char).to_digit(16).unwrap_or(0)))
}

/// How the rows of a model are read by their rowid.
#[derive(Debug)]
struct ByRowid {
    sql: String,
    places: Places,
}

/// Reads one row.
struct One<'a> {
    connection: &'a Connection,
    by_rowid: &'a mut Option<ByRowid>,
    rowid: i64,
    page: &'a mut Page,
}

impl ModelVisitor for One<'_> {
    type Output = Result<(), Halt>;

    fn visit<M: Syncable>(self) -> Result<(), Halt> {
        let ByRowid { sql, places } = self.by_rowid.get_or_insert_with(|| ByRowid {
            sql: format!("{} WHERE rowid = ?1", select(M::MODEL)),
            places: Places::of(M::MODEL),
        });
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([self.rowid])?;
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        self.page.load::<M>(row, places, Some(self.rowid))
    }
}
