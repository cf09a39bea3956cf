//! Records that cannot be serialised, and the policy that decides about them.
//!
//! The part that finds such a record asks: the source, the look-up, the merge, the writer. Without a policy the run fails.
//! With one the record may be left out: it is not written, so it stays dirty, or listed.

use std::fmt;

use syncline_core::{BoxedPolicy, Failure, Halt, Shared};

use super::tasks::Loaded;

/// A record that cannot be serialised, as a policy gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedRow {
    /// The table that has it: the app's, or a list of deletions.
    pub table: &'static str,
    /// The id as the table has it, or in parentheses the type of the value that it has instead.
    pub id: String,
}

impl FailedRow {
    /// The row `id` of `table`.
    #[must_use]
    pub fn new(table: &'static str, id: impl Into<String>) -> Self {
        Self { table, id: id.into() }
    }

    /// The row of `record`.
    pub(super) fn of(record: &Loaded) -> Self {
        Self::new(record.model().table, record.key())
    }
}

/// A decision about records that cannot be serialised.
pub trait LeaveOut: fmt::Debug {
    /// Leaves `row` out, at which `stage` failed, or fails the run.
    ///
    /// # Errors
    ///
    /// With `failure`, or the error of a policy.
    fn leave_out(&self, stage: &'static str, row: FailedRow, failure: Failure) -> Result<(), Halt>;

    /// `true` if records may be left out at all.
    fn is_allowed(&self) -> bool;
}

/// Every record that cannot be serialised fails the run.
#[derive(Debug)]
pub struct Refuse;

impl LeaveOut for Refuse {
    fn leave_out(&self, _: &'static str, _: FailedRow, failure: Failure) -> Result<(), Halt> {
        Err(failure.into())
    }

    fn is_allowed(&self) -> bool {
        false
    }
}

impl LeaveOut for Shared<BoxedPolicy<'_, FailedRow>> {
    fn leave_out(&self, stage: &'static str, row: FailedRow, failure: Failure) -> Result<(), Halt> {
        let failure = failure.at(&row.id);
        Shared::leave_out(self, stage, &row, failure)
    }

    fn is_allowed(&self) -> bool {
        true
    }
}
