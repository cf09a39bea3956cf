//! The pairs of databases of deserialise. `legs-deserialize-adjusted.jsonl.xz` has the rows that Morango changes in each.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use serde_json::Value;
use syncline::sqlite::Database;
use syncline_kolibri::models::FacilityData;

use super::bench::{Bench, Made};
use super::expected::Expected;
use super::judge::Verdict;
use super::run;
use crate::pairs::unpack;

/// Replays each pair in `folder`, and prints how many are equal. Returns how many are different.
pub(super) fn replay_all(folder: &Path, adjusted: &HashMap<String, Value>, known: &HashSet<String>) -> usize {
    let Some(unpacked) = unpack(folder, "deserialize") else { return 0 };
    let (mut equal, mut different, mut not_equal) = (0, 0, 0);
    for pair in unpacked.path().read_dir().unwrap() {
        let pair = pair.unwrap();
        let name = pair.file_name().to_string_lossy().into_owned();
        match replay(&pair.path(), &adjusted[&name]) {
            Verdict::Equal | Verdict::EqualByClass => equal += 1,
            Verdict::Different(_) if known.contains(&name) => not_equal += 1,
            Verdict::Different(how) => {
                different += 1;
                println!("{name}:\n{how}");
            }
        }
    }
    println!(
        "deserialize: {equal} pairs of databases equal, {different} different, {not_equal} listed as not equal yet"
    );
    different
}

fn replay(folder: &Path, adjusted: &Value) -> Verdict {
    let read = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    let mut case = read("case.json");
    case["error"] = read("result.json")["aborted"].take();
    let path = folder.join("in.sqlite3");
    if case["serialize_first"] == true {
        let mut database = Database::open_existing(&path).unwrap();
        let mut serialize = database.serialize::<FacilityData>();
        for prefix in case["filter"].as_array().into_iter().flatten() {
            serialize = serialize.filter(prefix.as_str().unwrap());
        }
        serialize.run().unwrap();
    }
    let mut bench = Bench::open(&path);
    let mut trial = bench.begin();
    let made = Made::default();
    let ids = trial.dirty();
    let expected = Expected::of(&case, Some(adjusted), &ids, &trial, &made);
    run(&mut trial, &case, &made, expected)
}
