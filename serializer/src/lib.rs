//! Models at run time, the sync store and the serialise flow of syncline.

mod dependency_order;
pub mod json;
mod model;
mod profile;
mod record_id;
mod value;

pub use model::{Column, Discriminator, FieldError, Model, Row, Syncable};
pub use profile::{Lists, ModelVisitor, Profile};
pub use record_id::RecordId;
pub use value::{ColumnValue, FieldValue, InvalidValue, write_as_stored};

/// What only generated code may name.
#[doc(hidden)]
pub mod __private {
    pub use crate::dependency_order::Listing;
    pub use crate::model::{read_field, write_field};
    pub use crate::profile::{AnyProfile, MayBeListedBy};
}
