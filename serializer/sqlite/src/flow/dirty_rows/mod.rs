//! `DirtyRows`: the source of the app's dirty rows, as JSON text.

mod by_id;
mod by_rowid;
mod for_estimate;
mod on_a_thread;
mod page;
mod row_at;

use std::marker::PhantomData;

use rusqlite::Connection;
use syncline_core::{Emit, Halt, Progress, Source};
use syncline_serializer::model::Model;
use syncline_serializer::model::Profile;
use syncline_serializer::serialize::backend::{LeaveOut, Tickets};
use syncline_serializer::serialize::{CHUNK, CHUNK_BYTES, Loaded, SerializeStore};

use crate::error::{Doing, EvolutionError, RunError, SchemaError};
use crate::flow::reader::Reader;
use crate::flow::transaction::{FEW_CHUNKS, SyncTransaction};
use crate::store::names::Quoted;
use crate::store::schema::{TablesWithRowid, is_of_django};
use crate::store::selection::Selection;

use by_id::ById;
use by_rowid::ByRowid;
use for_estimate::{LISTED_ROWS, Listed, Spread};
use on_a_thread::OnAThread;
use page::Reading;
use row_at::{Extent, number};

pub(crate) use for_estimate::Sample;

/// Source of the dirty rows of a profile, in the order of their ids.
///
/// The store's primary key and its counters grow in that order, over all models, so each page of those indexes is
/// touched once. The access path depends on the share of dirty rows:
///
/// * Few: one pass over each table, in its own order, lists their rowids. Then each row is read by its rowid.
/// * Many: the rows of each model are read in pages through the index of its ids, each page behind the last id of the
///   page before. The pages of all models are merged.
///
/// Memory: a page of each model, or the list, which has a limit.
///
/// Dirty bits are cleared by the [commit](SyncTransaction::commit), or when many rows are written. So no row changes
/// under the query that reads it (quirk Q17), and no set of ids grows with the data (Q18).
///
/// A job with several commits continues with the same source in the next transaction. It does not go back, so all
/// transactions together read the tables once, and each row in memory is read again.
#[derive(Debug)]
pub struct DirtyRows<'c, P> {
    connection: &'c Connection,
    /// A second connection for many rows, if there can be one.
    reader: Option<Reader>,
    left_out: &'c dyn LeaveOut,
    rows: Rows<P>,
}

/// The rows of a source, for any connection and any thread.
#[derive(Debug)]
struct Rows<P> {
    scan: Scan,
    tickets: Tickets,
    /// The number of chunks that it may still emit, and the rows and bytes of the current one. `None` for all rows.
    portion: Option<(usize, (usize, usize))>,
    /// `true` if there is no row behind the last emitted one.
    is_done: bool,
    /// `true` in a database of one's own, whose rows are checked.
    is_checked: bool,
    profile: PhantomData<fn() -> P>,
}

/// The access path.
#[derive(Debug)]
enum Scan {
    Few(ByRowid),
    Many(ById),
}

/// Dirty rows between two transactions.
#[derive(Debug)]
pub(crate) struct Suspended(Scan);

impl<'c, P: Profile> DirtyRows<'c, P> {
    /// Creates a source of the dirty rows of `P`'s models for `run`.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub fn new(run: &'c SyncTransaction<'_, P>) -> Result<Self, RunError> {
        Self::found_by(run, false)
    }

    /// Like [`new`](Self::new). With `by_two` two threads search for dirty rows if that pays.
    pub(crate) fn found_by(run: &'c SyncTransaction<'_, P>, by_two: bool) -> Result<Self, RunError> {
        let (connection, writable) = (run.connection(), run.selection().writable());
        let tables = TablesWithRowid::read(connection)?;
        let have_rowids = P::MODELS.iter().all(|model| tables.contain(model.table));
        let (mut listed, mut reader) = (None, None);
        if have_rowids {
            let extent = Extent::of::<P>(connection)?;
            reader = if by_two && extent.is_for_two() { Reader::open(run)? } else { None };
            listed = row_at::list::<P>(connection, reader.as_mut(), run.filter(), writable, &extent)?;
        }
        let scan = match listed {
            Some(listed) => Scan::Few(ByRowid::of::<P>(listed, writable.clone())),
            None => Scan::Many(ById::new::<P>(run.filter(), writable.clone(), have_rowids)),
        };
        Self::begin(run, scan, reader)
    }

    /// Continues in the next transaction of a job.
    pub(crate) fn go_on(
        run: &'c SyncTransaction<'_, P>,
        Suspended(scan): Suspended,
    ) -> Result<Self, RunError> {
        let before = match &scan {
            Scan::Few(rows) => rows.writable(),
            Scan::Many(rows) => rows.writable(),
        };
        // The statements of the scan would select rows that this program can no longer write whole.
        if before != run.selection().writable() {
            return Err(SchemaError::from(EvolutionError::DeclaredMeanwhile).into());
        }
        Self::begin(run, scan, None)
    }

    fn begin(run: &'c SyncTransaction<'_, P>, scan: Scan, reader: Option<Reader>) -> Result<Self, RunError> {
        let is_many = matches!(scan, Scan::Many(_));
        let reader = match reader {
            _ if !is_many || !run.is_long() => None,
            Some(reader) => Some(reader),
            None => Reader::open(run)?,
        };
        let tickets = Tickets::new();
        let in_order = is_many && run.chunks().is_none() && run.selection().is_exact(run.connection())?;
        run.state().enter(&tickets, P::MODELS.len(), in_order);
        let portion = run.chunks().map(|chunks| (chunks.get(), (0, 0)));
        let is_checked = !is_of_django(run.connection())?;
        let rows = Rows { scan, tickets, portion, is_done: false, is_checked, profile: PhantomData };
        Ok(Self { connection: run.connection(), reader, left_out: run.left_out(), rows })
    }

    /// Returns the remaining rows for the next transaction, before which other programs may write. `None` if all rows
    /// were emitted.
    pub(crate) fn suspend(self, run: &SyncTransaction<'_, P>) -> Option<Suspended> {
        let Rows { mut scan, is_done, .. } = self.rows;
        match &mut scan {
            _ if is_done => return None,
            Scan::Few(rows) => rows.suspend(run.filter()),
            Scan::Many(rows) => rows.suspend(),
        }
        Some(Suspended(scan))
    }

    /// Returns the same rows as a source for another thread, if they are many, none may be left out, and there is a
    /// second connection.
    #[expect(clippy::result_large_err, reason = "it is called once, and its error goes on")]
    pub(crate) fn on_a_thread(self) -> Result<OnAThread<P>, Self> {
        match self {
            Self { reader: Some(reader), rows, left_out, .. } if !left_out.is_allowed() => {
                Ok(OnAThread::new(reader, rows))
            }
            rows => Err(rows),
        }
    }

    /// The number of rows that it will emit.
    ///
    /// If there are many they are counted, which takes one pass over the tables.
    ///
    /// # Errors
    ///
    /// If they cannot be counted.
    pub fn count(&self, run: &SyncTransaction<'_, P>) -> Result<u64, RunError> {
        match &self.rows.scan {
            Scan::Few(rows) => Ok(rows.len() as u64),
            Scan::Many(_) => {
                P::MODELS.iter().map(|model| count(run.connection(), model, run.selection())).sum()
            }
        }
    }

    /// A sample of the rows of the model with this index that can be serialised, and their estimated number. `most` is
    /// the largest number of rows in a table.
    pub(crate) fn sample(
        &self,
        run: &SyncTransaction<'_, P>,
        model: usize,
        most: u64,
    ) -> Result<Sample, RunError> {
        let connection = self.connection;
        let sample = match &self.rows.scan {
            Scan::Few(list) => {
                let count = list.rowids_of(model).count() as u64;
                let rowids = list.rowids_of(model).take(LISTED_ROWS).collect();
                let rows = P::visit(model, Listed { connection, rowids }).transpose();
                rows.map(|rows| Some(Sample { count, rows: rows.unwrap_or_default() }))
            }
            Scan::Many(by_id) => {
                let has_rowids = by_id.with_rowids();
                P::visit(model, Spread { connection, selection: run.selection(), has_rowids, most })
                    .transpose()
            }
        };
        Ok(sample.doing("looking at a few rows")?.unwrap_or_default())
    }

    /// `true` if the rows are listed.
    pub(crate) fn are_few(&self) -> bool {
        matches!(self.rows.scan, Scan::Few(_))
    }

    /// `true` if there are more than a few chunks.
    #[must_use]
    pub fn is_bulk(&self) -> bool {
        match &self.rows.scan {
            Scan::Few(rows) => rows.len() > FEW_CHUNKS * CHUNK.get(),
            Scan::Many(_) => true,
        }
    }
}

impl<P: Profile> Source for DirtyRows<'_, P> {
    type Item = Loaded;

    fn advance(&mut self, out: &mut impl Emit<Loaded>) -> Result<Progress, Halt> {
        /// The limit of bytes.
        const BYTES: usize = 512 * 1024;

        let connection = self.reader.as_ref().map_or(self.connection, Reader::connection);
        self.rows.advance(connection, self.left_out, (CHUNK.get(), BYTES), out)
    }
}

impl<P: Profile> Source for &mut DirtyRows<'_, P> {
    type Item = Loaded;

    fn advance(&mut self, out: &mut impl Emit<Loaded>) -> Result<Progress, Halt> {
        (**self).advance(out)
    }

    fn name(&self) -> &'static str {
        "DirtyRows"
    }
}

impl<P: Profile> Rows<P> {
    /// Emits up to a limited number of rows, or of bytes.
    fn advance(
        &mut self,
        connection: &Connection,
        left_out: &dyn LeaveOut,
        (most_rows, most_bytes): (usize, usize),
        out: &mut impl Emit<Loaded>,
    ) -> Result<Progress, Halt> {
        let mut bytes = 0;
        for _ in 0..most_rows {
            let Some(row) = self.next(connection, left_out)? else {
                self.is_done = true;
                self.tickets.close();
                return Ok(Progress::Done);
            };
            let (weight, id) = (row.weight(), row.id());
            out.emit(row)?;
            // Two records with one id share a store row, which must be written in one transaction.
            if self.is_end_of_portion(weight) && self.next_id(connection, left_out)? != Some(id_number(&id)) {
                return Ok(Progress::Done);
            }
            bytes += weight;
            if bytes >= most_bytes {
                break;
            }
        }
        Ok(Progress::More)
    }

    fn next(&mut self, connection: &Connection, left_out: &dyn LeaveOut) -> Result<Option<Loaded>, Halt> {
        let is_checked = self.is_checked;
        let mut reading = Reading { connection, left_out, tickets: &mut self.tickets, is_checked };
        match &mut self.scan {
            Scan::Few(rows) => rows.next::<P>(&mut reading),
            Scan::Many(rows) => rows.next::<P>(&mut reading),
        }
    }

    /// The id of the next row, as a number, if there may be one.
    fn next_id(&mut self, connection: &Connection, left_out: &dyn LeaveOut) -> Result<Option<u128>, Halt> {
        let is_checked = self.is_checked;
        let mut reading = Reading { connection, left_out, tickets: &mut self.tickets, is_checked };
        let next = match &mut self.scan {
            Scan::Few(rows) => rows.next_id(),
            Scan::Many(rows) => rows.next_id::<P>(&mut reading)?,
        };
        self.is_done = next.is_none();
        Ok(next)
    }

    /// Counts a row of a chunk of the size of the flow's first buffer. Returns `true` if the portion ends with it.
    fn is_end_of_portion(&mut self, weight: usize) -> bool {
        let Some((chunks_left, (rows, bytes))) = &mut self.portion else { return false };
        *rows += 1;
        *bytes += weight;
        if *rows == CHUNK.get() || *bytes >= CHUNK_BYTES.get() {
            (*rows, *bytes) = (0, 0);
            *chunks_left = chunks_left.saturating_sub(1);
        }
        *chunks_left == 0
    }
}

fn id_number(id: &syncline_serializer::record_id::RecordId) -> u128 {
    number(id.as_str().as_bytes())
}

fn count(connection: &Connection, model: &Model, selection: &Selection) -> Result<u64, RunError> {
    let sql = format!("SELECT count(*) FROM {} WHERE {}", Quoted(model.table), selection.condition(model));
    Ok(connection
        .query_row(&sql, selection.parameters(), |row| row.get(0))
        .doing("counting the dirty rows")?)
}
