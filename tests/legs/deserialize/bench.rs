//! The database on which the cases are tried: a copy of `legs-base-30`, to which each case returns after its try.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params_from_iter};
use serde_json::Value;
use syncline::sqlite::Database;
use tempfile::TempDir;

use super::changes::{Changes, Row, parse_row};

/// A table: its columns, the first column of its primary key, and its references.
pub(crate) struct Table {
    columns: Vec<String>,
    key: String,
    pub(crate) references: Vec<Reference>,
}

/// A foreign key of one column.
pub(crate) struct Reference {
    pub(crate) column: String,
    pub(crate) target: String,
}

pub(crate) struct Bench {
    database: Database,
    tables: HashMap<String, Table>,
    /// A second copy, which nothing changes.
    original: Connection,
    _folder: TempDir,
}

/// A try on the database. It is rolled back at the end.
pub(crate) struct Trial<'bench> {
    pub(crate) transaction: Transaction<'bench>,
    pub(crate) tables: &'bench HashMap<String, Table>,
    original: &'bench Connection,
}

/// The state that a case has made, before the run.
#[derive(Default)]
pub(crate) struct Made(HashMap<(String, String), Option<Row>>);

impl Bench {
    /// Copies the database at `base` twice, and notes every row that is touched in the first copy from now on.
    pub(crate) fn open(base: &Path) -> Self {
        let folder = TempDir::new().unwrap();
        let copy = |name: &str| -> PathBuf {
            let path = folder.path().join(name);
            fs::copy(base, &path).unwrap();
            path
        };
        let original = Connection::open(copy("original.sqlite3")).unwrap();
        let tables = tables(&original);
        let database = Database::open_existing(copy("tried.sqlite3")).unwrap();
        let connection = database.connection();
        connection.pragma_update(None, "synchronous", "off").unwrap();
        connection
            .execute_batch("CREATE TEMP TABLE touched (tbl, id, PRIMARY KEY (tbl, id)) WITHOUT ROWID")
            .unwrap();
        for (name, Table { key, .. }) in &tables {
            for (event, row) in [("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")] {
                connection
                    .execute_batch(&format!(
                        "CREATE TEMP TRIGGER \"{name}_{event}\" AFTER {event} ON main.\"{name}\" BEGIN \
                         INSERT OR IGNORE INTO touched VALUES ('{name}', {row}.\"{key}\"); END"
                    ))
                    .unwrap();
            }
        }
        Self { database, tables, original, _folder: folder }
    }

    pub(crate) fn begin(&mut self) -> Trial<'_> {
        let Self { database, tables, original, .. } = self;
        let transaction = database.connection_mut().transaction().unwrap();
        transaction.execute("DELETE FROM touched", []).unwrap();
        Trial { transaction, tables, original }
    }
}

impl Trial<'_> {
    /// The row of the database, as it is now.
    pub(crate) fn row(&self, table: &str, key: &str) -> Option<Row> {
        self.read(&self.transaction, table, key)
    }

    /// The row before the run.
    pub(crate) fn before(&self, made: &Made, table: &str, key: &str) -> Option<Row> {
        match made.0.get(&(table.to_owned(), key.to_owned())) {
            Some(row) => row.clone(),
            None => self.read(self.original, table, key),
        }
    }

    fn read(&self, connection: &Connection, table: &str, key: &str) -> Option<Row> {
        let Table { columns, key: name, .. } = &self.tables[table];
        let list = columns.join("\", \"");
        let sql = format!("SELECT \"{list}\" FROM \"{table}\" WHERE \"{name}\" = ?1");
        let mut statement = connection.prepare_cached(&sql).unwrap();
        let row = statement.query_row([key], |row| {
            columns.iter().enumerate().map(|(index, column)| Ok((column.clone(), row.get(index)?))).collect()
        });
        row.optional().unwrap()
    }

    /// Makes the state of `case`, inside of the open transaction.
    pub(crate) fn make(&self, case: &Value) -> Made {
        let mut made = Made::default();
        if let Some(rows) = case.get("store") {
            self.make_rows("morango_store", rows, &mut made);
        }
        for (table, rows) in case.get("app").and_then(Value::as_object).into_iter().flatten() {
            self.make_rows(table, rows, &mut made);
        }
        self.transaction.execute("DELETE FROM touched", []).unwrap();
        made
    }

    fn make_rows(&self, table: &str, rows: &Value, made: &mut Made) {
        let key = &self.tables[table].key;
        for (id, row) in rows.as_object().unwrap() {
            let (sql, values) = match parse_row(row) {
                None => (format!("DELETE FROM \"{table}\" WHERE \"{key}\" = ?"), vec![id.clone().into()]),
                Some(mut row) if self.row(table, id).is_none() => {
                    row.insert(key.clone(), id.clone().into());
                    let columns: Vec<_> = row.keys().map(|column| format!("\"{column}\"")).collect();
                    let marks = vec!["?"; row.len()].join(", ");
                    let sql = format!("INSERT INTO \"{table}\" ({}) VALUES ({marks})", columns.join(", "));
                    (sql, row.into_values().collect())
                }
                Some(row) => {
                    let columns: Vec<_> = row.keys().map(|column| format!("\"{column}\" = ?")).collect();
                    let sql = format!("UPDATE \"{table}\" SET {} WHERE \"{key}\" = ?", columns.join(", "));
                    (sql, row.into_values().chain([SqlValue::from(id.clone())]).collect::<Vec<_>>())
                }
            };
            self.transaction.prepare_cached(&sql).unwrap().execute(params_from_iter(values)).unwrap();
            made.0.insert((table.to_owned(), id.clone()), self.row(table, id));
        }
    }

    /// The rows that have changed since `made`.
    pub(crate) fn changes(&self, made: &Made) -> Changes {
        let mut statement =
            self.transaction.prepare_cached("SELECT tbl, CAST(id AS TEXT) FROM touched").unwrap();
        let touched = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let touched: Vec<(String, String)> = touched.map(Result::unwrap).collect();
        let mut changes = Changes::default();
        for (table, key) in touched {
            let (before, now) = (self.before(made, &table, &key), self.row(&table, &key));
            if before == now {
                continue;
            }
            let different = now.map(|mut now| {
                now.retain(|column, value| before.as_ref().is_none_or(|before| before[column] != *value));
                now
            });
            changes.insert(&table, &key, different);
        }
        changes
    }

    /// The ids of the dirty rows of the store.
    pub(crate) fn dirty(&self) -> Vec<String> {
        let mut statement =
            self.transaction.prepare_cached("SELECT id FROM morango_store WHERE dirty_bit").unwrap();
        let ids = statement.query_map([], |row| row.get(0)).unwrap();
        ids.map(Result::unwrap).collect()
    }

    /// The rows of `table` whose `column` has the value `id`, before the run or now.
    pub(crate) fn referring(&self, table: &str, column: &str, id: &str) -> Vec<String> {
        let key = &self.tables[table].key;
        let sql = format!("SELECT CAST(\"{key}\" AS TEXT) FROM \"{table}\" WHERE \"{column}\" = ?1");
        let mut statement = self.transaction.prepare_cached(&sql).unwrap();
        let keys = statement.query_map([id], |row| row.get(0)).unwrap();
        keys.map(Result::unwrap).collect()
    }
}

fn tables(connection: &Connection) -> HashMap<String, Table> {
    let mut statement = connection
        .prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        )
        .unwrap();
    let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    names
        .map(|name| {
            let name = name.unwrap();
            let mut statement = connection.prepare("SELECT name, pk FROM pragma_table_info(?1)").unwrap();
            let columns = statement.query_map([&name], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            let columns: Vec<(String, i64)> = columns.map(Result::unwrap).collect();
            let key = columns.iter().find(|(_, key)| *key > 0).unwrap().0.clone();
            let mut statement =
                connection.prepare("SELECT \"from\", \"table\" FROM pragma_foreign_key_list(?1)").unwrap();
            let references = statement
                .query_map([&name], |row| Ok(Reference { column: row.get(0)?, target: row.get(1)? }))
                .unwrap();
            let references = references.map(Result::unwrap).collect();
            let columns = columns.into_iter().map(|(column, _)| column).collect();
            (name, Table { columns, key, references })
        })
        .collect()
}
