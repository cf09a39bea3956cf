//! Adds data from a database to each record, with one query for every hundred records.
//!
//! ```text
//! cargo run --example enrich
//! ```

use std::collections::HashMap;
use std::io::{self, Write};

use anyhow::ensure;
use rusqlite::{Connection, params_from_iter};
use syncline::io::{from_json_lines, to_json_lines};
use syncline::prelude::*;
use syncline::size;

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Visit {
    user: u32,
    page: String,
}

#[derive(Debug, serde::Serialize)]
struct NamedVisit {
    name: Option<String>,
    #[serde(flatten)]
    visit: Visit,
}

/// Queries the names of the users of a chunk. The result has one element for each visit; `None` if the user does not
/// exist.
fn names(database: &Connection, visits: &[Visit]) -> rusqlite::Result<Vec<Option<String>>> {
    let places = vec!["?"; visits.len()].join(",");
    let mut statement =
        database.prepare_cached(&format!("SELECT id, name FROM user WHERE id IN ({places})"))?;
    let rows = statement.query_map(params_from_iter(visits.iter().map(|visit| visit.user)), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    let found: HashMap<u32, String> = rows.collect::<rusqlite::Result<_>>()?;
    Ok(visits.iter().map(|visit| found.get(&visit.user).cloned()).collect())
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let database = Connection::open_in_memory()?;
    database.execute_batch(
        "CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);
         INSERT INTO user VALUES (0, 'Ada'), (1, 'Ida'), (2, 'Tim')",
    )?;
    let visits: Vec<_> = (0..250).map(|n| format!(r#"{{"user":{},"page":"/{n}"}}"#, n % 4)).collect();
    let visits = visits.join("\n");

    let mut queries = 0;
    let mut file = Vec::new();
    let outcome = Pipeline::new("enrich", from_json_lines::<Visit, _>(visits.as_bytes()))
        .buffer(const { size(100) })
        .lookup(|visits: &[Visit]| {
            queries += 1;
            Ok(names(&database, visits)?)
        })
        .unbuffer()
        .map(|(visit, name)| NamedVisit { name, visit })
        .end(to_json_lines(&mut file))
        .run()?;

    for line in String::from_utf8(file)?.lines().take(4) {
        writeln!(out, "{line}")?;
    }
    let report = outcome.report;
    writeln!(out, "...\n\n{} visits with {queries} queries\n\n{report}", outcome.output)?;
    ensure!((outcome.output, queries) == (250, 3), "one query for every hundred visits");
    Ok(())
}
