//! The identity of a database on a machine: its instance id and its counter (morango.md §1.8, §1.9).

pub mod machine;
mod stamp;

pub use stamp::Stamp;

use crate::record_id::RecordId;

/// Computes the id of the instance for the database `database` on this machine.
#[must_use]
pub fn this_machine(database: &str) -> RecordId {
    RecordId::hash(&[database, &machine::system_id(), &machine::node_id()])
}
