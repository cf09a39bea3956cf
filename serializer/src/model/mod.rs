//! Models and profiles: the description that `derive(Syncable)` and `profile!` write of an application's structs.
//!
//! [`Syncable`] is the trait of a record type, [`Model`] its description: table, columns, references and templates.
//! [`Profile`] is the set of models that sync together. Nothing here opens a database: a backend turns these
//! descriptions into SQL.

pub mod columns;
mod const_message;
mod definition;
mod dependency_order;
mod invalid_column;
mod profile;
mod row;
mod template;

pub use definition::{Column, Discriminator, Model, OnDelete};
#[doc(hidden)]
pub use dependency_order::Listing;
pub use invalid_column::InvalidColumn;
#[doc(hidden)]
pub use profile::AnyProfile;
pub use profile::{Lists, ModelVisitor, PartitionedProfile, Profile};
pub use row::{FieldError, Row};
#[doc(hidden)]
pub use row::{column, in_column};
pub use template::{OWN_ID, Template, TemplatePiece};

use crate::record_id::RecordId;
use crate::value::{InvalidValue, StoredValue};

/// A record type that syncs. Derive it with `#[derive(Syncable)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a syncable model",
    label = "not a syncable model",
    note = "add `#[derive(Syncable)]` to it"
)]
pub trait Syncable: Sized + 'static {
    /// The model's profile, which must list the model: otherwise it would never sync.
    type Profile: Lists<Self>;

    /// The model's name in the store: [`Model::name`]. References between models use this constant instead of
    /// [`MODEL`](Self::MODEL), whose definition would otherwise depend on itself.
    const NAME: &'static str;

    /// Its table, columns and references.
    const MODEL: &'static Model;

    /// The name of the model's profile, for the expansion of `profile!`.
    #[doc(hidden)]
    const PROFILE: &'static str = Self::Profile::NAME;

    /// Reads one row into the struct. The row has the columns of [`Model::columns`], followed by
    /// [`Model::local_columns`].
    ///
    /// # Errors
    ///
    /// If a column holds a value that its field cannot.
    fn read(row: &impl Row) -> Result<Self, FieldError>;

    /// Appends the record's JSON text, Morango's `serialized` (morango.md §1.11, §1.12), to `json`. It is written
    /// straight from the row.
    ///
    /// # Errors
    ///
    /// If a column holds a value that Morango would refuse to serialise.
    fn write_serialized(row: &impl Row, json: &mut String) -> Result<(), FieldError>;

    /// The value to store in column `index`, which counts as in [`read`](Self::read). `None` for a column without a
    /// field.
    ///
    /// # Errors
    ///
    /// If the column cannot hold the field's value.
    fn stored(&self, index: usize) -> Option<Result<StoredValue<'_>, InvalidValue>>;

    /// The record's id.
    fn record_id(&self) -> RecordId;

    /// Sets the record's id.
    fn set_record_id(&mut self, id: RecordId);

    /// Calls `visitor` with this type, for the expansion of `profile!`.
    #[doc(hidden)]
    fn accept<V: ModelVisitor>(visitor: V) -> V::Output {
        visitor.visit::<Self>()
    }
}

/// A model that declares the template of its partition. `derive(Syncable)` implements it for a model with `partition =
/// ".."`.
///
/// A model without a template maps tables of another application, which sets the partitions itself: Kolibri takes some
/// of them from other records.
#[diagnostic::on_unimplemented(
    message = "model `{Self}` does not declare how its partition is made",
    label = "`{Self}` has no `partition`",
    note = "add `partition = \"..\"` to its `#[syncable(..)]`; in tables of another application, `insert_as` does without"
)]
pub trait Partitioned: Syncable {}
