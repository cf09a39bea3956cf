//! The policy of a serialise run.

use std::cell::RefCell;
use std::rc::Rc;

use syncline::policy::{Decision, Failed, Policy};
use syncline::sqlite::flow::FailedRow;
use syncline::{CancelToken, Failure};

use super::Scratch;
use super::declarations::{Notes, note, notebook};

/// A policy that notes what happens to it.
#[derive(Debug, Default, Clone)]
struct Noting(Rc<RefCell<Notice>>);

#[derive(Debug, Default)]
struct Notice {
    token: Option<CancelToken>,
    failed: Vec<(&'static str, FailedRow)>,
    finished: u32,
}

impl Policy<FailedRow> for Noting {
    type Kept = FailedRow;

    fn keep(&mut self, row: &FailedRow) -> FailedRow {
        row.clone()
    }

    fn decide(&mut self, failed: Failed<FailedRow>, _: &CancelToken) -> Result<Decision<FailedRow>, Failure> {
        self.0.borrow_mut().failed.push((failed.stage, failed.kept));
        Ok(Decision::LeaveOut)
    }

    fn finish(&mut self) -> Result<(), Failure> {
        self.0.borrow_mut().finished += 1;
        Ok(())
    }

    fn attach(&mut self, cancel: &CancelToken) {
        self.0.borrow_mut().token = Some(cancel.clone());
    }
}

/// A policy that waits, such as a sink for dead letters behind a channel, needs the token; and it makes its letters durable
/// once.
#[test]
fn a_policy_gets_the_runs_token_and_is_finished_once() {
    let mut scratch = Scratch::new();
    let home = notebook(&scratch.database, "Home");
    let bad = note(&scratch.database, home, "bad", None);
    note(&scratch.database, home, "good", None);
    scratch.execute("PRAGMA ignore_check_constraints = ON; UPDATE note SET body = x'00' WHERE title = 'bad'");

    let (noting, token) = (Noting::default(), CancelToken::new());
    let run = scratch.database.serialize::<Notes>().cancelled_by(&token).on_invalid(noting.clone());
    let done = run.run().unwrap();
    assert_eq!((done.records(), done.skipped), (2, 1));
    assert_eq!(scratch.dirty_notes(), ["bad"]);

    let notice = noting.0.borrow();
    assert_eq!(notice.finished, 1);
    let failed: Vec<_> = notice.failed.iter().map(|(stage, row)| (*stage, row.table, &*row.id)).collect();
    assert_eq!(failed, [("DirtyRows", "note", bad.as_str())]);
    token.cancel();
    assert!(notice.token.as_ref().is_some_and(CancelToken::is_cancelled));
}
