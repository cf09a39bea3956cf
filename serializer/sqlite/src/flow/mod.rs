//! The serialise leg on SQLite: its sources, its store, and the job that runs them.
//!
//! ```text
//! DirtyRows => buffer => StoreLookup => SelfRefOrder => unbuffer => StoreUpdate => buffer => StoreWriter
//! ListedIds => buffer => DeletionLookup => DeletionWriter
//! ```
//!
//! The stages are [those of every backend](syncline_serializer::serialize); [`SyncTransaction`] is the store that they ask.
//! A job runs the pipelines once, in one transaction; or in each of several, about the next portion of the rows (`job.rs`).
//!
//! # How it needs little memory and runs at the speed of the disk
//!
//! * **Rows in the order of their ids**, whatever the model: the store's primary key and its counters grow in that
//!   order, so each of their pages is touched once, and the b-tree writes are where the time goes. If up to a third of the
//!   rows are dirty, and no more than 25,000, one pass over each table lists them, and each is read by its rowid;
//!   otherwise all are read by pages through the index of ids, a page of 25 ahead for each model, and merged.
//! * **A second connection for reading**, if there are many, which begins after the writer's `BEGIN IMMEDIATE`: nobody else
//!   can write, so it sees what the writer would see. The app's pages don't crowd the store's out of the cache. With
//!   [`Serialize::read_ahead`] that connection goes to a thread, which reads and formats a chunk and a half ahead: the one
//!   declared hop of the flow. It is optional, since it holds more than one thread does. If the tables are large the
//!   connection is opened before that, and a thread looks for dirty rows by it while this one does so by the other.
//! * **The log is synced while it grows**, by a thread that does nothing else, so that the commit finds most of it on
//!   the disk.
//! * **Straight to text.** The derive writes JSON from the row, without an owned struct between. A record that the
//!   store has keeps the store's key order and the keys that the app does not know.
//! * **Counters.** The counter of a record that the store has is updated in place; new ones are inserted, up to 100 a
//!   statement: SQLite charges an autoincrement table by the statement. A store that was empty gets its counters at
//!   the end, copied from its own index of ids, and its index of partitions is dropped meanwhile and made again, word
//!   for word, in the same transaction. (So `PRAGMA schema_version` moves on: that is how other programs learn of it.)
//! * **No page into the log twice.** When one is, SQLite sums every frame behind it again at the commit. So the closing
//!   acts of a [`SyncTransaction`] have an order, and the right edges of growing trees are kept in the cache
//!   (`store/right_edge.rs`).
//! * **Self-references.** A record whose parent has not come yet waits in a temporary table from when it is written, and
//!   gets its order at the commit.
//! * **Dirty bits** are cleared only for rows that were written: by rowid, in the table's own order, when all are written
//!   or 20,000 are; or, if all of many rows are written, at the end by a statement a model. Either way no row changes under
//!   a query that reads it, and no set of ids grows with the data.

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
mod transaction;
mod write_rows;

pub use dirty_rows::DirtyRows;
pub use estimate::Estimate;
pub use listed_ids::ListedIds;
pub(crate) use reader::READER_CACHE_KIB;
pub use serialize::Serialize;
pub use syncline_serializer::serialize::{
    DeletionList, DeletionLookup, DeletionWriter, FailedRow, Loaded, LookedUp, NotCommitted, SelfRefOrder,
    SerializeDeletions, SerializeRecords, SerializeStore, Serialized, Stale, StoreLookup, StoreUpdate,
    StoreWriter, Stored, Updated, Written, graph,
};
pub use transaction::{SyncScope, SyncTransaction};
