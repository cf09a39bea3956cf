//! Memory does not grow with the number of records.
//!
//! The allocator counts what is live in the whole process, so the tests in it take turns. SQLite's own memory is not
//! Rust's: what it may keep is bounded by its page cache; `kolibri_resident.rs` looks at the process from outside.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without makes it fail")]

#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "kolibri/fixtures.rs"]
mod fixtures;

use std::sync::Mutex;

use fixtures::Scratch;
use peak_alloc::PeakAlloc;
use syncline::Database;
use syncline_kolibri::models::FacilityData;

/// Held by the test whose turn it is.
static TURN: Mutex<()> = Mutex::new(());

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// A clean database with `rows` records of one size, and none else.
fn database(rows: u32) -> Scratch {
    let database = Scratch::of("kolibri-30-serialized");
    let tables: Vec<String> = database.all(
        "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND c.name = '_morango_dirty_bit' AND m.name <> 'logger_usersessionlog'",
    );
    let empty: Vec<_> = tables.iter().map(|table| format!("DELETE FROM {table};")).collect();
    let empty = empty.concat();
    database.execute(&format!(
        "PRAGMA journal_mode = delete; PRAGMA synchronous = off; BEGIN; {empty}
         DELETE FROM morango_store; DELETE FROM morango_recordmaxcounter;
         DELETE FROM logger_usersessionlog WHERE id <> (SELECT min(id) FROM logger_usersessionlog);
         WITH RECURSIVE counted(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM counted WHERE n < {rows})
         INSERT INTO logger_usersessionlog
             (id, _morango_dirty_bit, _morango_source_id, _morango_partition, channels, start_timestamp,
              last_interaction_timestamp, pages, device_info, dataset_id, user_id)
             SELECT printf('%08x', n * 2654435761 % 4294967296) || substr(id, 9), 0, _morango_source_id,
                    _morango_partition, channels, start_timestamp, last_interaction_timestamp, pages, device_info,
                    dataset_id, user_id
             FROM counted, logger_usersessionlog WHERE n <= {rows};
         COMMIT; PRAGMA journal_mode = wal;"
    ));
    assert_eq!(database.one::<u32>("SELECT count(*) FROM logger_usersessionlog"), rows);
    database
}

/// Serialises, and returns how many records it wrote and how much more than before was allocated at most, in bytes.
fn peak(database: &Scratch) -> (u64, usize) {
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let mut open = Database::open_existing(database.path()).unwrap();
    let serialized = open.serialize::<FacilityData>().run().unwrap();
    (serialized.records() + serialized.deleted, ALLOCATED.peak_usage() - before)
}

/// The peaks of a run over 1, 500, 501 and 100,000 records that `change` has touched.
fn peaks(databases: &[(u32, Scratch)], change: &str) -> Vec<usize> {
    databases
        .iter()
        .map(|(rows, database)| {
            database.execute(change);
            let (done, peak) = peak(database);
            assert_eq!(done, u64::from(*rows));
            peak
        })
        .collect()
}

#[test]
fn the_peak_is_the_same_for_500_records_and_for_100_000() {
    let _turn = TURN.lock();
    let databases = [1, 500, 501, 100_000].map(|rows| (rows, database(rows)));
    for (what, change) in [
        ("creating", "UPDATE logger_usersessionlog SET _morango_dirty_bit = 1"),
        ("updating", "UPDATE logger_usersessionlog SET _morango_dirty_bit = 1"),
        (
            "merging conflicts",
            "UPDATE logger_usersessionlog SET _morango_dirty_bit = 1;
                               UPDATE morango_store SET dirty_bit = 1, conflicting_serialized_data = 'old'",
        ),
        (
            "deleting",
            "INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM logger_usersessionlog;
                      DELETE FROM logger_usersessionlog",
        ),
    ] {
        let peaks = peaks(&databases, change);
        println!("{what} 1, 500, 501 and 100,000 records: at most {peaks:?} bytes at once");
        assert!(peaks[0] <= peaks[1], "{what}: {peaks:?}");
        assert_eq!(peaks[1], peaks[2], "{what}: {peaks:?}");
        assert_eq!(peaks[2], peaks[3], "{what}: {peaks:?}");
    }
}
