//! The rows of a query as a source.

use std::fmt;
use std::marker::PhantomData;

use rusqlite::{Row, Rows};
use syncline_core::{Emit, Failure, Halt, Progress, Source};

use crate::io::CHUNK;

/// What `map` makes of each row of a query.
///
/// ```
/// use syncline::io::from_rows;
/// use syncline::prelude::*;
///
/// # let connection = rusqlite::Connection::open_in_memory()?;
/// # connection.execute_batch("CREATE TABLE note (title, pages); INSERT INTO note VALUES ('Bread', 2), ('Milk', 'x')")?;
/// let mut statement = connection.prepare("SELECT title, pages FROM note WHERE pages > ?1 ORDER BY rowid")?;
/// let rows = statement.query([1])?;
/// let mut notes =
///     Pipeline::new("notes", from_rows(rows, |row| Ok((row.get(0)?, row.get(1)?)))).into_iter();
/// let (title, pages): (String, u32) = notes.next().unwrap()?;
/// assert_eq!((title.as_str(), pages), ("Bread", 2));
/// assert_eq!(
///     notes.next().unwrap().unwrap_err().to_string(),
///     "pipeline notes failed in stage from_rows at row 2"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The query is *held* while the pipeline runs:
///
/// * What other connections write meanwhile is not seen. In WAL mode they can write, and the log cannot be reset; in
///   other journal modes they wait, and get `SQLITE_BUSY` in the end.
/// * What *this* connection writes to the rows that it reads may be seen or not, in part
///   ([SQLite says so](https://www.sqlite.org/isolation.html)). Where the pipeline's own sink writes there, read by
///   pages instead, as [`Note::stream`](crate::ReadRecords::stream) does, or into a temporary table first.
/// * The connection cannot drop the table, nor commit a schema change of it.
pub fn from_rows<T, F>(rows: Rows<'_>, map: F) -> FromRows<'_, T, F>
where
    F: FnMut(&Row<'_>) -> rusqlite::Result<T>,
{
    FromRows { rows, map, count: 0, items: PhantomData }
}

/// Source of [`from_rows`].
///
/// * Shape: an item a row, in the query's order.
/// * Memory: a row, and what SQLite needs for the query: a sort without an index takes more.
/// * Error: what SQLite or the closure say, with the number of the row, 1 for the first.
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct FromRows<'s, T, F> {
    rows: Rows<'s>,
    map: F,
    count: u64,
    items: PhantomData<fn() -> T>,
}

impl<T, F: FnMut(&Row<'_>) -> rusqlite::Result<T>> FromRows<'_, T, F> {
    fn next(&mut self) -> rusqlite::Result<Option<T>> {
        let Some(row) = self.rows.next()? else { return Ok(None) };
        (self.map)(row).map(Some)
    }
}

impl<T, F: FnMut(&Row<'_>) -> rusqlite::Result<T>> Source for FromRows<'_, T, F> {
    type Item = T;

    fn advance(&mut self, out: &mut impl Emit<T>) -> Result<Progress, Halt> {
        for _ in 0..CHUNK {
            self.count += 1;
            match self.next() {
                Ok(Some(item)) => out.emit(item)?,
                Ok(None) => return Ok(Progress::Done),
                Err(error) => return Err(Failure::new(error).at(format_args!("row {}", self.count)).into()),
            }
        }
        Ok(Progress::More)
    }

    fn name(&self) -> &'static str {
        "from_rows"
    }
}

impl<T, F> fmt::Debug for FromRows<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromRows").field("rows", &self.count).finish_non_exhaustive()
    }
}
