//! `Estimate`: the disk space that a serialise run will need.

use std::num::NonZeroUsize;

use rusqlite::{Connection, OptionalExtension};
use syncline_serializer::model::Profile;
use syncline_serializer::serialize::CHUNK;

use crate::error::{Doing, RunError};
use crate::flow::dirty_rows::{DirtyRows, Sample};
use crate::flow::transaction::SyncTransaction;

/// An estimate of the disk space for a serialise run, made before the run.
///
/// It is based on the number of dirty rows, which is estimated as well if there are many, on the size of a few of them,
/// and on whether the store has these. It tends to be too high, because the number of pages that are written twice is
/// unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// The approximate number of records to serialise.
    pub records: u64,
    /// The bytes by which the database file grows.
    pub file_bytes: u64,
    /// The bytes of log or journal that one transaction needs in addition. The space is reused after the commit, once
    /// the log is written back.
    pub log_bytes: u64,
}

/// The bytes that a new record takes in the store in addition to its text: other columns, counter, and indexes.
const NEW_RECORD: u64 = 650;

/// The largest number of pages that writing a record changes: the app's row, and for a record that the store has, its
/// row, its counter and the counter's index.
const PAGES_NEW: u64 = 1;
const PAGES_KNOWN: u64 = 4;

impl Estimate {
    /// The sum of file and log.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.file_bytes.saturating_add(self.log_bytes)
    }

    /// The estimate for `rows`, with a commit after every `chunks` chunks.
    pub(crate) fn of<'c, P: Profile>(
        run: &'c SyncTransaction<'_, P>,
        rows: &DirtyRows<'c, P>,
        chunks: Option<NonZeroUsize>,
    ) -> Result<Self, RunError> {
        let connection = run.connection();
        let read = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, u64>(0));
        let page = read("page_size").doing("estimating the room")?;
        let file = page * read("page_count").doing("estimating the room")?;
        let (mut new, mut known, mut text) = (0, 0, 0);
        for model in 0..P::MODELS.len() {
            // An id alone takes as much space.
            let Sample { count, rows } = rows.sample(run, model, file / 32)?;
            let sampled = (rows.len() as u64).max(1);
            let bytes: u64 = rows.iter().map(|row| row.weight() as u64).sum();
            let in_store = rows.iter().map(|row| is_stored(connection, row.id().as_str()));
            let in_store = in_store.collect::<rusqlite::Result<Vec<_>>>().doing("estimating the room")?;
            let known_of = count * in_store.iter().filter(|is| **is).count() as u64 / sampled;
            known += known_of;
            new += count - known_of;
            text += (count - known_of) * (bytes / sampled);
        }
        let records = new + known;
        let file_bytes = text + new * NEW_RECORD;
        let log_of = |share: &dyn Fn(u64) -> u64| {
            share(file_bytes) + file.min(page * (share(new) * PAGES_NEW + share(known) * PAGES_KNOWN))
        };
        let log_bytes = match chunks.map(|chunks| chunks.saturating_mul(CHUNK).get() as u64) {
            Some(at_a_time) if at_a_time < records => log_of(&|whole| {
                u64::try_from(u128::from(whole) * u128::from(at_a_time) / u128::from(records))
                    .unwrap_or(whole)
            }),
            _ => log_of(&|whole| whole),
        };
        Ok(Self { records, file_bytes, log_bytes })
    }
}

fn is_stored(connection: &Connection, id: &str) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM morango_store WHERE id = ?1")?;
    statement.query_row([id], |_| Ok(())).optional().map(|found| found.is_some())
}
