//! Comparison with the real Morango: it serialises one copy of a database, this library another, and both must be equal. Also runs
//! Morango between two commits of this library, which must lose no record, and the legs between store and buffers.
//!
//! `SYNCLINE_PEER` names the script that runs Morango, such as `tests/peer/morango`. Without the variable the program skips
//! everything, and says so. If the script can also make databases (`new DB USERS SEED`) and change them through Kolibri's own models
//! (`change HOW DB`), more are compared.
//!
//! An argument selects one part: `filled`, `by_hand`, `forgotten`, `databases`, `spoiled`, `between` or `legs`.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
#![allow(clippy::print_stdout, reason = "it is a program, and says what it compared")]
#![allow(clippy::format_push_string, clippy::format_collect, reason = "the SQL of a test is short")]

#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "../legs/cases.rs"]
mod cases;
#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "../kolibri/compare.rs"]
mod compare;
#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "../kolibri/fixtures.rs"]
mod fixtures;
#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "../kolibri/follower.rs"]
mod follower;
#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "../kolibri/grown.rs"]
mod grown;
#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "../legs/pairs.rs"]
mod pairs;
#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "../kolibri/program.rs"]
mod program;
#[path = "../legs/small.rs"]
mod small;
#[path = "../legs/tables.rs"]
mod tables;

mod between;
mod by_hand;
mod databases;
mod filled;
mod forgotten;
mod legs;
mod morango;
mod spoiled;

use std::env;
use std::process::ExitCode;

use compare::{Difference, differences, is_a_moved_record};
use databases::Case;
use morango::Morango;

/// The name that the list of skipped tests has for this program.
const COMPARISON: &str = "comparison with the real Morango";

fn main() -> ExitCode {
    let Some(morango) = Morango::find() else {
        skipped::skip(
            COMPARISON,
            "set SYNCLINE_PEER=tests/peer/morango, which needs Python 3.9 to 3.11 and PyPI (CONTRIBUTING.md)",
        );
        return ExitCode::SUCCESS;
    };
    skipped::ran(COMPARISON);
    let part = env::args().nth(1);
    let is_asked_for = |name: &str| part.as_ref().is_none_or(|part| part == name);
    let mut outcome = Outcome::default();
    if is_asked_for("filled") {
        let case = Case {
            name: "filled by the helpers".to_owned(),
            database: filled::by_the_helpers(),
            filters: Vec::new(),
        };
        let same = morango.identities(case.database.path()).and_then(|()| compare(&morango, &case));
        outcome.add(&case.name, same);
    }
    if is_asked_for("by_hand") {
        let name = "ids of rows inserted by plain SQL";
        let same = by_hand::by_plain_sql().and_then(|database| {
            morango.identities(database.path())?;
            compare(&morango, &Case { name: name.to_owned(), database, filters: Vec::new() })
        });
        outcome.add(name, same);
    }
    if is_asked_for("forgotten") {
        forgotten::each(&morango, &mut |name, forgotten| {
            outcome.add(name, forgotten.and_then(|case| compare(&morango, &case)));
        });
    }
    if is_asked_for("databases") {
        databases::each(&morango, &mut |case| outcome.add(&case.name, compare(&morango, case)));
    }
    if is_asked_for("spoiled") {
        spoiled::each(&morango, &mut |name, same| outcome.add(name, same));
    }
    if is_asked_for("between") {
        outcome.add("Morango between our commits", between::check(&morango));
    }
    if is_asked_for("legs") {
        legs::each(&morango, &mut |name, same| outcome.add(name, same));
    }
    let Outcome { compared, different } = outcome;
    println!("compared {compared} databases, {different} of them came out different");
    if compared > 0 && different == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The counts of comparisons.
#[derive(Default)]
struct Outcome {
    compared: usize,
    different: usize,
}

impl Outcome {
    fn add(&mut self, name: &str, same: Result<(), String>) {
        self.compared += 1;
        if let Err(report) = same {
            self.different += 1;
            eprintln!("DIFFERENT {name}\n{report}");
        }
    }
}

/// Serialises two copies of a database and compares them. Then Morango serialises this library's copy, and must change only
/// counters.
fn compare(morango: &Morango, case: &Case) -> Result<(), String> {
    let (morangos, ours) = (case.database.copy(), case.database.copy());
    let filters: Vec<&str> = case.filters.iter().map(String::as_str).collect();
    let seconds = morango.serialize(morangos.path(), &filters);
    let outcome = program::serialize(ours.path(), &filters);
    let our_seconds = outcome["seconds"].as_f64().unwrap();
    println!(
        "{}: {} records, Morango {seconds:.2} s, ours {our_seconds:.2} s",
        case.name, outcome["records"]
    );
    let unexpected: Vec<_> = differences(morangos.path(), ours.path())
        .into_iter()
        .filter(|difference| !is_a_moved_record(difference, ours.path()))
        .collect();
    none(&unexpected)?;

    let before = ours.copy();
    morango.serialize(ours.path(), &filters);
    let changed: Vec<_> = differences(before.path(), ours.path())
        .into_iter()
        .filter(|difference| {
            !["morango_instanceidmodel.counter", "morango_databasemaxcounter.counter"]
                .contains(&difference.place().as_str())
        })
        .collect();
    none(&changed)
        .map_err(|report| format!("Morango's own run after ours changed more than its counters:\n{report}"))
}

fn none(differences: &[Difference]) -> Result<(), String> {
    if differences.is_empty() {
        return Ok(());
    }
    let shown: String = differences.iter().take(10).map(ToString::to_string).collect();
    Err(format!("{} differences:\n{shown}", differences.len()))
}
