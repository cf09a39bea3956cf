//! Filling a store that was empty.
//!
//! Of all that a new row touches, two things are cheaper done for all rows at the end than for each: the index of
//! partitions, whose pages rows in the order of their ids hit at random, and the counters, which one statement can
//! copy from the rows. Both happen in the transaction of the run, so a kill leaves the index in place.

use rusqlite::{Connection, OptionalExtension};

use crate::store::instance::Stamp;

const PARTITION_INDEX: &str = "idx_morango_store_partition";

/// What sorting the index may take of the memory that is otherwise the page cache's.
const SORTING_KIB: i64 = 2 * 1024;

/// A store that is being filled.
#[derive(Debug)]
pub(crate) struct BulkLoad {
    /// How to make the index of partitions again, where there is one.
    index: Option<String>,
    /// Rows behind this one have no counter yet.
    counted: i64,
}

impl BulkLoad {
    /// Drops the index. The rows that are there have their counters.
    pub(crate) fn begin(connection: &Connection) -> rusqlite::Result<Self> {
        let index = connection
            .query_row(
                "SELECT sql FROM sqlite_schema \
                 WHERE type = 'index' AND name = ?1 AND tbl_name = 'morango_store'",
                [PARTITION_INDEX],
                |row| row.get(0),
            )
            .optional()?;
        if index.is_some() {
            connection.execute_batch(&format!("DROP INDEX {PARTITION_INDEX}"))?;
        }
        let counted =
            connection
                .query_row("SELECT coalesce(max(rowid), 0) FROM morango_store", [], |row| row.get(0))?;
        Ok(Self { index, counted })
    }

    /// Writes the counters of all rows since, and makes the index again, word for word.
    pub(crate) fn finish(self, connection: &Connection, stamp: &Stamp) -> rusqlite::Result<()> {
        // The plus keeps the query on the index of the ids, which has them in order.
        connection.execute(
            "INSERT OR FAIL INTO morango_recordmaxcounter (instance_id, counter, store_model_id) \
             SELECT ?1, ?2, id FROM morango_store WHERE +rowid > ?3 ORDER BY id \
             ON CONFLICT (store_model_id, instance_id) DO UPDATE SET counter = excluded.counter",
            (&stamp.instance, stamp.counter, self.counted),
        )?;
        let Some(sql) = self.index else {
            return Ok(());
        };
        // Sorting takes as much memory as the page cache may have, and the cache stays where it is.
        let cache: i64 = connection.pragma_query_value(None, "cache_size", |row| row.get(0))?;
        connection.pragma_update(None, "cache_size", -SORTING_KIB)?;
        connection.execute_batch(&sql)?;
        connection.pragma_update(None, "cache_size", cache)
    }
}
