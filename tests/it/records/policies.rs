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
    scratch.execute_unchecked("UPDATE note SET body = x'00' WHERE title = 'bad'");

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

/// The first record is left out because of the row's text, so the second meets the same text when it joins the row.
#[test]
fn a_policy_leaves_out_a_record_that_shares_its_row_with_another() {
    let mut scratch = Scratch::new();
    let home = notebook(&scratch.database, "Home");
    scratch.execute(&format!(
        "INSERT INTO note (id, notebook_id, title, stars) VALUES ('{home}', '{home}', 'twin', 1)"
    ));
    scratch.serialize();
    scratch.execute(
        "UPDATE morango_store SET serialized = 'no JSON'; UPDATE notebook SET title = 'Work'; \
         UPDATE note SET title = 'other'",
    );
    let noting = Noting::default();
    let done = scratch.database.serialize::<Notes>().on_invalid(noting.clone()).run().unwrap();
    assert_eq!((done.records(), done.skipped), (0, 2));
    let stages: Vec<_> = noting.0.borrow().failed.iter().map(|(stage, _)| *stage).collect();
    assert_eq!(stages, ["StoreUpdate", "StoreWriter"]);
    assert_eq!(scratch.dirty_notes(), ["other"]);
}
