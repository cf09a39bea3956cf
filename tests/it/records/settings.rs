//! A run restores the settings of its connection.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use syncline::CancelToken;

use super::Scratch;
use super::declarations::{Notes, notebook};

/// The settings of a connection, as an app may have changed them.
fn settings(scratch: &Scratch) -> [i64; 3] {
    ["foreign_keys", "cache_size", "busy_timeout"]
        .map(|pragma| scratch.all(&format!("PRAGMA {pragma}")).remove(0))
}

const OWN: [i64; 3] = [1, -777, 1234];

fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.execute("PRAGMA foreign_keys = 1; PRAGMA cache_size = -777; PRAGMA busy_timeout = 1234");
    notebook(&scratch.database, "Home");
    assert_eq!(settings(&scratch), OWN);
    scratch
}

#[test]
fn after_a_run_that_ends_well_and_one_that_fails() {
    let mut scratch = scratch();
    scratch.serialize();
    assert_eq!(settings(&scratch), OWN);
    scratch.execute("UPDATE notebook SET title = CAST(x'ff' AS TEXT)");
    scratch.database.serialize::<Notes>().run().unwrap_err();
    assert_eq!(settings(&scratch), OWN);
}

#[test]
fn after_one_that_is_cancelled_and_one_that_finds_the_database_locked() {
    let mut scratch = scratch();
    let token = CancelToken::new();
    token.cancel();
    scratch.database.serialize::<Notes>().cancelled_by(&token).run().unwrap_err();
    assert_eq!(settings(&scratch), OWN);
    // The token is no longer used.
    assert_eq!(scratch.serialize().created, 1);

    let shell = scratch.shell();
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    let run = scratch.database.serialize::<Notes>().busy_timeout(Duration::ZERO).run();
    assert!(run.unwrap_err().is_transient());
    assert_eq!(settings(&scratch), OWN);
}

#[test]
fn after_a_panic_of_what_is_called() {
    let mut scratch = scratch();
    let run = AssertUnwindSafe(|| {
        scratch.database.serialize::<Notes>().on_commit(|_| panic!("not now")).run().map(|_| ())
    });
    catch_unwind(run).unwrap_err();
    assert_eq!(settings(&scratch), OWN);
    assert_eq!(scratch.serialize().created, 0, "it had been committed");
}

#[test]
fn any_number_of_chunks_may_be_committed_at_once() {
    let mut scratch = scratch();
    let serialized = scratch.database.serialize::<Notes>().commit_every(NonZeroUsize::MAX).run().unwrap();
    assert_eq!((serialized.created, serialized.commits), (1, 1));
}
