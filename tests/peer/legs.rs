//! Queue and dequeue beside Morango, on cases that the script makes new: small ones, and databases of three devices that went their
//! own ways.

use std::fs;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use crate::cases::{Case, Outcome};
use crate::fixtures::Scratch;
use crate::morango::Morango;
use crate::{pairs, small};

/// The number of small cases of each kind.
const SMALL: usize = 150;

/// Replays new cases of each kind, if the script can make them.
pub(crate) fn each(morango: &Morango, visit: &mut impl FnMut(&str, Result<(), String>)) {
    if !morango.makes_legs {
        return;
    }
    let base =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/legs/legs-base-30.sqlite3.xz");
    let base = Scratch::unpack(&base);
    for (kind, seed) in [("fsic", 61), ("queue", 62), ("dequeue", 63)] {
        let cases = small_cases(morango, base.path(), kind, seed);
        let (mut different, mut not_judged) = (Vec::new(), 0);
        for case in &cases {
            match small::replay(case) {
                Outcome::Different(how) => different.push(format!("{}: {how}", case.name())),
                Outcome::NotJudged => not_judged += 1,
                Outcome::Equal => {}
            }
        }
        let count = cases.len();
        println!("{count} small cases of {kind}, {} different, {not_judged} not judged", different.len());
        if not_judged * 10 > count {
            different.push(format!("{not_judged} of {count} cases are not judged"));
        }
        visit(&format!("small cases of {kind}"), none(&different));
    }
    for seed in [71, 72] {
        let folder = TempDir::new().unwrap();
        morango.legs("mixed", base.path(), &[&seed.to_string(), folder.path().to_str().unwrap()]);
        let mut pairs: Vec<_> =
            folder.path().read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        pairs.sort();
        for pair in pairs {
            let name = pair.file_name().unwrap().to_string_lossy().into_owned();
            if !name.starts_with("queue-") && !name.starts_with("dequeue-") {
                continue;
            }
            let outcome = replay(morango, &pair);
            println!("{name}, seed {seed}");
            visit(&format!("{name}, seed {seed}"), outcome);
        }
    }
}

fn none(different: &[String]) -> Result<(), String> {
    if different.is_empty() { Ok(()) } else { Err(different.join("\n")) }
}

/// New small cases, with Morango's outcome for those that a rule changes (`tests/legs/adjust.py`).
fn small_cases(morango: &Morango, base: &Path, kind: &str, seed: u32) -> Vec<Case> {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let lines = morango.legs("small", base, &["make", kind, &seed.to_string(), &SMALL.to_string()]);
    fs::write(path("cases"), lines.join("\n") + "\n").unwrap();
    adjust(&[&path("cases"), &path("ask")]);
    let answers = morango.legs("small", base, &["check", &path("ask")]);
    fs::write(
        path("answers"),
        answers.join(
            "
",
        ) + "
",
    )
    .unwrap();
    adjust(&[&path("cases"), "--answers", &path("answers"), &path("adjusted")]);
    Case::pair(&lines.join("\n"), &fs::read_to_string(path("adjusted")).unwrap())
}

fn adjust(arguments: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/legs/adjust.py");
    let output = Command::new("python3").arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Runs a case of databases with Morango and with this library. Morango is given the buffers of the session only (Q8), and the
/// counter that a peer has seen (Q26).
fn replay(morango: &Morango, folder: &Path) -> Result<(), String> {
    let case: Value = serde_json::from_str(&fs::read_to_string(folder.join("case.json")).unwrap()).unwrap();
    let session = case["session"].as_str().unwrap();
    let alone = folder.join("alone");
    fs::create_dir(&alone).unwrap();
    fs::copy(folder.join("case.json"), alone.join("case.json")).unwrap();
    fs::copy(folder.join("in.sqlite3"), alone.join("in.sqlite3")).unwrap();
    let changes = if case["verb"] == "dequeue" { leave_alone(&alone.join("in.sqlite3"), session) } else { 0 };
    let expected = folder.join("out.sqlite3");
    morango.case(&alone, &expected);
    match pairs::replay(folder, (changes > 0).then_some(&*expected)) {
        Outcome::Different(how) => Err(how),
        Outcome::Equal | Outcome::NotJudged => Ok(()),
    }
}

/// Deletes the buffers of other sessions, and raises the instance's counter to what the session's buffers name. Returns the number of
/// rows.
fn leave_alone(database: &Path, session: &str) -> usize {
    let connection = Connection::open(database).unwrap();
    let deleted = |table: &str| {
        connection
            .execute(&format!("DELETE FROM {table} WHERE transfer_session_id <> ?1"), [session])
            .unwrap()
    };
    let deleted = deleted("morango_buffer") + deleted("morango_recordmaxcounterbuffer");
    let raised = connection
        .execute(
            "UPDATE morango_instanceidmodel SET counter = named.counter FROM ( \
             SELECT max(counter) AS counter FROM ( \
             SELECT last_saved_counter AS counter, last_saved_instance AS instance FROM morango_buffer \
             UNION ALL SELECT counter, instance_id FROM morango_recordmaxcounterbuffer) \
             WHERE instance = (SELECT id FROM morango_instanceidmodel WHERE current)) AS named \
             WHERE current AND morango_instanceidmodel.counter < named.counter",
            [],
        )
        .unwrap();
    deleted + raised
}
