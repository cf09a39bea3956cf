//! The state of a database: its records one by one, counts for each model, and records in conflict.

pub(crate) mod conflicts;
pub(crate) mod record;
pub(crate) mod status;

pub use conflicts::InConflict;
pub use record::{AppRow, Inspection, RecordCounter, StoreRow};
pub use status::ModelStatus;
