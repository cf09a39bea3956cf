//! By what a row of a table can displace another: its unique keys.

use rusqlite::{Connection, OptionalExtension as _};
use syncline_serializer::model::columns::ID;

use crate::app::generated;
use crate::error::{DatabaseError, Doing};
use crate::store::names::Quoted;

/// A key that no two rows of a table have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UniqueKey {
    /// For the name of a trigger.
    pub(crate) name: String,
    /// Its columns; for the rowid, all its names. None where one is generated: no `UPDATE` names what it is made of.
    pub(crate) columns: Vec<String>,
    /// The condition under which the row `other` of the table has the key of the row `new`.
    pub(crate) same_as_new: String,
}

/// Those of `table`, without the ids by themselves: a row with the id of another is the same record.
///
/// An index of some rows only is taken for one of all.
pub(crate) fn of(connection: &Connection, table: &str) -> Result<Vec<UniqueKey>, DatabaseError> {
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
                return Err(DatabaseError::Untrackable { table: table.to_owned(), index: index.clone() });
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

/// Whether no two rows of `table` have one id.
pub(crate) fn has_id(connection: &Connection, table: &str) -> Result<bool, DatabaseError> {
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

/// The rowid of `table`, which nobody has to declare: `None` where it has none, or none that can be named.
fn rowid_of(connection: &Connection, table: &str) -> Result<Option<UniqueKey>, DatabaseError> {
    let Some(rowid) = rowid_name(connection, table)? else { return Ok(None) };
    let columns = columns_of(connection, table)?;
    let mut names: Vec<String> = names_of_rowid(&columns).map(str::to_owned).collect();
    let same_as_new = format!("other.{rowid} = new.{rowid}");
    // An integer that is the primary key by itself is the rowid under a name of its own.
    let alias = columns.iter().filter(|column| column.pk == 1 && column.kind.eq_ignore_ascii_case("integer"));
    names.extend(alias.map(|column| column.name.clone()));
    Ok(Some(UniqueKey { name: "rowid".to_owned(), columns: names, same_as_new }))
}

/// The name of the rowid of `table`: `None` where it has none, or none that can be named.
pub(crate) fn rowid_name(
    connection: &Connection,
    table: &str,
) -> Result<Option<&'static str>, DatabaseError> {
    if !has_rowid(connection, table)? {
        return Ok(None);
    }
    Ok(names_of_rowid(&columns_of(connection, table)?).next())
}

/// The names of the rowid that are no names of columns.
fn names_of_rowid(columns: &[Column]) -> impl Iterator<Item = &'static str> {
    let is_free = |name: &&str| !columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    ["rowid", "_rowid_", "oid"].into_iter().filter(is_free)
}

/// A column of a table.
struct Column {
    name: String,
    kind: String,
    /// Its place in the primary key, from 1 on.
    pk: i64,
}

fn columns_of(connection: &Connection, table: &str) -> Result<Vec<Column>, DatabaseError> {
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

/// Whether the rows of `table` have a rowid.
fn has_rowid(connection: &Connection, table: &str) -> Result<bool, DatabaseError> {
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
    use crate::error::DatabaseError;

    fn keys(table: &str) -> Result<Vec<String>, DatabaseError> {
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
        assert!(matches!(error, DatabaseError::Untrackable { index, .. } if index == "low"));
    }
}
