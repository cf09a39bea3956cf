//! The source of the flow: the app's dirty rows, as text.

use std::marker::PhantomData;

use rusqlite::Connection;
use rusqlite::types::Value;
use syncline_core::{Emit, Failure, Halt, Source};

use crate::error::{DatabaseError, InvalidColumn};
use crate::flow::{Loaded, Run};
use crate::model::{Model, Row, Syncable};
use crate::profile::{ModelVisitor, Profile};
use crate::record_id::RecordId;
use crate::sqlite_row::SqliteRow;
use crate::store::names::Quoted;
use crate::store::schema::{ID, PARTITION, SOURCE_ID, has_rowid};
use crate::store::selection::{Selection, of_model};
use crate::value::{ColumnValue, FieldValue, InvalidValue};

/// How many rows a query reads before the driver has its turn.
const PAGE: usize = 500;

/// Source of the dirty rows of a profile, model by model, in the order of a key.
///
/// Rows are read by pages: each query goes on behind the last key of the one before. Their dirty bits are still set
/// then, and are cleared by [`StoreWriter`](crate::flow::StoreWriter) after the last page: no row changes under the
/// query that reads it (quirk Q17), and no id need be remembered (Q18).
#[derive(Debug)]
pub struct DirtyRows<'c, P> {
    connection: &'c Connection,
    selection: Selection,
    scans: Vec<Scan>,
    current: usize,
    profile: PhantomData<P>,
    serialized: String,
}

/// The dirty rows of one model.
#[derive(Debug)]
struct Scan {
    dirty: u64,
    key: Key,
    last: Option<Value>,
}

/// What the rows of a table are paged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    /// The record's id. The store's index grows in this order, so its pages are written once.
    Id,
    /// The table's own order, which reads each page once: best where few rows are dirty.
    Rowid,
}

impl Key {
    fn column(self) -> Quoted<'static> {
        match self {
            Self::Id => Quoted(ID),
            Self::Rowid => Quoted("rowid"),
        }
    }
}

impl<'c, P: Profile> DirtyRows<'c, P> {
    /// Counts the dirty rows of `P`'s models that `run` is about, and makes ready to read them.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn new(run: &Run<'c, P>) -> Result<Self, DatabaseError> {
        let (connection, selection) = (run.connection(), run.selection());
        let scans = P::MODELS
            .iter()
            .map(|model| Scan::new(connection, model, selection))
            .collect::<Result<_, _>>()?;
        Ok(Self { connection, selection, scans, current: 0, profile: PhantomData, serialized: String::new() })
    }

    /// How many rows it will emit.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.scans.iter().map(|scan| scan.dirty).sum()
    }
}

impl Scan {
    fn new(connection: &Connection, model: &Model, selection: Selection) -> Result<Self, DatabaseError> {
        // One pass over the table, in its own order, tells how many rows there are to do and how best to read them.
        let sql = format!(
            "SELECT count(*), count(CASE WHEN {dirty} THEN 1 END) FROM {table} WHERE {of_model}",
            dirty = selection.condition(model),
            table = Quoted(model.table),
            of_model = of_model(model),
        );
        let (rows, dirty): (u64, u64) = connection
            .query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(|source| DatabaseError::sqlite("counting the dirty rows", source))?;
        let key = if dirty < rows / 4 && has_rowid(connection, model.table)? { Key::Rowid } else { Key::Id };
        Ok(Self { dirty, key, last: None })
    }

    fn sql(&self, model: &Model, selection: Selection) -> String {
        let columns: Vec<_> = model.columns.iter().map(|column| Quoted(column.name).to_string()).collect();
        let key = self.key.column();
        let behind = if self.last.is_some() { format!("{key} > ?2 AND ") } else { String::new() };
        format!(
            "SELECT {columns}, {key} FROM {table} WHERE {behind}{condition} ORDER BY {key} LIMIT ?1",
            columns = columns.join(", "),
            table = Quoted(model.table),
            condition = selection.condition(model),
        )
    }
}

impl<P: Profile> Source for DirtyRows<'_, P> {
    type Item = Loaded;

    fn advance(&mut self, out: &mut impl Emit<Loaded>) -> Result<syncline_core::Progress, Halt> {
        while let Some(scan) = self.scans.get(self.current) {
            if scan.dirty > 0 {
                let model = self.current;
                if P::visit(model, Page { rows: self, out }).unwrap_or(Ok(PAGE))? == PAGE {
                    return Ok(syncline_core::Progress::More);
                }
            }
            self.current += 1;
        }
        Ok(syncline_core::Progress::Done)
    }
}

/// Reads the next page of the current model's rows.
struct Page<'a, 'c, P, O> {
    rows: &'a mut DirtyRows<'c, P>,
    out: &'a mut O,
}

impl<P: Profile, O: Emit<Loaded>> ModelVisitor for Page<'_, '_, P, O> {
    type Output = Result<usize, Halt>;

    fn visit<M: Syncable>(self) -> Result<usize, Halt> {
        let Self { rows: DirtyRows { connection, selection, scans, current, serialized, .. }, out } = self;
        let scan = &mut scans[*current];
        let places = Places::of(M::MODEL);
        let mut statement = connection.prepare_cached(&scan.sql(M::MODEL, *selection))?;
        let mut page = match &scan.last {
            None => statement.query([PAGE])?,
            Some(last) => statement.query((PAGE, last))?,
        };
        let mut count = 0;
        while let Some(row) = page.next()? {
            serialized.clear();
            let loaded = load::<M>(row, &places, serialized)?;
            out.emit(loaded)?;
            count += 1;
            if count == PAGE {
                scan.last = Some(row.get(M::MODEL.columns.len())?);
            }
        }
        Ok(count)
    }
}

/// Where the columns stand that the store wants apart.
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
    M::write_serialized(&row, serialized)
        .map_err(|error| invalid(error.column(), error.into_invalid_value()))?;
    Ok(Loaded::new(M::MODEL, id, parent, [serialized, text(places.partition)?, text(places.source_id)?]))
}
