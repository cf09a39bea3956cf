//! The deserialise leg on SQLite: its source, its look-ups, and the statements that write the app's tables.
//!
//! ```text
//! WaitingRows => ParseText => buffer => TargetLookup => Decide => AppWriter
//! ```
//!
//! The stages are [those of every backend](syncline_serializer::deserialize).
//!
//! * **Order.** Models come in dependency order; of each model the deletions first. The rows of a model come in the order of the
//!   store's index of dirty rows, in pages: a row that is written leaves that index. Trees come by level (`tree_levels.rs`).
//! * **Memory.** Nothing is remembered but what the tables say: the failures of the run, and the records that are deleted in turn,
//!   are in temporary tables (`scratch.rs`).
//! * **Each row is a statement of its own**, and SQLite undoes a statement that a constraint rejects. So the row that breaks a
//!   unique key fails alone, and no chunk must be split to find it. A row that exists is updated, not replaced: local columns and the
//!   records that refer to it stay.
//! * **Foreign keys.** References are looked up in the app's tables before a row is written, and a deletion takes along all that
//!   refers to it (`cascade.rs`), so no commit can fail.
//! * **Further passes.** A record that failed may succeed behind others of the same run: a membership of a group behind that of its
//!   class, the exchange of two unique values. Records whose failure may be of that kind are tried again, at most twice.
//! * **Triggers.** The app's run, those that track changes do not (`muted.rs`).

mod app_rows;
mod arrivals;
mod builder;
mod cascade;
mod deletion;
mod effects;
mod failures;
mod job;
mod leg;
mod look_ups;
mod muted;
mod options;
mod received_deletions;
mod rejected;
mod save;
mod scratch;
mod store;
mod tree_levels;
mod values;
mod waiting_rows;

pub use arrivals::{Arrival, Arrivals, Arrived};
pub use builder::Deserialize;
pub use job::in_transaction;
pub use options::DeserializeOptions;
pub use syncline_serializer::deserialize::{Deserialized, FailedRecord, ModelDeserialized};
