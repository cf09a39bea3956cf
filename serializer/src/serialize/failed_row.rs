//! Records that cannot be serialised, and the policy that decides about them.
//!
//! The source, the look-up, the merge and the writer ask the policy when they find such a record. Without a policy the
//! run fails. A policy may leave the record out: then it is not written, and stays dirty or listed.

use std::fmt;

use syncline_core::{BoxedPolicy, Failure, Halt, Shared};

use super::tasks::Loaded;

/// A record that cannot be serialised, as a policy receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedRow {
    /// The table with the row: a table of the app, or a list of deletions.
    pub table: &'static str,
    /// The id in the table's spelling. If the column contains another type than text, the name of that type in
    /// parentheses.
    pub id: String,
}

impl FailedRow {
    /// Creates the value for the row `id` of `table`.
    #[must_use]
    pub fn new(table: &'static str, id: impl Into<String>) -> Self {
        Self { table, id: id.into() }
    }

    /// Creates the value for the row of `record`.
    pub(super) fn of(record: &Loaded) -> Self {
        Self::new(record.model().table, record.key())
    }
}

/// A decision about records that cannot be serialised.
pub trait LeaveOut: fmt::Debug {
    /// Leaves out `row`, which failed at `stage`, or fails the run.
    ///
    /// # Errors
    ///
    /// Returns `failure`, or the error of a policy, if the row is not left out.
    fn leave_out(&self, stage: &'static str, row: FailedRow, failure: Failure) -> Result<(), Halt>;

    /// Returns `true` if records may be left out.
    fn is_allowed(&self) -> bool;
}

/// The decision that fails the run at the first record that cannot be serialised.
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
