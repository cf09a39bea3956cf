//! Counters that say which versions of records a database has (morango.md §8 and §12), as pure functions.
//!
//! Every save takes the next counter of its instance. "Up to counter 7 of instance A" therefore names a set of versions.
//! A database keeps such statements by partition prefix: its database max counters. For a transfer, each side reduces them
//! to the partitions of the filter and gives the result to the other side: its filter-specific instance counters (FSIC).
//! The difference of the two is what the sender has to queue.
//!
//! An FSIC has two formats. [`InstanceCounters`] is the older one, with one counter for each instance. [`FilterCounters`] is
//! the newer one, with counters for each partition. [`Fsic`] is either.
//!
//! ```
//! use syncline_serializer::counters::{FilterCounters, Role};
//!
//! # fn main() -> Result<(), syncline_serializer::counters::InvalidCounters> {
//! let sent = r#"{"super": {}, "sub": {"a": {"11111111111111111111111111111111": 9}}}"#;
//! let has = r#"{"super": {"": {"11111111111111111111111111111111": 5}}, "sub": {}}"#;
//! let filter = ["a"];
//! let sender = FilterCounters::parse(sent)?.expand(&filter);
//! let receiver = FilterCounters::parse(has)?.expand(&filter);
//! let difference = sender.missing_in(&receiver);
//! assert_eq!(difference.to_string(), r#"{"a": {"11111111111111111111111111111111": 5}}"#);
//! # Ok(())
//! # }
//! ```

mod ancestors;
mod database_counter;
mod filter_counters;
mod fsic;
mod instance_counters;
mod invalid;
mod partition_counters;
mod update;

pub use database_counter::{DatabaseCounter, Role};
pub use filter_counters::FilterCounters;
pub use fsic::Fsic;
pub use instance_counters::InstanceCounters;
pub use invalid::InvalidCounters;
pub use partition_counters::PartitionCounters;
pub use update::{Received, received_by_instance, received_by_partition};

/// A counter of an instance: 0 to 2³¹ − 1, the range of Morango's column.
pub type Counter = u32;

/// The largest counter.
pub const LARGEST_COUNTER: Counter = 0x7fff_ffff;
