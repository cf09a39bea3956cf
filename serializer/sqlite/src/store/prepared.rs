//! Statements that are prepared once, when they are first needed.

use std::fmt;

use rusqlite::{CachedStatement, Connection};

/// A statement, prepared or not yet.
pub(crate) struct Prepared<'c> {
    connection: &'c Connection,
    sql: String,
    statement: Option<CachedStatement<'c>>,
}

impl<'c> Prepared<'c> {
    pub(crate) fn new(connection: &'c Connection, sql: impl Into<String>) -> Self {
        Self { connection, sql: sql.into(), statement: None }
    }

    /// What it says.
    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    /// The statement. What was bound to it before still is.
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
