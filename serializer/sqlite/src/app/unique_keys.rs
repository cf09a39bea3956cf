//! The unique keys of a table. A new row displaces an existing row that has the same key.

use rusqlite::{Connection, OptionalExtension as _};
use syncline_serializer::model::columns::ID;

use crate::app::generated;
use crate::error::{Doing, SchemaError, SqliteError};
use crate::store::names::Quoted;

/// A unique key of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UniqueKey {
    /// The index's name, which is a part of a trigger's name.
    pub(crate) name: String,
    /// The key's columns. For the rowid, all its names. Empty if a column is generated, because an `UPDATE` names the
    /// columns that it is generated from.
    pub(crate) columns: Vec<String>,
    /// The SQL condition that the row `other` has the same key as the row `new`.
    pub(crate) same_as_new: String,
}

/// The unique keys of `table`, except the id: a row with the same id is the same record.
///
/// A partial index counts as an index of all rows.
pub(crate) fn of(connection: &Connection, table: &str) -> Result<Vec<UniqueKey>, SchemaError> {
    const DOING: &str = "reading the table's unique keys";

    let mut statement = connection
        .prepare_cached(
            "SELECT list.name, info.cid, info.name, info.coll FROM pragma_index_list(?1) AS list \
             JOIN pragma_index_xinfo(list.name) AS info WHERE list.\"unique\" AND info.key \
             ORDER BY list.name, info.seqno",
        )
        .doing(DOING)?;
    let columns = statement
        .query_map([table], |row| {
            let (index, cid): (String, i64) = (row.get(0)?, row.get(1)?);
            let (column, collation): (Option<String>, String) = (row.get(2)?, row.get(3)?);
            Ok((index, cid, column, collation))
        })
        .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
        .doing(DOING)?;

    let generated = generated::columns(connection, table)?;
    let mut keys: Vec<UniqueKey> = Vec::new();
    for of_index in columns.chunk_by(|(index, ..), (next, ..)| index == next) {
        let index = &of_index[0].0;
        if let [(_, _, Some(column), collation)] = of_index
            && column.eq_ignore_ascii_case(ID)
            && collation == "BINARY"
        {
            continue;
        }
        let mut key = UniqueKey { name: index.clone(), columns: Vec::new(), same_as_new: String::new() };
        for (_, _, column, collation) in of_index {
            let Some(column) = column else {
                return Err(SchemaError::Untrackable { table: table.to_owned(), index: index.clone() });
            };
            if !key.columns.is_empty() {
                key.same_as_new.push_str(" AND ");
            }
            let condition = format!("other.{0} = new.{0} COLLATE {1}", Quoted(column), Quoted(collation));
            key.same_as_new.push_str(&condition);
            key.columns.push(column.clone());
        }
        if key.columns.iter().any(|column| generated.contains(column)) {
            key.columns.clear();
        }
        keys.push(key);
    }
    keys.extend(rowid_of(connection, table)?);
    Ok(keys)
}

/// Returns `true` if the id of `table` is unique.
pub(crate) fn has_id(connection: &Connection, table: &str) -> Result<bool, SqliteError> {
    let columns = columns_of(connection, table)?;
    let mut key = columns.iter().filter(|column| column.pk > 0);
    if key.next().is_some_and(|column| column.name.eq_ignore_ascii_case(ID)) && key.next().is_none() {
        return Ok(true);
    }
    connection
        .prepare_cached(
            "SELECT 1 FROM pragma_index_list(?1) AS list WHERE list.\"unique\" AND NOT list.partial \
             AND (SELECT group_concat(info.name) FROM pragma_index_info(list.name) AS info) = ?2 COLLATE NOCASE",
        )
        .and_then(|mut statement| statement.exists((table, ID)))
        .doing("reading the table's unique keys")
}

/// The rowid of `table`, which is a key without a declaration. `None` if the table has no rowid, or its columns hide
/// all the rowid's names.
fn rowid_of(connection: &Connection, table: &str) -> Result<Option<UniqueKey>, SchemaError> {
    let Some(rowid) = rowid_name(connection, table)? else { return Ok(None) };
    let columns = columns_of(connection, table)?;
    let mut names: Vec<String> = names_of_rowid(&columns).map(str::to_owned).collect();
    let same_as_new = format!("other.{rowid} = new.{rowid}");
    // A single `INTEGER PRIMARY KEY` column is another name of the rowid.
    let alias = columns.iter().filter(|column| column.pk == 1 && column.kind.eq_ignore_ascii_case("integer"));
    names.extend(alias.map(|column| column.name.clone()));
    Ok(Some(UniqueKey { name: "rowid".to_owned(), columns: names, same_as_new }))
}

/// A name of the rowid of `table`. `None` if the table has no rowid, or its columns hide all the rowid's names.
pub(crate) fn rowid_name(connection: &Connection, table: &str) -> Result<Option<&'static str>, SqliteError> {
    if !has_rowid(connection, table)? {
        return Ok(None);
    }
    Ok(names_of_rowid(&columns_of(connection, table)?).next())
}

/// The names of the rowid that no column hides.
fn names_of_rowid(columns: &[Column]) -> impl Iterator<Item = &'static str> {
    let is_free = |name: &&str| !columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    ["rowid", "_rowid_", "oid"].into_iter().filter(is_free)
}

/// A column of a table.
struct Column {
    name: String,
    kind: String,
    /// The position in the primary key, from 1. 0 if the column is not a part of it.
    pk: i64,
}

fn columns_of(connection: &Connection, table: &str) -> Result<Vec<Column>, SqliteError> {
    connection
        .prepare_cached("SELECT name, type, pk FROM pragma_table_xinfo(?1)")
        .and_then(|mut statement| {
            statement
                .query_map([table], |row| {
                    Ok(Column { name: row.get(0)?, kind: row.get(1)?, pk: row.get(2)? })
                })?
                .collect()
        })
        .doing("reading the table's columns")
}

/// Returns `true` if the rows of `table` have a rowid.
fn has_rowid(connection: &Connection, table: &str) -> Result<bool, SqliteError> {
    let without: Option<bool> = connection
        .prepare_cached("SELECT wr FROM pragma_table_list WHERE name = ?1 COLLATE NOCASE")
        .and_then(|mut statement| statement.query_row([table], |row| row.get(0)).optional())
        .doing("reading the schema")?;
    Ok(without == Some(false))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::of;
    use crate::error::SchemaError;

    fn keys(table: &str) -> Result<Vec<String>, SchemaError> {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(table).unwrap();
        Ok(of(&connection, "t")?.into_iter().map(|key| key.same_as_new).collect())
    }

    #[test]
    fn keys_of_every_kind_are_found() {
        assert_eq!(
            keys("CREATE TABLE t (id PRIMARY KEY, rowid, a, b UNIQUE COLLATE NOCASE, UNIQUE (a, id))")
                .unwrap(),
            [
                "other.\"b\" = new.\"b\" COLLATE \"NOCASE\"",
                "other.\"a\" = new.\"a\" COLLATE \"BINARY\" AND other.\"id\" = new.\"id\" COLLATE \"BINARY\"",
                "other._rowid_ = new._rowid_",
            ]
        );
        assert_eq!(
            keys(
                "CREATE TABLE t (id PRIMARY KEY, a) WITHOUT ROWID; CREATE UNIQUE INDEX i ON t (a) WHERE a > 1"
            )
            .unwrap(),
            ["other.\"a\" = new.\"a\" COLLATE \"BINARY\""]
        );
    }

    #[test]
    fn an_expression_cannot_be_seen() {
        let error =
            keys("CREATE TABLE t (id PRIMARY KEY, a); CREATE UNIQUE INDEX low ON t (lower(a))").unwrap_err();
        assert!(matches!(error, SchemaError::Untrackable { index, .. } if index == "low"));
    }
}
