//! How much room a serialise step will need.

use std::num::NonZeroUsize;

use rusqlite::{Connection, OptionalExtension};
use syncline_serializer::model::Profile;
use syncline_serializer::serialize::CHUNK;

use crate::error::{Doing, RunError};
use crate::flow::dirty_rows::{DirtyRows, Sample};
use crate::flow::transaction::SyncTransaction;

/// About how much room a serialise step will need on the disk, before it begins.
///
/// It comes from the number of dirty rows, which is estimated too where they are many, the size of a few of them, and
/// whether the store has those. It is meant to be rather too much: what is written twice is not known before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// Records to serialise, about.
    pub records: u64,
    /// Bytes by which the database file grows.
    pub file_bytes: u64,
    /// Bytes of log, or of journal, that one transaction needs beside it. They can be used again once it is committed and
    /// written back.
    pub log_bytes: u64,
}

/// What a new record takes of the store besides its text: its other columns, its counter, and the indexes of both.
const NEW_RECORD: u64 = 650;

/// How many pages writing a record rewrites at most: the app's row, and where the store has the record already its row,
/// its counter, and the index of that.
const PAGES_NEW: u64 = 1;
const PAGES_KNOWN: u64 = 4;

impl Estimate {
    /// All of it together.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.file_bytes.saturating_add(self.log_bytes)
    }

    /// For `rows`, of which `chunks` at a time are committed.
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
            // An id alone takes as much.
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
