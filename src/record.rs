//! Records: their ids, and the identities from which the ids are computed.

pub use syncline_serializer::{Identity, InvalidRecord, InvalidStored, RecordId, Stamp};
