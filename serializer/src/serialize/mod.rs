//! The serialise leg: the app's changes go to the store (docs/morango.md, "Serialise").
//!
//! ```text
//! dirty rows => buffer => StoreLookup => SelfRefOrder => unbuffer => StoreUpdate => buffer => StoreWriter
//! listed ids => buffer => DeletionLookup => DeletionWriter
//! ```
//!
//! A record changes its type on the way: [`Loaded`] comes from the app's table, [`LookedUp`] has its row of the store,
//! [`Updated`] has the change of that row. So a pipeline that updates before it looks up does not compile.
//!
//! The stages name no database. They ask a [`SerializeStore`] for what they need, a chunk at a time; a backend
//! implements it for its open transaction, and has the two sources. What the stages write down in the
//! [`TransactionState`] decides, at the commit, which dirty bits are cleared and which closing acts are due:
//! [`SerializeStore::close`] has them in their order.

pub mod backend;
mod deletion_list;
mod deletion_lookup;
mod deletion_writer;
mod failed_row;
mod graph;
mod key;
mod ledger;
mod pipeline;
mod self_ref_order;
mod serialized;
mod stale;
mod state;
mod store;
mod store_lookup;
mod store_update;
mod store_writer;
mod tasks;
mod ticket;
mod updater;

pub use deletion_list::DeletionList;
pub use deletion_lookup::DeletionLookup;
pub use deletion_writer::DeletionWriter;
pub use failed_row::FailedRow;
pub use graph::graph;
pub use pipeline::{CHUNK, CHUNK_BYTES, SerializeDeletions, SerializeRecords};
pub use self_ref_order::SelfRefOrder;
pub use serialized::Serialized;
pub use stale::Stale;
pub use state::{NotCommitted, TransactionState};
pub use store::SerializeStore;
pub use store_lookup::StoreLookup;
pub use store_update::StoreUpdate;
pub use store_writer::{StoreWriter, Written};
pub use tasks::{Loaded, LookedUp, Stored, Updated};
