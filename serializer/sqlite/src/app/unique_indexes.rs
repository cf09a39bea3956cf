//! The unique keys that models declare, as indexes that `create` makes.

use rusqlite::Connection;

use crate::app::table::Table;
use crate::error::{Doing, SchemaError, SqliteError};
use crate::store::names::Quoted;

const DOING: &str = "making a unique index";

/// Makes an index for each unique key of `table` that no index holds, and drops those of keys that are not declared any
/// more.
///
/// # Errors
///
/// If rows have the same key.
pub(crate) fn make(connection: &Connection, table: &Table) -> Result<(), SchemaError> {
    drop_undeclared(connection, table).doing(DOING)?;
    for key in missing(connection, table)? {
        let columns = quoted(&key);
        let duplicates: u64 = connection
            .query_row(
                &format!(
                    "SELECT count(*) FROM (SELECT 1 FROM {} WHERE {} GROUP BY {columns} HAVING count(*) > 1)",
                    Quoted(table.name),
                    key.iter()
                        .map(|name| format!("{} IS NOT NULL", Quoted(name)))
                        .collect::<Vec<_>>()
                        .join(" AND "),
                ),
                [],
                |row| row.get(0),
            )
            .doing(DOING)?;
        if duplicates > 0 {
            let (table, columns) = (table.name, key.join("`, `"));
            return Err(SchemaError::Duplicates { table, columns, count: duplicates });
        }
        let (name, on) = (name(table, &key), Quoted(table.name));
        connection
            .execute_batch(&format!("CREATE UNIQUE INDEX {} ON {on} ({columns})", Quoted(&name)))
            .doing(DOING)?;
    }
    Ok(())
}

/// The declared unique keys of `table` that no index of the database holds.
pub(crate) fn missing(connection: &Connection, table: &Table) -> Result<Vec<Vec<&'static str>>, SqliteError> {
    let mut declared = keys(table);
    if declared.is_empty() {
        return Ok(declared);
    }
    let rows = connection
        .prepare_cached(
            "SELECT list.name, info.name FROM pragma_index_list(?1) AS list JOIN pragma_index_info(list.name) AS info \
             WHERE list.\"unique\" AND NOT list.partial ORDER BY list.name",
        )
        .and_then(|mut statement| {
            let rows = statement.query_map([table.name], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<(String, Option<String>)>>>()
        })
        .doing("reading the table's unique keys")?;
    for index in rows.chunk_by(|(name, _), (next, _)| name == next) {
        let is_column = |name: &str| {
            index
                .iter()
                .any(|(_, column)| column.as_deref().is_some_and(|column| column.eq_ignore_ascii_case(name)))
        };
        declared.retain(|key| key.len() != index.len() || !key.iter().all(|name| is_column(name)));
    }
    Ok(declared)
}

/// The declared unique keys of `table`, each once.
fn keys(table: &Table) -> Vec<Vec<&'static str>> {
    let mut keys: Vec<_> = table.models.iter().flat_map(|model| model.unique_keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn drop_undeclared(connection: &Connection, table: &Table) -> rusqlite::Result<()> {
    let prefix = name(table, &[]);
    let names: Vec<String> = connection
        .prepare_cached(
            "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 COLLATE NOCASE",
        )?
        .query_map([table.name], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let declared: Vec<_> = keys(table).iter().map(|key| name(table, key)).collect();
    for name in names.iter().filter(|name| name.starts_with(&prefix) && !declared.contains(name)) {
        connection.execute_batch(&format!("DROP INDEX {}", Quoted(name)))?;
    }
    Ok(())
}

/// The name of the index of `key`. The point and the words keep it apart from the names of the other indexes.
fn name(table: &Table, key: &[&str]) -> String {
    format!("syncline_{}.unique key {}", table.name, key.join(", "))
}

fn quoted(key: &[&str]) -> String {
    key.iter().map(|name| Quoted(name).to_string()).collect::<Vec<_>>().join(", ")
}
