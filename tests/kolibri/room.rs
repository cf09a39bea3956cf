//! The estimate of the disk space of a run, against the space that it takes.

use std::fs;

use syncline::sqlite::Estimate;
use syncline::{Database, size};
use syncline_kolibri::models::FacilityData;

use crate::fixtures::Scratch;
use crate::grown::grown;

/// Serialises, and returns the estimate, the growth of the file and the size of the log in bytes.
fn estimated_and_taken(database: &Scratch, commit_every: Option<usize>) -> (Estimate, u64, u64) {
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    let length = |name: &str| fs::metadata(database.folder().join(name)).map_or(0, |metadata| metadata.len());
    let before = length("db.sqlite3");
    let mut open = Database::open_existing(database.path()).unwrap();
    let mut estimated = Estimate::default();
    let mut log = 0;
    let mut run = open
        .serialize::<FacilityData>()
        .on_estimate(|estimate| estimated = estimate)
        .on_commit(|_| log = log.max(length("db.sqlite3-wal")));
    if let Some(chunks) = commit_every {
        run = run.commit_every(size(chunks));
    }
    run.run().unwrap();
    open.close().unwrap();
    (estimated, length("db.sqlite3") - before, log)
}

#[test]
fn the_estimate_is_enough_and_not_far_too_much() {
    for (what, change) in [
        ("first run", "SELECT 1"),
        ("all of it changed", "UPDATE logger_attemptlog SET _morango_dirty_bit = 1"),
        ("some of it changed", "UPDATE logger_attemptlog SET _morango_dirty_bit = rowid % 10 = 0"),
    ] {
        let database = grown("kolibri-30", 30);
        if what != "first run" {
            Database::open_existing(database.path()).unwrap().serialize::<FacilityData>().run().unwrap();
            database.execute(change);
        }
        for commit_every in [Some(4), None] {
            let database = database.copy();
            let (estimate, file, log) = estimated_and_taken(&database, commit_every);
            println!("{what}, {commit_every:?}: {estimate:?}, file {file}, log {log}");
            assert!(estimate.bytes() * 10 >= (file + log) * 9, "{what}: {estimate:?}, {file} and {log}");
            assert!(estimate.bytes() <= (file + log) * 4, "{what}: {estimate:?}, {file} and {log}");
        }
    }
}
