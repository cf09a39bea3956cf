//! `DeserializeStore`: the trait of a backend, with the operations that this leg needs.

use syncline_core::Failure;

use super::tasks::Waiting;
use crate::model::{AppTables, Effects, Model, Profile, ReceivedRow};
use crate::received;
use crate::record_id::RecordId;

/// An open transaction of the deserialise leg.
///
/// Every operation takes a chunk. An error of an operation is an error of the database, and ends the run; the failure of one
/// record is a part of the result.
pub trait DeserializeStore: AppTables {
    /// The profile: the models of the app.
    type Profile: Profile;

    /// Looks up records that other records refer to, in the store and in the app's tables.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    fn targets(&self, wanted: &[Wanted<'_>]) -> Result<Vec<Target>, Failure>;

    /// Looks up the parents of records of the tree `model`, by the ids in their column `_self_ref_fk`, among the candidates: the
    /// store rows under the run's filter of this model and of the models that its parents have.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    fn parents(&self, model: &'static Model, ids: &[&str]) -> Result<Vec<ParentState>, Failure>;

    /// Looks up the rows that the app has of these records of `model`.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    fn app_states(&self, model: &'static Model, ids: &[&RecordId]) -> Result<Vec<AppState>, Failure>;

    /// Returns `true` if the app still has the targets of `references`, which are indices of columns and ids.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    fn missing_in_app(
        &self,
        model: &'static Model,
        references: &[(usize, String)],
    ) -> Result<Option<usize>, Failure>;

    /// The error of the database that a look-up of [`AppTables`] met, if one did.
    ///
    /// # Errors
    ///
    /// That error.
    fn look_up_error(&self) -> Result<(), Failure>;

    /// Writes rows of the app with their effects, and marks the rows of the store as done. A row that the database
    /// rejects has a failure in its place, and is unchanged.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    fn save(&self, changes: &[Change<'_>]) -> Result<Vec<Saved>, Failure>;

    /// Deletes the rows of records from the app, with all rows that refer to them, and marks the rows of the store as done.
    /// `effects` has the effects of each deletion.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    fn delete(&self, records: &[&Waiting], effects: &[Effects]) -> Result<Vec<Saved>, Failure>;

    /// Lists records as deleted because a record that they refer to is deleted, and deletes their rows from the app. Their rows in
    /// the store stay dirty: the next serialise run marks them.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    fn pass_on(&self, records: &[(&Waiting, bool)]) -> Result<Vec<Saved>, Failure>;

    /// Writes the failures of records to their rows in the store.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    fn fail(&self, records: &[(&Waiting, &Failed)]) -> Result<(), Failure>;

    /// Counts records that stay as they are, because the app has changes of them that are not serialised.
    fn leave_unsaved(&self, records: &[&Waiting]);

    /// Counts a record whose source id is not the one that its content has.
    fn has_other_source_id(&self, record: &Waiting);
}

/// A record that another record refers to.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The model that refers.
    pub model: &'static Model,
    /// The index of the column that refers.
    pub column: usize,
    /// The id.
    pub id: &'a str,
}

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

/// A row to write.
#[derive(Debug)]
pub struct Change<'a> {
    /// The row of the store.
    pub waiting: &'a Waiting,
    /// The row of the app.
    pub row: &'a ReceivedRow,
    /// The changes of other rows.
    pub effects: &'a Effects,
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
