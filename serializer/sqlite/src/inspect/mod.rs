//! The state of a database: its records one by one, and counts for each model.

pub(crate) mod record;
pub(crate) mod status;

pub use record::{AppRow, Inspection, RecordCounter, StoreRow};
pub use status::ModelStatus;
