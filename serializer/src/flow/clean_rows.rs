//! Rows of the app that are in the store now, and lose their dirty bits.

use rusqlite::Connection;

use crate::flow::Loaded;
use crate::store::selection::clear_dirty_bit;

/// Rows that are known by their rowids, so many that it pays to go through each table in its own order: rows that stand
/// on one page change that page once.
#[derive(Debug, Default)]
pub(super) struct CleanRows {
    /// Tables and rowids.
    rows: Vec<(&'static str, i64)>,
}

impl CleanRows {
    /// So many are gathered at most.
    const MOST: usize = 20_000;

    /// Adds a row, if its rowid is known. Says whether it is.
    pub(super) fn add(&mut self, record: &Loaded) -> bool {
        self.rows.extend(record.rowid.map(|rowid| (record.model.table, rowid)));
        record.rowid.is_some()
    }

    /// Clears the dirty bits of what was gathered, if that is as much as it may be.
    pub(super) fn clear_if_many(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if self.rows.len() < Self::MOST { Ok(()) } else { self.clear(connection) }
    }

    /// Clears the dirty bits of what was gathered.
    pub(super) fn clear(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.rows.sort_unstable();
        for of_table in self.rows.chunk_by(|(table, _), (next, _)| table == next) {
            let sql = format!("{} WHERE rowid = ?1", clear_dirty_bit(of_table[0].0));
            let mut statement = connection.prepare_cached(&sql)?;
            for (_, rowid) in of_table {
                statement.raw_bind_parameter(1, rowid)?;
                statement.raw_execute()?;
            }
        }
        self.rows.clear();
        Ok(())
    }
}
