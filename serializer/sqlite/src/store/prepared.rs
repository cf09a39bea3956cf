//! Statements that are prepared on first use and then kept.

use std::borrow::Cow;
use std::fmt;

use rusqlite::{CachedStatement, Connection};

/// A statement that is prepared on first use.
pub(crate) struct Prepared<'c> {
    connection: &'c Connection,
    sql: Cow<'c, str>,
    statement: Option<CachedStatement<'c>>,
}

impl<'c> Prepared<'c> {
    pub(crate) fn new(connection: &'c Connection, sql: impl Into<Cow<'c, str>>) -> Self {
        Self { connection, sql: sql.into(), statement: None }
    }

    /// The statement's SQL.
    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    /// Returns the prepared statement. Its bound parameters are kept between uses.
    pub(crate) fn get(&mut self) -> rusqlite::Result<&mut CachedStatement<'c>> {
        match &mut self.statement {
            Some(statement) => Ok(statement),
            none => Ok(none.insert(self.connection.prepare_cached(&self.sql)?)),
        }
    }
}

impl fmt::Debug for Prepared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.sql).finish()
    }
}
