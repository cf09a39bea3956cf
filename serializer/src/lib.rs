//! Models at run time, the sync store and the serialise flow of syncline.

mod database;
mod dependency_order;
mod error;
mod filter;
pub mod flow;
pub mod json;
mod model;
mod profile;
mod record_id;
mod records;
mod settings;
mod sqlite_row;
mod status;
mod store;
mod value;

pub use database::Database;
pub use error::{DatabaseError, InvalidColumn, InvalidStored};
pub use filter::{Filter, PartitionRange};
pub use flow::{InvalidRecord, Serialize, Serialized};

pub use model::{Column, Discriminator, FieldError, Model, Row, Syncable};
pub use profile::{Lists, ModelVisitor, Profile};
pub use record_id::RecordId;
pub use records::Records;
pub use status::ModelStatus;
pub use store::instance::Stamp;
pub use store::schema::SyncSchema;
pub use value::{ColumnValue, FieldValue, InvalidValue, write_as_stored};

/// What only generated code may name.
#[doc(hidden)]
pub mod __private {
    pub use crate::dependency_order::Listing;
    pub use crate::model::{column, in_column};
    pub use crate::profile::AnyProfile;
}
