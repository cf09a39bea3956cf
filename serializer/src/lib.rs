//! Records and the sync store of Syncline, without a database client.
//!
//! * [`model`]: the description of an application's structs: models, profiles, templates.
//! * [`value`]: the values of columns, and the field types that read and write them.
//! * [`json`]: JSON text as Python's `json` module writes it; [`python`] has more of Python's text functions.
//! * [`record_id`], [`identity`], [`instance`]: the identity of a record, and of the database that saves it.
//! * [`received`]: records of other databases: their JSON as Python reads it, and their failures.
//! * [`filter`]: partition prefixes.
//! * [`counters`]: which versions of records a database has, and the difference of two databases.
//! * [`serialize`]: the stages and pipelines that write the app's changes to the store, and the trait of a backend.
//!
//! A backend is another crate: `syncline-sqlite` opens databases, creates tables and runs the serialiser.

mod const_message;
pub mod counters;
pub mod dequeue;
pub mod deserialize;
pub mod filter;
pub mod identity;
pub mod instance;
pub mod invalid_record;
pub mod invalid_stored;
pub mod json;
pub mod model;
pub mod python;
pub mod queue;
pub mod received;
pub mod record_id;
pub mod serialize;
mod sql_values;
pub mod transfer_session;
pub mod value;

/// Items for generated code only.
#[doc(hidden)]
pub mod __private {
    pub use crate::identity::into_source_id;
    pub use crate::model::{
        AnyProfile, Flattens, Listing, PartitionedIfListed, Parts, Run, Unlisted, are_unique, check_default,
        column, column_of, in_column, in_part, name_of_profile, optional_column_of, part_of_row, retires,
        separator,
    };
    pub use crate::model::{AppTables, Effects, ReceiveContext, ReceivedRow};
    pub use crate::model::{
        check_received, into_failure, into_fault, takes_integers, takes_numbers, takes_text,
    };
    pub use crate::received::{Failure, Failure as RecordFailure, JsonObject};
    pub use crate::value::{
        Limit, Rules, integer_of, is_of_a_kind, no_number_of, none_of, receive_id, receive_reference, text_of,
    };
}

// The names that generated code and the documentation of the traits use.
pub use filter::{Filter, PartitionRange};
pub use identity::Identity;
pub use instance::Stamp;
pub use invalid_record::InvalidRecord;
pub use invalid_stored::InvalidStored;
pub use model::{
    Column, Discriminator, FieldError, InvalidColumn, KnownSchema, Lists, Model, ModelVisitor, OnDelete,
    Partitioned, PartitionedProfile, Profile, Row, Syncable, SyncableFields, Template, TemplatePiece,
};
pub use received::{FieldFault, JsonValue};
pub use record_id::RecordId;
#[cfg(feature = "json")]
pub use value::Json;
pub use value::{
    Blank, Check, ColumnType, ColumnValue, EmptyValues, FieldValue, InvalidValue, JsonText, NestedValue,
    StoredValue, write_as_stored,
};
