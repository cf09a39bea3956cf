//! A sample of a model's dirty rows and their estimated number, for an estimate of disk space.

use std::collections::VecDeque;

use rusqlite::{Connection, Params};
use syncline_serializer::model::ModelVisitor;
use syncline_serializer::model::Syncable;
use syncline_serializer::serialize::Loaded;

use crate::flow::dirty_rows::page::{Page, Places, select};
use crate::store::names::Quoted;
use crate::store::selection::Selection;

/// The estimated number of dirty rows of a model, and a sample of them.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    pub(crate) count: u64,
    /// Rows that cannot be serialised are left out here, and reported when their turn comes.
    pub(crate) rows: VecDeque<Loaded>,
}

/// The number of rows to look at.
const ROWS: i64 = 32;

/// The number of rows to look at if each of them is known to be dirty.
pub(super) const LISTED_ROWS: usize = 4;

/// Reads a few dirty rows at `rowids`.
pub(super) struct Listed<'c> {
    pub(super) connection: &'c Connection,
    pub(super) rowids: Vec<i64>,
}

impl ModelVisitor for Listed<'_> {
    type Output = rusqlite::Result<VecDeque<Loaded>>;

    fn visit<M: Syncable>(self) -> Self::Output {
        read::<M>(self.connection, &condition(&self.rowids), [])
    }
}

/// Looks for dirty rows at rowids that are spread over the table. The share of dirty rows among them gives the
/// estimate. In a small table, or without rowids, the dirty rows are counted.
pub(super) struct Spread<'c> {
    pub(super) connection: &'c Connection,
    pub(super) selection: &'c Selection,
    pub(super) has_rowids: bool,
    /// An upper limit of the number of rows, independent of the last rowid.
    pub(super) most: u64,
}

impl ModelVisitor for Spread<'_> {
    type Output = rusqlite::Result<Sample>;

    fn visit<M: Syncable>(self) -> Self::Output {
        let Self { connection, selection, has_rowids, most } = self;
        let (table, dirty) = (Quoted(M::MODEL.table), selection.condition(M::MODEL));
        let last: Option<i64> = if has_rowids {
            connection.query_row(&format!("SELECT max(rowid) FROM {table}"), [], |row| row.get(0))?
        } else {
            None
        };
        let Some(last) = last.filter(|last| *last > ROWS * ROWS) else {
            let count = format!("SELECT count(*) FROM {table} WHERE {dirty}");
            let count = connection.query_row(&count, selection.parameters(), |row| row.get(0))?;
            let rows = read::<M>(connection, &format!("{dirty} LIMIT {ROWS}"), selection.parameters())?;
            return Ok(Sample { count, rows });
        };
        let rowids: Vec<_> = (1..=ROWS).map(|part| last / ROWS * part).collect();
        let condition = format!("{dirty} AND {}", condition(&rowids));
        let rows = read::<M>(connection, &condition, selection.parameters())?;
        let parts = last.unsigned_abs().min(most) / ROWS.unsigned_abs();
        Ok(Sample { count: parts * rows.len() as u64, rows })
    }
}

fn condition(rowids: &[i64]) -> String {
    let rowids: Vec<_> = rowids.iter().map(i64::to_string).collect();
    format!("rowid IN ({})", rowids.join(", "))
}

/// The rows that meet `condition` and can be serialised.
fn read<M: Syncable>(
    connection: &Connection,
    condition: &str,
    parameters: impl Params,
) -> rusqlite::Result<VecDeque<Loaded>> {
    let mut statement = connection.prepare(&format!("{} WHERE {condition}", select(M::MODEL, &[])))?;
    let (mut rows, places) = (statement.query(parameters)?, Places::of(M::MODEL));
    let (mut page, mut sample) = (Page::default(), VecDeque::new());
    while let Some(row) = rows.next()? {
        page.try_load::<M>(row, &places, None).ok();
    }
    page.empty(&mut sample);
    Ok(sample)
}
