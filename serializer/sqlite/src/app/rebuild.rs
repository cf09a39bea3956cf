//! `Database::rebuild`: tables whose columns are declared otherwise than they were made are made again, with their rows.
//!
//! `ALTER TABLE` changes neither a type, nor `NOT NULL`, nor a foreign key. So the rows are copied to a new table, which takes the
//! name of the old one (<https://www.sqlite.org/lang_altertable.html#otheralter>). Nothing is copied that this module cannot
//! read back from the schema: a table with constraints of the app's own is refused.

use rusqlite::Connection;
use syncline_serializer::model::PartitionedProfile;
use syncline_serializer::model::columns::DIRTY_BIT;

use crate::app::create::{in_own_database, make_tables};
use crate::app::declared::{needs_another_table, rename};
use crate::app::difference::Difference;
use crate::app::differences::{Found, compare_column};
use crate::app::generated;
use crate::app::table::Table;
use crate::app::triggers;
use crate::error::{Doing, EvolutionError, SchemaError, SqliteError};
use crate::store::names::Quoted;
use crate::store::schema::{Columns, TablesWithRowid};

const DOING: &str = "making a table again";

/// The name of the new table, until it takes the name of the old one.
const NEW: &str = "syncline_new_table";

/// Makes the tables of `P` again whose columns are not as declared. Then does what `create` does. Returns the tables.
pub(crate) fn rebuild<P: PartitionedProfile>(
    connection: &mut Connection,
) -> Result<Vec<&'static str>, SchemaError> {
    let settings = Settings::change(connection)?;
    let done = in_own_database::<P, _>(settings.connection, |connection, tables, record| {
        rename(connection, tables, record)?;
        let mut rebuilt = Vec::new();
        for table in tables {
            if Columns::of(connection, table.name)?.is_some() && is_other(connection, table)? {
                make_again(connection, table)?;
                rebuilt.push(table.name);
            }
        }
        make_tables(connection, tables, record)?;
        for table in &rebuilt {
            references_hold(connection, table)?;
        }
        Ok(rebuilt)
    });
    drop(settings);
    Ok(done?.0)
}

/// The settings of the connection while tables are replaced. Drop restores the former ones.
struct Settings<'c> {
    connection: &'c mut Connection,
    foreign_keys: bool,
    legacy_alter_table: bool,
}

impl<'c> Settings<'c> {
    /// Foreign keys are off, because dropping the old table would delete the records that refer to its rows. A rename leaves the
    /// triggers of other tables alone, which name the table.
    fn change(connection: &'c mut Connection) -> Result<Self, SqliteError> {
        let read = |name| connection.pragma_query_value(None, name, |row| row.get::<_, bool>(0)).doing(DOING);
        let (foreign_keys, legacy_alter_table) = (read("foreign_keys")?, read("legacy_alter_table")?);
        let settings = Self { connection, foreign_keys, legacy_alter_table };
        settings.set(false, true).doing(DOING)?;
        Ok(settings)
    }

    fn set(&self, foreign_keys: bool, legacy_alter_table: bool) -> rusqlite::Result<()> {
        self.connection.pragma_update(None, "foreign_keys", foreign_keys)?;
        self.connection.pragma_update(None, "legacy_alter_table", legacy_alter_table)
    }
}

impl Drop for Settings<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.set(self.foreign_keys, self.legacy_alter_table) {
            tracing::warn!("the settings of the connection could not be put back: {error}");
        }
    }
}

/// Returns `true` if a column is not as declared.
fn is_other(connection: &Connection, table: &Table) -> Result<bool, SchemaError> {
    let found = Found::of(connection, table.name)?;
    Ok(table.columns.iter().any(|column| {
        let Some(present) = found.column(column.declared.name) else { return false };
        let mut differences = Vec::new();
        compare_column(table.name, column, present, &found, &mut differences);
        let is_of_table = |difference: &Difference| {
            matches!(difference, Difference::Nullable { .. } | Difference::OtherDefault { .. })
        };
        differences.iter().any(is_of_table) || needs_another_table(table, column, &found).is_some()
    }))
}

fn make_again(connection: &Connection, table: &Table) -> Result<(), SchemaError> {
    can_be_copied(connection, table)?;
    triggers::drop_all(connection, table.name)?;
    let kept = undeclared(connection, table)?;
    let present = Columns::of(connection, table.name)?.unwrap_or_default();
    let declared: Vec<_> = table.columns.iter().filter(|column| present.has(column.declared.name)).collect();
    let definitions: Vec<_> = declared
        .iter()
        .map(|column| table.definition(column, false))
        .chain(kept.iter().map(|column| column.definition.clone()))
        .chain([format!("{} bool NOT NULL DEFAULT 1", Quoted(DIRTY_BIT))])
        .collect();
    let mut names = vec!["rowid".to_owned()];
    let mut values = names.clone();
    for column in &declared {
        let name = Quoted(column.declared.name).to_string();
        values.push(match column.declared.default {
            Some(default) if !column.nullable => format!("ifnull({name}, {default})"),
            _ => name.clone(),
        });
        names.push(name);
    }
    for name in kept
        .iter()
        .map(|column| &*column.name)
        .chain([DIRTY_BIT].into_iter().filter(|name| present.has(name)))
    {
        names.push(Quoted(name).to_string());
        values.push(Quoted(name).to_string());
    }
    has_no_null(connection, table)?;
    let others = own_objects(connection, table.name)?;
    let (old, new) = (Quoted(table.name), Quoted(NEW));
    connection
        .execute_batch(&format!(
            "CREATE TABLE {new} (\n    {}\n); INSERT INTO {new} ({}) SELECT {} FROM {old}; DROP TABLE {old}; \
             ALTER TABLE {new} RENAME TO {old}",
            definitions.join(",\n    "),
            names.join(", "),
            values.join(", "),
        ))
        .doing(DOING)?;
    for sql in others {
        connection.execute_batch(&sql).doing(DOING)?;
    }
    Ok(())
}

/// Fails if the table has something that would be lost.
fn can_be_copied(connection: &Connection, table: &Table) -> Result<(), SchemaError> {
    let refuse = |reason: &str| {
        let (table, reason) = (table.name.to_owned(), reason.to_owned());
        Err(EvolutionError::CannotRebuild { table, reason }.into())
    };
    let is = |sql: &str| {
        connection.prepare(sql).and_then(|mut statement| statement.exists([table.name])).doing(DOING)
    };
    if !TablesWithRowid::read(connection)?.contain(table.name)
        || is("SELECT 1 FROM pragma_table_list WHERE name = ?1 COLLATE NOCASE AND strict")?
    {
        return refuse("it is STRICT or WITHOUT ROWID");
    }
    if !generated::columns(connection, table.name)?.is_empty() {
        return refuse("it has generated columns");
    }
    if is("SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'u'")? {
        return refuse("it has a UNIQUE constraint");
    }
    let sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE";
    let sql: String = connection.query_row(sql, [table.name], |row| row.get(0)).doing(DOING)?;
    let sql = sql.to_ascii_uppercase();
    let count = |word: &str| sql.matches(word).count();
    if count("CHECK") != count("CONSTRAINT \"") || count("COLLATE") > 0 || count("AUTOINCREMENT") > 0 {
        return refuse("it has constraints, collations or an AUTOINCREMENT of its own");
    }
    let found = Found::of(connection, table.name)?;
    for column in undeclared(connection, table)? {
        if found.reference_of(&column.name).is_some() {
            return refuse("a column that no model declares is a foreign key");
        }
    }
    Ok(())
}

/// Fails if a row holds `NULL` in a column that may not be `NULL` any more and has no default.
fn has_no_null(connection: &Connection, table: &Table) -> Result<(), SchemaError> {
    let present = Columns::of(connection, table.name)?.unwrap_or_default();
    let columns = table.columns.iter().filter(|column| {
        !column.nullable && column.declared.default.is_none() && present.has(column.declared.name)
    });
    for column in columns {
        let name = column.declared.name;
        let sql = format!("SELECT count(*) FROM {} WHERE {} IS NULL", Quoted(table.name), Quoted(name));
        let rows: u64 = connection.query_row(&sql, [], |row| row.get(0)).doing(DOING)?;
        if rows > 0 {
            let reason = format!(
                "{rows} of its rows hold NULL in column `{name}`, which is declared NOT NULL without a default"
            );
            return Err(EvolutionError::CannotRebuild { table: table.name.to_owned(), reason }.into());
        }
    }
    Ok(())
}

/// A column that no model declares.
struct Undeclared {
    name: String,
    definition: String,
}

/// The columns of the table that no model declares, except the dirty bit.
fn undeclared(connection: &Connection, table: &Table) -> Result<Vec<Undeclared>, SqliteError> {
    let columns: Vec<(String, String, bool, Option<String>)> = connection
        .prepare("SELECT name, type, \"notnull\", dflt_value FROM pragma_table_info(?1)")
        .and_then(|mut statement| {
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
            statement.query_map([table.name], read)?.collect()
        })
        .doing(DOING)?;
    let columns = columns
        .into_iter()
        .filter(|(name, ..)| !table.declares(name) && !name.eq_ignore_ascii_case(DIRTY_BIT));
    Ok(columns
        .map(|(name, kind, not_null, default)| {
            let not_null = if not_null { " NOT NULL" } else { "" };
            let default = default.map(|sql| format!(" DEFAULT ({sql})")).unwrap_or_default();
            let definition = format!("{} {kind}{not_null}{default}", Quoted(&name));
            Undeclared { name, definition }
        })
        .collect())
}

/// The SQL of the app's own indexes and triggers on `table`, in their order. The tracking triggers were dropped.
fn own_objects(connection: &Connection, table: &str) -> Result<Vec<String>, SqliteError> {
    connection
        .prepare(
            "SELECT sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND tbl_name = ?1 COLLATE NOCASE \
             AND sql IS NOT NULL ORDER BY rowid",
        )
        .and_then(|mut statement| statement.query_map([table], |row| row.get(0))?.collect())
        .doing(DOING)
}

/// Fails if a row of `table` refers to a row that does not exist.
fn references_hold(connection: &Connection, table: &str) -> Result<(), SchemaError> {
    let rows: u64 = connection
        .query_row("SELECT count(*) FROM pragma_foreign_key_check(?1)", [table], |row| row.get(0))
        .doing(DOING)?;
    if rows > 0 {
        let reason = format!("{rows} of its references lead to rows that do not exist");
        return Err(EvolutionError::CannotRebuild { table: table.to_owned(), reason }.into());
    }
    Ok(())
}
