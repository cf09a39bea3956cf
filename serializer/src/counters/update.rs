//! The update of the database max counters after records were received (morango.md §12).

use super::{Counter, DatabaseCounter, FilterCounters, InstanceCounters};
use crate::record_id::RecordId;

/// The counters to write after a transfer, and how many were refused.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The counters to write. A counter of the database that is higher stays (quirk Q2).
    pub counters: Vec<DatabaseCounter>,
    /// The number of counters for partitions outside of the filter, which the peer cannot vouch for (quirk Q27).
    pub outside: u64,
}

/// The counters to write for a sender's FSIC of version 2. They are those for partitions inside of `filter`.
///
/// `mine` is the instance and the counter of this database. A peer does not raise it here: a counter of that instance above
/// `mine` is written as `mine` (quirk Q27).
#[must_use]
pub fn received_by_partition(sent: &FilterCounters, filter: &[&str], mine: (RecordId, Counter)) -> Received {
    let mut received = Received::default();
    for (partition, counters) in sent.inside.iter() {
        if !filter.iter().any(|prefix| partition.starts_with(prefix)) {
            received.outside += counters.iter().count() as u64;
            continue;
        }
        received.counters.extend(counters.iter().map(|(instance, counter)| DatabaseCounter {
            partition: partition.to_owned(),
            instance,
            counter: no_more_than_mine(instance, counter, mine),
        }));
    }
    received
}

/// The counters to write for a sender's FSIC of version 1: those above `known`, the FSIC of this database as a receiver, and
/// those of instances that it lacks, for every prefix of `filter`. `mine` as in [`received_by_partition`].
#[must_use]
pub fn received_by_instance(
    sent: &InstanceCounters,
    known: &InstanceCounters,
    filter: &[&str],
    mine: (RecordId, Counter),
) -> Received {
    let is_new = |instance: RecordId, counter| !known.contains(instance) || counter > known.get(instance);
    let new: Vec<_> = sent.iter().filter(|(instance, counter)| is_new(*instance, *counter)).collect();
    let counters = filter.iter().flat_map(|prefix| {
        new.iter().map(move |(instance, counter)| DatabaseCounter {
            partition: (*prefix).to_owned(),
            instance: *instance,
            counter: no_more_than_mine(*instance, *counter, mine),
        })
    });
    Received { counters: counters.collect(), outside: 0 }
}

fn no_more_than_mine(instance: RecordId, counter: Counter, mine: (RecordId, Counter)) -> Counter {
    if instance == mine.0 { counter.min(mine.1) } else { counter }
}
