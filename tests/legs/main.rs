//! Replay of the legs between app tables, store and buffers, on cases that the real Morango has run.
//!
//! The cases are files in the folder that `SYNCLINE_CASES` names, or else in `tests/fixtures/legs`. `legs-*-cases.jsonl.xz` has a
//! case a line: the rows of the sync tables, the call, and the tables afterwards. `legs-*-adjusted.jsonl.xz` has Morango's outcome
//! for the cases that a rule of `docs/morango.md` changes before they are compared (`adjust.py` makes it); without it such a case
//! is counted as not judged.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
#![allow(clippy::print_stdout, reason = "it is a program, and says what it replayed")]

#[allow(dead_code, reason = "each test binary uses its part")]
mod cases;
#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "../kolibri/compare.rs"]
mod compare;
mod deserialize;
#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "../kolibri/fixtures.rs"]
mod fixtures;
mod pairs;
mod small;
mod tables;

use std::process::ExitCode;

use cases::Outcome;

fn main() -> ExitCode {
    let folder = cases::folder();
    println!("cases of {}", folder.display());
    // An argument selects a kind.
    let part = std::env::args().nth(1);
    let is_asked_for = |kind: &str| part.as_ref().is_none_or(|part| part == kind);
    let mut failed = 0;
    for kind in ["fsic", "queue", "dequeue"].into_iter().filter(|kind| is_asked_for(kind)) {
        let (mut equal, mut different, mut not_judged) = (0, 0, 0);
        for case in cases::read(&folder, kind) {
            match small::replay(&case) {
                Outcome::Equal => equal += 1,
                Outcome::NotJudged => not_judged += 1,
                Outcome::Different(how) => {
                    different += 1;
                    if different <= 5 {
                        println!("{}: {how}", case.name());
                    }
                }
            }
        }
        println!("{kind}: {equal} cases equal, {different} different, {not_judged} not judged");
        failed += different;
        assert!(equal > 0, "no case of {kind} in {}", folder.display());
    }
    for kind in ["queue", "dequeue"].into_iter().filter(|kind| is_asked_for(kind)) {
        let Some(unpacked) = pairs::unpack(&folder, kind) else { continue };
        let (mut equal, mut different) = (0, 0);
        for pair in unpacked.path().read_dir().unwrap() {
            let pair = pair.unwrap();
            let name = pair.file_name().to_string_lossy().into_owned();
            let adjusted = pairs::adjusted(&folder, unpacked.path(), &name);
            match pairs::replay(&pair.path(), adjusted.as_deref()) {
                Outcome::Different(how) => {
                    different += 1;
                    println!("{name}: {how}");
                }
                Outcome::Equal | Outcome::NotJudged => equal += 1,
            }
        }
        println!("{kind}: {equal} pairs of databases equal, {different} different");
        failed += different;
    }
    // All cases of deserialise take a minute, so a sample is tried unless a folder is named.
    let step = if std::env::var_os("SYNCLINE_CASES").is_some() { 1 } else { 29 };
    failed += deserialize::replay_all(&folder, step, &is_asked_for);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
