//! The SQLite backend of Syncline: databases, tables, triggers and the serialiser, with the crate `rusqlite`.

mod app;
mod buffers;
mod conflicts;
mod connection_settings;
mod damage;
mod database;
pub mod deserialize;
mod error;
pub mod flow;
mod inspect;
mod read;

mod sqlite_row;
mod store;
pub mod transfer;
mod vacuum;

pub use app::{Access, Comparison, Difference, FoundRecords, ModelComparison, Tracked};
pub use buffers::{BufferedSession, Cleaned, Cleanup, SessionState};
pub use conflicts::{Conflicts, InConflict};
pub use database::Database;
pub use deserialize::{
    Arrival, Arrivals, Arrived, Deserialize, Deserialized, FailedRecord, ModelDeserialized,
};
pub use error::{
    DatabaseError, EvolutionError, OpenError, RecordError, RunError, SchemaError, SqliteError, TransferError,
};
pub use flow::{Estimate, FailedRow, Serialize, Serialized};
pub use inspect::{AppRow, BufferedVersion, FailedRecords, Inspection, ModelStatus, RecordCounter, StoreRow};
pub use read::{ReadRecords, ReadStore, Records, StoredRecord, StoredRecords};
pub use store::schema::SyncSchema;
pub use vacuum::Vacuumed;

/// The version of `rusqlite` that this crate uses. Connections that you share with it must be of this version.
pub use rusqlite;
