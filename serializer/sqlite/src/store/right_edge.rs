//! Keeps the pages of growing b-trees in the page cache until they are complete.
//!
//! Rows that are added in order touch the right edge of each tree; when a page there is full, its left neighbour on the
//! same level is rewritten too. Upper levels are touched so seldom that the cache puts their pages into the log in
//! between, and then again: and whenever a page goes into the log twice in one transaction, SQLite reads back and sums
//! every frame behind the first one at the commit (`walRewriteChecksums`), which for a few such pages is the whole log.
//! To look up the rows 1,000, 1,500, 2,250, … places back touches all of them, and costs next to nothing. (Doubling the
//! distance misses some in a tree of a million rows.)

use rusqlite::Connection;

use crate::store::names::Quoted;

/// The right edges of a table and its indexes.
#[derive(Debug)]
pub(crate) struct RightEdge {
    last: String,
    by_rowid: String,
    by_key: Vec<String>,
}

impl RightEdge {
    /// Those of `table`, whose column `key` is the first of some of its indexes. `key` grows along with the rowid.
    pub(crate) fn of(connection: &Connection, table: &str, key: &str) -> rusqlite::Result<Self> {
        let mut statement = connection.prepare(
            "SELECT list.name, info.name FROM pragma_index_list(?1) AS list \
             JOIN pragma_index_info(list.name) AS info WHERE info.seqno = 0 AND list.partial = 0",
        )?;
        let indexes = statement
            .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<Vec<(String, Option<String>)>>>()?;
        let by_key = indexes
            .into_iter()
            .filter_map(|(index, column)| {
                let column = column?;
                // What is the same in all rows, `NULL`, is followed by the rowid.
                let condition = if column == key {
                    format!("{} = ?1 AND ?2", Quoted(&column))
                } else {
                    format!("{} IS NULL AND rowid = ?2 AND ?1 <> ''", Quoted(&column))
                };
                Some(format!("SELECT 1 FROM {table} INDEXED BY {} WHERE {condition}", Quoted(&index)))
            })
            .collect();
        Ok(Self {
            last: format!("SELECT max(rowid) FROM {table}"),
            by_rowid: format!("SELECT \"{key}\" FROM {table} WHERE rowid = ?1"),
            by_key,
        })
    }

    /// Touches their pages. Once in a thousand rows is often enough.
    pub(crate) fn touch(&self, connection: &Connection) -> rusqlite::Result<()> {
        // The schema's own last page gets an index back in the end.
        connection.prepare_cached("SELECT max(rowid) FROM sqlite_schema")?.query_row([], |_| Ok(()))?;
        let last: Option<i64> = connection.prepare_cached(&self.last)?.query_row([], |row| row.get(0))?;
        let Some(last) = last else {
            return Ok(());
        };
        let mut by_rowid = connection.prepare_cached(&self.by_rowid)?;
        let mut back = 0;
        while back < last {
            let rowid = last - back;
            let mut rows = by_rowid.query([rowid])?;
            if let Some(row) = rows.next()? {
                let key = row.get_ref(0)?;
                for sql in &self.by_key {
                    connection
                        .prepare_cached(sql)?
                        .exists((rusqlite::types::ToSqlOutput::Borrowed(key), rowid))?;
                }
            }
            back = (back + back / 2).max(1000);
        }
        Ok(())
    }
}
