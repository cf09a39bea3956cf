//! Bulk load into an empty store.
//!
//! Two parts of a new row are cheaper for all rows at the end than row by row: the index of partitions, whose pages are
//! hit at random by rows in the order of ids, and the counters, which can be copied from the rows. Both happen in the
//! transaction of the run, so a killed run leaves the index in place.

use rusqlite::{Connection, OptionalExtension};
use syncline_serializer::instance::Stamp;

use crate::store::hot_pages::HotPages;
use crate::store::page_cache::with_page_cache;

const PARTITION_INDEX: &str = "idx_morango_store_partition";

/// The number of counters that are written between two touches of the right edges.
const COUNTERS: usize = 10_000;

/// The bulk load of a transaction.
#[derive(Debug)]
pub(crate) struct BulkLoad {
    edge: HotPages,
    index: Option<DroppedIndex>,
}

impl BulkLoad {
    /// Drops the index of partitions. The store must be empty.
    pub(crate) fn begin(connection: &Connection) -> rusqlite::Result<Self> {
        let index = DroppedIndex::drop(connection)?;
        Ok(Self { edge: HotPages::of(connection, "morango_store", "id")?, index })
    }

    /// Keeps the right edge of the store in the page cache. Call it about once for every thousand rows.
    pub(crate) fn go_on(&self, connection: &Connection) -> rusqlite::Result<()> {
        self.edge.touch(connection)
    }

    /// Creates the dropped index again.
    pub(crate) fn make_index_again(self, connection: &Connection) -> rusqlite::Result<()> {
        self.index.map_or(Ok(()), |index| index.make_again(connection))
    }
}

/// A dropped index, to be created again.
#[derive(Debug)]
struct DroppedIndex {
    sql: String,
}

impl DroppedIndex {
    /// Drops the index of partitions, if it exists.
    fn drop(connection: &Connection) -> rusqlite::Result<Option<Self>> {
        let sql = connection
            .query_row(
                "SELECT sql FROM sqlite_schema \
                 WHERE type = 'index' AND name = ?1 AND tbl_name = 'morango_store'",
                [PARTITION_INDEX],
                |row| row.get(0),
            )
            .optional()?;
        if sql.is_some() {
            connection.execute_batch(&format!("DROP INDEX {PARTITION_INDEX}"))?;
        }
        Ok(sql.map(|sql| Self { sql }))
    }

    /// Creates the index again with the same SQL. Call it last: its upper pages are complete only at the end, and log
    /// frames behind them would have to be checksummed again.
    fn make_again(self, connection: &Connection) -> rusqlite::Result<()> {
        // Sorting takes as much memory as the page cache may have, in addition to the cache. Without the flush, changed
        // pages that make room during the statement would be copied to the statement journal first.
        connection.cache_flush()?;
        with_page_cache(connection, SORTING_KIB, || connection.execute_batch(&self.sql))
    }
}

/// The memory of the sort, in KiB, in addition to the page cache, whose memory SQLite frees but the system does not get
/// back. With less memory there would be more parts to merge; up to 256 parts are merged in two passes.
const SORTING_KIB: i64 = 512;

/// Writes a counter for each row of the store, in the order of the ids, so that all b-trees of the counters grow at one
/// end.
pub(crate) fn save_all_counters(connection: &Connection, stamp: &Stamp) -> rusqlite::Result<()> {
    let edge = HotPages::of(connection, "morango_recordmaxcounter", "store_model_id")?;
    let mut end =
        connection.prepare("SELECT id FROM morango_store WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET ?2")?;
    let has_counters: bool =
        connection
            .query_row("SELECT EXISTS (SELECT 1 FROM morango_recordmaxcounter)", [], |row| row.get(0))?;
    // An upsert needs a statement journal: SQLite copies each page that it changes.
    let upsert = if has_counters {
        " ON CONFLICT (store_model_id, instance_id) DO UPDATE SET counter = excluded.counter"
    } else {
        ""
    };
    let mut insert = connection.prepare(&format!(
        "INSERT OR FAIL INTO morango_recordmaxcounter (instance_id, counter, store_model_id) \
         SELECT ?1, ?2, id FROM morango_store WHERE id > ?3 AND id <= ?4 ORDER BY id{upsert}"
    ))?;
    let mut last = String::new();
    loop {
        let next: Option<String> = end.query_row((&last, COUNTERS - 1), |row| row.get(0)).optional()?;
        // Ids are hex digits, which sort before `g`.
        let up_to = next.as_deref().unwrap_or("g");
        insert.execute((&stamp.instance, stamp.counter, &last, up_to))?;
        match next {
            None => return Ok(()),
            Some(next) => last = next,
        }
        edge.touch(connection)?;
    }
}
