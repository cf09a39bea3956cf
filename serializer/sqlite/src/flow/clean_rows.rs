//! Rows of the app that are in the store now, and lose their dirty bits.

use rusqlite::{Connection, ToSql};

use crate::flow::Loaded;
use crate::store::selection::clear_dirty_bit;

/// Rows whose dirty bits are to be cleared: so many that it pays to go through each table in its own order, in which rows
/// that stand on one page change that page once.
#[derive(Debug, Default)]
pub(super) struct CleanRows {
    /// Tables and rowids.
    by_rowid: Vec<(&'static str, i64)>,
    /// Tables that have none, and ids.
    by_id: Vec<(&'static str, String)>,
}

impl CleanRows {
    /// So many are gathered at most.
    const MOST: usize = 20_000;

    /// Adds a row.
    pub(super) fn add(&mut self, record: &Loaded) {
        let table = record.model.table;
        match record.rowid {
            Some(rowid) => self.by_rowid.push((table, rowid)),
            None => self.by_id.push((table, record.key().to_owned())),
        }
    }

    /// Clears the dirty bits of what was gathered, if that is as much as it may be.
    pub(super) fn clear_if_many(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if self.by_rowid.len() + self.by_id.len() < Self::MOST { Ok(()) } else { self.clear(connection) }
    }

    /// Clears the dirty bits of what was gathered.
    pub(super) fn clear(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        clear_where("rowid", &mut self.by_rowid, connection)?;
        clear_where("id", &mut self.by_id, connection)
    }
}

/// Clears the dirty bits of the `rows` whose `column` is so.
fn clear_where<T: Ord + ToSql>(
    column: &str,
    rows: &mut Vec<(&'static str, T)>,
    connection: &Connection,
) -> rusqlite::Result<()> {
    rows.sort_unstable();
    for of_table in rows.chunk_by(|(table, _), (next, _)| table == next) {
        let sql = format!("{} WHERE {column} = ?1", clear_dirty_bit(of_table[0].0));
        let mut statement = connection.prepare_cached(&sql)?;
        for (_, value) in of_table {
            statement.raw_bind_parameter(1, value)?;
            statement.raw_execute()?;
        }
    }
    rows.clear();
    Ok(())
}
