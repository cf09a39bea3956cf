//! `RowAt`: the list of dirty rows, if they are few. One or two threads scan the tables.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::{panic, thread};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Statement};
use syncline_serializer::filter::{Filter, PartitionRanges};
use syncline_serializer::model::Model;
use syncline_serializer::model::Profile;
use syncline_serializer::model::columns::{ID, PARTITION};

use crate::error::{Doing, RunError};
use crate::flow::reader::Reader;
use crate::sqlite_row::text_bytes;
use crate::store::names::Quoted;
use crate::store::page_cache::with_page_cache;
use crate::store::selection::dirty;
use crate::store::writable::Writable;

/// The position of a row: its table and its rowid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowAt {
    /// The id of the row.
    pub(super) key: u128,
    pub(super) model: u32,
    pub(super) rowid: i64,
}

/// The limit of the list: it takes 800 kB.
const MOST: usize = 25_000;

/// If at least one row of this many is dirty, reading all rows through the index of ids is as cheap.
const FRACTION: u64 = 3;

/// The page cache for the scan, in KiB. Each page is read once, so a larger cache saves nothing, and the first use of
/// memory costs time.
const LISTING_KIB: i64 = 512;

/// The number of rows from which two threads are faster, including the cost of the second connection.
const ROWS_FOR_TWO: u64 = 100_000;

/// The number of rowids in a piece of a table that one thread scans.
const PIECE: i64 = 8192;

/// The largest number of pieces of a table.
const PIECES: i64 = 64;

/// The approximate numbers of rows in a profile's tables.
pub(super) struct Extent {
    /// The largest rowid of each model's table.
    last: Vec<i64>,
    rows: u64,
}

impl Extent {
    /// An upper limit if rowids are not negative. It needs no pass over the tables.
    pub(super) fn of<P: Profile>(connection: &Connection) -> Result<Self, RunError> {
        let last = P::MODELS.iter().map(|model| last_rowid(connection, model)).collect::<Result<Vec<_>, _>>();
        let last = last.doing("looking how large the tables are")?;
        let mut tables: Vec<_> =
            P::MODELS.iter().zip(&last).map(|(model, last)| (model.table, *last)).collect();
        tables.sort_unstable();
        tables.dedup();
        let rows =
            tables.iter().map(|(_, last)| u64::try_from(*last).unwrap_or(0)).fold(0, u64::saturating_add);
        Ok(Self { last, rows })
    }

    /// `true` if a second thread pays.
    pub(super) fn is_for_two(&self) -> bool {
        self.rows >= ROWS_FOR_TWO
    }

    /// The largest number of rows that counts as few.
    fn few(&self) -> usize {
        usize::try_from(self.rows / FRACTION).unwrap_or(usize::MAX).min(MOST)
    }
}

fn last_rowid(connection: &Connection, model: &Model) -> rusqlite::Result<i64> {
    let sql = format!("SELECT max(rowid) FROM {}", Quoted(model.table));
    let last: Option<i64> = connection.query_row(&sql, [], |row| row.get(0))?;
    Ok(last.unwrap_or(0))
}

/// Lists the `writable` dirty rows under `filter`, in the order of their ids, in tables with rowids. `None` if they are many. With
/// `reader` a second thread scans a part of the tables.
pub(super) fn list<P: Profile>(
    connection: &Connection,
    reader: Option<&mut Reader>,
    filter: &Filter,
    writable: &Writable,
    extent: &Extent,
) -> Result<Option<Vec<RowAt>>, RunError> {
    let pass = Pass {
        models: P::MODELS,
        pieces: reader.is_some().then(|| pieces(&extent.last)),
        taken: AtomicUsize::new(0),
        few: extent.few(),
        listed: AtomicUsize::new(0),
        ranges: PartitionRanges::of(filter),
        writable: writable.clone(),
    };
    let places = match reader {
        None => pass.list(connection),
        Some(reader) => pass.list_by_two(connection, reader.connection_mut()),
    };
    let mut places = places.doing("listing the dirty rows")?;
    if pass.are_many() {
        return Ok(None);
    }
    places.sort_unstable();
    Ok(Some(places))
}

/// A piece of a model's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    model: usize,
    first: i64,
    last: i64,
}

/// The pieces of tables with these largest rowids. Together they cover every possible rowid.
fn pieces(last: &[i64]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (model, &last) in last.iter().enumerate() {
        let length = PIECE.max(last / PIECES + 1);
        let mut first = i64::MIN;
        let mut end = length;
        while end < last {
            pieces.push(Piece { model, first, last: end });
            (first, end) = (end + 1, end.saturating_add(length));
        }
        pieces.push(Piece { model, first, last: i64::MAX });
    }
    pieces
}

/// One pass over the tables of all models.
struct Pass {
    models: &'static [&'static Model],
    /// The pieces, if several threads take turns.
    pieces: Option<Vec<Piece>>,
    taken: AtomicUsize,
    few: usize,
    /// The number of listed rows, which may exceed the limit.
    listed: AtomicUsize,
    ranges: PartitionRanges,
    writable: Writable,
}

impl Pass {
    fn are_many(&self) -> bool {
        self.listed.load(Ordering::Relaxed) > self.few
    }

    /// Lists the rows with two connections, which see the same state.
    fn list_by_two(&self, connection: &Connection, other: &mut Connection) -> rusqlite::Result<Vec<RowAt>> {
        thread::scope(|scope| {
            let beside = thread::Builder::new().spawn_scoped(scope, move || self.list(other));
            let mut places = self.list(connection)?;
            // If there can be no other thread, this one has scanned all pieces.
            if let Ok(beside) = beside {
                places.extend(beside.join().unwrap_or_else(|panic| panic::resume_unwind(panic))?);
            }
            Ok(places)
        })
    }

    /// Lists the rows of the pieces that are not scanned yet.
    fn list(&self, connection: &Connection) -> rusqlite::Result<Vec<RowAt>> {
        with_page_cache(connection, LISTING_KIB, || match &self.pieces {
            None => {
                let mut places = Vec::with_capacity(self.few);
                for model in 0..self.models.len() {
                    self.add(model, self.prepare(connection, model, "")?.query([])?, &mut places)?;
                }
                Ok(places)
            }
            Some(pieces) => {
                let mut places = Vec::new();
                let mut prepared: Option<(usize, Statement<'_>)> = None;
                while let Some(&Piece { model, first, last }) =
                    pieces.get(self.taken.fetch_add(1, Ordering::Relaxed))
                {
                    let statement = match &mut prepared {
                        Some((of, statement)) if *of == model => statement,
                        prepared => {
                            let statement =
                                self.prepare(connection, model, " AND rowid BETWEEN ?1 AND ?2")?;
                            &mut prepared.insert((model, statement)).1
                        }
                    };
                    self.add(model, statement.query([first, last])?, &mut places)?;
                }
                Ok(places)
            }
        })
    }

    fn prepare<'c>(
        &self,
        connection: &'c Connection,
        model: usize,
        condition: &str,
    ) -> rusqlite::Result<Statement<'c>> {
        let model = self.models[model];
        connection.prepare(&format!(
            "SELECT rowid, {ID}, {partition} FROM {table} WHERE {dirty}{condition}",
            partition = Quoted(PARTITION),
            table = Quoted(model.table),
            dirty = dirty(model, &self.writable),
        ))
    }

    /// Adds `rows` to the list, until they are too many.
    fn add(
        &self,
        model: usize,
        mut rows: rusqlite::Rows<'_>,
        places: &mut Vec<RowAt>,
    ) -> rusqlite::Result<()> {
        while !self.are_many()
            && let Some(row) = rows.next()?
        {
            if self.ranges.contain(text_bytes(row.get_ref(2)?))
                && self.listed.fetch_add(1, Ordering::Relaxed) < self.few
            {
                let model = u32::try_from(model).expect("a profile has fewer than 2^32 models");
                places.push(RowAt { key: key(row.get_ref(1)?), model, rowid: row.get(0)? });
            }
        }
        Ok(())
    }
}

/// The hex digits of an id as a number. An invalid id is reported when its row is read.
fn key(id: ValueRef<'_>) -> u128 {
    number(id.as_bytes().unwrap_or_default())
}

pub(super) fn number(id: &[u8]) -> u128 {
    let digits = id.iter().take(32);
    digits.fold(0, |key, digit| (key << 4) | u128::from((*digit as char).to_digit(16).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::{PIECE, PIECES, Piece, pieces};

    #[test]
    fn every_rowid_is_in_one_piece() {
        for last in
            [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 1_000_000, i64::MAX - 1, i64::MAX, -5, i64::MIN]
        {
            let pieces = pieces(&[last]);
            assert!(pieces.len() <= usize::try_from(PIECES).unwrap() + 1, "{last}");
            assert_eq!(pieces.first().map(|piece| piece.first), Some(i64::MIN), "{last}");
            assert_eq!(pieces.last().map(|piece| piece.last), Some(i64::MAX), "{last}");
            for neighbours in pieces.windows(2) {
                assert_eq!(neighbours[0].last + 1, neighbours[1].first, "{last}");
            }
            assert!(pieces.iter().all(|piece| piece.first <= piece.last), "{last}");
        }
        let of = |model, first, last| Piece { model, first, last };
        assert_eq!(pieces(&[10, 0]), [of(0, i64::MIN, i64::MAX), of(1, i64::MIN, i64::MAX)]);
    }
}
