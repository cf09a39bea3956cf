//! Policies for failed items, work on several threads, and commits during a run.
//!
//! ```text
//! cargo run --example policies
//! ```

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::ensure;
use rusqlite::{Connection, Statement};
use syncline::io::to_statement;
use syncline::policy::Letter;
use syncline::prelude::*;

/// Parses a number.
fn parse(text: &str) -> Result<u64, Failure> {
    text.parse().map_err(|error| Failure::new(error).at(format_args!("{text:?}")))
}

/// The number of Collatz steps from `n` to 1: halve an even number, triple an odd one and add 1.
fn steps(mut n: u64) -> u64 {
    let mut steps = 0;
    while n > 1 {
        n = if n.is_multiple_of(2) { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}

pipeline! {
    /// Skips and counts one failed item. The second ends the run.
    Strict(texts: &[&'static str]) -> Vec<u64> {
        from_iter(texts.iter().copied())
            => try_map(|text| Ok(parse(text)?)) on_error skip(1)
            => Collect::new()
    }
}

pipeline! {
    /// Failed items go to a sink of their own, with their errors. Two threads work on the rest, in order, with at most ten
    /// items in memory.
    Steps(texts: &[&'static str], failed: &mut Vec<String>) -> Vec<(u64, u64)> {
        from_iter(texts.iter().copied())
            => try_map(|text| Ok(parse(text)?)) on_error dead_letter(for_each(|letter: Letter<&str>| {
                failed.push(format!("{:?}: {}", letter.item, letter.error));
                Ok(())
            }))
            => map(|n| (n, steps(n))) parallel(2, capacity: 8)
            => Collect::new()
    }
}

/// The error of a call that may be retried.
#[derive(Debug)]
struct Busy;

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("busy")
    }
}

impl Error for Busy {}

/// Squares a number. Every third call fails.
fn call(calls: &AtomicU64, n: u64) -> Result<u64, Busy> {
    if calls.fetch_add(1, Ordering::Relaxed) % 3 == 2 { Err(Busy) } else { Ok(n * n) }
}

pipeline! {
    /// Calls on two threads. A failed call is retried, and the order is kept.
    Calls(calls: &AtomicU64) -> Vec<u64> {
        from_iter(1..=6_u64)
            => try_map(|n| Ok(call(calls, n)?)) parallel(2, capacity: 8)
                on_error retry(9, Duration::from_millis(1), if: |error| error.is::<Busy>())
            => Collect::new()
    }
}

fn insert(statement: &mut Statement<'_>, n: u64) -> rusqlite::Result<usize> {
    statement.execute([n])
}

pipeline! {
    /// Inserts numbers into a table, with a commit for every two. Skips a number that the table has already.
    Import(numbers: &[u64], database: &Connection) -> u64 {
        from_iter(numbers.iter().copied())
            => try_map(|n| if n == 0 { Err(Failure::new("the cable was pulled").into()) } else { Ok(n) })
            => to_statement(database, "INSERT INTO number VALUES (?1)", insert) on_error skip(9) commit every(2)
    }
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let texts = ["27", "six", "97", "", "871"];
    match Strict::run(&texts) {
        Ok(_) => anyhow::bail!("two of the texts are not numbers"),
        Err(error) => writeln!(out, "{error}\n")?,
    }

    let mut failed = Vec::new();
    let outcome = Steps::run(&texts, &mut failed)?;
    writeln!(out, "{:?}\n{}\n\n{}\n", outcome.output, failed.join("\n"), outcome.report)?;
    ensure!(outcome.output == [(27, 111), (97, 118), (871, 178)], "order is kept");
    ensure!(failed.len() == 2, "each text is in one output");

    let outcome = Calls::run(&AtomicU64::new(0))?;
    let retried = outcome.report.stage("try_map").map_or(0, syncline::report::StageReport::retried);
    writeln!(out, "{:?}, some after another try\n", outcome.output)?;
    ensure!(outcome.output == [1, 4, 9, 16, 25, 36], "order is kept");
    ensure!(retried >= 2, "every third call failed");

    let database = Connection::open_in_memory()?;
    database.execute_batch("CREATE TABLE number (n INTEGER PRIMARY KEY)")?;
    let count = || database.query_row("SELECT count(*) FROM number", [], |row| row.get::<_, u64>(0));
    let broken = Import::run(&[1, 2, 3, 0, 4], &database);
    ensure!(broken.is_err() && count()? == 2, "two numbers were committed, and the third was rolled back");
    let outcome = Import::run(&[1, 2, 3, 4], &database)?;
    writeln!(out, "{} numbers, {} of them in the second run", count()?, outcome.output)?;
    writeln!(out, "{}", Import::graph())?;
    ensure!((count()?, outcome.output) == (4, 2), "the second run inserted the rest");
    Ok(())
}
