//! The SQLite backend of Syncline: databases, tables, triggers and the serialiser, with the crate `rusqlite`.

mod app;
mod conflicts;
mod connection_settings;
mod database;
mod error;
pub mod flow;
mod inspect;
mod read;
mod records;

mod sqlite_row;
mod status;
mod store;
mod stored_records;

pub use app::{Access, Difference};
pub use conflicts::InConflict;
pub use database::Database;
pub use error::{DatabaseError, OpenError, RecordError, RunError, SchemaError, SqliteError};
pub use flow::{Estimate, FailedRow, Serialize, Serialized};
pub use inspect::{AppRow, Inspection, RecordCounter, StoreRow};
pub use read::{ReadRecords, ReadStore};
pub use records::Records;
pub use status::ModelStatus;
pub use store::schema::SyncSchema;
pub use stored_records::{StoredRecord, StoredRecords};

/// The version of `rusqlite` that this crate uses. Connections that you share with it must be of this version.
pub use rusqlite;
