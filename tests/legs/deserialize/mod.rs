//! The cases of deserialise, on a copy of `legs-base-30`: a state, the call, and the rows that the real Morango changed.

mod bench;
mod cascade;
mod changes;
mod expected;
mod judge;
mod pairs;
mod record;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;
use syncline::sqlite::deserialize::{DeserializeOptions, in_transaction};
use syncline_kolibri::models::FacilityData;
use tempfile::TempDir;

use crate::cases::lines;
use bench::{Bench, Made, Trial};
use expected::Expected;
use judge::{Verdict, judge};

/// 2026-06-01 12:00:00 UTC in microseconds: the time at which Morango ran all cases.
const NOW: i64 = 1_780_315_200_000_000;

/// The counts of a file of cases.
#[derive(Default)]
struct Counts {
    equal: usize,
    by_class: usize,
    different: usize,
    /// Different cases in the list of those that are not equal yet.
    known: usize,
    /// Cases with an error that is ours.
    refused: usize,
}

/// Replays every `step`th case of deserialise in `folder` whose kind is asked for, and prints how many are equal. Returns how many are different.
pub(crate) fn replay_all(folder: &Path, step: usize, is_asked_for: &dyn Fn(&str) -> bool) -> usize {
    let Some((_unpacked, base)) = unpack(&folder.join("legs-base-30.sqlite3.xz")) else { return 0 };
    let adjusted: HashMap<String, Value> = lines(&folder.join("legs-deserialize-adjusted.jsonl.xz"))
        .into_iter()
        .map(|case| (case["name"].as_str().unwrap().to_owned(), case))
        .collect();
    let known = known(folder);
    let mut bench = Bench::open(&base);
    let mut different = 0;
    for kind in ["fields", "relations"].into_iter().filter(|kind| is_asked_for(kind)) {
        let mut counts = Counts::default();
        for case in lines(&folder.join(format!("legs-deserialize-{kind}.jsonl.xz"))).iter().step_by(step) {
            let name = case["name"].as_str().unwrap();
            let (refused, verdict) = replay(&mut bench, case, adjusted.get(name));
            counts.refused += usize::from(refused);
            match verdict {
                Verdict::Equal => counts.equal += 1,
                Verdict::EqualByClass => counts.by_class += 1,
                Verdict::Different(_) if known.contains(name) => counts.known += 1,
                Verdict::Different(how) => {
                    counts.different += 1;
                    if counts.different <= shown() {
                        println!("{name}:\n{how}");
                    }
                }
            }
        }
        println!(
            "deserialize, {kind}: {} cases equal to the letter, {} but for a text that matches by class, {} different, {} \
             listed as not equal yet; in {} a record that Morango saves or fails on is an error",
            counts.equal, counts.by_class, counts.different, counts.known, counts.refused
        );
        assert!(counts.equal > 0, "no case of deserialize-{kind} in {}", folder.display());
        different += counts.different;
    }
    if is_asked_for("deserialize") {
        different + pairs::replay_all(folder, &adjusted, &known)
    } else {
        different
    }
}

/// The number of different cases that are printed.
fn shown() -> usize {
    std::env::var("SYNCLINE_SHOWN").ok().and_then(|number| number.parse().ok()).unwrap_or(5)
}

/// Tries a case and rolls it back. The first value is `true` if a record is refused that Morango saves or fails on.
fn replay(bench: &mut Bench, case: &Value, adjusted: Option<&Value>) -> (bool, Verdict) {
    let mut trial = bench.begin();
    let made = trial.make(case);
    let ids: Vec<String> = case
        .get("store")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(id, _)| id.clone())
        .collect();
    let expected = Expected::of(case, adjusted, &ids, &trial, &made);
    (!expected.refused.is_empty(), run(&mut trial, case, &made, expected))
}

/// Makes the call of the case, and compares what it changes.
fn run(trial: &mut Trial<'_>, case: &Value, made: &Made, expected: Expected) -> Verdict {
    let mut options = DeserializeOptions::default();
    for prefix in case.get("filter").and_then(Value::as_array).into_iter().flatten() {
        options.filter.add(prefix.as_str().unwrap());
    }
    options.skip_erroring = case["skip_erroring"] == true;
    options.now = Some(NOW);
    options.schema_is_checked = true;
    // Morango writes over rows of the app that are not in the store yet. A sync serialises them before.
    options.overwrites_unsaved = true;
    match in_transaction::<FacilityData>(&mut trial.transaction, &options) {
        Ok(_) => judge(expected, trial.changes(made)),
        Err(error) => Verdict::Different(format!("  the run failed: {error:?}")),
    }
}

/// The names of the cases that are not equal yet.
fn known(folder: &Path) -> HashSet<String> {
    let text = fs::read_to_string(folder.join("legs-deserialize-not-equal.txt")).unwrap_or_default();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

fn unpack(path: &Path) -> Option<(TempDir, std::path::PathBuf)> {
    let mut bytes = Vec::new();
    lzma_rust2::XzReader::new(fs::File::open(path).ok()?, true).read_to_end(&mut bytes).unwrap();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("base.sqlite3");
    fs::write(&file, bytes).unwrap();
    Some((folder, file))
}
