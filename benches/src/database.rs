//! Copying, removing and comparing database files.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use rusqlite::Connection;
use rusqlite::types::Value;

/// Copies a database that is not open, and syncs the copy to the disk.
pub(crate) fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    remove(to)?;
    fs::copy(from, to).with_context(|| format!("copying {}", from.display()))?;
    File::open(to)?.sync_all()?;
    Ok(())
}

/// Removes a database with its log and shared-memory files.
pub(crate) fn remove(path: &Path) -> anyhow::Result<()> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// The tables that sync, with their columns.
pub(crate) fn tables(connection: &Connection) -> anyhow::Result<Vec<(String, Vec<String>)>> {
    let mut statement = connection.prepare(
        "SELECT t.name, c.name FROM pragma_table_list t, pragma_table_info(t.name) c WHERE t.schema = 'main' \
         AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE name = '_morango_dirty_bit') ORDER BY t.name",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows {
        let (table, column): (String, String) = row?;
        match tables.last_mut() {
            Some((last, columns)) if *last == table => columns.push(column),
            _ => tables.push((table, vec![column])),
        }
    }
    Ok(tables)
}

/// The first difference between the sync tables, dirty bits and schemas of two databases, if there is one.
///
/// Autoincrement ids and the columns that describe the machine are not compared.
pub(crate) fn difference(one: &Path, other: &Path) -> anyhow::Result<Option<String>> {
    let connections = [Connection::open(one)?, Connection::open(other)?];
    let mut queries = vec![
        (
            "schema",
            "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name".to_owned(),
        ),
        ("morango_store", "SELECT * FROM morango_store ORDER BY id".to_owned()),
        (
            "morango_recordmaxcounter",
            "SELECT store_model_id, instance_id, counter FROM morango_recordmaxcounter ORDER BY 1, 2"
                .to_owned(),
        ),
        (
            "morango_databasemaxcounter",
            "SELECT instance_id, partition, counter FROM morango_databasemaxcounter ORDER BY 1, 2".to_owned(),
        ),
        ("morango_deletedmodels", "SELECT * FROM morango_deletedmodels ORDER BY id".to_owned()),
        ("morango_harddeletedmodels", "SELECT * FROM morango_harddeletedmodels ORDER BY id".to_owned()),
        (
            "morango_instanceidmodel",
            "SELECT id, counter, current FROM morango_instanceidmodel ORDER BY id".to_owned(),
        ),
    ];
    let tables = tables(&connections[0])?;
    for (table, _) in &tables {
        queries.push((table, format!("SELECT id, _morango_dirty_bit FROM {table} ORDER BY id")));
    }
    for (what, sql) in queries {
        let mut statements = [connections[0].prepare(&sql)?, connections[1].prepare(&sql)?];
        let columns = statements[0].column_count();
        let [one, other] = &mut statements;
        let (mut one, mut other) = (one.query([])?, other.query([])?);
        let row = |row: Option<&rusqlite::Row<'_>>| -> rusqlite::Result<Option<Vec<Value>>> {
            row.map(|row| (0..columns).map(|column| row.get(column)).collect()).transpose()
        };
        loop {
            let (one, other) = (row(one.next()?)?, row(other.next()?)?);
            if one != other {
                let mut text = format!("{what}: {one:?} / {other:?}");
                text.truncate(text.floor_char_boundary(400));
                return Ok(Some(text));
            }
            if one.is_none() {
                break;
            }
        }
    }
    Ok(None)
}
