//! The parts of the serialise flow, and the pipelines made of them (morango.md §6).
//!
//! ```text
//! DirtyRows => buffer => StoreLookup => SelfRefOrder => unbuffer => StoreUpdate => buffer => StoreWriter
//! ListedIds => buffer => DeletionLookup => DeletionWriter
//! ```
//!
//! Once, in one transaction; or for each of several, each about the next portion of the rows (`job.rs`).
//!
//! A record changes type as it learns things: [`Loaded`] from the app's table, [`LookedUp`] once it is known what the
//! store has, [`Updated`] once it is known what the store shall have. So a pipeline that updates before it looks up
//! does not compile.
//!
//! # How it keeps to little memory, and to the speed of the disk
//!
//! * **Rows in the order of their ids**, whatever the model: the store's primary key and its counters grow in that
//!   order, so each of their pages is touched once, and the b-tree writes are where the time goes. Where up to a third
//!   of the rows are dirty, and no more than 25,000, one pass over each table lists where they stand, and each is read
//!   by its rowid; otherwise all are read by pages through the index of ids, a page of 25 ahead for each model, and
//!   merged.
//! * **A second connection to read by**, where there are many, which began after the writer's `BEGIN IMMEDIATE`:
//!   nobody else can write, so it sees what the writer would have seen. The app's pages don't crowd the store's out of
//!   the cache. With [`Serialize::read_ahead`] that connection goes to a thread, which reads and formats a chunk and a
//!   half ahead: the one declared hop of the flow. It is an offer, since it holds more than one thread does. Where the tables
//!   are large it is opened before that, and a thread looks for dirty rows by it while this one does so by the other.
//! * **The log is synced while it grows**, by a thread that does nothing else, so that the commit finds most of it on
//!   the disk.
//! * **Straight to text.** The derive writes JSON from the row, without an owned struct between. A record that the
//!   store has keeps the store's key order and the keys that the app does not know.
//! * **Counters.** That of a record which the store has is updated in place; new ones are inserted, up to 100 a
//!   statement: SQLite charges an autoincrement table by the statement. A store that was empty gets its counters at
//!   the end, copied from its own index of ids, and its index of partitions is dropped meanwhile and made again, word
//!   for word, in the same transaction. (So `PRAGMA schema_version` moves on: that is how other programs learn of it.)
//! * **No page into the log twice.** When one is, SQLite sums every frame behind it again at the commit. So the closing
//!   acts of a [`SyncTransaction`] have an order, and the right edges of growing trees are kept in the cache
//!   (`store/right_edge.rs`).
//! * **Self-references.** A record whose parent has not come yet waits in a temporary table, and gets its order when
//!   all are there.
//! * **Dirty bits** are cleared only for rows that were written: by rowid, in the table's own order, when all are written
//!   or 20,000 are; or, where all of many rows are written, at the end by a statement a model (`ledger.rs`). Either way no
//!   row changes under a query that reads it, and no set of ids grows with the data.

mod clear_dirty_bits;
mod deletion_lists;
mod deletion_lookup;
mod deletion_writer;
mod dirty_rows;
mod estimate;
mod graph;
mod job;
mod kept_columns;
mod ledger;
mod left_out;
mod listed_ids;
mod reader;
mod self_ref_order;
mod serialize;
pub(crate) mod serialized;
mod store_lookup;
mod store_update;
mod store_writer;
mod tasks;
mod ticket;
mod transaction;

pub use deletion_lists::DeletionList;
pub use deletion_lookup::{DeletionLookup, Stale};
pub use deletion_writer::DeletionWriter;
pub use dirty_rows::DirtyRows;
pub use estimate::Estimate;
pub use graph::graph;
pub use kept_columns::Respelt;
pub use left_out::FailedRow;
pub use listed_ids::ListedIds;
pub(crate) use reader::READER_CACHE_KIB;
pub use self_ref_order::SelfRefOrder;
pub use serialize::{Serialize, SerializeDeletions, SerializeRecords};
pub use serialized::Serialized;
pub use store_lookup::StoreLookup;
pub use store_update::StoreUpdate;
pub use store_writer::{StoreWriter, Written};
pub use tasks::{Loaded, LookedUp, Stored, Updated};
pub use transaction::{SyncScope, SyncTransaction};
