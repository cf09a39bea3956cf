//! The one place where dirty bits are cleared (morango.md §6.5).

use rusqlite::{Connection, ToSql, params_from_iter};

use crate::flow::Loaded;
use crate::flow::ledger::{Key, Ledger, Sweep};
use crate::store::names::Quoted;
use crate::store::selection::{Selection, clear_dirty_bit};
use syncline_serializer::model::Profile;
use syncline_serializer::model::columns::ID;

/// The rows of a transaction whose dirty bits are still to be cleared: those that were written.
#[derive(Debug, Default)]
pub(crate) struct DirtyBits {
    ledger: Ledger,
    /// Tables and rowids.
    by_rowid: Vec<(&'static str, i64)>,
    /// Tables and ids, of rows that were read without a rowid.
    by_id: Vec<(&'static str, Key)>,
}

impl DirtyBits {
    /// The most rows that are gathered: so many that it pays to go through each table in its own order, in which rows that
    /// share a page change it once.
    const MOST: usize = 20_000;

    pub(crate) fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// Notes that `records` are in the store, and clears the bits of gathered rows if there are many.
    pub(crate) fn written<'r>(
        &mut self,
        records: impl IntoIterator<Item = &'r Loaded>,
        connection: &Connection,
    ) -> rusqlite::Result<()> {
        for record in records {
            if self.ledger.written(record) {
                let table = record.model().table;
                match record.rowid() {
                    Some(rowid) => self.by_rowid.push((table, rowid)),
                    None => self.by_id.push((table, record.to_key())),
                }
            }
        }
        if self.by_rowid.len() + self.by_id.len() < Self::MOST { Ok(()) } else { self.clear_rows(connection) }
    }

    /// Clears the bits of the gathered rows.
    pub(crate) fn clear_rows(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        clear_where("rowid", &mut self.by_rowid, connection, |rowid| rowid)?;
        clear_where(ID, &mut self.by_id, connection, Key::as_str)
    }

    /// Clears the bits of all other rows that were written, a model at a time and in the order of its table, so that each
    /// page is written once.
    pub(crate) fn sweep<P: Profile>(
        self,
        connection: &Connection,
        selection: &Selection,
    ) -> rusqlite::Result<()> {
        let sweeps = self.ledger.sweeps();
        if sweeps.is_empty() {
            return Ok(());
        }
        // A page that a query stands on stays in the cache: here the schema's last one, which may get an index back.
        let mut schema = connection.prepare("SELECT 1 FROM sqlite_schema ORDER BY rowid DESC")?;
        let mut last_row = schema.query([])?;
        last_row.next()?;
        for sweep in &sweeps {
            for (index, model) in P::MODELS.iter().enumerate() {
                let clear = format!("{} WHERE {}", clear_dirty_bit(model.table), selection.condition(model));
                let bounds = selection.bounds();
                match sweep {
                    Sweep::All => {
                        connection.execute(&clear, params_from_iter(bounds))?;
                    }
                    Sweep::UpTo(keys) => {
                        let Some(Some(key)) = keys.get(index) else { continue };
                        // The plus keeps SQLite from going through the index of ids instead of the table.
                        let sql = format!("{clear} AND +{} <= ?{}", Quoted(ID), bounds.len() + 1);
                        let bounds = bounds.into_iter().chain([key.as_str()]);
                        connection.execute(&sql, params_from_iter(bounds))?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Clears the bits of `rows`, each of which is a table and a value of `column`.
fn clear_where<K: Ord, V: ToSql + ?Sized>(
    column: &str,
    rows: &mut Vec<(&'static str, K)>,
    connection: &Connection,
    value: impl Fn(&K) -> &V,
) -> rusqlite::Result<()> {
    rows.sort_unstable();
    for of_table in rows.chunk_by(|(table, _), (next, _)| table == next) {
        let sql = format!("{} WHERE {column} = ?1", clear_dirty_bit(of_table[0].0));
        let mut statement = connection.prepare_cached(&sql)?;
        for (_, key) in of_table {
            statement.raw_bind_parameter(1, value(key))?;
            statement.raw_execute()?;
        }
    }
    rows.clear();
    Ok(())
}
