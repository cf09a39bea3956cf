//! Filling a store that was empty.
//!
//! Of all that a new row touches, two things are cheaper done for all rows at the end than for each: the index of
//! partitions, whose pages rows in the order of their ids hit at random, and the counters, which can be copied from the
//! rows. Both happen in the transaction of the run, so a kill leaves the index in place.

use rusqlite::{Connection, OptionalExtension};
use syncline_serializer::instance::Stamp;

use crate::store::page_cache::with_page_cache;
use crate::store::right_edge::RightEdge;

const PARTITION_INDEX: &str = "idx_morango_store_partition";

/// How many counters are written between two touches of the right edges.
const COUNTERS: usize = 10_000;

/// A store that is being filled.
#[derive(Debug)]
pub(crate) struct BulkLoad {
    edge: RightEdge,
}

impl BulkLoad {
    /// Drops the index of partitions. The store has no rows yet.
    pub(crate) fn begin(connection: &Connection) -> rusqlite::Result<(Self, Option<DroppedIndex>)> {
        let index = DroppedIndex::drop(connection)?;
        Ok((Self { edge: RightEdge::of(connection, "morango_store", "id")? }, index))
    }

    /// To be called once in a thousand rows or so.
    pub(crate) fn go_on(&self, connection: &Connection) -> rusqlite::Result<()> {
        self.edge.touch(connection)
    }
}

/// An index that is to be made again.
#[derive(Debug)]
pub(crate) struct DroppedIndex {
    sql: String,
}

impl DroppedIndex {
    /// Drops the index of partitions, where there is one.
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

    /// Makes it again, word for word. Best done last of all: its upper pages are complete only at the end, and what goes
    /// into the log behind them would have to be summed again.
    pub(crate) fn make_again(self, connection: &Connection) -> rusqlite::Result<()> {
        // Sorting takes as much memory as the page cache may have, and the cache stays where it is. Changed pages that make
        // room for it while the statement runs would be copied to the statement's journal first.
        connection.cache_flush()?;
        with_page_cache(connection, SORTING_KIB, || connection.execute_batch(&self.sql))
    }
}

/// What sorting the index may take beside the page cache, whose memory is given back but is not the system's again. Less
/// would be sorted in more parts; up to 256 of them are merged twice, whatever their number.
const SORTING_KIB: i64 = 512;

/// Writes a counter for each row of the store, in the order of their ids: all trees of the counters grow at one end.
pub(crate) fn save_all_counters(connection: &Connection, stamp: &Stamp) -> rusqlite::Result<()> {
    let edge = RightEdge::of(connection, "morango_recordmaxcounter", "store_model_id")?;
    let mut end =
        connection.prepare("SELECT id FROM morango_store WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET ?2")?;
    let has_counters: bool =
        connection
            .query_row("SELECT EXISTS (SELECT 1 FROM morango_recordmaxcounter)", [], |row| row.get(0))?;
    // Because of an upsert SQLite keeps a journal of the statement: a copy of each page that it touches.
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
        // Ids are hex digits, and come before `g`.
        let up_to = next.as_deref().unwrap_or("g");
        insert.execute((&stamp.instance, stamp.counter, &last, up_to))?;
        match next {
            None => return Ok(()),
            Some(next) => last = next,
        }
        edge.touch(connection)?;
    }
}
