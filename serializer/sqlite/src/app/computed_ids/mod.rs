//! Ids that the database computes for rows which are inserted without one.
//!
//! An id is a hash of the partition, the source id and the model (morango.md §1.3). Programs that insert rows with plain SQL
//! have no way to compute it, so triggers do, in SQL alone.

pub(crate) mod pending_id;
pub(crate) mod sha256;
mod triggers;

pub(crate) use triggers::takes_source_id;
