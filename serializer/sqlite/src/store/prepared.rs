//! Statements that are prepared on first use and then kept.

use std::borrow::Cow;
use std::fmt;

use rusqlite::{CachedStatement, Connection, Statement};

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
        self.get_bound(|_| Ok(()))
    }

    /// Returns the prepared statement. At its first use, `bind` binds the parameters that keep their values.
    pub(crate) fn get_bound(
        &mut self,
        bind: impl FnOnce(&mut Statement<'c>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<&mut CachedStatement<'c>> {
        match &mut self.statement {
            Some(statement) => Ok(statement),
            none => {
                let mut statement = self.connection.prepare_cached(&self.sql)?;
                bind(&mut statement)?;
                Ok(none.insert(statement))
            }
        }
    }
}

impl fmt::Debug for Prepared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.sql).finish()
    }
}
