//! The calls to an observer of a serialise, with one transaction and with several: total, progress and end.

use std::cell::RefCell;

use syncline::run::{Observer, RunEnd};
use syncline::sqlite::{RunError, Serialize};
use syncline::{CancelToken, Database, size};
use syncline_kolibri::models::FacilityData;

use crate::fixtures::Scratch;
use crate::grown::{dirty, grown};

/// The recorded calls, in order.
#[derive(Default)]
struct Heard {
    starts: Vec<Option<u64>>,
    done: u64,
    ends: Vec<RunEnd>,
}

/// An observer that records its calls and passes the progress to a closure.
struct Listener<'a, F>(&'a RefCell<Heard>, F);

impl<F: FnMut(u64)> Observer for Listener<'_, F> {
    fn start(&mut self, total: Option<u64>) {
        let mut heard = self.0.borrow_mut();
        assert!(heard.done == 0 && heard.ends.is_empty(), "it begins once, before anything else");
        heard.starts.push(total);
    }

    fn advance(&mut self, items: u64) {
        let mut heard = self.0.borrow_mut();
        assert!(heard.starts.len() == 1 && heard.ends.is_empty(), "it goes on between start and end");
        heard.done += items;
        (self.1)(heard.done);
    }

    fn end(&mut self, end: RunEnd) {
        self.0.borrow_mut().ends.push(end);
    }
}

/// Serialises with the settings of `set`, and returns the recorded calls. `at` is called with the progress.
fn listen(
    database: &Scratch,
    at: impl FnMut(u64),
    set: impl for<'d> FnOnce(Serialize<'d, FacilityData>) -> Serialize<'d, FacilityData>,
) -> (Heard, Result<u64, RunError>) {
    let heard = RefCell::default();
    let mut open = Database::open_existing(database.path()).unwrap();
    let done = set(open.serialize().progress(Listener(&heard, at))).run();
    drop(open);
    (heard.into_inner(), done.map(|done| done.records()))
}

#[test]
fn a_run_of_several_transactions_is_heard_as_one() {
    for chunks in [None, Some(1), Some(3), Some(1000)] {
        let database = grown("kolibri-30", 3);
        let records = u64::try_from(dirty(&database)).unwrap();
        assert!(records > 2000);
        let (heard, done) = listen(
            &database,
            |_| {},
            |serialize| match chunks {
                None => serialize,
                Some(chunks) => serialize.commit_every(size(chunks)),
            },
        );
        assert_eq!(done.unwrap(), records);
        assert_eq!((&*heard.starts, heard.done), (&[Some(records)][..], records), "{chunks:?}");
        assert_eq!(heard.ends, [RunEnd::Finished]);
    }
}

#[test]
fn a_run_that_is_cancelled_says_so_and_how_far_it_was() {
    for every in [false, true] {
        let database = grown("kolibri-30", 3);
        let records = u64::try_from(dirty(&database)).unwrap();
        let token = CancelToken::new();
        let cancel = |done| {
            if done >= 1500 {
                token.cancel();
            }
        };
        let (heard, done) = listen(&database, cancel, |serialize| {
            let serialize = serialize.cancelled_by(&token);
            if every { serialize.commit_every(size(1)) } else { serialize }
        });
        let error = done.unwrap_err();
        assert!(error.is_cancelled(), "{error}");
        assert_eq!((&*heard.starts, &*heard.ends), (&[Some(records)][..], &[RunEnd::Cancelled][..]));
        assert!((1500..records).contains(&heard.done), "{}", heard.done);
        // Reported progress against committed records.
        let committed = error.committed().map_or(0, syncline::Serialized::records);
        assert_eq!(database.one::<u64>("SELECT count(*) FROM morango_store"), committed);
        if every {
            assert!((heard.done - 500..=heard.done).contains(&committed), "{committed} of {}", heard.done);
        } else {
            assert_eq!(committed, 0);
        }
    }
}

#[test]
fn a_run_that_is_cancelled_while_it_waits_says_so() {
    let database = Scratch::of("kolibri-30");
    let kolibri = database.connect();
    kolibri.execute_batch("BEGIN IMMEDIATE").unwrap();
    let token = CancelToken::new();
    token.cancel();
    let (heard, done) = listen(&database, |_| {}, |serialize| serialize.cancelled_by(&token));
    assert!(done.unwrap_err().is_cancelled());
    assert_eq!((heard.starts.len(), heard.done, &*heard.ends), (0, 0, &[RunEnd::Cancelled][..]));
}

#[test]
fn a_run_that_fails_says_so() {
    for every in [false, true] {
        let database = grown("kolibri-30", 3);
        // A record near the end cannot be written.
        database.execute(
            "UPDATE logger_attemptlog SET item = x'00ff'
             WHERE id = (SELECT id FROM logger_attemptlog ORDER BY id DESC LIMIT 1 OFFSET 20)",
        );
        let records = u64::try_from(dirty(&database)).unwrap();
        let (heard, done) = listen(
            &database,
            |_| {},
            |serialize| {
                if every { serialize.commit_every(size(1)) } else { serialize }
            },
        );
        let error = done.unwrap_err();
        assert!(!error.is_cancelled());
        assert_eq!((&*heard.starts, &*heard.ends), (&[Some(records)][..], &[RunEnd::Failed][..]));
        assert!(heard.done > 1000 && heard.done < records, "{} of {records}", heard.done);
        assert_eq!(error.committed().is_some(), every);
    }
}
