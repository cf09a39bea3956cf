//! The state of a database: its records one by one, and counts for each model.

pub(crate) mod failures;
pub(crate) mod record;
pub(crate) mod status;

pub use failures::FailedRecords;
pub use record::{AppRow, BufferedVersion, Inspection, RecordCounter, StoreRow};
pub use status::ModelStatus;
