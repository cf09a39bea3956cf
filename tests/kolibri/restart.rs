//! Runs that fail at every k-th statement and are started again, with the tools of `syncline::testing`.

use std::cell::Cell;
use std::num::NonZeroU64;

use rusqlite::functions::FunctionFlags;
use syncline::testing::{Fault, fail_at_each_chunk, fail_every};
use syncline::{BoxError, Database, size};
use syncline_kolibri::models::FacilityData;

use crate::commit_points::{assert_counters_fit, differences_but_counters};
use crate::fixtures::Scratch;
use crate::grown::{dirty, grown};

/// The number of rows between two faults: half a chunk, so that a run also fails within a chunk.
const ROWS: u64 = 250;

/// Serialises two chunks in a transaction, with `fault` in the statements that write the store, where a full disk would fail.
fn serialize(database: &Scratch, fault: &Fault) -> Result<(), BoxError> {
    let mut open = Database::open_existing(database.path())?;
    let (fault, written) = (fault.clone(), Cell::new(0));
    let chunk_passes = move |_: &mut rusqlite::functions::Context<'_>| {
        written.set(written.get() + 1);
        if written.get() % ROWS != 0 {
            return Ok(true);
        }
        fault
            .pass()
            .map(|()| true)
            .map_err(|failure| rusqlite::Error::UserFunctionError(failure.into_source()))
    };
    let connection = open.connection();
    connection.create_scalar_function("row_passes", 0, FunctionFlags::SQLITE_UTF8, chunk_passes).unwrap();
    connection
        .execute_batch(
            "CREATE TEMP TRIGGER inserted AFTER INSERT ON main.morango_store BEGIN SELECT row_passes(); END;
             CREATE TEMP TRIGGER updated AFTER UPDATE ON main.morango_store BEGIN SELECT row_passes(); END;",
        )
        .unwrap();
    open.serialize::<FacilityData>().commit_every(size(2)).run()?;
    Ok(())
}

/// Makes a database with new, changed and deleted records, and the result of an undisturbed run in one transaction.
fn worlds(times: u32) -> (Scratch, Scratch) {
    let database = grown("kolibri-30-mixed", times);
    let once = database.copy();
    Database::open_existing(once.path()).unwrap().serialize::<FacilityData>().run().unwrap();
    (database, once)
}

/// The differences between `found` and `once` in all tables and columns: many at first, none at the end.
///
/// Only the four counter columns are left out, because each transaction takes a counter. That they are consistent is asserted.
fn differences(once: &Scratch, found: &Scratch) -> Vec<String> {
    assert_counters_fit(found);
    let differences = differences_but_counters(once.path(), found.path());
    differences.iter().map(ToString::to_string).collect()
}

#[test]
fn a_run_that_fails_after_any_chunk_and_is_started_again_ends_as_one_that_does_not() {
    let (database, once) = worlds(4);
    let look = |found: &Scratch| {
        let mut found = differences(&once, found);
        found.truncate(10);
        found
    };
    let failed = fail_at_each_chunk(|| database.copy(), |database, fault| serialize(database, fault), look);
    let records = u64::try_from(dirty(&database)).unwrap();
    assert!(failed >= records / ROWS && failed > 7, "{failed} of {records} records");
    assert_eq!(look(&once), [""; 0]);
}

/// Each run continues behind the last commit of the run before.
#[test]
fn a_run_that_fails_again_and_again_comes_to_its_end() {
    let (database, once) = worlds(12);
    // Of two and a half chunks the first two are committed.
    let five = NonZeroU64::new(5).unwrap();
    let look = |found: &Scratch| {
        let differences = differences(&once, found);
        (differences.len(), differences.into_iter().take(10).collect::<Vec<_>>())
    };
    let failed = fail_every(five, || database.copy(), |database, fault| serialize(database, fault), look);
    let records = u64::try_from(dirty(&database)).unwrap();
    // The fault occurs as long as three chunks are left.
    assert!(failed > 3 && failed > (records - 6 * ROWS) / (4 * ROWS), "{failed} of {records} records");
}
