//! Received records: their JSON as Python reads it, and the failures that are noted at a record's row in the store.
//!
//! A text of the store is [parsed](parse) to a [`JsonValue`]. Each field converts its value
//! ([`FieldValue::from_json`](trait@crate::FieldValue)) or returns a [`FieldFault`]. The faults of a record's fields are
//! collected in [`ValidationErrors`], and become one [`Failure`]: the class and the text that Morango writes to the
//! columns `deserialization_exception` and `deserialization_error`.

mod decode;
mod failure;
mod field_fault;
mod parse;
mod position;
mod print;
mod string;
mod validation_errors;
mod value;

pub use failure::{ExceptionClass, Failure};

pub use field_fault::{Faults, FieldFault};
pub use parse::{parse, parse_bytes};
pub use string::JsonString;
pub use validation_errors::ValidationErrors;
pub use value::{JsonObject, JsonValue};
