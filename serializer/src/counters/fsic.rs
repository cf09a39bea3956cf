//! `Fsic`: the counters of one side of a transfer, in the format on which the two sides agreed.

use std::fmt;

use super::{FilterCounters, InstanceCounters};

/// Filter-specific instance counters in either format (morango.md §8).
///
/// Both sides of a transfer use the same format: the newer one if both list the capability `FSIC_V2_FORMAT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fsic {
    /// Version 1: one counter for each instance.
    ByInstance(InstanceCounters),
    /// Version 2: counters for each partition.
    ByPartition(FilterCounters),
}

impl fmt::Display for Fsic {
    /// Writes the JSON text that travels and that the transfer session keeps.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByInstance(counters) => counters.fmt(f),
            Self::ByPartition(counters) => counters.fmt(f),
        }
    }
}
