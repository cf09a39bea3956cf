//! The app's own triggers that would prevent the tracking of changes.

use rusqlite::Connection;
use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};

use crate::app::table::Table;
use crate::app::triggers::program::{Fails, Program, ending_midway, programs_of};
use crate::app::triggers::trigger::PREFIX;
use crate::error::{Doing, SchemaError, SqliteError};
use crate::store::names::Quoted;

/// The SQL that ends a statement and keeps its changes.
const FAIL: &str = "a RAISE(FAIL) or an OR FAIL, which should be ABORT,";

/// A trigger of the app that makes its table untrackable.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Hindrance {
    /// It ends all other triggers of a change, after the change.
    EndsOthers {
        /// The name of the trigger.
        trigger: String,
        /// The SQL by which it ends them.
        by: &'static str,
    },
    /// It fails or ignores the updates by which the tracking triggers mark and identify rows, all or those of some rows.
    StopsBookkeeping {
        /// The name of the trigger.
        trigger: String,
    },
}

impl Hindrance {
    /// Returns `true` if changes of the table are lost to tracking.
    pub(crate) fn hides_changes(&self) -> bool {
        matches!(self, Self::EndsOthers { .. })
    }

    /// The error of a table that has such a trigger.
    pub(crate) fn into_error(self, table: &Table) -> SchemaError {
        let name = table.name.to_owned();
        match self {
            Self::EndsOthers { trigger, by } => SchemaError::SkipsTriggers { table: name, trigger, by },
            Self::StopsBookkeeping { trigger } => {
                SchemaError::StopsBookkeeping { table: name, trigger, columns: own_columns(table) }
            }
        }
    }
}

/// Lists the app's triggers on `table` that make it untrackable, as this connection sees them: with its own temporary
/// triggers, and without those of other connections.
///
/// The table must have all columns of a synced table.
pub(crate) fn hindrances(connection: &Connection, table: &Table) -> Result<Vec<Hindrance>, SchemaError> {
    if !has_others(connection, table.name)? {
        return Ok(Vec::new());
    }
    let mut found: Vec<Hindrance> = Vec::new();
    let columns = Columns::read(connection, table.name)?;
    let mut add = |hindrance| {
        if !found.contains(&hindrance) {
            found.push(hindrance);
        }
    };
    for statement in changes(connection, table.name)? {
        let ends_others = |program: &Program| program.is_after && program.ignores;
        for program in others_run_by(connection, &statement, columns.count)?.into_iter().filter(ends_others) {
            add(Hindrance::EndsOthers { trigger: program.trigger, by: "a RAISE(IGNORE)" });
        }
        let (direct, nested) = ending_midway(connection, &statement.replacen(" OR ABORT", "", 1))?;
        for trigger in direct.into_iter().filter(|trigger| !trigger.starts_with(PREFIX)) {
            add(Hindrance::EndsOthers { trigger, by: FAIL });
        }
        for trigger in nested.into_iter().filter(|trigger| !trigger.starts_with(PREFIX)) {
            // Those of the same table also run when a row is marked.
            if !is_of_table(connection, &trigger, table.name)? {
                add(Hindrance::EndsOthers { trigger, by: FAIL });
            }
        }
    }
    for program in others_run_by(connection, &bookkeeping(table.name), columns.count)? {
        if program.fails == Fails::Always
            || program.ignores && !program.is_after
            || columns.is_guarded_by(&program)
        {
            add(Hindrance::StopsBookkeeping { trigger: program.trigger });
        }
    }
    Ok(found)
}

/// The columns of a table, as the programs of its triggers number them.
#[derive(Debug)]
struct Columns {
    count: i64,
    /// The number of the column `id`.
    id: i64,
    /// The root pages of the table and its indexes.
    pages: Vec<i64>,
}

impl Columns {
    fn read(connection: &Connection, table: &str) -> Result<Self, SqliteError> {
        let pages = connection
            .prepare_cached(
                "SELECT rootpage FROM main.sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE AND rootpage > 0",
            )
            .and_then(|mut statement| statement.query_map([table], |row| row.get(0))?.collect())
            .doing("reading the table's indexes")?;
        // Virtual generated columns are not stored, and come last.
        connection
            .prepare_cached(
                "SELECT count(*), ifnull(max(number) FILTER (WHERE name = ?2 COLLATE NOCASE), 0) FROM (SELECT name, \
                 row_number() OVER (ORDER BY hidden = 2, cid) AS number FROM pragma_table_xinfo(?1))",
            )
            .and_then(|mut statement| {
                statement.query_row((table, ID), |row| Ok(Self { count: row.get(0)?, id: row.get(1)?, pages }))
            })
            .doing("reading the table's columns")
    }

    /// Returns `true` if `program` may refuse any update of a row because of the values that the row has, for example
    /// `WHEN old.closed`. Such a row could no longer be closed, because the update that marks it comes after the change.
    ///
    /// A program that compares a value before with the value after refuses only changes of that value.
    fn is_guarded_by(&self, program: &Program) -> bool {
        let new = |old: i64| old + self.count + 1;
        let is_old = |number: i64| number <= self.count;
        let compares =
            program.read.iter().any(|number| is_old(*number) && program.read.contains(&new(*number)));
        let is_key = |number: i64| [0, self.id, new(0), new(self.id)].contains(&number);
        let guards = |number: &i64| is_old(*number) && !is_key(*number);
        // A trigger that knows only the key reads the row from its table.
        let looks_up = || {
            program.opened.iter().any(|page| self.pages.contains(page))
                && !program.read.is_empty()
                && program.read.iter().all(|number| is_key(*number))
        };
        program.fails == Fails::Perhaps && !compares && (program.read.iter().any(guards) || looks_up())
    }
}

/// Warns of triggers of the app that run when the tracking triggers mark or identify a row. They do no harm to tracking,
/// but run more often than the app changes rows.
pub(crate) fn warn_of_those_run_too_often(connection: &Connection, table: &Table) -> Result<(), SchemaError> {
    if !has_others(connection, table.name)? {
        return Ok(());
    }
    let columns = Columns::read(connection, table.name)?;
    for Program { trigger, .. } in others_run_by(connection, &bookkeeping(table.name), columns.count)? {
        tracing::warn!(
            "trigger `{trigger}` of table `{}` also runs when a change marks its row as dirty: name the columns that it \
             is about, `UPDATE OF {}`",
            table.name,
            own_columns(table)
        );
    }
    Ok(())
}

/// The columns of the app's data, for the clause `UPDATE OF` of a trigger.
pub(crate) fn own_columns(table: &Table) -> String {
    let own = table.columns.iter().map(|column| column.declared.name);
    let own = own.filter(|name| ![ID, SOURCE_ID, PARTITION].contains(name));
    let own: Vec<_> = own.map(|name| Quoted(name).to_string()).collect();
    if own.is_empty() { Quoted(ID).to_string() } else { own.join(", ") }
}

/// Statements that run every trigger on `table` that any change of it can run.
fn changes(connection: &Connection, table: &str) -> Result<[String; 3], SqliteError> {
    let columns: Vec<String> = connection
        .prepare_cached("SELECT name FROM pragma_table_info(?1)")
        .and_then(|mut statement| statement.query_map([table], |row| row.get(0))?.collect())
        .doing("reading the table's columns")?;
    let columns: Vec<_> = columns.iter().map(|name| format!("{0} = {0}", Quoted(name))).collect();
    let table = Quoted(table);
    Ok([
        format!("INSERT OR ABORT INTO main.{table} DEFAULT VALUES"),
        format!("UPDATE OR ABORT main.{table} SET {}", columns.join(", ")),
        format!("DELETE FROM main.{table}"),
    ])
}

/// The update by which the tracking triggers mark and identify a row.
fn bookkeeping(table: &str) -> String {
    let columns = [DIRTY_BIT, SOURCE_ID, PARTITION].map(|name| format!("{0} = {0}", Quoted(name)));
    format!("UPDATE OR ABORT main.{} SET {}", Quoted(table), columns.join(", "))
}

/// The app's own triggers that `statement` runs.
fn others_run_by(
    connection: &Connection,
    statement: &str,
    columns: i64,
) -> Result<Vec<Program>, SqliteError> {
    let mut programs = programs_of(connection, statement, columns)?.unwrap_or_default();
    programs.retain(|program| !program.trigger.starts_with(PREFIX));
    Ok(programs)
}

/// Returns `true` if the app has triggers of its own on `table`, in the database or on this connection.
fn has_others(connection: &Connection, table: &str) -> Result<bool, SqliteError> {
    connection
        .prepare_cached(
            "SELECT 1 FROM (SELECT * FROM main.sqlite_schema UNION ALL SELECT * FROM temp.sqlite_schema) \
             WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE AND name NOT GLOB ?2 || '*'",
        )
        .and_then(|mut statement| statement.exists((table, PREFIX)))
        .doing("reading the triggers")
}

/// Returns `true` if `trigger` is a trigger on `table`.
fn is_of_table(connection: &Connection, trigger: &str, table: &str) -> Result<bool, SqliteError> {
    connection
        .prepare_cached(
            "SELECT 1 FROM (SELECT * FROM main.sqlite_schema UNION ALL SELECT * FROM temp.sqlite_schema) \
             WHERE type = 'trigger' AND name = ?1 AND tbl_name = ?2 COLLATE NOCASE",
        )
        .and_then(|mut statement| statement.exists((trigger, table)))
        .doing("reading the triggers")
}
