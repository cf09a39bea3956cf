//! Typed streams in constant memory, and a serialiser that writes Morango's sync store byte for byte.

pub use syncline_core::*;
pub use syncline_macros::{Syncable, pipeline, profile};
pub use syncline_serializer::{
    Column, ColumnValue, Database, DatabaseError, Discriminator, FieldError, FieldValue, Filter,
    InvalidColumn, InvalidStored, InvalidValue, Lists, Model, ModelStatus, ModelVisitor, PartitionRange,
    Profile, RecordId, Records, Row, Serialize, Serialized, Stamp, SyncSchema, Syncable, flow, json,
    write_as_stored,
};

pub mod prelude;

/// What only generated code may name.
#[doc(hidden)]
pub mod __private {
    pub use syncline_core::__private::*;
    pub use syncline_serializer::__private::*;
}
