//! Keeps the last pages of growing b-trees in the page cache until the pages are full.
//!
//! Rows that are added in order change the right edge of each b-tree: the last page of each level. When that page is
//! full, its left neighbour on the same level is rewritten as well. Upper levels change so seldom that the cache spills
//! their pages to the log in between, and again later. If a page is written to the log twice in one transaction, SQLite
//! reads and checksums every frame behind the first copy again at the commit (`walRewriteChecksums`). For a few such
//! pages that is the whole log.
//!
//! A look-up of the rows 1,000, 1,500, 2,250, … positions back touches all these pages, and costs next to nothing. (If
//! the distance doubles, it misses some pages in a tree of a million rows.)

use rusqlite::Connection;

use crate::store::names::Quoted;

/// The queries that touch the right edges of a table and its indexes.
#[derive(Debug)]
pub(crate) struct HotPages {
    last: String,
    by_rowid: String,
    by_key: Vec<String>,
}

impl HotPages {
    /// Prepares the queries for `table`. The column `key` is the first column of some of its indexes, and grows with
    /// the rowid.
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
                // Another index has `NULL` in all rows, so its entries are in the order of the rowid.
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

    /// Touches the pages. Once for every thousand rows is enough.
    pub(crate) fn touch(&self, connection: &Connection) -> rusqlite::Result<()> {
        // The last page of the schema changes when a dropped index is created again at the end.
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
