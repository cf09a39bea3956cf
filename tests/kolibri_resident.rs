//! The peak memory of the program, measured from outside.
//!
//! A build with optimisations is measured on the records of a school of 5,000 users as well. Linux only, which counts memory in
//! KiB.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "kolibri/fixtures.rs"]
mod fixtures;
#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "kolibri/program.rs"]
mod program;

use fixtures::Scratch;
use nix::sys::resource::{UsageWho, getrusage};

/// The limit for any number of records: 24 MiB. The pages of the program count as well, and code that is not optimized has three
/// times as many.
const LIMIT_BYTES: i64 = if cfg!(debug_assertions) { 32 << 20 } else { 24 << 20 };

/// The numbers of records of 500 and of 5,000 users.
const ROWS: [u32; 2] = [28_090, 275_174];

/// Makes a database with `rows` records, all dirty.
fn database(rows: u32) -> Scratch {
    let database = Scratch::of("kolibri-30");
    let columns: Vec<String> =
        database.all("SELECT name FROM pragma_table_info('logger_attemptlog') WHERE name <> 'id'");
    let columns = columns.join(", ");
    database.execute(&format!(
        "PRAGMA journal_mode = delete; PRAGMA synchronous = off; BEGIN;
         CREATE TEMP TABLE sample AS SELECT row_number() OVER () AS at, * FROM logger_attemptlog;
         WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {rows} - 1695)
         INSERT INTO logger_attemptlog (id, {columns})
             SELECT lower(hex(randomblob(16))), {columns} FROM counted JOIN sample ON at = 1 + n % 600;
         COMMIT; PRAGMA journal_mode = wal;"
    ));
    database
}

/// The largest resident set of the child processes so far, in bytes. It includes the time between fork and exec, so it is never too
/// small.
fn largest_child_bytes() -> i64 {
    let largest = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    // Apple's systems count bytes, others KiB.
    if cfg!(target_vendor = "apple") { largest } else { largest * 1024 }
}

#[test]
fn the_resident_set_stays_within_24_mib() {
    let test = "memory of the program on 275174 records";
    let sizes = if cfg!(debug_assertions) {
        skipped::skip(test, "run it with --release, as .ci/run does");
        &ROWS[..1]
    } else {
        skipped::ran(test);
        &ROWS[..]
    };
    for rows in sizes {
        let database = database(*rows);
        let outcome = program::serialize(database.path(), &[]);
        assert_eq!(outcome["created"], *rows);
        let largest = largest_child_bytes();
        println!(
            "{rows} records: {largest} bytes resident at most, {} by its own account",
            outcome["peak_rss_bytes"]
        );
        assert!(largest <= LIMIT_BYTES, "{rows} records: {largest} bytes");
    }
}
