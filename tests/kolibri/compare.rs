//! Comparison of two databases: the schema, every table, every column of every row.
//!
//! Autoincrement ids, and the columns of the instance row that describe the machine, are not compared: equal runs may differ in
//! them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value;

/// The keys by which rows are matched. For other tables it is the id, or the whole row if there is none.
const KEYS: [(&str, &[&str]); 4] = [
    ("morango_recordmaxcounter", &["store_model_id", "instance_id"]),
    ("morango_databasemaxcounter", &["instance_id", "partition"]),
    ("morango_buffer", &["transfer_session_id", "model_uuid"]),
    ("morango_recordmaxcounterbuffer", &["transfer_session_id", "model_uuid", "instance_id"]),
];

/// The columns that are not compared.
const SKIPPED: [(&str, &[&str]); 5] = [
    ("morango_recordmaxcounter", &["id"]),
    ("morango_databasemaxcounter", &["id"]),
    ("morango_buffer", &["id"]),
    ("morango_recordmaxcounterbuffer", &["id"]),
    ("morango_instanceidmodel", &["db_path", "platform", "sysversion", "hostname"]),
];

/// A value that differs, or a row that only one database has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    pub(crate) table: String,
    /// The key of the row, its columns separated by `/`.
    pub(crate) record: String,
    /// `None` for a whole row.
    pub(crate) column: Option<String>,
    pub(crate) expected: String,
    pub(crate) found: String,
}

impl Difference {
    /// The place of the difference, as `table.column`.
    pub(crate) fn place(&self) -> String {
        format!("{}.{}", self.table, self.column.as_deref().unwrap_or("*"))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = self.column.as_deref().unwrap_or("row");
        writeln!(f, "{} {}: {column}", self.table, self.record)?;
        writeln!(f, "  expected {}", self.expected)?;
        writeln!(f, "     found {}", self.found)
    }
}

/// All differences between two databases, in order of table and record.
pub(crate) fn differences(expected: &Path, found: &Path) -> Vec<Difference> {
    let [expected, found] = [expected, found].map(|path| Connection::open(path).unwrap());
    let mut differences = Vec::new();
    compare("schema", schema(&expected), schema(&found), &mut differences);
    if !differences.is_empty() {
        return differences;
    }
    for table in tables(&expected) {
        compare(&table, rows(&expected, &table), rows(&found, &table), &mut differences);
    }
    differences
}

/// Asserts that two databases are equal, except for `allowed` pairs of column and record of the store.
#[track_caller]
pub(crate) fn assert_same(expected: &Path, found: &Path, allowed: &[(&str, &str)]) {
    let unexpected: Vec<_> = differences(expected, found)
        .into_iter()
        .filter(|difference| !is_allowed(difference, allowed))
        .collect();
    let shown: String = unexpected.iter().take(10).map(ToString::to_string).collect();
    assert!(unexpected.is_empty(), "{} differences:\n{shown}", unexpected.len());
}

fn is_allowed(difference: &Difference, allowed: &[(&str, &str)]) -> bool {
    difference.table == "morango_store"
        && allowed.iter().any(|(column, record)| {
            difference.column.as_deref() == Some(column) && difference.record == *record
        })
}

/// `true` for the parent of a moved record: Morango 0.8 leaves the old one in the store's `_self_ref_fk`, and ours writes the new
/// one (morango.md Q14). `ours` is the database that has it.
pub(crate) fn is_a_moved_record(difference: &Difference, ours: &Path) -> bool {
    difference.place() == "morango_store._self_ref_fk" && {
        let connection = Connection::open(ours).unwrap();
        let text = |column: &str, table: &str| -> String {
            let sql = format!("SELECT ifnull({column}, '') FROM {table} WHERE id = ?1");
            connection.query_row(&sql, [&difference.record], |row| row.get(0)).unwrap()
        };
        text("_self_ref_fk", "morango_store") == text("parent_id", "kolibriauth_collection")
    }
}

/// The rows of a table by their keys. A row is a list of columns and values.
type Rows = BTreeMap<String, Vec<(String, Value)>>;

fn compare(table: &str, mut expected: Rows, mut found: Rows, differences: &mut Vec<Difference>) {
    let records: Vec<_> =
        expected.keys().chain(found.keys().filter(|key| !expected.contains_key(*key))).cloned().collect();
    for record in records {
        let difference = |column, expected, found| Difference {
            table: table.to_owned(),
            record: record.clone(),
            column,
            expected,
            found,
        };
        match (expected.remove(&record), found.remove(&record)) {
            (Some(expected), Some(found)) => {
                for ((column, expected), (_, found)) in expected.into_iter().zip(found) {
                    if expected != found {
                        differences.push(difference(Some(column), show(&expected), show(&found)));
                    }
                }
            }
            (Some(_), None) => differences.push(difference(None, "a row".to_owned(), "none".to_owned())),
            (None, _) => differences.push(difference(None, "none".to_owned(), "a row".to_owned())),
        }
    }
}

fn schema(connection: &Connection) -> Rows {
    read(
        connection,
        "SELECT type || ' ' || name AS key, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",
        &["key"],
    )
}

fn tables(connection: &Connection) -> Vec<String> {
    let sql =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn rows(connection: &Connection, table: &str) -> Rows {
    let skipped = lookup(&SKIPPED, table);
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
    let columns: Vec<String> = statement
        .query_map([table], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .filter(|column: &String| !skipped.contains(&column.as_str()))
        .collect();
    let names: Vec<_> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    let mut key = lookup(&KEYS, table);
    if key.is_empty() && columns.iter().any(|column| column == "id") {
        key = &["id"];
    }
    read(connection, &format!("SELECT {} FROM \"{table}\"", names.join(", ")), key)
}

fn lookup<'a>(entries: &[(&str, &'a [&'a str])], table: &str) -> &'a [&'a str] {
    entries.iter().find(|(name, _)| *name == table).map_or(&[], |(_, columns)| columns)
}

/// Reads all rows. If `key` is empty, the whole row is its key, with a number if there are several equal ones.
fn read(connection: &Connection, sql: &str, key: &[&str]) -> Rows {
    let mut statement = connection.prepare(sql).unwrap();
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = Rows::new();
    let mut cursor = statement.query([]).unwrap();
    while let Some(row) = cursor.next().unwrap() {
        let values: Vec<_> =
            columns.iter().enumerate().map(|(index, column)| (column.clone(), value(row, index))).collect();
        let of_key: Vec<_> = values
            .iter()
            .filter(|(column, _)| key.is_empty() || key.contains(&column.as_str()))
            .map(|(_, value)| plain(value))
            .collect();
        let of_key = of_key.join("/");
        let mut record = of_key.clone();
        let mut copies = 1;
        while rows.contains_key(&record) {
            copies += 1;
            record = format!("{of_key} ({copies})");
        }
        rows.insert(record, values);
    }
    rows
}

/// Reads a value. Text that is not UTF-8 is returned as a blob.
fn value(row: &rusqlite::Row<'_>, index: usize) -> Value {
    match row.get_ref(index).unwrap() {
        rusqlite::types::ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Blob([b"not UTF-8: ", bytes].concat()),
        },
        other => other.try_into().unwrap(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

/// Formats a value for a message, cut if it is long.
fn show(value: &Value) -> String {
    const ENOUGH: usize = 400;
    let text = format!("{value:?}");
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Scratch;

    /// The places of the differences after `sql` changed one of two equal databases.
    fn places(sql: &str) -> Vec<String> {
        let expected = Scratch::of("kolibri-30-serialized");
        let found = expected.copy();
        found.execute(sql);
        differences(expected.path(), found.path()).iter().map(Difference::place).collect()
    }

    #[test]
    fn a_copy_is_the_same() {
        assert!(places("").is_empty());
    }

    #[test]
    fn every_kind_of_difference_is_seen() {
        assert_eq!(
            places("UPDATE morango_store SET serialized = serialized || ' ' WHERE model_name = 'facility'"),
            ["morango_store.serialized"]
        );
        assert_eq!(
            places("UPDATE kolibriauth_facilitydataset SET _morango_dirty_bit = 1"),
            ["kolibriauth_facilitydataset._morango_dirty_bit"]
        );
        assert_eq!(places("DELETE FROM morango_store WHERE model_name = 'facility'"), ["morango_store.*"]);
        assert_eq!(
            places("INSERT INTO morango_deletedmodels VALUES ('x', 'y')"),
            ["morango_deletedmodels.*"]
        );
        assert_eq!(
            places("UPDATE morango_databasemaxcounter SET counter = counter + 1"),
            ["morango_databasemaxcounter.counter"]
        );
        assert_eq!(
            places("UPDATE morango_instanceidmodel SET counter = 1.0"),
            Vec::<String>::new(),
            "an integer column makes 1.0 an integer"
        );
        assert_eq!(
            places(
                "UPDATE morango_instanceidmodel SET system_id = NULL || x'00' WHERE 0; DROP INDEX idx_morango_store_partition"
            ),
            ["schema.*"]
        );
        assert_eq!(places("ALTER TABLE morango_store ADD COLUMN extra integer"), ["schema.sql"]);
    }

    #[test]
    fn what_machines_do_not_share_is_not_compared() {
        assert!(places("UPDATE morango_recordmaxcounter SET id = id + 100000").is_empty());
        assert!(places("UPDATE morango_instanceidmodel SET hostname = 'elsewhere'").is_empty());
    }
}
