//! `PartitionCounters`: counters of instances for each partition prefix, their difference, and their division into chunks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::ancestors::Ancestors;
use super::{Counter, InstanceCounters, InvalidCounters};
use crate::json::write_string;
use crate::record_id::RecordId;

/// Counters by partition prefix and instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartitionCounters(pub(super) BTreeMap<String, InstanceCounters>);

impl PartitionCounters {
    pub(super) fn from_json(
        object: BTreeMap<String, BTreeMap<String, Value>>,
    ) -> Result<Self, InvalidCounters> {
        let partitions = object
            .into_iter()
            .map(|(partition, counters)| Ok((partition, InstanceCounters::from_json(counters)?)));
        partitions.collect::<Result<_, _>>().map(Self)
    }

    /// Parses the JSON object `{partition: {instance: counter}}`.
    ///
    /// # Errors
    ///
    /// If the text is not such an object, an instance is not an id, or a counter is not in its range.
    pub fn parse(text: &str) -> Result<Self, InvalidCounters> {
        Self::from_json(serde_json::from_str(text).map_err(InvalidCounters::Unreadable)?)
    }

    /// The partition prefixes and their counters, in ascending order of code points.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &InstanceCounters)> {
        self.0.iter().map(|(partition, counters)| (partition.as_str(), counters))
    }

    /// The counters of `partition`, if there are any.
    #[must_use]
    pub fn get(&self, partition: &str) -> Option<&InstanceCounters> {
        self.0.get(partition)
    }

    /// The number of partition prefixes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if there is no partition prefix.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets the counter of `instance` for `partition` to `counter`, unless it is as high already.
    pub fn raise(&mut self, partition: &str, instance: RecordId, counter: Counter) {
        if let Some(counters) = self.0.get_mut(partition) {
            counters.raise(instance, counter);
        } else {
            self.0.insert(partition.to_owned(), InstanceCounters::from_iter([(instance, counter)]));
        }
    }

    /// The counters from which the receiver lacks versions (morango.md §8.4): for each partition and instance of which
    /// `self` has a higher counter than `receiver` has for that partition or any prefix of it, the counter of the receiver.
    ///
    /// Both are the results of [`expand`](super::FilterCounters::expand) with the same filter.
    #[must_use]
    pub fn missing_in(&self, receiver: &Self) -> Self {
        let partitions: BTreeSet<&str> = self.0.keys().chain(receiver.0.keys()).map(String::as_str).collect();
        let mut ancestors = Ancestors::new();
        let mut missing = Self::default();
        for partition in partitions {
            ancestors.of(partition);
            if let Some(counters) = receiver.0.get(partition) {
                ancestors.push(partition, counters);
            }
            let Some(sent) = self.0.get(partition) else { continue };
            let prefixes = ancestors.of(partition);
            for (instance, counter) in sent.iter() {
                let known = prefixes.iter().map(|(_, counters)| counters.get(instance)).max();
                let known = known.unwrap_or_default();
                if known < counter {
                    missing.raise(partition, instance, known);
                }
            }
        }
        missing
    }

    /// Divides the counters into chunks for SQL statements with a bounded number of parameters (morango.md §8.5).
    ///
    /// A partition counts as one, an instance counts as one, and a chunk has at most `size` of them. A partition that does
    /// not fit is continued in the next chunk, where it counts as one again. A chunk has at least one instance, whatever
    /// `size` is. Partitions without instances are in no chunk.
    #[must_use]
    pub fn chunks(&self, size: usize) -> Vec<Self> {
        let mut chunks = Vec::new();
        let mut chunk = Self::default();
        let mut left = size;
        for (partition, counters) in self.iter() {
            left = left.saturating_sub(1);
            for (instance, counter) in counters.iter() {
                if left == 0 {
                    if !chunk.is_empty() {
                        chunks.push(std::mem::take(&mut chunk));
                    }
                    left = size.saturating_sub(1);
                }
                chunk.raise(partition, instance, counter);
                left = left.saturating_sub(1);
            }
        }
        if !chunk.is_empty() {
            chunks.push(chunk);
        }
        chunks
    }

    pub(super) fn write(&self, out: &mut String) {
        out.push('{');
        for (index, (partition, counters)) in self.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            write_string(out, partition);
            out.push_str(": ");
            counters.write(out);
        }
        out.push('}');
    }
}

impl fmt::Display for PartitionCounters {
    /// Writes the JSON object `{partition: {instance: counter}}`, spaced as Python's `json.dumps` does it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text);
        f.write_str(&text)
    }
}
