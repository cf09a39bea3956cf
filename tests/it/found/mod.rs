//! Faults that were found by use, and reports of the same trouble in other tools. Each input stands for a kind.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod depth;
mod evolution;
mod files;
mod half_inserted;
mod instances;
mod macros;
mod made_again;
mod streams;
mod tracking;
mod triggers;
mod values;

use rusqlite::Connection;
use rusqlite::types::FromSql;
use syncline::{Database, RecordId, Serialized, Syncable, profile};
use tempfile::TempDir;

#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Flat, model = "item", partition = "{place}:items")]
struct Item {
    id: RecordId,
    place: String,
    title: String,
}

profile! { Flat = "flat" { Item } }

#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Tree, model = "node", partition = "{place}:nodes")]
struct Node {
    id: RecordId,
    place: String,
    title: String,
    #[syncable(references = Node, on_delete = cascade)]
    parent_id: Option<RecordId>,
}

profile! { Tree = "tree" { Node } }

/// A database in a temporary folder.
struct App {
    folder: TempDir,
    database: Database,
}

impl App {
    /// An app without tables.
    fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path().join("app.sqlite3")).unwrap();
        Self { folder, database }
    }

    /// An app with six serialised items, `t0` to `t5`.
    fn new() -> Self {
        let mut app = Self::empty();
        app.database.create::<Flat>().unwrap();
        app.execute(
            "WITH RECURSIVE count (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM count WHERE n < 5) \
             INSERT INTO item (place, title) SELECT 'home', 't' || n FROM count",
        );
        assert_eq!(app.serialize().records(), 6);
        app
    }

    fn execute(&self, sql: &str) {
        self.database.connection().execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The error message of `sql`.
    fn refused(&self, sql: &str) -> String {
        self.database.connection().execute_batch(sql).unwrap_err().to_string()
    }

    /// The first column of a query's rows.
    fn all<T: FromSql>(&self, sql: &str) -> Vec<T> {
        all(self.database.connection(), sql)
    }

    fn serialize(&mut self) -> Serialized {
        self.database.serialize::<Flat>().run().unwrap()
    }

    /// The titles of dirty items.
    fn dirty(&self) -> Vec<String> {
        self.all("SELECT title FROM item WHERE _morango_dirty_bit ORDER BY title")
    }

    /// The number of rows that the store has otherwise, and the number of live records without a row.
    fn audit(&self) -> [i64; 2] {
        [
            "SELECT count(*) FROM item LEFT JOIN morango_store AS stored ON stored.id = item.id \
             WHERE stored.id IS NULL OR stored.deleted OR json_extract(stored.serialized, '$.title') IS NOT item.title",
            "SELECT count(*) FROM morango_store WHERE NOT deleted AND id NOT IN (SELECT id FROM item)",
        ]
        .map(|sql| self.all::<i64>(sql)[0])
    }
}

fn all<T: FromSql>(connection: &Connection, sql: &str) -> Vec<T> {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}
