//! Models at run time, the sync store and the serialise pipeline of syncline.

mod app;
mod conflicts;
mod database;
mod dependency_order;
mod error;
mod filter;
pub mod flow;
mod inspect;
pub mod json;
mod model;
mod profile;
pub mod python;
mod record_id;
mod records;
mod settings;
mod sqlite_row;
mod status;
mod store;
mod stored_records;
mod template;
mod value;

pub use app::{Access, Difference, Identity, InvalidRecord};
pub use conflicts::InConflict;
pub use database::Database;
pub use error::{DatabaseError, InvalidColumn, InvalidStored};
pub use filter::{Filter, PartitionRange};
pub use flow::{Estimate, FailedRow, Serialize, Serialized};
pub use inspect::{AppRow, Inspection, RecordCounter, StoreRow};

pub use model::{Column, Discriminator, FieldError, Model, OnDelete, Partitioned, Row, Syncable};
pub use profile::{Lists, ModelVisitor, PartitionedProfile, Profile};
pub use record_id::RecordId;
pub use records::Records;
pub use status::ModelStatus;
pub use store::instance::Stamp;
pub use store::schema::SyncSchema;
pub use stored_records::{StoredRecord, StoredRecords};
pub use template::{Template, TemplatePiece};
#[cfg(feature = "json")]
pub use value::Json;
pub use value::{
    ColumnType, ColumnValue, FieldValue, InvalidValue, JsonText, NestedValue, StoredValue, write_as_stored,
};

/// Items for generated code alone.
#[doc(hidden)]
pub mod __private {
    pub use crate::dependency_order::Listing;
    pub use crate::model::{column, in_column};
    pub use crate::profile::AnyProfile;
    pub use crate::value::{no_number_of, none_of};
}
