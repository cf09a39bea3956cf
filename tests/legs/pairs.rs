//! The pairs of databases in `legs-*-30.tar.xz`: a folder each, with the database before and after, and the call.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;
use syncline::sqlite::Database;
use syncline::sqlite::transfer::{Format, dequeue, queue, read_session};
use syncline_kolibri::models::FacilityData;
use tempfile::TempDir;

use crate::cases::Outcome;
use crate::compare::{Difference, differences};

/// The profile of Kolibri.
const PROFILE: &str = "facilitydata";

/// The folders in the archive of `kind`, unpacked, and the folder that is removed at the end.
pub(crate) fn unpack(folder: &Path, kind: &str) -> Option<TempDir> {
    let file = fs::File::open(folder.join(format!("legs-{kind}-30.tar.xz"))).ok()?;
    let mut bytes = Vec::new();
    lzma_rust2::XzReader::new(file, true).read_to_end(&mut bytes).unwrap();
    let unpacked = TempDir::new().unwrap();
    tar::Archive::new(&*bytes).unpack(unpacked.path()).unwrap();
    Some(unpacked)
}

/// Morango's database for the pair `name` as a rule changes it, unpacked beside the pairs, if there is one in `folder`.
pub(crate) fn adjusted(folder: &Path, unpacked: &Path, name: &str) -> Option<PathBuf> {
    let file = fs::File::open(folder.join(format!("legs-{name}-adjusted.sqlite3.xz"))).ok()?;
    let mut bytes = Vec::new();
    lzma_rust2::XzReader::new(file, true).read_to_end(&mut bytes).unwrap();
    let path = unpacked.join(name).join("adjusted.sqlite3");
    fs::write(&path, bytes).unwrap();
    Some(path)
}

/// Runs the call of the pair in `folder` on its first database, and compares with the second. `adjusted` is Morango's database for
/// the pair as a rule changes it.
pub(crate) fn replay(folder: &Path, adjusted: Option<&Path>) -> Outcome {
    let case: Value = serde_json::from_str(&fs::read_to_string(folder.join("case.json")).unwrap()).unwrap();
    let (ours, expected) = (folder.join("in.sqlite3"), folder.join("out.sqlite3"));
    let before = folder.join("before.sqlite3");
    fs::copy(&ours, &before).unwrap();
    let mut database = Database::open_existing(&ours).unwrap();
    let connection = database.connection_mut();
    let format = if case["fsic"] == "v1" { Format::ByInstance } else { Format::ByPartition };
    let session =
        read_session(connection, case["session"].as_str().unwrap().parse().unwrap(), format).unwrap();
    match case["verb"].as_str().unwrap() {
        "queue" => {
            queue(connection, PROFILE, &session).unwrap();
        }
        "dequeue" => {
            dequeue::<FacilityData>(connection, &session).unwrap();
        }
        other => unreachable!("no verb {other}"),
    }
    drop(database);
    let expected = adjusted.unwrap_or(&expected);
    let different: Vec<_> = differences(expected, &ours)
        .into_iter()
        .filter(|difference| !is_never_lowered(difference, &before, case["verb"] == "dequeue"))
        .filter(|difference| !is_an_empty_text(difference))
        .filter(|difference| !is_of_another_session(difference, adjusted, session.id.as_str()))
        .collect();
    if different.is_empty() {
        return Outcome::Equal;
    }
    let shown: String = different.iter().take(8).map(ToString::to_string).collect();
    Outcome::Different(format!("{} differences:\n{shown}", different.len()))
}

/// Returns `true` for a counter that Morango lowers: ours is the one before (Q2, Q13).
fn is_never_lowered(difference: &Difference, before: &Path, is_dequeue: bool) -> bool {
    let (table, first, second) = match difference.place().as_str() {
        "morango_databasemaxcounter.counter" => ("morango_databasemaxcounter", "instance_id", "partition"),
        "morango_recordmaxcounter.counter" => ("morango_recordmaxcounter", "store_model_id", "instance_id"),
        _ => return false,
    };
    let Some((key, other)) = difference.record.split_once('/').filter(|_| is_dequeue) else { return false };
    let counter: Option<i64> = Connection::open(before)
        .unwrap()
        .query_row(
            &format!(
                "SELECT counter FROM {table} WHERE ?1 IN ({first}, {second}) AND ?2 IN ({first}, {second})"
            ),
            [key, other],
            |row| row.get(0),
        )
        .ok();
    let number = |shown: &str| shown.strip_prefix("Integer(")?.strip_suffix(')')?.parse::<i64>().ok();
    let lowered = number(&difference.expected).zip(counter);
    lowered.is_some_and(|(expected, before)| expected < before && number(&difference.found) == Some(before))
}

/// Returns `true` for the text of a hard deleted record that was in conflict: Morango writes none, ours is `{}` (Q4).
fn is_an_empty_text(difference: &Difference) -> bool {
    difference.place() == "morango_store.serialized"
        && (&*difference.expected, &*difference.found) == (r#"Text("")"#, r#"Text("{}")"#)
}

/// Returns `true` for buffers that Morango was not given: those of other sessions, which stay (Q8).
fn is_of_another_session(difference: &Difference, adjusted: Option<&Path>, session: &str) -> bool {
    adjusted.is_some()
        && ["morango_buffer", "morango_recordmaxcounterbuffer"].contains(&&*difference.table)
        && difference.expected == "none"
        && !difference.record.contains(session)
}
