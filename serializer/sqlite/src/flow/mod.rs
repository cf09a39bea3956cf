//! The serialise leg on SQLite: its sources, its store, and the job.
//!
//! ```text
//! DirtyRows => buffer => StoreLookup => SelfRefOrder => unbuffer => StoreUpdate => buffer => StoreWriter
//! ListedIds => buffer => DeletionLookup => DeletionWriter
//! ```
//!
//! The stages are [those of every backend](syncline_serializer::serialize), and [`SyncTransaction`] is their store. A
//! job runs the pipelines once in one transaction, or once in each of several, each with a portion of the rows
//! (`job.rs`).
//!
//! # Memory and speed
//!
//! * **Rows in the order of their ids**, over all models. The store's primary key and its counters grow in that order,
//!   so each of their pages is touched once, and most of the time is spent in writes to b-trees. If up to a third of
//!   the rows are dirty, and no more than 25,000, one pass over each table lists them, and each is read by its rowid.
//!   Otherwise all are read in pages of 25 rows of each model through the index of ids, and merged.
//! * **A second connection for reading**, if there are many rows. It begins after the writer's `BEGIN IMMEDIATE`, so no
//!   other program can write, and it sees the same state as the writer. The app's pages do not displace the store's
//!   pages in the cache. With [`Serialize::read_ahead`] that connection is used by a thread, which reads and formats
//!   one and a half chunks ahead. This is the only hop of the flow. It is optional, because it needs more memory than
//!   one thread. If the tables are large, the connection is opened earlier: a thread searches for dirty rows with it
//!   while this thread uses the other one.
//! * **The log is synced while it grows**, by a thread with no other work, so that the commit finds most of it on the
//!   disk.
//! * **No intermediate struct.** The derived code writes JSON from the row. A record that the store has keeps the
//!   store's key order and the keys that the app does not know.
//! * **Counters.** The counter of a record that the store has is updated in place. New ones are inserted, up to 100 in
//!   a statement, because the cost of an autoincrement table is a cost per statement. A store that was empty gets its
//!   counters at the end, copied from its own index of ids. Its index of partitions is dropped before, and created
//!   again with the same text in the same transaction. (So `PRAGMA schema_version` changes: that is how other programs
//!   notice it.)
//! * **No page twice in the log.** If a page is written twice, SQLite computes the checksums of all later frames again
//!   at the commit. So the closing acts of a [`SyncTransaction`] have an order, and the right edges of growing trees
//!   are kept in the cache (`store/hot_pages.rs`).
//! * **Self-references.** A record whose parent has not come yet is noted in a temporary table when it is written, and
//!   gets its order at the commit.
//! * **Dirty bits** are cleared only for rows that were written: by rowid, in the table's own order, when all or 20,000
//!   rows are written; or, if all of many rows are written, at the end by one statement for each model. In both cases
//!   no row changes under a query that reads it, and no set of ids grows with the data.

mod begin;
mod clear_dirty_bits;
mod deletion_lists;
mod dirty_rows;
mod estimate;
mod job;
mod listed_ids;
mod orders;
mod reader;
mod received_columns;
mod serialize;
mod stale_rows;
mod stored_rows;
mod text_page;
mod transaction;
mod write_rows;

pub(crate) use begin::begin_immediate;
pub use dirty_rows::DirtyRows;
pub use estimate::Estimate;
pub use listed_ids::ListedIds;
pub use serialize::Serialize;
pub use syncline_serializer::serialize::{
    DeletionList, DeletionLookup, DeletionWriter, FailedRow, HeldBack, Loaded, LookedUp, NotCommitted,
    SelfRefOrder, SerializeDeletions, SerializeRecords, SerializeStore, Serialized, Stale, StoreLookup,
    StoreUpdate, StoreWriter, Stored, Updated, Written, graph,
};
pub(crate) use transaction::LaterSchema;
pub use transaction::{SyncScope, SyncTransaction};
