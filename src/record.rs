//! Records: their ids, and the identities that the ids are made of.

pub use syncline_serializer::{Identity, InvalidRecord, InvalidStored, RecordId, Stamp};
