//! The real Morango on one copy of a database, ours on another: they must come out the same. And Morango between the
//! commits of a run of ours: nobody must lose a record by it.
//!
//! Morango is driven by a script, named by `SYNCLINE_PEER`; without that variable nothing is compared, and this says
//! so. `tests/peer/morango` is such a script. One that can also make databases (`new DB USERS SEED`) and change them
//! through Kolibri's own models (`change HOW DB`) has more of them compared.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without makes it fail")]
#![allow(clippy::print_stdout, reason = "it is a program, and says what it compared")]
#![allow(clippy::format_push_string, clippy::format_collect, reason = "the SQL of a test is short")]

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
#[path = "../kolibri/program.rs"]
mod program;

mod between;
mod databases;
mod filled;
mod forgotten;
mod morango;

use std::process::ExitCode;

use compare::{Difference, differences};
use databases::Case;
use fixtures::Scratch;
use morango::Morango;

fn main() -> ExitCode {
    let Some(morango) = Morango::find() else {
        eprintln!(
            "SKIPPED: nothing was compared with the real Morango; SYNCLINE_PEER names no script that runs it."
        );
        eprintln!("         Try SYNCLINE_PEER=tests/peer/morango (it needs Python 3.9 to 3.11 and PyPI).");
        return ExitCode::SUCCESS;
    };
    let mut compared = 1;
    let mut wrong = 0;
    let filled = filled::by_the_helpers();
    let case = Case { name: "filled by the helpers".to_owned(), database: filled, filters: Vec::new() };
    if let Err(report) = morango.identities(case.database.path()).and_then(|()| compare(&morango, &case)) {
        wrong += 1;
        eprintln!("DIFFERENT {}\n{report}", case.name);
    }
    forgotten::each(&morango, &mut |name, forgotten| {
        compared += 1;
        if let Err(report) = forgotten.and_then(|case| compare(&morango, &case)) {
            wrong += 1;
            eprintln!("DIFFERENT {name}\n{report}");
        }
    });
    databases::each(&morango, &mut |case| {
        compared += 1;
        let found = compare(&morango, case);
        if let Err(report) = found {
            wrong += 1;
            eprintln!("DIFFERENT {}\n{report}", case.name);
        }
    });
    if let Err(report) = between::check(&morango) {
        wrong += 1;
        eprintln!("LOST: {report}");
    }
    println!("compared {compared} databases, {wrong} of them came out different");
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Serialises two copies of a database, compares them, and lets Morango run once more on ours.
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
        .filter(|difference| !is_a_moved_record(difference, &ours))
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

/// Morango 0.8 leaves the old parent of a record that was moved in `_self_ref_fk`. Ours is as the record has it.
fn is_a_moved_record(difference: &Difference, ours: &Scratch) -> bool {
    difference.place() == "morango_store._self_ref_fk" && {
        let id = &difference.record;
        let sql =
            |column: &str, table: &str| format!("SELECT ifnull({column}, '') FROM {table} WHERE id = '{id}'");
        let parent: String = ours.one(&sql("parent_id", "kolibriauth_collection"));
        let stored: String = ours.one(&sql("_self_ref_fk", "morango_store"));
        stored == parent
    }
}
