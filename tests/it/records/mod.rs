//! Records of an app's own tables: tables, change tracking, identities.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod checks;
mod compositions;
mod declarations;
mod declarations_of_morango;
mod declarations_of_several_profiles;
mod flattened_fields;
mod hard_deletion;
mod hidden_rowid;
mod histories;
mod identity;
mod large_tables;
mod opening;
mod policies;
mod settings;
mod shared_table;
mod streams;
mod tables;
mod tracking;
mod worked_out_ids;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, types::FromSql};
use syncline::Database;

/// A database of an app in a temporary folder.
pub(crate) struct Scratch {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) database: Database,
}

impl Scratch {
    /// Makes a database without the app's tables.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path().join("app.sqlite3")).unwrap();
        Self { folder, database }
    }

    /// Makes a database with the tables of `declarations`.
    pub(crate) fn new() -> Self {
        let mut scratch = Self::empty();
        scratch.database.create::<declarations::Notes>().unwrap();
        scratch
    }

    /// A plain connection like that of the `sqlite3` shell, without foreign key enforcement.
    pub(crate) fn shell(&self) -> Connection {
        let shell = Connection::open(self.folder.path().join("app.sqlite3")).unwrap();
        shell.pragma_update(None, "foreign_keys", false).unwrap();
        shell
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.database.connection().execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Runs `sql` without triggers and checks, as for rows that are older than a check.
    pub(crate) fn execute_unchecked(&self, sql: &str) {
        let connection = self.database.connection();
        for is_checked in [false, true] {
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, is_checked).unwrap();
            connection.pragma_update(None, "ignore_check_constraints", !is_checked).unwrap();
            if !is_checked {
                self.execute(sql);
            }
        }
    }

    /// The error message of `sql`.
    pub(crate) fn refused(&self, sql: &str) -> String {
        self.database.connection().execute_batch(sql).unwrap_err().to_string()
    }

    /// Returns the first column of a query's rows.
    pub(crate) fn all<T: FromSql>(&self, sql: &str) -> Vec<T> {
        all(self.database.connection(), sql)
    }

    pub(crate) fn serialize(&mut self) -> syncline::Serialized {
        self.database.serialize::<declarations::Notes>().run().unwrap()
    }

    /// The titles of dirty notes.
    pub(crate) fn dirty_notes(&self) -> Vec<String> {
        self.all("SELECT title FROM note WHERE _morango_dirty_bit ORDER BY title")
    }

    /// The ids on the list of deletions.
    pub(crate) fn listed(&self) -> Vec<String> {
        self.all("SELECT id FROM morango_deletedmodels ORDER BY id")
    }
}

pub(crate) fn all<T: FromSql>(connection: &Connection, sql: &str) -> Vec<T> {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}
