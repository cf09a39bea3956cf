//! `Difference`: the versions that a sender has and a receiver lacks.

use std::collections::BTreeSet;

use crate::counters::{FilterCounters, Fsic, InstanceCounters, PartitionCounters};
use crate::filter::PartitionRange;
use crate::record_id::RecordId;
use crate::transfer_session::{InvalidTransfer, TransferSession};

/// The versions that a sender has and a receiver lacks, under a filter (morango.md §8.4, §9).
#[derive(Debug)]
pub struct Difference {
    /// Counters of the receiver for each partition. For FSICs of version 1 the same counters for each prefix of the filter.
    missing: PartitionCounters,
    /// The lengths of the partitions in `missing`, in bytes: the prefixes of a text that can be among them.
    lengths: BTreeSet<usize>,
}

impl Difference {
    /// The difference between the two sides of `session`.
    ///
    /// # Errors
    ///
    /// If the counters are of different formats, or name a partition inside of neither prefix of the filter.
    pub fn of(session: &TransferSession) -> Result<Self, InvalidTransfer> {
        let filter = session.prefixes();
        let missing = match (session.sender(), session.receiver()) {
            (Fsic::ByInstance(sender), Fsic::ByInstance(receiver)) => {
                everywhere(&filter, &sender.missing_in(receiver))
            }
            (Fsic::ByPartition(sender), Fsic::ByPartition(receiver)) => {
                is_inside(&filter, sender)?;
                is_inside(&filter, receiver)?;
                sender.clone().expand(&filter).missing_in(&receiver.clone().expand(&filter))
            }
            _ => return Err(InvalidTransfer::Formats),
        };
        let lengths = missing.iter().map(|(partition, _)| partition.len()).collect();
        Ok(Self { missing, lengths })
    }

    /// Returns `true` if the receiver lacks nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty()
    }

    /// The ranges of the partitions that can have such versions: disjoint, and in ascending order.
    #[must_use]
    pub fn ranges(&self) -> Vec<PartitionRange> {
        PartitionRange::of_all(self.missing.iter().map(|(partition, _)| partition))
    }

    /// Returns `true` if the receiver lacks the version of a record in `partition` that `instance` saved with `counter`.
    #[must_use]
    pub fn includes(&self, partition: &str, instance: RecordId, counter: i64) -> bool {
        let prefixes = self.lengths.iter().map_while(|length| match partition.get(..*length) {
            Some(prefix) => Some(Some(prefix)),
            // In the middle of a character.
            None if *length < partition.len() => Some(None),
            None => None,
        });
        prefixes
            .flatten()
            .filter_map(|prefix| self.missing.get(prefix))
            .any(|counters| counters.find(instance).is_some_and(|known| counter > i64::from(known)))
    }
}

/// `counters` for each prefix of `filter`.
fn everywhere(filter: &[&str], counters: &InstanceCounters) -> PartitionCounters {
    let mut missing = PartitionCounters::default();
    for prefix in filter {
        for (instance, counter) in counters.iter() {
            missing.raise(prefix, instance, counter);
        }
    }
    missing
}

fn is_inside(filter: &[&str], counters: &FilterCounters) -> Result<(), InvalidTransfer> {
    let outside = |partition: &&str| !filter.iter().any(|prefix| partition.starts_with(prefix));
    match counters.inside.iter().map(|(partition, _)| partition).find(outside) {
        None => Ok(()),
        Some(partition) => Err(InvalidTransfer::OutsideFilter { partition: partition.to_owned() }),
    }
}
