//! The source of the flow: the app's dirty rows, as text.

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::marker::PhantomData;

use rusqlite::Connection;
use rusqlite::types::Value;
use syncline_core::{Emit, Failure, Halt, Progress, Source};

use crate::error::{DatabaseError, Doing, InvalidColumn};
use crate::flow::{Loaded, Reader, Run};
use crate::model::{Model, Row, Syncable};
use crate::profile::{ModelVisitor, Profile};
use crate::record_id::RecordId;
use crate::sqlite_row::SqliteRow;
use crate::store::names::Quoted;
use crate::store::schema::{ID, PARTITION, SOURCE_ID, has_rowid};
use crate::store::selection::Selection;
use crate::value::{ColumnValue, FieldValue, InvalidValue};

/// How many rows are emitted before the driver has its turn.
const CHUNK: usize = 500;

/// Or how many bytes of them.
const CHUNK_BYTES: usize = 512 * 1024;

/// Source of the dirty rows of a profile, in the order of their ids.
///
/// The store's primary key and its counters grow in that order, whatever the model: read so, the rows touch each page
/// of those indexes once. How they are found depends on how many there are:
///
/// * Few: one pass over each table, in its own order, lists them in a temporary table; then each is read by its rowid.
/// * Many: each model's rows are read by pages through the index of its ids, each page going on behind the last id of
///   the one before, and the pages of all models are merged.
///
/// Dirty bits are cleared by [`StoreWriter`](crate::flow::StoreWriter) after the last row: no row changes under the
/// query that reads it (quirk Q17), and no id need be remembered (Q18).
#[derive(Debug)]
pub struct DirtyRows<P, C> {
    connection: C,
    plan: Plan,
    serialized: String,
    profile: PhantomData<fn() -> P>,
}

#[derive(Debug)]
enum Plan {
    Few(List),
    Many(Merge),
}

/// Up to this many rows are listed.
const FEW: u64 = 30_000;

impl<'c, P: Profile> DirtyRows<P, &'c Connection> {
    /// Makes ready to read the dirty rows of `P`'s models that `run` is about.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn new(run: &Run<'c, P>) -> Result<Self, DatabaseError> {
        let (connection, selection) = (run.connection(), run.selection());
        let plan = match List::make::<P>(connection, selection)? {
            Some(list) => Plan::Few(list),
            None => Plan::Many(Merge::new::<P>(selection, Merge::SHORT_PAGE)),
        };
        Ok(Self { connection, plan, serialized: String::new(), profile: PhantomData })
    }

    /// How many rows it will emit.
    ///
    /// Where there are many they are counted, which takes one pass over the tables.
    ///
    /// # Errors
    ///
    /// When they cannot be counted.
    pub fn count(&self, run: &Run<'c, P>) -> Result<u64, DatabaseError> {
        match &self.plan {
            Plan::Few(list) => Ok(list.count),
            Plan::Many(_) => {
                P::MODELS.iter().map(|model| count(run.connection(), model, run.selection())).sum()
            }
        }
    }

    /// Whether they are more than a few chunks.
    #[must_use]
    pub fn is_bulk(&self) -> bool {
        match &self.plan {
            Plan::Few(list) => list.count > 4 * CHUNK as u64,
            Plan::Many(_) => true,
        }
    }

    /// Whether there are so many rows that reading them is work for another thread.
    #[must_use]
    pub fn is_many(&self) -> bool {
        matches!(self.plan, Plan::Many(_))
    }

    /// The same rows, read over a connection of their own. To be called before the first is read.
    #[must_use]
    pub fn read_by(self, reader: Reader) -> DirtyRows<P, Reader> {
        let plan = match self.plan {
            Plan::Many(_) => Plan::Many(Merge::new::<P>(reader.selection(), Merge::LONG_PAGE)),
            few @ Plan::Few(_) => few,
        };
        DirtyRows { connection: reader, plan, serialized: self.serialized, profile: PhantomData }
    }
}

impl<P: Profile, C: Borrow<Connection>> Source for DirtyRows<P, C> {
    type Item = Loaded;

    fn advance(&mut self, out: &mut impl Emit<Loaded>) -> Result<Progress, Halt> {
        let Self { connection, plan, serialized, .. } = self;
        let connection: &Connection = (*connection).borrow();
        let mut weight = 0;
        for _ in 0..CHUNK {
            let next = match plan {
                Plan::Few(list) => list.next::<P>(connection, serialized)?,
                Plan::Many(merge) => merge.next::<P>(connection, serialized)?,
            };
            match next {
                None => return Ok(Progress::Done),
                Some(loaded) => {
                    weight += loaded.weight();
                    out.emit(loaded)?;
                }
            }
            if weight >= CHUNK_BYTES {
                break;
            }
        }
        Ok(Progress::More)
    }
}

fn count(connection: &Connection, model: &Model, selection: Selection) -> Result<u64, DatabaseError> {
    let table = Quoted(model.table);
    connection
        .query_row(&format!("SELECT count(*) FROM {table} WHERE {}", selection.condition(model)), [], |row| {
            row.get(0)
        })
        .doing("counting the dirty rows")
}

/// The dirty rows, listed in `temp.syncline_dirty` in the order of their ids.
#[derive(Debug)]
struct List {
    count: u64,
    models: Vec<Option<ByRowid>>,
    /// Models and rowids of the next rows.
    page: VecDeque<(usize, i64)>,
    /// The row that the page ends with.
    last: Option<(Value, usize, i64)>,
    is_last_page: bool,
}

impl List {
    /// Rows in a page of the list.
    const PAGE: usize = 500;

    /// Lists the dirty rows, unless they are many.
    fn make<P: Profile>(
        connection: &Connection,
        selection: Selection,
    ) -> Result<Option<Self>, DatabaseError> {
        for model in P::MODELS {
            if !has_rowid(connection, model.table)? {
                return Ok(None);
            }
        }
        let count = Self::fill::<P>(connection, selection).doing("listing the dirty rows")?;
        Ok(count.map(|count| Self {
            count,
            models: P::MODELS.iter().map(|_| None).collect(),
            page: VecDeque::with_capacity(Self::PAGE),
            last: None,
            is_last_page: false,
        }))
    }

    /// How many rows were listed, unless they are many.
    fn fill<P: Profile>(connection: &Connection, selection: Selection) -> rusqlite::Result<Option<u64>> {
        connection.execute_batch(
            "DROP TABLE IF EXISTS temp.syncline_dirty; \
             CREATE TEMP TABLE syncline_dirty (id, model INTEGER, place INTEGER, PRIMARY KEY (id, model, place)) \
             WITHOUT ROWID",
        )?;
        let mut count = 0;
        for (index, model) in P::MODELS.iter().enumerate() {
            count += connection.execute(
                &format!(
                    "INSERT INTO temp.syncline_dirty SELECT id, ?1, rowid FROM {} WHERE {} LIMIT ?2",
                    Quoted(model.table),
                    selection.condition(model)
                ),
                (index, FEW + 1 - count),
            )? as u64;
            if count > FEW {
                Self::forget(connection)?;
                return Ok(None);
            }
        }
        Ok(Some(count))
    }

    fn forget(connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch("DROP TABLE temp.syncline_dirty")
    }

    fn next<P: Profile>(
        &mut self,
        connection: &Connection,
        serialized: &mut String,
    ) -> Result<Option<Loaded>, Halt> {
        if self.page.is_empty() && !self.is_last_page {
            self.read_page(connection)?;
        }
        let Some((model, rowid)) = self.page.pop_front() else {
            return Ok(None);
        };
        let by_rowid = &mut self.models[model];
        P::visit(model, One { connection, by_rowid, rowid, serialized }).transpose()
    }

    fn read_page(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let page = "ORDER BY id, model, place LIMIT ?1";
        let mut statement = connection.prepare_cached(&match &self.last {
            None => format!("SELECT id, model, place FROM temp.syncline_dirty {page}"),
            Some(_) => format!(
                "SELECT id, model, place FROM temp.syncline_dirty WHERE (id, model, place) > (?2, ?3, ?4) {page}"
            ),
        })?;
        let mut rows = match &self.last {
            None => statement.query([Self::PAGE])?,
            Some((id, model, place)) => statement.query((Self::PAGE, id, model, place))?,
        };
        while let Some(row) = rows.next()? {
            self.page.push_back((row.get(1)?, row.get(2)?));
            if self.page.len() == Self::PAGE {
                self.last = Some((row.get(0)?, row.get(1)?, row.get(2)?));
                return Ok(());
            }
        }
        drop(rows);
        drop(statement);
        self.is_last_page = true;
        Self::forget(connection)
    }
}

/// How the rows of a model are read by their rowid.
#[derive(Debug)]
struct ByRowid {
    sql: String,
    places: Places,
}

/// Reads one row.
struct One<'a, 'c> {
    connection: &'c Connection,
    by_rowid: &'a mut Option<ByRowid>,
    rowid: i64,
    serialized: &'a mut String,
}

impl ModelVisitor for One<'_, '_> {
    type Output = Result<Loaded, Halt>;

    fn visit<M: Syncable>(self) -> Result<Loaded, Halt> {
        let ByRowid { sql, places } = self.by_rowid.get_or_insert_with(|| ByRowid {
            sql: format!("{} WHERE rowid = ?1", select(M::MODEL)),
            places: Places::of(M::MODEL),
        });
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([self.rowid])?;
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let mut loaded = load::<M>(row, places, self.serialized)?;
        loaded.rowid = Some(self.rowid);
        Ok(loaded)
    }
}

/// The rows of several models, each in the order of its ids, in one order.
#[derive(Debug)]
struct Merge {
    models: Vec<Ahead>,
    /// The next id of each model that has rows read ahead.
    heads: BinaryHeap<Reverse<(RecordId, usize)>>,
    selection: Selection,
    page: usize,
    started: bool,
}

/// The rows of one model, read ahead by a page.
#[derive(Debug)]
struct Ahead {
    places: Places,
    last: Option<Value>,
    rows: VecDeque<Loaded>,
    is_last_page: bool,
}

impl Ahead {
    /// A page ends early once its rows take this much.
    const PAGE_BYTES: usize = 128 * 1024;

    fn new(model: &Model) -> Self {
        Self { places: Places::of(model), last: None, rows: VecDeque::new(), is_last_page: false }
    }
}

impl Merge {
    /// Rows in a page, of which each model has one: few, where memory is to be the same for any number of rows.
    const SHORT_PAGE: usize = 8;

    /// And enough that finding its beginning costs little, where chunks are read ahead anyway.
    const LONG_PAGE: usize = 32;

    fn new<P: Profile>(selection: Selection, page: usize) -> Self {
        let models: Vec<_> = P::MODELS.iter().map(|model| Ahead::new(model)).collect();
        Self { heads: BinaryHeap::with_capacity(models.len()), models, selection, page, started: false }
    }

    /// The row with the lowest id of those that are left.
    fn next<P: Profile>(
        &mut self,
        connection: &Connection,
        serialized: &mut String,
    ) -> Result<Option<Loaded>, Halt> {
        if !self.started {
            self.started = true;
            for model in 0..self.models.len() {
                self.read_page::<P>(connection, model, serialized)?;
            }
        }
        let Some(Reverse((_, model))) = self.heads.pop() else {
            return Ok(None);
        };
        let ahead = &mut self.models[model];
        let loaded = ahead.rows.pop_front();
        match ahead.rows.front() {
            Some(next) => self.heads.push(Reverse((next.id, model))),
            None => self.read_page::<P>(connection, model, serialized)?,
        }
        Ok(loaded)
    }

    /// Reads the next page of a model that has no rows left, and enters it among the heads if there is one.
    fn read_page<P: Profile>(
        &mut self,
        connection: &Connection,
        model: usize,
        serialized: &mut String,
    ) -> Result<(), Halt> {
        let ahead = &mut self.models[model];
        if !ahead.is_last_page {
            let (selection, size) = (self.selection, self.page);
            P::visit(model, Page { connection, selection, size, ahead, serialized }).transpose()?;
        }
        if let Some(next) = self.models[model].rows.front() {
            self.heads.push(Reverse((next.id, model)));
        }
        Ok(())
    }
}

/// Reads a page of a model's rows.
struct Page<'a, 'c> {
    connection: &'c Connection,
    selection: Selection,
    size: usize,
    ahead: &'a mut Ahead,
    serialized: &'a mut String,
}

impl ModelVisitor for Page<'_, '_> {
    type Output = Result<(), Halt>;

    fn visit<M: Syncable>(self) -> Result<(), Halt> {
        let Ahead { places, last, rows, is_last_page } = self.ahead;
        let mut statement = self.connection.prepare_cached(&format!(
            "{select} WHERE {behind}{condition} ORDER BY id LIMIT ?1",
            select = select(M::MODEL),
            behind = if last.is_some() { "id > ?2 AND " } else { "" },
            condition = self.selection.condition(M::MODEL),
        ))?;
        let mut page = match last {
            None => statement.query([self.size])?,
            Some(last) => statement.query((self.size, &*last))?,
        };
        let mut bytes = 0;
        while let Some(row) = page.next()? {
            let loaded = load::<M>(row, places, self.serialized)?;
            bytes += loaded.weight();
            rows.push_back(loaded);
            if rows.len() == self.size || bytes >= Ahead::PAGE_BYTES {
                *last = Some(row.get(places.id)?);
                return Ok(());
            }
        }
        *is_last_page = true;
        Ok(())
    }
}

/// `SELECT` of a model's columns, up to its condition.
fn select(model: &Model) -> String {
    let columns: Vec<_> = model.columns.iter().map(|column| Quoted(column.name).to_string()).collect();
    format!("SELECT {} FROM {}", columns.join(", "), Quoted(model.table))
}

/// Where the columns stand that the store wants apart.
#[derive(Debug)]
struct Places {
    id: usize,
    partition: usize,
    source_id: usize,
}

impl Places {
    fn of(model: &Model) -> Self {
        let place = |name| model.columns.iter().position(|column| column.name == name);
        Self {
            id: place(ID).expect("a derived model has an id"),
            partition: place(PARTITION).expect("a derived model has a partition"),
            source_id: place(SOURCE_ID).expect("a derived model has a source id"),
        }
    }
}

fn load<M: Syncable>(
    row: &rusqlite::Row<'_>,
    places: &Places,
    serialized: &mut String,
) -> Result<Loaded, Halt> {
    let row = SqliteRow(row);
    let invalid = |place: usize, source: InvalidValue| {
        let column = M::MODEL.columns.get(place).map_or("?", |column| column.name);
        Failure::from(InvalidColumn::new(M::MODEL.table, column, &row, places.id, source))
    };
    let text = |place: usize| match row.column(place) {
        Ok(ColumnValue::Text(text)) => Ok(text),
        Ok(other) => Err(invalid(place, InvalidValue::expected("text", other))),
        Err(source) => Err(invalid(place, source)),
    };
    let id = RecordId::parse(text(places.id)?).map_err(|source| invalid(places.id, source))?;
    let parent = match M::MODEL.self_reference {
        None => None,
        Some(place) => {
            row.column(place).and_then(Option::<RecordId>::read).map_err(|source| invalid(place, source))?
        }
    };
    serialized.clear();
    M::write_serialized(&row, serialized)
        .map_err(|error| invalid(error.column(), error.into_invalid_value()))?;
    Ok(Loaded::new(M::MODEL, id, parent, [serialized, text(places.partition)?, text(places.source_id)?]))
}
