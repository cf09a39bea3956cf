//! The SQL condition that selects the rows of a run.

use rusqlite::{Connection, Params, params_from_iter};
use syncline_serializer::filter::{Filter, PartitionRange};
use syncline_serializer::model::Model;
use syncline_serializer::model::columns::{DIRTY_BIT, PARTITION};

use crate::error::{Doing, RunError};
use crate::store::names::{Literal, Quoted};
use crate::store::writable::Writable;

/// The selection of dirty rows: by a filter, and by what this program can write.
#[derive(Debug)]
pub(crate) struct Selection {
    partitions: Partitions,
    writable: Writable,
}

/// The selection by a filter.
#[derive(Debug)]
enum Partitions {
    /// All dirty rows.
    Everything,
    /// The dirty rows in one range of partitions.
    Range(PartitionRange),
    /// The dirty rows in several ranges, which a temporary table holds. So the SQL is the same for two prefixes and for
    /// ten thousand, and the range of a partition is found by a look-up.
    Ranges,
}

impl Selection {
    /// Creates the selection of the `writable` rows for `filter`, with a temporary table if it needs one.
    /// [`forget`](Self::forget) drops the table.
    pub(crate) fn prepare(
        connection: &Connection,
        filter: &Filter,
        writable: Writable,
    ) -> rusqlite::Result<Self> {
        Ok(Self { partitions: Partitions::prepare(connection, filter)?, writable })
    }

    /// The rows that this program can write.
    pub(crate) fn writable(&self) -> &Writable {
        &self.writable
    }

    /// Returns `true` if [`condition`](Self::condition) selects the same rows as
    /// [`PartitionRanges`](syncline_serializer::filter::PartitionRanges) before and after they are written: not in a UTF-16
    /// database, which compares other bytes, and not if rows are held back.
    pub(crate) fn is_exact(&self, connection: &Connection) -> Result<bool, RunError> {
        if !self.writable.is_all() {
            return Ok(false);
        }
        if matches!(self.partitions, Partitions::Everything) {
            return Ok(true);
        }
        let encoding: String = connection
            .query_row("PRAGMA encoding", [], |row| row.get(0))
            .doing("reading the encoding of the database")?;
        Ok(encoding == "UTF-8")
    }

    /// Drops the temporary table of [`prepare`](Self::prepare).
    pub(crate) fn forget(self, connection: &Connection) -> rusqlite::Result<()> {
        match self.partitions {
            Partitions::Ranges => connection.execute_batch("DROP TABLE temp.syncline_partitions"),
            Partitions::Everything | Partitions::Range(_) => Ok(()),
        }
    }

    /// The condition for the selected rows of `model`. Bind [`parameters`](Self::parameters) to it.
    pub(crate) fn condition(&self, model: &Model) -> String {
        let dirty = dirty(model, &self.writable);
        // As in `PartitionRanges::contain`, texts are compared by their bytes, whatever the type and the collation of the
        // column. `+` removes the type. A number is below every text, and a blob is above.
        let partition = format!("+{}.{} COLLATE BINARY", Quoted(model.table), Quoted(PARTITION));
        match &self.partitions {
            Partitions::Everything => dirty,
            Partitions::Range(PartitionRange { to: None, .. }) => {
                format!("{dirty} AND {partition} >= ?1 AND {partition} < x''")
            }
            Partitions::Range(PartitionRange { to: Some(_), .. }) => {
                format!("{dirty} AND {partition} >= ?1 AND {partition} < ?2")
            }
            Partitions::Ranges => format!(
                "{dirty} AND {partition} >= '' AND EXISTS (SELECT 1 FROM (SELECT past FROM temp.syncline_partitions \
                 WHERE first <= {partition} ORDER BY first DESC LIMIT 1) \
                 WHERE {partition} < coalesce(past, x''))",
            ),
        }
    }

    /// The values for the parameters of the condition.
    pub(crate) fn parameters(&self) -> impl Params + '_ {
        params_from_iter(self.bounds())
    }

    /// The same values, for a statement with more parameters behind them.
    pub(crate) fn bounds(&self) -> Vec<&str> {
        let (from, to) = match &self.partitions {
            Partitions::Everything | Partitions::Ranges => (None, None),
            Partitions::Range(PartitionRange { from, to }) => (Some(&**from), to.as_deref()),
        };
        from.into_iter().chain(to).collect()
    }
}

impl Partitions {
    fn prepare(connection: &Connection, filter: &Filter) -> rusqlite::Result<Self> {
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
}

/// The condition for the dirty rows of `model` that are `writable`.
pub(crate) fn dirty(model: &Model, writable: &Writable) -> String {
    let dirty = format!("{} AND {}", Quoted(DIRTY_BIT), of_model(model, ""));
    if writable.is_all() { dirty } else { format!("{dirty} AND {}", writable.condition(model)) }
}

/// The statement that clears dirty bits, without a condition.
///
/// `OR FAIL` saves the statement journal: after an error the whole transaction is rolled back anyway.
pub(crate) fn clear_dirty_bit(table: &str) -> String {
    format!("UPDATE OR FAIL {} SET {} = 0", Quoted(table), Quoted(DIRTY_BIT))
}

/// The condition for the rows of `model` in its table, with `prefix` before the column.
pub(crate) fn of_model(model: &Model, prefix: &str) -> String {
    match model.discriminator {
        Some(discriminator) => {
            format!("{prefix}{} = {}", Quoted(discriminator.column), Literal(discriminator.value))
        }
        None => "1".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use rusqlite::Connection;
    use rusqlite::types::Value;
    use syncline_serializer::filter::{Filter, PartitionRanges};
    use syncline_serializer::model::Model;

    use super::Selection;
    use crate::store::writable::Writable;

    /// The condition and the ranges select the same rows, whatever the type and the collation of the column.
    #[test]
    fn partitions_are_compared_by_their_bytes() {
        const MODEL: Model = Model::new("note", "note", &[]);

        for column in ["TEXT", "TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM", "NUMERIC", "BLOB"] {
            for prefixes in ["a", "9", "a B", "\u{10ffff}", "9 \u{10ffff}"] {
                let connection = Connection::open_in_memory().unwrap();
                connection
                    .execute_batch(&format!(
                        "CREATE TABLE note (_morango_dirty_bit INTEGER DEFAULT 1, _morango_partition {column}); \
                         INSERT INTO note (_morango_partition) VALUES ('a'), ('A'), ('a '), ('b'), ('B:1'), ('9'), \
                         ('9:x'), ('5:x'), (9), (95), (x'61'), (x'ff'), (NULL), (char(1114111) || 'x')"
                    ))
                    .unwrap();
                let mut filter = Filter::everything();
                filter.add(prefixes);
                let ranges = PartitionRanges::of(&filter);
                let read = |condition: &str, selection: &Selection| -> Vec<Value> {
                    let sql = format!("SELECT _morango_partition FROM note WHERE {condition} ORDER BY rowid");
                    let mut rows = connection.prepare(&sql).unwrap();
                    let rows = rows.query_map(selection.parameters(), |row| row.get(0)).unwrap();
                    rows.collect::<rusqlite::Result<_>>().unwrap()
                };
                let everything =
                    Selection::prepare(&connection, &Filter::everything(), Writable::default()).unwrap();
                let mut expected = read("1", &everything);
                expected.retain(|partition| match partition {
                    Value::Text(text) => ranges.contain(Some(text.as_bytes())),
                    _ => false,
                });
                let selection = Selection::prepare(&connection, &filter, Writable::default()).unwrap();
                assert!(selection.is_exact(&connection).unwrap());
                assert_eq!(read(&selection.condition(&MODEL), &selection), expected, "{column} {prefixes:?}");
            }
        }
    }
}
