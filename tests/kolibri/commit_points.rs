//! Runs with several commits: each transaction is a complete small run, and other programs can write between two.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;
use syncline::sqlite::RunError;
use syncline::{Database, Serialized, size};
use syncline_kolibri::models::FacilityData;

use crate::compare::{Difference, assert_same, differences};
use crate::fixtures::Scratch;
use crate::follower::Follower;
use crate::grown::{EDITS, dirty, grown};
use crate::plans::{AccessPath, access_path};

/// Serialises, with a commit after every `chunks` chunks.
fn serialize_every(database: &Path, chunks: NonZeroUsize) -> Serialized {
    Database::open_existing(database).unwrap().serialize::<FacilityData>().commit_every(chunks).run().unwrap()
}

fn serialize_once(database: &Path) -> Serialized {
    Database::open_existing(database).unwrap().serialize::<FacilityData>().run().unwrap()
}

/// The differences between two databases, without the counters that a run takes.
pub(crate) fn differences_but_counters(expected: &Path, found: &Path) -> Vec<Difference> {
    let counters = [
        "morango_store.last_saved_counter",
        "morango_recordmaxcounter.counter",
        "morango_databasemaxcounter.counter",
        "morango_instanceidmodel.counter",
    ];
    let mut differences = differences(expected, found);
    differences.retain(|difference| !counters.contains(&&*difference.place()));
    differences
}

#[track_caller]
pub(crate) fn assert_same_but_counters(expected: &Path, found: &Path) {
    let found = differences_but_counters(expected, found);
    let shown: String = found.iter().take(10).map(ToString::to_string).collect();
    assert!(found.is_empty(), "{} differences:\n{shown}", found.len());
}

/// Asserts that the counters of a database are consistent, for the rows that its own instance saved last.
#[track_caller]
pub(crate) fn assert_counters_fit(database: &Scratch) {
    let instance: String = database.one("SELECT id FROM morango_instanceidmodel WHERE current");
    let of_records = format!(
        "SELECT count(*) FROM morango_store s WHERE last_saved_instance = '{instance}' AND NOT EXISTS
             (SELECT 1 FROM morango_recordmaxcounter r WHERE r.store_model_id = s.id
              AND r.instance_id = '{instance}' AND r.counter = s.last_saved_counter)"
    );
    assert_eq!(database.one::<i64>(&of_records), 0, "each record has the counter that it was saved with");
    let ahead = format!(
        "SELECT count(*) FROM morango_store WHERE last_saved_instance = '{instance}' AND last_saved_counter >
             (SELECT max(counter) FROM morango_databasemaxcounter WHERE instance_id = '{instance}')"
    );
    assert_eq!(database.one::<i64>(&ahead), 0, "none is ahead of the database");
}

#[test]
fn the_store_comes_out_as_from_one_commit_but_for_the_counters() {
    for fixture in ["kolibri-30", "kolibri-30-mixed"] {
        for chunks in [1, 2, 3] {
            let (once, every) = (Scratch::of(fixture), Scratch::of(fixture));
            let expected = serialize_once(once.path());
            let done = serialize_every(every.path(), size(chunks));
            assert_eq!(
                (done.created, done.updated, done.deleted, done.hard_deleted),
                (expected.created, expected.updated, expected.deleted, expected.hard_deleted)
            );
            let commits = usize::try_from(expected.records()).unwrap().div_ceil(500 * chunks).max(1);
            assert_eq!(done.commits, commits as u64, "{fixture}, {chunks} chunks");
            let counter: i64 = every.one("SELECT counter FROM morango_instanceidmodel WHERE current");
            assert_eq!(done.counter, counter);
            assert_eq!(counter - expected.counter + 1, i64::try_from(commits).unwrap());
            assert_same_but_counters(once.path(), every.path());
            assert_counters_fit(&every);
            assert_eq!(done.reports.len(), 3, "one for each kind, over all transactions");
            assert_eq!(done.reports[0].stages()[0].items_out(), Some(expected.records()));
        }
    }
}

#[test]
fn where_one_transaction_is_enough_nothing_differs() {
    for fixture in ["kolibri-30", "kolibri-30-mixed"] {
        let (once, every) = (Scratch::of(fixture), Scratch::of(fixture));
        serialize_once(once.path());
        assert_eq!(serialize_every(every.path(), size(100)).commits, 1);
        assert_same(once.path(), every.path(), &[]);
    }
}

#[test]
fn no_commit_is_empty() {
    for (rows, commits) in [(0, 1), (1, 1), (499, 1), (500, 1), (501, 2), (1000, 2), (1001, 3)] {
        // The dirty rows are few among many other rows, which makes a list, or may be many.
        for is_few in [true, false] {
            let database = grown("kolibri-30-serialized", if is_few { 20 } else { 2 });
            database.execute(&format!(
                "UPDATE logger_attemptlog SET _morango_dirty_bit = 0;
                 UPDATE logger_attemptlog SET _morango_dirty_bit = 1 WHERE rowid IN
                     (SELECT rowid FROM logger_attemptlog ORDER BY id LIMIT {rows})"
            ));
            // More than a third of the rows are many.
            let path = if is_few || rows < 1000 { AccessPath::ByRowid } else { AccessPath::ById };
            assert_eq!(access_path(&database), path, "{rows} rows, few: {is_few}");
            let done = serialize_every(database.path(), size(1));
            assert_eq!((done.records(), done.commits), (rows, commits), "{rows} rows, few: {is_few}");
        }
    }
}

#[test]
fn edits_between_two_commits_are_not_lost_and_a_follower_gets_every_record() {
    // Many dirty rows, read through the index of ids; and few, read by their rowids, which VACUUM changes.
    for (is_few, also) in [(false, ""), (true, "VACUUM;")] {
        let database = if is_few { grown("kolibri-30-serialized", 80) } else { grown("kolibri-30", 4) };
        if is_few {
            database.execute("UPDATE logger_attemptlog SET _morango_dirty_bit = rowid % 15 = 0");
        }
        let mut open = Database::open_existing(database.path()).unwrap();
        let kolibri = database.connect();
        let mut follower = Follower::default();
        let mut commits = 0;
        let serialized = open
            .serialize::<FacilityData>()
            .commit_every(size(1))
            .on_commit(|done| {
                commits += 1;
                assert_eq!(done.commits, commits);
                if commits % 3 == 1 {
                    follower.pull(&kolibri);
                }
                if commits <= 4 {
                    kolibri.execute_batch(EDITS).unwrap();
                    kolibri.execute_batch(also).unwrap();
                }
            })
            .run()
            .unwrap();
        assert!(serialized.commits > 3, "{serialized}");
        assert!(dirty(&database) > 0, "what was edited behind the place is left");
        follower.pull(&kolibri);
        let rest = serialize_every(database.path(), size(2));
        assert!(rest.records() > 0);
        follower.pull(&kolibri);
        assert_eq!(dirty(&database), 0);
        assert_counters_fit(&database);
        follower.assert_has_all_of(&kolibri);

        // The store is up to date: if every record is made dirty and serialised again, none changes.
        let before = database.copy();
        database.execute(
            "UPDATE logger_attemptlog SET _morango_dirty_bit = 1; UPDATE lessons_lesson SET _morango_dirty_bit = 1;
             UPDATE kolibriauth_facilityuser SET _morango_dirty_bit = 1;
             UPDATE logger_contentsessionlog SET _morango_dirty_bit = 1;",
        );
        serialize_once(database.path());
        let changed: Vec<_> = differences_but_counters(before.path(), database.path());
        let stale: Vec<_> = changed
            .iter()
            .filter(|difference| difference.place() == "morango_store.serialized")
            .map(ToString::to_string)
            .collect();
        assert!(stale.is_empty(), "{stale:?}");
        assert_eq!(database.all::<String>("PRAGMA integrity_check"), ["ok"]);
    }
}

#[test]
fn another_serialiser_between_two_commits_loses_nothing() {
    let database = grown("kolibri-30", 4);
    let mut open = Database::open_existing(database.path()).unwrap();
    let kolibri = database.connect();
    let mut follower = Follower::default();
    let mut others = 0;
    let serialized = open
        .serialize::<FacilityData>()
        .commit_every(size(1))
        .on_commit(|done| {
            follower.pull(&kolibri);
            if done.commits == 2 {
                others = serialize_once(database.path()).records();
                follower.pull(&kolibri);
                kolibri.execute_batch(EDITS).unwrap();
            }
        })
        .run()
        .unwrap();
    assert!(others > 0 && serialized.commits >= 3, "{others} and {serialized}");
    serialize_once(database.path());
    follower.pull(&kolibri);
    assert_eq!(dirty(&database), 0);
    assert_counters_fit(&database);
    follower.assert_has_all_of(&kolibri);
}

#[test]
fn deletions_are_committed_by_ranges_and_what_is_wiped_is_wiped_with_its_counter() {
    let database = grown("kolibri-30", 6);
    serialize_once(database.path());
    database.execute(
        "INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM logger_attemptlog;
         INSERT INTO morango_harddeletedmodels SELECT id, 'facilitydata' FROM logger_attemptlog WHERE rowid % 3 = 0;
         INSERT INTO morango_deletedmodels VALUES ('ABCDEF00000000000000000000000001', 'facilitydata'),
             ('dd000000000000000000000000000001', 'other');
         DELETE FROM logger_attemptlog;",
    );
    let (once, kolibri) = (database.copy(), database.connect());
    let expected = serialize_once(once.path());
    let mut follower = Follower::default();
    let mut open = Database::open_existing(database.path()).unwrap();
    let run = open.serialize::<FacilityData>().commit_every(size(2)).on_commit(|_| follower.pull(&kolibri));
    let done = run.run().unwrap();
    assert_eq!((done.deleted, done.hard_deleted), (expected.deleted, expected.hard_deleted));
    assert_eq!(done.commits, (expected.deleted + 1).div_ceil(1000));
    drop(open);
    assert_same_but_counters(once.path(), database.path());
    assert_eq!(database.one::<i64>("SELECT count(*) FROM morango_deletedmodels"), 2);
    follower.assert_has_all_of(&kolibri);
}

#[test]
fn a_run_that_fails_keeps_its_commits_and_the_next_one_goes_on() {
    let database = grown("kolibri-30", 10);
    let once = database.copy();
    serialize_once(once.path());
    let mut open = Database::open_existing(database.path()).unwrap();
    let pages: i64 = database.one("PRAGMA page_count");
    open.connection().pragma_update(None, "max_page_count", pages + 1200).unwrap();
    let error = open.serialize::<FacilityData>().commit_every(size(1)).run().unwrap_err();
    assert!(error.is_full() && !error.is_cancelled(), "{error}");
    let RunError::AfterCommits { done, .. } = &error else { panic!("{error}") };
    assert!(done.commits > 1, "{error}");
    assert_eq!(database.one::<u64>("SELECT count(*) FROM morango_store"), done.records());
    assert_eq!(database.one::<i64>("SELECT counter FROM morango_instanceidmodel"), done.counter);
    assert_counters_fit(&database);
    drop(open);
    let rest = serialize_every(database.path(), size(1));
    assert_eq!(rest.records() + done.records(), serialize_once(grown("kolibri-30", 10).path()).records());
    assert_same_but_counters(once.path(), database.path());
}

#[test]
fn odd_ids_are_found_again_behind_a_commit() {
    let database = grown("kolibri-30", 3);
    database.execute(
        "UPDATE logger_attemptlog SET id = upper(id) WHERE rowid % 3 = 0;
         UPDATE logger_attemptlog SET id = '{' || id || '}' WHERE rowid % 3 = 1;",
    );
    let once = database.copy();
    serialize_once(once.path());
    let done = serialize_every(database.path(), size(1));
    assert!(done.commits > 4);
    assert_eq!(dirty(&database), 0);
    assert_same_but_counters(once.path(), database.path());
}

#[test]
fn a_table_without_rowids_is_cleaned_by_its_ids() {
    let database = grown("kolibri-30", 3);
    let columns =
        "id, _morango_dirty_bit, _morango_source_id, _morango_partition, collection_id, dataset_id, user_id";
    database.execute(&format!(
        "CREATE TABLE other ({}, PRIMARY KEY (id)) WITHOUT ROWID;
         INSERT INTO other SELECT {columns} FROM kolibriauth_membership;
         DROP TABLE kolibriauth_membership; ALTER TABLE other RENAME TO kolibriauth_membership;",
        columns.replace(',', " text,")
    ));
    let once = database.copy();
    serialize_once(once.path());
    let done = serialize_every(database.path(), size(1));
    assert!(done.commits > 4);
    assert_eq!(dirty(&database), 0);
    assert_same_but_counters(once.path(), database.path());
}

/// The approximate number of SQLite's virtual machine instructions to serialise `database`, in thousands.
fn work(database: &Scratch) -> u64 {
    let thousands = Arc::new(AtomicU64::new(0));
    let mut open = Database::open_existing(database.path()).unwrap();
    let count = Arc::clone(&thousands);
    let tick = move || {
        count.fetch_add(1, Ordering::Relaxed);
        false
    };
    open.connection_mut().progress_handler(1000, Some(tick)).unwrap();
    open.serialize::<FacilityData>().commit_every(size(1)).run().unwrap();
    thousands.load(Ordering::Relaxed)
}

#[test]
fn work_grows_with_the_number_of_records_and_not_faster() {
    // Half of the rows are clean, so the dirty ones of one model are far apart.
    let thin = "UPDATE logger_attemptlog SET _morango_dirty_bit = rowid % 2;
                UPDATE logger_contentsessionlog SET _morango_dirty_bit = 0 WHERE rowid % 20;";
    let [small, large] = [10, 80].map(|times| {
        let database = grown("kolibri-30", times);
        database.execute(thin);
        work(&database)
    });
    println!("{small} and {large} thousand instructions");
    assert!(large * 10 < small * 8 * 12, "eight times the records: {small} and {large}");
}

/// Kolibri is represented by a second connection.
#[test]
fn a_writer_that_waits_gets_its_turn() {
    let database = grown("kolibri-30", 20);
    let path = database.path().to_owned();
    let commits = Arc::new(AtomicU64::new(0));
    let serializing = std::thread::spawn({
        let commits = Arc::clone(&commits);
        move || {
            let mut database = Database::open_existing(path).unwrap();
            let serialize = database.serialize::<FacilityData>().commit_every(size(2));
            serialize.on_commit(|done| commits.store(done.commits, Ordering::SeqCst)).run().unwrap()
        }
    });
    let kolibri: Connection = database.connect();
    kolibri.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
    // The number of commits before each of its turns.
    let mut turns = Vec::new();
    while !serializing.is_finished() {
        kolibri
            .execute_batch("BEGIN IMMEDIATE; UPDATE lessons_lesson SET _morango_dirty_bit = 1; COMMIT")
            .unwrap();
        turns.push(commits.load(Ordering::SeqCst));
    }
    let done = serializing.join().unwrap();
    assert!(done.commits > 10, "{done}");
    turns.retain(|commits| (1..done.commits).contains(commits));
    assert!(!turns.is_empty(), "it never got between two commits");
}
