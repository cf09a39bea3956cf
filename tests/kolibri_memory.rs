//! Memory does not grow with the number of records.
//!
//! The allocator counts live allocations of the whole process, so its tests take turns. It does not see SQLite's memory, which is
//! bounded by the page cache; `kolibri_resident.rs` measures the process from outside.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "kolibri/fixtures.rs"]
mod fixtures;

use std::sync::Mutex;

use fixtures::Scratch;
use peak_alloc::PeakAlloc;
use syncline::policy::skip;
use syncline::sqlite::Serialize;
use syncline::{Database, size};
use syncline_kolibri::models::FacilityData;

/// The lock that makes the tests take turns.
static TURN: Mutex<()> = Mutex::new(());

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// Makes a clean database with `rows` records of one size and no others.
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

/// Serialises. Returns the number of records and the peak of additional allocations in bytes.
fn peak(database: &Scratch) -> (u64, usize) {
    peak_of(database, |run| run)
}

/// Like [`peak`], with other settings.
fn peak_of(
    database: &Scratch,
    set: impl FnOnce(Serialize<'_, FacilityData>) -> Serialize<'_, FacilityData>,
) -> (u64, usize) {
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let mut open = Database::open_existing(database.path()).unwrap();
    let serialized = set(open.serialize::<FacilityData>()).run().unwrap();
    (serialized.records() + serialized.deleted, ALLOCATED.peak_usage() - before)
}

/// Returns `true` if no peak is more than 8 KiB above another. The thread that syncs the log allocates a little at times of its
/// own; a byte for each of 100,000 records would be ten times as much.
fn are_equal(peaks: &[usize]) -> bool {
    let (least, most) = (peaks.iter().min(), peaks.iter().max());
    least.zip(most).is_some_and(|(least, most)| most - least <= 8 * 1024)
}

/// The peaks of runs over 1, 500, 501 and 100,000 records after `change`.
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
        assert!(are_equal(&peaks[1..]), "{what}: {peaks:?}");
    }
}

#[test]
fn reading_ahead_takes_a_fixed_number_of_records_more() {
    let _turn = TURN.lock();
    let peaks = [10_000, 100_000].map(|rows| {
        let database = database(rows);
        let change = "UPDATE logger_usersessionlog SET _morango_dirty_bit = 1";
        database.execute(change);
        let (_, one_thread) = peak(&database.copy());
        // The number of chunks between the threads differs from run to run, so the largest of three runs counts.
        let two_threads = (0..3).map(|_| {
            let (done, peak) = peak_of(&database.copy(), |run| run.read_ahead(true));
            assert_eq!(done, u64::from(rows));
            peak
        });
        (one_thread, two_threads.max().unwrap())
    });
    println!("10,000 and 100,000 records, on one thread and on two: at most {peaks:?} bytes at once");
    for (one_thread, two_threads) in peaks {
        // Six batches of 100 wait and each thread has one. A record of these takes less than 1.5 KiB.
        assert!(two_threads <= one_thread + 8 * 100 * 3 * 512, "{peaks:?}");
    }
}

#[test]
fn the_peak_is_the_same_for_ten_commits_and_for_a_hundred() {
    let _turn = TURN.lock();
    let databases = [10_000, 100_000].map(|rows| (rows, database(rows)));
    for change in [
        "UPDATE logger_usersessionlog SET _morango_dirty_bit = 1",
        "UPDATE logger_usersessionlog SET _morango_dirty_bit = 1",
        "INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM logger_usersessionlog;
         DELETE FROM logger_usersessionlog",
    ] {
        let peaks: Vec<_> = databases
            .iter()
            .map(|(rows, database)| {
                database.execute(change);
                let (done, peak) = peak_of(database, |run| run.commit_every(size(2)));
                assert_eq!(done, u64::from(*rows));
                peak
            })
            .collect();
        println!("{change}, 10 and 100 commits: at most {peaks:?} bytes at once");
        assert!(are_equal(&peaks), "{change}: {peaks:?}");
    }
}

#[test]
fn the_peak_is_the_same_however_many_records_are_left_out() {
    let _turn = TURN.lock();
    let peaks: Vec<_> = [10_000, 100_000]
        .into_iter()
        .map(|rows| {
            let database = database(rows);
            database.execute(
                "UPDATE logger_usersessionlog SET _morango_dirty_bit = 1;
                 UPDATE logger_usersessionlog SET start_timestamp = 'soon' WHERE rowid % 2",
            );
            let (done, peak) = peak_of(&database, |run| run.on_invalid(skip(u64::MAX)));
            assert_eq!(done, u64::from(rows) / 2);
            peak
        })
        .collect();
    println!("half of 10,000 and of 100,000 records left out: at most {peaks:?} bytes at once");
    assert!(are_equal(&peaks), "{peaks:?}");
}
