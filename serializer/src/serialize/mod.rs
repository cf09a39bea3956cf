//! The serialise leg: the app's changes go to the store (docs/morango.md, "Serialise").
//!
//! ```text
//! dirty rows => buffer => StoreLookup => SelfRefOrder => unbuffer => StoreUpdate => buffer => StoreWriter
//! listed ids => buffer => DeletionLookup => DeletionWriter
//! ```
//!
//! The type of a record changes on the way: [`Loaded`] comes from the app's table, [`LookedUp`] has its store row,
//! [`Updated`] has the change of that row. So a pipeline that updates before it looks up does not compile.
//!
//! The stages do not depend on a database. They call a [`SerializeStore`] once for each chunk. A backend implements
//! that trait for its open transaction, and has the two sources. The stages record their work in the
//! [`TransactionState`]. At the commit, [`backend::close`] clears the dirty bits of the written rows and
//! performs the other closing acts in their order.

pub mod backend;
mod deletion_list;
mod deletion_lookup;
mod deletion_writer;
mod failed_row;
mod graph;
mod held_back;
mod key;
mod ledger;
mod leg;
mod listed;
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
pub use held_back::HeldBack;
pub use pipeline::{CHUNK, CHUNK_BYTES, SerializeDeletions, SerializeRecords};
pub use self_ref_order::SelfRefOrder;
pub use serialized::Serialized;
pub use stale::{ListedId, Stale};
pub use state::{NotCommitted, TransactionState};
pub use store::SerializeStore;
pub use store_lookup::StoreLookup;
pub use store_update::StoreUpdate;
pub use store_writer::{StoreWriter, Written};
pub use tasks::{Loaded, LookedUp, Stored, Updated};
