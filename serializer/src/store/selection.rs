//! Which rows of the app's tables a run is about, as SQL.

use rusqlite::Connection;

use crate::filter::Filter;
use crate::model::Model;
use crate::store::names::{Literal, Quoted};
use crate::store::schema::{DIRTY_BIT, PARTITION};

/// The dirty rows under a filter.
///
/// The ranges of the filter stand in a temporary table, so that the SQL is the same for one prefix and for ten
/// thousand, and finding the range of a partition is a look-up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection {
    filtered: bool,
}

impl Selection {
    /// Makes `filter` known to the connection. [`forget`](Self::forget) takes that back.
    pub(crate) fn prepare(connection: &Connection, filter: &Filter) -> rusqlite::Result<Self> {
        let Some(ranges) = filter.ranges() else {
            return Ok(Self { filtered: false });
        };
        connection.execute_batch(
            "DROP TABLE IF EXISTS temp.syncline_partitions; \
             CREATE TEMP TABLE syncline_partitions (first TEXT PRIMARY KEY, past TEXT) WITHOUT ROWID",
        )?;
        let mut insert = connection.prepare("INSERT INTO temp.syncline_partitions VALUES (?1, ?2)")?;
        for range in &ranges {
            insert.execute((&range.from, &range.to))?;
        }
        Ok(Self { filtered: true })
    }

    /// Removes what [`prepare`](Self::prepare) made.
    pub(crate) fn forget(self, connection: &Connection) -> rusqlite::Result<()> {
        if self.filtered { connection.execute_batch("DROP TABLE temp.syncline_partitions") } else { Ok(()) }
    }

    /// The condition that a row of `model` meets when it is one of them.
    pub(crate) fn condition(self, model: &Model) -> String {
        let dirty = format!("{} AND {}", Quoted(DIRTY_BIT), of_model(model));
        if !self.filtered {
            return dirty;
        }
        format!(
            "{dirty} AND EXISTS (SELECT 1 FROM (SELECT past FROM temp.syncline_partitions \
             WHERE first <= {table}.{partition} ORDER BY first DESC LIMIT 1) \
             WHERE past IS NULL OR past > {table}.{partition})",
            table = Quoted(model.table),
            partition = Quoted(PARTITION),
        )
    }
}

/// Clears dirty bits, up to the condition.
///
/// `OR FAIL`: should it fail, the whole transaction is rolled back, so no journal of the statement is needed.
pub(crate) fn clear_dirty_bit(table: &str) -> String {
    format!("UPDATE OR FAIL {} SET {} = 0", Quoted(table), Quoted(DIRTY_BIT))
}

/// The condition that a row of `model`'s table meets when it is `model`'s.
pub(crate) fn of_model(model: &Model) -> String {
    match model.discriminator {
        Some(discriminator) => format!("{} = {}", Quoted(discriminator.column), Literal(discriminator.value)),
        None => "TRUE".to_owned(),
    }
}
