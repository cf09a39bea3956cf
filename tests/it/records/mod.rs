//! An app's own records: their tables, the tracking of their changes, who they are.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without makes it fail")]

mod checks;
mod declarations;
mod hard_deletion;
mod hidden_rowid;
mod histories;
mod identity;
mod large_tables;
mod opening;
mod settings;
mod shared_table;
mod streams;
mod tables;
mod tracking;
mod worked_out_ids;

use rusqlite::{Connection, types::FromSql};
use syncline::Database;

/// A database of an app's own, and the folder that it is in.
pub(crate) struct Scratch {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) database: Database,
}

impl Scratch {
    /// One without tables of the app's.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path().join("app.sqlite3")).unwrap();
        Self { folder, database }
    }

    /// One with the tables of `declarations`.
    pub(crate) fn new() -> Self {
        let mut scratch = Self::empty();
        scratch.database.create::<declarations::Notes>().unwrap();
        scratch
    }

    /// A connection that knows nothing of syncline, as the `sqlite3` shell has it: foreign keys are not enforced.
    pub(crate) fn shell(&self) -> Connection {
        let shell = Connection::open(self.folder.path().join("app.sqlite3")).unwrap();
        shell.pragma_update(None, "foreign_keys", false).unwrap();
        shell
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.database.connection().execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// What is wrong with `sql`.
    pub(crate) fn refused(&self, sql: &str) -> String {
        self.database.connection().execute_batch(sql).unwrap_err().to_string()
    }

    /// The first column of the rows of a query.
    pub(crate) fn all<T: FromSql>(&self, sql: &str) -> Vec<T> {
        all(self.database.connection(), sql)
    }

    pub(crate) fn serialize(&mut self) -> syncline::Serialized {
        self.database.serialize::<declarations::Notes>().run().unwrap()
    }

    /// The titles of the notes that are dirty.
    pub(crate) fn dirty_notes(&self) -> Vec<String> {
        self.all("SELECT title FROM note WHERE _morango_dirty_bit ORDER BY title")
    }

    /// The records that are listed as deleted.
    pub(crate) fn listed(&self) -> Vec<String> {
        self.all("SELECT id FROM morango_deletedmodels ORDER BY id")
    }
}

pub(crate) fn all<T: FromSql>(connection: &Connection, sql: &str) -> Vec<T> {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}
