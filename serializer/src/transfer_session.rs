//! `TransferSession`: one transfer of records in one direction, and the faults of what a peer says about it (morango.md §14).

use crate::counters::{Counter, Fsic, InvalidCounters, LARGEST_COUNTER};
use crate::filter::Filter;
use crate::record_id::RecordId;

/// A transfer session: a filter, a direction, and the counters of both sides.
#[derive(Debug, Clone)]
pub struct TransferSession {
    /// Its id.
    pub id: RecordId,
    /// The records that it transfers.
    pub filter: Filter,
    /// `true` if the client sends and the server receives.
    pub is_push: bool,
    /// The counters of the client.
    pub client: Fsic,
    /// The counters of the server.
    pub server: Fsic,
    /// `true` if both sides have the column `_self_ref_order`, so that it travels.
    pub has_orders: bool,
}

impl TransferSession {
    /// The prefixes of its filter. A filter for everything has one, which is empty.
    #[must_use]
    pub fn prefixes(&self) -> Vec<&str> {
        let prefixes: Vec<_> = self.filter.distinct_prefixes().collect();
        if prefixes.is_empty() { vec![""] } else { prefixes }
    }

    /// The counters of the side that sends.
    #[must_use]
    pub fn sender(&self) -> &Fsic {
        if self.is_push { &self.client } else { &self.server }
    }

    /// The counters of the side that receives.
    #[must_use]
    pub fn receiver(&self) -> &Fsic {
        if self.is_push { &self.server } else { &self.client }
    }
}

/// The reason why a transfer cannot go on: a fault of what a peer said. Nothing of the transfer is written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTransfer {
    /// The counters of the two sides have different formats.
    #[error(
        "one side gave counters for each instance, the other for each partition: both must use the same format"
    )]
    Formats,
    /// The text of the counters of one side cannot be used.
    #[error("the counters of the {side} cannot be used")]
    Counters {
        /// `client` or `server`.
        side: &'static str,
        /// The fault.
        source: InvalidCounters,
    },
    /// The counters name a partition outside of the filter.
    #[error("the counters name the partition `{partition}`, which is outside of the filter")]
    OutsideFilter {
        /// The partition.
        partition: String,
    },
    /// A peer knows counters of this database's instance that are too far ahead to be true (quirk Q26).
    #[error(
        "the peer knows counter {named} of this instance, whose own counter is {counter}: that is too far ahead to come from a \
         backup that was put back"
    )]
    TooFarAhead {
        /// The counter that the peer named.
        named: i64,
        /// The counter of this database.
        counter: Counter,
    },
    /// The next counter of this instance is out of the range of counters.
    #[error(
        "the counter of this instance is {counter}, and the next one cannot be stored, since counters are from 0 to \
         {LARGEST_COUNTER}: make it a new instance"
    )]
    NoCounterLeft {
        /// The counter.
        counter: i64,
    },
}
