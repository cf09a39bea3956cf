//! Models and profiles: the description that `derive(Syncable)` and `profile!` write of an application's structs.
//!
//! [`Syncable`] is the trait of a record type, [`Model`] its description: table, columns, references and templates.
//! [`Profile`] is the set of models that sync together. Nothing here opens a database: a backend turns these
//! descriptions into SQL.

mod app_tables;
pub mod columns;
mod definition;
mod dependency_order;
mod effects;
mod flatten;
mod invalid_column;
mod known_schema;
mod on_conflict;
mod profile;
mod received_row;
mod row;
mod rule_checks;
mod template;

pub use app_tables::{AppTables, ReceiveContext, StoreState};
#[doc(hidden)]
pub use definition::check_default;
pub use definition::{Column, Discriminator, Model, OnDelete};
#[doc(hidden)]
pub use dependency_order::Listing;
#[doc(hidden)]
pub use effects::Effect;
pub use effects::Effects;
pub use flatten::SyncableFields;
#[doc(hidden)]
pub use flatten::{
    Flattens, Parts, Run, are_unique, column_of, in_part, optional_column_of, part_of_row, retires, separator,
};
pub use invalid_column::InvalidColumn;
pub use known_schema::KnownSchema;
pub use on_conflict::{Answer, Conflict, OnConflict};
#[doc(hidden)]
pub use profile::{AnyProfile, PartitionedIfListed, Unlisted, name_of_profile};
pub use profile::{Lists, ModelVisitor, PartitionedProfile, Profile};
pub use received_row::ReceivedRow;
pub use row::{FieldError, Row};
#[doc(hidden)]
pub use row::{column, in_column};
pub use rule_checks::check_rules;
#[doc(hidden)]
pub use rule_checks::{check_received, into_failure, into_fault, takes_integers, takes_numbers, takes_text};
pub use template::{OWN_ID, Template, TemplatePiece};

use crate::received::{Failure, FieldFault, JsonObject, JsonValue};
use crate::record_id::RecordId;
use crate::value::{ColumnValue, InvalidValue, StoredValue};

/// A record type that syncs. Derive it with `#[derive(Syncable)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a syncable model",
    label = "not a syncable model",
    note = "add `#[derive(Syncable)]` to it"
)]
pub trait Syncable: Sized + 'static {
    /// The model's profile, or the first of several. It must list the model: otherwise the model would never sync.
    type Profile: Lists<Self>;

    /// The model's name in the store: [`Model::name`]. References between models use this constant instead of
    /// [`MODEL`](Self::MODEL), whose definition would otherwise depend on itself.
    const NAME: &'static str;

    /// Its table, columns and references.
    const MODEL: &'static Model;

    /// The names of the model's profiles. A database syncs it in one of them.
    const PROFILES: &'static [&'static str] = &[Self::Profile::NAME];

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

    /// Checks a value of column `index`, which counts as in [`read`](Self::read), before it is serialised. It accepts a
    /// value that only a newer version of the app can read. A column without a field has no checks.
    ///
    /// # Errors
    ///
    /// If no version of the app could read the value.
    fn check(index: usize, value: ColumnValue<'_>) -> Result<(), InvalidValue>;

    /// The value of column `index`, a synced one, in a received record. `value` is that of the column's key, or `None` if the
    /// record does not have the key. The columns of source id and partition have no field: their value is `NULL` here.
    ///
    /// # Errors
    ///
    /// If the field's type or one of its rules refuses the value.
    fn receive(index: usize, value: Option<&JsonValue<'_>>) -> Result<StoredValue<'static>, FieldFault>;

    /// Applies the declared rules of column `index`, which counts as in [`read`](Self::read), to this record's value.
    ///
    /// # Errors
    ///
    /// If a rule refuses the value.
    fn check_rules(&self, _index: usize) -> Result<(), FieldFault> {
        Ok(())
    }

    /// Applies the rule of the whole record, `validate` of the declaration.
    ///
    /// # Errors
    ///
    /// If the rule refuses the record.
    fn check_record(&self) -> Result<(), Failure> {
        Ok(())
    }

    /// Reads a received record and applies [`check_record`](Self::check_record), if the declaration has such a rule.
    ///
    /// # Errors
    ///
    /// If the rule refuses the record. A row that cannot be read passes.
    fn check_received(_row: &impl Row) -> Result<(), Failure> {
        Ok(())
    }

    /// The source id that a function of the app computes for this record, or `None` for a random one. Only for a model
    /// with [`Model::computes_source_id`].
    fn computed_source_id(&self) -> Option<String> {
        None
    }

    /// The id that a function of the app computes from a partition, in which `${id}` stands for the id, and a source id.
    /// `None` for a model without [`Model::computes_id`], whose ids are a hash of the two (morango.md §1.3).
    #[must_use]
    fn computed_id(_partition: &str, _source_id: &str) -> Option<RecordId> {
        None
    }

    /// The models of the profile of this name, which is one of [`PROFILES`](Self::PROFILES).
    #[doc(hidden)]
    #[must_use]
    fn models_of_profile(_name: &str) -> &'static [&'static Model] {
        Self::Profile::MODELS
    }

    /// Checks the default of column `index`, which counts as in [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// If the field cannot be read from it.
    #[doc(hidden)]
    fn check_default(_index: usize, _default: ColumnValue<'_>) -> Result<(), InvalidValue> {
        Ok(())
    }

    /// The record's id.
    fn record_id(&self) -> RecordId;

    /// Sets the record's id.
    fn set_record_id(&mut self, id: RecordId);

    /// `true` if the model has a rule that looks at other rows when a received record is saved: [`saving`](Self::saving) is
    /// then called right before each record is written, and sees those before it.
    const HAS_RULE_AT_SAVE: bool = false;

    /// Changes the JSON object of a received record before its fields are read. By default it does nothing.
    ///
    /// # Errors
    ///
    /// If the record cannot be received. It keeps the failure in the store, and is tried again.
    fn received(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>) -> Result<(), Failure> {
        let _ = (object, context);
        Ok(())
    }

    /// Checks a received record by rules that look at other rows, right before it is written, and may change its values and ask
    /// for changes of other rows. By default it does nothing. See [`HAS_RULE_AT_SAVE`](Self::HAS_RULE_AT_SAVE).
    ///
    /// # Errors
    ///
    /// If the record cannot be written. It keeps the failure in the store, and is tried again.
    fn saving(row: &mut ReceivedRow, app: &dyn AppTables, effects: &mut Effects) -> Result<(), Failure> {
        let _ = (row, app, effects);
        Ok(())
    }

    /// Called before a record of the app is deleted because its deletion was received, while its row still exists. By default it
    /// does nothing.
    ///
    /// # Errors
    ///
    /// If the record cannot be deleted. It keeps the failure in the store, and is tried again.
    fn deleting(id: &RecordId, app: &dyn AppTables, effects: &mut Effects) -> Result<(), Failure> {
        let _ = (id, app, effects);
        Ok(())
    }

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
