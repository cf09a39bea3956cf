//! What becomes of items that fail, work on several threads, and what stays of a run that ends early.
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
use syncline::Letter;
use syncline::io::to_statement;
use syncline::prelude::*;

/// Reads a number.
fn parse(text: &str) -> Result<u64, Failure> {
    text.parse().map_err(|error| Failure::new(error).at(format_args!("{text:?}")))
}

/// The number of steps that it takes to come to one, by halving what is even and tripling what is odd, plus one.
fn steps(mut n: u64) -> u64 {
    let mut steps = 0;
    while n > 1 {
        n = if n.is_multiple_of(2) { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}

pipeline! {
    /// One item may fail. It is left out, and counted; the second ends the run.
    Strict(texts: &[&'static str]) -> Vec<u64> {
        from_iter(texts.iter().copied())
            => try_map(|text| Ok(parse(text)?)) on_error skip(1)
            => Collect::new()
    }
}

pipeline! {
    /// What fails goes to a sink of its own, with its error. The rest is worked on by two threads, in order; they hold ten
    /// items at most.
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

/// Why a call failed that may be made again.
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
    /// Calls that fail now and then, on two threads: each that fails is tried again, in its place.
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
    /// Numbers into a table, of which every two are there to stay. One that is there already is left out.
    Import(numbers: &[u64], database: &Connection) -> u64 {
        from_iter(numbers.iter().copied())
            => try_map(|n| if n == 0 { Err(Failure::new("the cable was pulled").into()) } else { Ok(n) })
            => to_statement(database, "INSERT INTO number VALUES (?1)", insert) on_error skip(9) commit every(2)
    }
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// The whole example. It prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let texts = ["27", "six", "97", "", "871"];
    match Strict::run(&texts) {
        Ok(_) => anyhow::bail!("two are no numbers"),
        Err(error) => writeln!(out, "{error}\n")?,
    }

    let mut failed = Vec::new();
    let outcome = Steps::run(&texts, &mut failed)?;
    writeln!(out, "{:?}\n{}\n\n{}\n", outcome.output, failed.join("\n"), outcome.report)?;
    ensure!(outcome.output == [(27, 111), (97, 118), (871, 178)], "order is kept");
    ensure!(failed.len() == 2, "each text is in one place");

    let outcome = Calls::run(&AtomicU64::new(0))?;
    let retried = outcome.report.stage("try_map").map_or(0, syncline::StageReport::retried);
    writeln!(out, "{:?}, some after another try\n", outcome.output)?;
    ensure!(outcome.output == [1, 4, 9, 16, 25, 36], "order is kept");
    ensure!(retried >= 2, "every third call failed");

    let database = Connection::open_in_memory()?;
    database.execute_batch("CREATE TABLE number (n INTEGER PRIMARY KEY)")?;
    let count = || database.query_row("SELECT count(*) FROM number", [], |row| row.get::<_, u64>(0));
    let broken = Import::run(&[1, 2, 3, 0, 4], &database);
    ensure!(broken.is_err() && count()? == 2, "two were there to stay, and the third was not");
    let outcome = Import::run(&[1, 2, 3, 4], &database)?;
    writeln!(out, "{} numbers, {} of them in the second run", count()?, outcome.output)?;
    writeln!(out, "{}", Import::graph())?;
    ensure!((count()?, outcome.output) == (4, 2), "it went on where it had come to");
    Ok(())
}
