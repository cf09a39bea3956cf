//! The states of records, as the look-ups of the leg find them, and the results of their changes.

use crate::received;

/// The state of a record that another record refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The state in the store.
    pub state: TargetState,
    /// `true` if the table that the column refers to has the record.
    pub is_in_app: bool,
}

/// The state in the store of a record that another record refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetState {
    /// The store has no row of it.
    Missing,
    /// It lives.
    Alive,
    /// It was not valid in this run.
    Failed,
    /// It is deleted, or will be, because a record that it refers to is.
    Deleted,
    /// Likewise, and its content is erased.
    HardDeleted,
}

/// The state of a record's parent in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParentState {
    /// The record has no parent, or its parent's row is clean.
    Clean,
    /// The parent's row is dirty.
    Dirty,
    /// The parent is not among the candidates.
    Missing,
}

/// The state of a record's row in the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppState {
    /// The app has no row of it.
    Missing,
    /// The app's row has no changes since it was serialised.
    Clean,
    /// The app has changed the row since it was serialised.
    Dirty,
    /// The app has deleted the row, and that is not serialised yet.
    DeletedHere,
}

/// The result of one record's change.
#[derive(Debug)]
pub enum Saved {
    /// It was made.
    Done,
    /// The app has changes of the rows concerned that are not serialised. Nothing happened.
    Unsaved,
    /// The database rejected it.
    Failed(received::Failure),
}

/// The failure of a record.
#[derive(Debug)]
pub struct Failed {
    /// The class and the text.
    pub failure: received::Failure,
    /// The kind.
    pub kind: FailureKind,
    /// `true` if it may succeed once other records of this run are written.
    pub may_be_order: bool,
}

/// The kind of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The record is not valid: records that refer to it fail as well.
    Invalid,
    /// It could not be saved.
    NotSaved,
}

impl Failed {
    /// The failure of a record that is not valid.
    #[must_use]
    pub fn invalid(failure: received::Failure) -> Self {
        Self { failure, kind: FailureKind::Invalid, may_be_order: false }
    }

    /// The failure of a record that could not be saved.
    #[must_use]
    pub fn not_saved(failure: received::Failure) -> Self {
        Self { failure, kind: FailureKind::NotSaved, may_be_order: true }
    }

    pub(super) fn perhaps_by_order(mut self) -> Self {
        self.may_be_order = true;
        self
    }
}
