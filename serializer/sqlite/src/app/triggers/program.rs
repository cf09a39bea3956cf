//! The programs of the triggers that a statement runs, as `EXPLAIN` lists them.
//!
//! SQLite compiles a statement together with all triggers that it may run: conditional and temporary ones too. `EXPLAIN`
//! lists the main program, then the programs that it calls, each in the order of the first call, and then those that
//! these call. A program starts with the opcode `Init`, which names its trigger. `RAISE(IGNORE)` is the opcode `Halt`
//! with the error code 0 and [`IGNORE`] as its action. So no SQL text needs to be parsed.

use std::collections::HashMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode};

use crate::error::{Doing, SqliteError};

/// The action `OE_Ignore` of the opcode `Halt`. It leaves the statement for this row: no other trigger runs.
const IGNORE: i64 = 4;

/// The action `OE_Fail` of the opcodes `Halt` and `HaltIfNull`. It ends the statement, and keeps its changes.
const FAIL: i64 = 3;

/// The error code of `RAISE(ABORT)`, `RAISE(FAIL)` and `RAISE(ROLLBACK)`, as opposed to the errors of constraints.
const RAISED: i64 = rusqlite::ffi::SQLITE_CONSTRAINT_TRIGGER as i64;

/// The number of the main database in opcodes.
const MAIN: i64 = 0;

/// The text before the name of the trigger in the opcode `Init`.
const NAME: &str = "-- TRIGGER ";

/// A trigger that a statement runs itself, not in another trigger.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// The name of the trigger.
    pub(crate) trigger: String,
    /// `true` for an `AFTER` trigger.
    pub(crate) is_after: bool,
    /// `true` if it contains `RAISE(IGNORE)`.
    pub(crate) ignores: bool,
    /// The cases in which it fails.
    pub(crate) fails: Fails,
    /// The values of the changed row that it reads: the rowid is 0, the columns begin with 1, in the order in which they
    /// are stored, and the new rowid and the new columns follow. They are those of the trigger's own table.
    pub(crate) read: Vec<i64>,
    /// The root pages of the tables and indexes of the main database that it reads.
    pub(crate) opened: Vec<i64>,
}

/// The cases in which a trigger fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fails {
    /// Whenever it runs, or whenever it runs for an update that changes no value.
    Always,
    /// Perhaps: it contains a `RAISE` that fails.
    Perhaps,
    /// Only by an error such as that of a constraint.
    Never,
}

/// An opcode with the parameters that matter here.
#[derive(Debug)]
struct Op {
    name: String,
    p1: i64,
    p2: i64,
    p3: i64,
}

/// The programs of a statement.
#[derive(Debug, Default)]
struct Programs {
    main: Vec<Op>,
    /// The programs that the main one calls: the name of the trigger, which actions of foreign keys lack, and the opcodes.
    called: Vec<(Option<String>, Vec<Op>)>,
    /// The programs that only these call.
    nested: Vec<(Option<String>, Vec<Op>)>,
}

impl Programs {
    /// Compiles `statement`. `None` if it cannot be compiled, for example because a trigger calls a function that this
    /// connection lacks.
    fn of(connection: &Connection, statement: &str) -> Result<Option<Self>, SqliteError> {
        const DOING: &str = "reading the programs of the triggers";

        let mut explain = match connection.prepare(&format!("EXPLAIN {statement}")) {
            Ok(explain) => explain,
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => {
                tracing::warn!("the triggers that `{statement}` runs cannot be examined: {error}");
                return Ok(None);
            }
            Err(error) => return Err(error).doing(DOING),
        };
        let mut rows = explain.query([]).doing(DOING)?;
        let mut programs = Self::default();
        let mut is_main = true;
        while let Some(row) = rows.next().doing(DOING)? {
            let op = read_op(row).doing(DOING)?;
            let Self { main, called, nested } = &mut programs;
            if op.name == "Init" {
                is_main = main.is_empty();
                if !is_main {
                    let is_called = nested.is_empty() && called.len() < calls(main);
                    let further = if is_called { &mut *called } else { &mut *nested };
                    further.push((trigger_name(row).doing(DOING)?, Vec::new()));
                }
            }
            match nested.last_mut().or(called.last_mut()) {
                _ if is_main => main.push(op),
                Some((_, ops)) => ops.push(op),
                None => {}
            }
        }
        Ok(Some(programs))
    }
}

/// Lists the triggers that `statement` runs on the rows of its own table, in the order in which they run.
///
/// The statement must have the clause `OR ABORT`: other clauses delete displaced rows, and run triggers for these too.
/// `None` if it cannot be compiled. `columns` is the number of columns that its table stores.
pub(crate) fn programs_of(
    connection: &Connection,
    statement: &str,
    columns: i64,
) -> Result<Option<Vec<Program>>, SqliteError> {
    let Some(Programs { main, called, .. }) = Programs::of(connection, statement)? else { return Ok(None) };
    let programs = called.into_iter().zip(timings(&main)).filter_map(|((trigger, ops), is_after)| {
        let ignores = ops.iter().any(|op| op.name == "Halt" && op.p1 == 0 && op.p2 == IGNORE);
        let fails = match ops.iter().any(|op| op.name == "Halt" && op.p1 == RAISED) {
            _ if always_fails(&ops, columns) => Fails::Always,
            true => Fails::Perhaps,
            false => Fails::Never,
        };
        let read = ops.iter().filter(|op| op.name == "Param").map(|op| op.p1).collect();
        let opened = ops.iter().filter(|op| op.name == "OpenRead" && op.p3 == MAIN).map(|op| op.p2).collect();
        Some(Program { trigger: trigger?, is_after, ignores, fails, read, opened })
    });
    Ok(Some(programs.collect()))
}

/// Lists the triggers that may end `statement` after it has changed a row, and keep that change: with `RAISE(FAIL)`, or with
/// a statement `OR FAIL`. No other trigger of the row runs then. The second list has those that run within a trigger, before
/// or after the change.
///
/// The statement must have no conflict clause, which would replace those within the triggers.
pub(crate) fn ending_midway(
    connection: &Connection,
    statement: &str,
) -> Result<(Vec<String>, Vec<String>), SqliteError> {
    let Some(Programs { main, called, nested }) = Programs::of(connection, statement)? else {
        return Ok((Vec::new(), Vec::new()));
    };
    let ends = |ops: &[Op]| {
        ops.iter().any(|op| ["Halt", "HaltIfNull"].contains(&&*op.name) && op.p1 != 0 && op.p2 == FAIL)
    };
    let called = called.into_iter().zip(timings(&main));
    let called = called.filter(|((_, ops), is_after)| *is_after && ends(ops));
    let nested = nested.into_iter().filter(|(_, ops)| ends(ops));
    Ok((
        called.filter_map(|((trigger, _), _)| trigger).collect(),
        nested.filter_map(|(trigger, _)| trigger).collect(),
    ))
}

fn read_op(row: &rusqlite::Row<'_>) -> rusqlite::Result<Op> {
    Ok(Op { name: row.get("opcode")?, p1: row.get("p1")?, p2: row.get("p2")?, p3: row.get("p3")? })
}

/// The name of the trigger whose program begins at `row`.
fn trigger_name(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<String>> {
    Ok(match row.get_ref("p4")? {
        ValueRef::Text(text) => String::from_utf8_lossy(text).strip_prefix(NAME).map(str::to_owned),
        _ => None,
    })
}

/// The number of programs that `ops` call.
fn calls(ops: &[Op]) -> usize {
    ops.iter().filter(|op| op.name == "Program").count()
}

/// For each call in the main program: `true` if it comes after the change of the row.
fn timings(main: &[Op]) -> Vec<bool> {
    // A list of the rows to change is no table that was opened for writing.
    let is_table = |cursor| main.iter().any(|op| op.name == "OpenWrite" && op.p1 == cursor);
    let mut is_changed = false;
    let mut timings = Vec::new();
    for op in main {
        match op.name.as_str() {
            "Insert" | "Delete" | "IdxInsert" | "IdxDelete" => is_changed |= is_table(op.p1),
            "Program" => timings.push(is_changed),
            _ => {}
        }
    }
    timings
}

/// Returns `true` if a program fails whatever the row is, for an update that changes no value: it reaches a `RAISE`, and
/// every condition before it compares the old with the new value of one column. The value is not `NULL`.
fn always_fails(ops: &[Op], columns: i64) -> bool {
    /// Opcodes that neither jump nor call another program.
    const STRAIGHT: [&str; 24] = [
        "Trace",
        "Noop",
        "Explain",
        "Integer",
        "Int64",
        "Real",
        "String8",
        "String",
        "Blob",
        "Null",
        "Copy",
        "SCopy",
        "Move",
        "Param",
        "Affinity",
        "RealAffinity",
        "Cast",
        "Concat",
        "Function",
        "PureFunc",
        "ResetCount",
        "Add",
        "Subtract",
        "Multiply",
    ];
    /// Opcodes by which a statement without a condition inserts a row.
    const INSERTS: [&str; 6] = ["OpenWrite", "NewRowid", "MakeRecord", "Insert", "IdxInsert", "Close"];

    let mut at = 0;
    // The registers that have the value of a column, old or new.
    let mut values: HashMap<i64, i64> = HashMap::new();
    // Each opcode runs once at most: a program without a condition has no loop.
    for _ in 0..ops.len() {
        let Some(op) = ops.get(at) else { return false };
        match op.name.as_str() {
            "Halt" => return op.p1 != 0,
            "Init" | "Goto" => match usize::try_from(op.p2) {
                Ok(target) => at = target,
                Err(_) => return false,
            },
            name @ ("Eq" | "Ne" | "Lt" | "Le" | "Gt" | "Ge") => {
                match (values.get(&op.p1), values.get(&op.p3), usize::try_from(op.p2)) {
                    (Some(one), Some(other), Ok(_)) if one == other && ["Ne", "Lt", "Gt"].contains(&name) => {
                        at += 1;
                    }
                    (Some(one), Some(other), Ok(target)) if one == other => at = target,
                    _ => return false,
                }
            }
            name if STRAIGHT.contains(&name) || INSERTS.contains(&name) => {
                match name {
                    "Param" => {
                        let column = if op.p1 > columns { op.p1 - columns - 1 } else { op.p1 };
                        values.insert(op.p2, column);
                    }
                    "Copy" | "SCopy" => match values.get(&op.p1) {
                        Some(column) => drop(values.insert(op.p2, *column)),
                        None => drop(values.remove(&op.p2)),
                    },
                    "Affinity" | "RealAffinity" => {}
                    // It may overwrite any register.
                    _ => {
                        values.remove(&op.p2);
                        values.remove(&op.p3);
                    }
                }
                at += 1;
            }
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use rusqlite::Connection;

    use super::{Fails, programs_of};

    /// Creates a table with `triggers`. Returns the triggers that `statement` runs, each with its properties.
    fn run_by(statement: &str, triggers: &str) -> Vec<String> {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(&format!(
                "CREATE TABLE item (id TEXT PRIMARY KEY, title TEXT, parent TEXT REFERENCES item ON DELETE CASCADE); \
                 CREATE TABLE flat (id TEXT PRIMARY KEY, title TEXT) WITHOUT ROWID; \
                 CREATE TABLE log (what); {triggers}"
            ))
            .unwrap();
        let programs = programs_of(&connection, statement, if statement.contains("flat") { 2 } else { 3 })
            .unwrap()
            .unwrap();
        let words = |is, word: &str| if is { format!(" {word}") } else { String::new() };
        programs
            .into_iter()
            .map(|program| {
                program.trigger
                    + if program.is_after { " after" } else { " before" }
                    + &words(program.ignores, "ignores")
                    + &words(program.fails == Fails::Always, "fails")
            })
            .collect()
    }

    const INSERT: &str = "INSERT OR ABORT INTO main.item DEFAULT VALUES";
    const UPDATE: &str = "UPDATE OR ABORT main.item SET id = id, title = title";
    const DELETE: &str = "DELETE FROM main.item";

    #[test]
    fn a_trigger_is_before_or_after_the_change() {
        for table in ["item", "flat"] {
            for (event, statement) in [("INSERT", INSERT), ("UPDATE", UPDATE), ("DELETE", DELETE)] {
                let triggers = format!(
                    "CREATE TRIGGER one BEFORE {event} ON {table} BEGIN INSERT INTO log VALUES (1); END; \
                     CREATE TRIGGER two AFTER {event} ON {table} BEGIN INSERT INTO log VALUES (1); END; \
                     CREATE TRIGGER three {event} ON {table} BEGIN INSERT INTO log VALUES (1); END;"
                );
                let mut found = run_by(&statement.replace("item", table), &triggers);
                found.sort();
                assert_eq!(found, ["one before", "three before", "two after"], "{event} {table}");
            }
        }
    }

    #[test]
    fn an_ignore_is_found_however_it_is_written() {
        for (body, found) in [
            ("SELECT RAISE(IGNORE)", vec!["a\"pp after ignores"]),
            ("SELECT raise ( /* for now */ ignore ) WHERE new.title = 'x'", vec!["a\"pp after ignores"]),
            ("SELECT CASE WHEN new.title IS NULL THEN RAISE(IGNORE) ELSE 1 END", vec!["a\"pp after ignores"]),
            ("UPDATE log SET what = 1; INSERT INTO log SELECT RAISE(IGNORE)", vec!["a\"pp after ignores"]),
            ("SELECT 'RAISE(IGNORE)'", vec!["a\"pp after"]),
            ("SELECT RAISE(ABORT, 'no raise(ignore)') WHERE new.title = 'zz'", vec!["a\"pp after"]),
            // In the trigger of another table it ends the triggers of that table.
            ("DELETE FROM log", vec!["a\"pp after"]),
        ] {
            let triggers = format!(
                "CREATE TRIGGER of_log AFTER DELETE ON log BEGIN SELECT RAISE(IGNORE); END; \
                 CREATE TRIGGER \"a\"\"pp\" -- AFTER or BEFORE\n AFTER UPDATE ON item BEGIN {body}; END;"
            );
            assert_eq!(run_by(UPDATE, &triggers), found, "{body}");
        }
    }

    #[test]
    fn temporary_triggers_and_those_of_some_columns_are_found() {
        let triggers = "CREATE TEMP TRIGGER temporary AFTER UPDATE ON main.item BEGIN SELECT RAISE(IGNORE); END; \
                        CREATE TRIGGER titled BEFORE UPDATE OF title ON item WHEN 0 BEGIN SELECT RAISE(IGNORE); END; \
                        CREATE TRIGGER parted AFTER UPDATE OF parent ON item BEGIN SELECT RAISE(IGNORE); END";
        assert_eq!(run_by(UPDATE, triggers), ["titled before ignores", "temporary after ignores"]);
    }

    #[test]
    fn actions_of_foreign_keys_are_no_triggers() {
        let triggers = "CREATE TRIGGER gone AFTER DELETE ON item BEGIN SELECT RAISE(IGNORE); END";
        let connection_with_keys = format!("{triggers}; PRAGMA foreign_keys = ON");
        assert_eq!(run_by(DELETE, &connection_with_keys), ["gone after ignores"]);
    }

    #[test]
    fn a_trigger_that_fails_under_a_condition_may_pass() {
        for (trigger, found) in [
            ("BEGIN SELECT RAISE(ABORT, 'fixed'); END", "own before fails"),
            ("BEGIN SELECT RAISE(ROLLBACK, 'fixed'); END", "own before fails"),
            ("BEGIN INSERT INTO log VALUES (new.id); SELECT RAISE(FAIL, 'fixed'); END", "own before fails"),
            ("WHEN old.title = 'x' BEGIN SELECT RAISE(ABORT, 'fixed'); END", "own before"),
            ("BEGIN SELECT RAISE(ABORT, 'fixed') WHERE old.title IS NOT new.title; END", "own before"),
            ("BEGIN SELECT CASE WHEN old.id > 'b' THEN RAISE(ABORT, 'fixed') END; END", "own before"),
            ("BEGIN SELECT RAISE(ABORT, 'fixed') FROM log; END", "own before"),
        ] {
            let trigger = format!("CREATE TRIGGER own BEFORE UPDATE ON item {trigger}");
            assert_eq!(run_by(UPDATE, &trigger), [found], "{trigger}");
        }
    }
}
