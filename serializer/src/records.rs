//! The records of a model, as a source of typed structs.

use std::fmt;
use std::marker::PhantomData;

use rusqlite::Connection;
use rusqlite::types::Value;
use syncline_core::{Emit, Halt, Progress, Source};

use crate::error::InvalidColumn;
use crate::model::{Model, Syncable};
use crate::sqlite_row::SqliteRow;
use crate::store::names::Quoted;
use crate::store::schema::{DIRTY_BIT, ID};
use crate::store::selection::of_model;

/// How many records a query reads.
const PAGE: usize = 500;

/// Source of the records of a model, in the order of their ids. Made by [`Syncable::stream`] and [`Syncable::dirty`].
///
/// * Memory: one record. They are read by pages, each with a query of its own that goes on behind the last id, so that
///   the app can write meanwhile: what changes behind the place reached is seen as it is then.
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct Records<'c, M> {
    connection: &'c Connection,
    only_dirty: bool,
    last: Option<Value>,
    model: PhantomData<fn() -> M>,
}

impl<'c, M: Syncable> Records<'c, M> {
    pub(crate) fn new(connection: &'c Connection, only_dirty: bool) -> Self {
        Self { connection, only_dirty, last: None, model: PhantomData }
    }

    fn sql(&self) -> String {
        let columns = columns(M::MODEL).map(|column| Quoted(column).to_string()).collect::<Vec<_>>();
        let behind = if self.last.is_some() { "id > ?2 AND " } else { "" };
        let dirty = if self.only_dirty { format!("{} AND ", Quoted(DIRTY_BIT)) } else { String::new() };
        format!(
            "SELECT {columns} FROM {table} WHERE {behind}{dirty}{of_model} ORDER BY id LIMIT ?1",
            columns = columns.join(", "),
            table = Quoted(M::MODEL.table),
            of_model = of_model(M::MODEL),
        )
    }
}

/// The columns of a record, in the order in which [`Syncable::read`] counts them.
fn columns(model: &'static Model) -> impl Iterator<Item = &'static str> {
    model.columns.iter().chain(model.local_columns).map(|column| column.name)
}

impl<M: Syncable> Source for Records<'_, M> {
    type Item = M;

    fn advance(&mut self, out: &mut impl Emit<M>) -> Result<Progress, Halt> {
        let id = columns(M::MODEL).position(|column| column == ID).expect("a derived model has an id");
        let mut statement = self.connection.prepare_cached(&self.sql())?;
        let mut page = match &self.last {
            None => statement.query([PAGE])?,
            Some(last) => statement.query((PAGE, last))?,
        };
        let mut count = 0;
        let mut last = None;
        while let Some(row) = page.next()? {
            count += 1;
            if count == PAGE {
                last = Some(row.get(id)?);
            }
            let record = M::read(&SqliteRow(row)).map_err(|error| {
                let column = columns(M::MODEL).nth(error.column()).unwrap_or("?");
                InvalidColumn::new(M::MODEL.table, column, &SqliteRow(row), id, error.into_invalid_value())
            })?;
            out.emit(record)?;
        }
        self.last = last;
        Ok(if count == PAGE { Progress::More } else { Progress::Done })
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
            .finish_non_exhaustive()
    }
}
