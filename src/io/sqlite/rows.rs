//! The source `from_rows`: the rows of a query.

use std::fmt;
use std::marker::PhantomData;

use rusqlite::{Row, Rows};
use syncline_core::{Emit, Failure, Halt, Progress, Source};

/// A source of the rows of a query, each converted to an item by `map`.
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
/// The query stays open while the pipeline runs:
///
/// * It does not see changes of other connections. In WAL mode they can write, but the log cannot be reset. In other
///   journal modes they wait, and fail with `SQLITE_BUSY` in the end.
/// * It may see some changes that *this* connection makes to the rows that it reads ([SQLite's page on
///   isolation](https://www.sqlite.org/isolation.html)). If the pipeline's own sink writes to these rows, read in
///   pages, as [`Note::stream`](crate::ReadRecords::stream) does, or copy the rows to a temporary table first.
/// * The connection cannot drop the table or commit a change of its schema.
pub fn from_rows<T, F>(rows: Rows<'_>, map: F) -> FromRows<'_, T, F>
where
    F: FnMut(&Row<'_>) -> rusqlite::Result<T>,
{
    FromRows { rows, map, count: 0, items: PhantomData }
}

/// Source of [`from_rows`].
///
/// * Shape: one item for each row, in the query's order.
/// * Memory: one row, and the memory that SQLite needs for the query: a sort without an index takes more.
/// * Error: the error of SQLite or of the closure, with the number of the row, from 1.
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
        for _ in 0..out.chunk() {
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
