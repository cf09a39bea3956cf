//! Which rows of the app's tables a run is about, as SQL.

use rusqlite::{Connection, Params, params_from_iter};
use syncline_serializer::filter::{Filter, PartitionRange};
use syncline_serializer::model::Model;
use syncline_serializer::model::columns::{DIRTY_BIT, PARTITION};

use crate::store::names::{Literal, Quoted};

/// The dirty rows under a filter.
#[derive(Debug)]
pub(crate) enum Selection {
    /// All of them.
    Everything,
    /// Those of one range of partitions.
    Range(PartitionRange),
    /// Those of several, which stand in a temporary table: so the SQL is the same for two prefixes and for ten thousand,
    /// and finding the range of a partition is a look-up.
    Ranges,
}

impl Selection {
    /// Makes `filter` known to the connection. [`forget`](Self::forget) takes that back.
    pub(crate) fn prepare(connection: &Connection, filter: &Filter) -> rusqlite::Result<Self> {
        let Some(mut ranges) = filter.ranges() else {
            return Ok(Self::Everything);
        };
        if ranges.len() == 1
            && let Some(range) = ranges.pop()
        {
            return Ok(Self::Range(range));
        }
        connection.execute_batch(
            "DROP TABLE IF EXISTS temp.syncline_partitions; \
             CREATE TEMP TABLE syncline_partitions (first TEXT PRIMARY KEY, past TEXT) WITHOUT ROWID",
        )?;
        let mut insert = connection.prepare("INSERT INTO temp.syncline_partitions VALUES (?1, ?2)")?;
        for range in &ranges {
            insert.execute((&range.from, &range.to))?;
        }
        Ok(Self::Ranges)
    }

    /// Removes what [`prepare`](Self::prepare) made.
    pub(crate) fn forget(self, connection: &Connection) -> rusqlite::Result<()> {
        match self {
            Self::Ranges => connection.execute_batch("DROP TABLE temp.syncline_partitions"),
            Self::Everything | Self::Range(_) => Ok(()),
        }
    }

    /// The condition that a row of `model` meets when it is one of them. [`parameters`](Self::parameters) belong to it.
    pub(crate) fn condition(&self, model: &Model) -> String {
        let dirty = dirty(model);
        let partition = Quoted(PARTITION);
        match self {
            Self::Everything => dirty,
            Self::Range(PartitionRange { to: None, .. }) => format!("{dirty} AND {partition} >= ?1"),
            Self::Range(PartitionRange { to: Some(_), .. }) => {
                format!("{dirty} AND {partition} >= ?1 AND {partition} < ?2")
            }
            Self::Ranges => format!(
                "{dirty} AND EXISTS (SELECT 1 FROM (SELECT past FROM temp.syncline_partitions \
                 WHERE first <= {table}.{partition} ORDER BY first DESC LIMIT 1) \
                 WHERE past IS NULL OR past > {table}.{partition})",
                table = Quoted(model.table),
            ),
        }
    }

    /// What is bound to the parameters of the condition.
    pub(crate) fn parameters(&self) -> impl Params + '_ {
        let (from, to) = match self {
            Self::Everything | Self::Ranges => (None, None),
            Self::Range(PartitionRange { from, to }) => (Some(from), to.as_ref()),
        };
        params_from_iter(from.into_iter().chain(to))
    }
}

/// The condition that a row of `model`'s table meets when it is `model`'s and dirty.
pub(crate) fn dirty(model: &Model) -> String {
    format!("{} AND {}", Quoted(DIRTY_BIT), of_model(model, ""))
}

/// Clears dirty bits, up to the condition.
///
/// `OR FAIL`: should it fail, the whole transaction is rolled back, so no journal of the statement is needed.
pub(crate) fn clear_dirty_bit(table: &str) -> String {
    format!("UPDATE OR FAIL {} SET {} = 0", Quoted(table), Quoted(DIRTY_BIT))
}

/// The condition that a row of `model`'s table meets when it is `model`'s, its columns named behind `prefix`.
pub(crate) fn of_model(model: &Model, prefix: &str) -> String {
    match model.discriminator {
        Some(discriminator) => {
            format!("{prefix}{} = {}", Quoted(discriminator.column), Literal(discriminator.value))
        }
        None => "1".to_owned(),
    }
}
