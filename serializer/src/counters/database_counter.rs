//! A row of the database max counters, and the side of a transfer that reads them.

use super::Counter;
use crate::record_id::RecordId;

/// A database max counter: the database has every record under `partition` that `instance` saved last with a counter up to
/// `counter` (morango.md §8).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DatabaseCounter {
    /// A prefix of partitions.
    pub partition: String,
    /// The instance.
    pub instance: RecordId,
    /// Its counter.
    pub counter: Counter,
}

/// The side of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The side that sends records. Morango calls it the producer.
    Sender,
    /// The side that receives records.
    Receiver,
}
