//! Typed streams in constant memory, and a serialiser that writes Morango's sync store byte for byte.

pub use syncline_core::*;
pub use syncline_serializer::{
    Column, ColumnValue, Discriminator, FieldError, FieldValue, InvalidValue, Lists, Model, ModelVisitor,
    Profile, RecordId, Row, Syncable, json, write_as_stored,
};

/// What only generated code may name.
#[doc(hidden)]
pub mod __private {
    pub use syncline_serializer::__private::*;
}
