//! The parts of the serialise flow, and the pipelines made of them (morango.md §6).
//!
//! ```text
//! DirtyRows => buffer => StoreLookup => SelfRefOrder => unbuffer => StoreUpdate => buffer => StoreWriter
//! ListedIds => buffer => DeletionLookup => DeletionWriter
//! ```
//!
//! A record changes type as it learns things: [`Loaded`] from the app's table, [`LookedUp`] once it is known what the
//! store has, [`Updated`] once it is known what the store shall have. So a pipeline that updates before it looks up
//! does not compile.

mod deletion_lookup;
mod deletion_writer;
mod dirty_rows;
mod graph;
mod listed_ids;
mod reader;
mod run;
mod self_ref_order;
mod serialize;
mod store_lookup;
mod store_update;
mod store_writer;
mod tasks;

pub use deletion_lookup::{DeletionLookup, Stale};
pub use deletion_writer::DeletionWriter;
pub use dirty_rows::DirtyRows;
pub use graph::graph;
pub use listed_ids::{DeletionList, ListedIds};
pub(crate) use reader::READER_CACHE_KIB;
pub use run::Run;
pub use self_ref_order::SelfRefOrder;
pub use serialize::{Serialize, SerializeDeletions, SerializeRecords, Serialized};
pub use store_lookup::StoreLookup;
pub use store_update::StoreUpdate;
pub use store_writer::{StoreWriter, Written};
pub use tasks::{Change, Loaded, LookedUp, Stored, Update, Updated};
