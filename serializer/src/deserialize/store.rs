//! `DeserializeStore`: the trait of a backend, with the operations that this leg needs.

use syncline_core::Failure;

use super::states::{AppState, Failed, ParentState, Saved, Target};
use super::tasks::Waiting;
use crate::model::{AppTables, Effects, Model, Profile, ReceivedRow};
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
    /// The error of a look-up that failed.
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
