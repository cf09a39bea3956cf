//! Records that cannot be serialised, and what becomes of them.
//!
//! A record that cannot be serialised is handed to this module by the part that finds out: the source, the look-up, the
//! merge, the writer. Without a policy the run fails. With one it may be left out: it is not written, so it stays dirty.
//! The writer has no use for splitting chunks: it writes row by row, and SQLite undoes a statement that a constraint
//! refuses, so a refused row is alone from the start. Only constraints count: a full disk, a lock and damage are no
//! record's fault, whatever the policy.

use std::cell::{Cell, RefCell};
use std::fmt;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode};
use syncline_core::{CancelToken, Decision, Failed, Failure, Halt, Policy};

use crate::flow::Loaded;

/// A record that cannot be serialised, as the policy of [`Serialize::on_invalid`](crate::Serialize::on_invalid) gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedRow {
    /// The table that it stands in: the app's, or a list of deletions.
    pub table: &'static str,
    /// Its id as the table has it, or between parentheses the type of what stands there instead.
    pub id: String,
}

/// Where the parts of a run turn to with a record that cannot be serialised.
pub(crate) trait LeaveOut: fmt::Debug {
    /// `stage` failed at the row of `table` whose id is `id`: leaves it out, so that it stays dirty, or fails the run.
    fn row(
        &self,
        stage: &'static str,
        table: &'static str,
        id: ValueRef<'_>,
        failure: Failure,
    ) -> Result<(), Halt>;

    /// `stage` failed at `record`.
    fn record(&self, stage: &'static str, record: &Loaded, failure: Failure) -> Result<(), Halt>;

    /// Whether records may be left out at all.
    fn is_allowed(&self) -> bool;

    /// How many were.
    fn count(&self) -> u64;

    /// Lets the policy make durable what it took. Called once, before the last commit.
    fn finish(&self) -> Result<(), Failure>;
}

/// Every record that cannot be serialised fails the run.
#[derive(Debug)]
pub(crate) struct Refuse;

impl LeaveOut for Refuse {
    fn row(&self, _: &'static str, _: &'static str, _: ValueRef<'_>, failure: Failure) -> Result<(), Halt> {
        Err(failure.into())
    }

    fn record(&self, _: &'static str, _: &Loaded, failure: Failure) -> Result<(), Halt> {
        Err(failure.into())
    }

    fn is_allowed(&self) -> bool {
        false
    }

    fn count(&self) -> u64 {
        0
    }

    fn finish(&self) -> Result<(), Failure> {
        Ok(())
    }
}

/// A policy decides.
pub(crate) struct ByPolicy<'p> {
    policy: RefCell<&'p mut dyn Decide>,
    cancel: CancelToken,
    count: Cell<u64>,
}

impl<'p> ByPolicy<'p> {
    pub(crate) fn new(policy: &'p mut dyn Decide, cancel: CancelToken) -> Self {
        policy.attach(&cancel);
        Self { policy: RefCell::new(policy), cancel, count: Cell::new(0) }
    }
}

impl LeaveOut for ByPolicy<'_> {
    fn row(
        &self,
        stage: &'static str,
        table: &'static str,
        id: ValueRef<'_>,
        failure: Failure,
    ) -> Result<(), Halt> {
        let record = FailedRow { table, id: shown(id) };
        let failure = failure.at(&record.id);
        let failed = Failed { kept: record, failure, attempts: 1, stage };
        self.policy.borrow_mut().decide(failed, &self.cancel)?;
        self.count.set(self.count.get() + 1);
        Ok(())
    }

    fn record(&self, stage: &'static str, record: &Loaded, failure: Failure) -> Result<(), Halt> {
        let id = ValueRef::Text(record.key().as_bytes());
        self.row(stage, record.model().table, id, failure)
    }

    fn is_allowed(&self) -> bool {
        true
    }

    fn count(&self) -> u64 {
        self.count.get()
    }

    fn finish(&self) -> Result<(), Failure> {
        self.policy.borrow_mut().finish()
    }
}

/// A [`Policy`] for records that cannot be serialised, whatever it keeps of them.
pub(crate) trait Decide {
    /// Decides what becomes of such a record: an error fails the run.
    fn decide(&mut self, failed: Failed<FailedRow>, cancel: &CancelToken) -> Result<(), Failure>;

    /// Is told what may cancel the run.
    fn attach(&mut self, cancel: &CancelToken);

    /// Makes durable what it took itself.
    fn finish(&mut self) -> Result<(), Failure>;
}

impl<P: Policy<FailedRow>> Decide for P {
    fn decide(&mut self, failed: Failed<FailedRow>, cancel: &CancelToken) -> Result<(), Failure> {
        let Failed { kept: record, failure, attempts, stage } = failed;
        let kept = self.keep(&record);
        match Policy::decide(self, Failed { kept, failure, attempts, stage }, cancel)? {
            Decision::LeaveOut => Ok(()),
            Decision::TryAgain(again) => {
                let message = "in the same transaction the record would be found as it is";
                Err(Failure::new(message).at(again.id))
            }
        }
    }

    fn attach(&mut self, cancel: &CancelToken) {
        Policy::attach(self, cancel);
    }

    fn finish(&mut self) -> Result<(), Failure> {
        Policy::finish(self)
    }
}

fn shown(id: ValueRef<'_>) -> String {
    match id {
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("({})", other.data_type()),
    }
}

/// Whether `failure` is about the one row that was written, so that others can be written all the same: SQLite has undone
/// what the statement did, and not, as a trigger may want it, the whole transaction.
pub(crate) fn is_about_one_row(connection: &Connection, failure: &Failure) -> bool {
    let refused = failure.source().downcast_ref().and_then(rusqlite::Error::sqlite_error_code);
    refused == Some(ErrorCode::ConstraintViolation) && !connection.is_autocommit()
}

impl fmt::Debug for ByPolicy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByPolicy").field("count", &self.count.get()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use syncline_core::{CancelToken, Decision, Failed, Failure, Policy};

    use super::{ByPolicy, FailedRow};

    /// Keeps what may cancel the run, as a sink for dead letters does that has to wait.
    #[derive(Default)]
    struct Waiting(Option<CancelToken>);

    impl Policy<FailedRow> for Waiting {
        type Kept = ();

        fn keep(&mut self, _: &FailedRow) {}

        fn decide(&mut self, _: Failed<()>, _: &CancelToken) -> Result<Decision<FailedRow>, Failure> {
            Ok(Decision::LeaveOut)
        }

        fn attach(&mut self, cancel: &CancelToken) {
            self.0 = Some(cancel.clone());
        }
    }

    #[test]
    fn a_policy_is_told_what_may_cancel_the_run() {
        let (mut policy, token) = (Waiting::default(), CancelToken::new());
        let _ = ByPolicy::new(&mut policy, token.clone());
        token.cancel();
        assert!(policy.0.is_some_and(|told| told.is_cancelled()));
    }
}
