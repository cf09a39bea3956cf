//! `FilterCounters`: counters for the partitions of a filter. The newer format of an FSIC.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::ancestors::Ancestors;
use super::{DatabaseCounter, InstanceCounters, InvalidCounters, PartitionCounters};

/// Counters of a database for a filter, version 2 (morango.md §8.2): those for partitions inside of the filter, and those for
/// partitions that contain parts of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilterCounters {
    /// Counters for partitions that are proper prefixes of some prefix of the filter. In JSON `super`.
    pub above: PartitionCounters,
    /// Counters for partitions that begin with some prefix of the filter. In JSON `sub`.
    pub inside: PartitionCounters,
}

impl FilterCounters {
    /// The counters of a database for the prefixes `filter`, from its database max counters `rows`.
    ///
    /// A backend gives only rows that matter: for a sender those of an instance that saved some record under the partition
    /// last, for a receiver those of an instance that has a record max counter of a record under the partition. Counters that
    /// a shorter prefix has as well are removed. A partition without counters afterwards stays, as in Morango.
    #[must_use]
    pub fn of(rows: &[DatabaseCounter], filter: &[&str]) -> Self {
        let mut counters = Self::default();
        for DatabaseCounter { partition, instance, counter } in rows {
            // Of two prefixes of a filter, one can be a prefix of the other. Its partition is then in both parts.
            if filter.iter().any(|prefix| partition.starts_with(prefix)) {
                counters.inside.raise(partition, *instance, *counter);
            }
            if filter.iter().any(|prefix| prefix.starts_with(partition.as_str()) && prefix != partition) {
                counters.above.raise(partition, *instance, *counter);
            }
        }
        counters.remove_redundant();
        counters
    }

    /// Parses the JSON object `{"super": {partition: {instance: counter}}, "sub": {..}}`. Other keys are ignored.
    ///
    /// # Errors
    ///
    /// If the text is not such an object, a part is missing, an instance is not an id, or a counter is not in its range.
    pub fn parse(text: &str) -> Result<Self, InvalidCounters> {
        type Parts = BTreeMap<String, Value>;
        let mut parts: Parts = serde_json::from_str(text).map_err(InvalidCounters::Unreadable)?;
        let mut part = |name| {
            let part = parts.remove(name).ok_or(InvalidCounters::Part(name))?;
            PartitionCounters::from_json(serde_json::from_value(part).map_err(InvalidCounters::Unreadable)?)
        };
        Ok(Self { above: part("super")?, inside: part("sub")? })
    }

    /// Removes the counters that add nothing: those for which a proper prefix of the partition has a counter of the same
    /// instance that is as high. Partitions that are empty afterwards stay.
    pub fn remove_redundant(&mut self) {
        let before = self.clone();
        let partitions: BTreeSet<&str> = before.partitions().collect();
        let mut ancestors = Ancestors::new();
        for partition in partitions {
            let prefixes: &[(&str, [Option<&InstanceCounters>; 2])] = ancestors.of(partition);
            for counters in [&mut self.above, &mut self.inside] {
                let Some(counters) = counters.0.get_mut(partition) else { continue };
                counters.retain(|instance, counter| {
                    let mut higher = prefixes.iter().flat_map(|(_, parts)| parts).flatten();
                    !higher.any(|prefix| prefix.contains(instance) && prefix.get(instance) >= counter)
                });
            }
            ancestors.push(partition, [before.above.get(partition), before.inside.get(partition)]);
        }
    }

    fn partitions(&self) -> impl Iterator<Item = &str> {
        self.above.iter().chain(self.inside.iter()).map(|(partition, _)| partition)
    }

    /// The counters for each prefix of `filter` and the partitions under it (morango.md §8.3): the counters above the filter
    /// are raised into the prefixes. Partitions without counters are left out.
    #[must_use]
    pub fn expand(mut self, filter: &[&str]) -> PartitionCounters {
        for prefix in filter {
            self.inside.0.entry((*prefix).to_owned()).or_default();
        }
        let mut last_root: Option<&str> = None;
        for (partition, counters) in &mut self.inside.0 {
            // In ascending order, the partitions under a root follow it.
            if last_root.is_some_and(|root| partition.starts_with(root)) {
                continue;
            }
            last_root = Some(partition);
            for (_, above) in self.above.iter().filter(|(above, _)| partition.starts_with(above)) {
                // A counter of 0 names no version, so it adds no instance.
                above
                    .iter()
                    .filter(|(_, counter)| *counter > 0)
                    .for_each(|(instance, counter)| counters.raise(instance, counter));
            }
        }
        self.inside.0.retain(|_, counters| !counters.is_empty());
        self.inside
    }
}

impl fmt::Display for FilterCounters {
    /// Writes the JSON object `{"super": {..}, "sub": {..}}`, spaced as Python's `json.dumps` does it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{\"super\": {}, \"sub\": {}}}", self.above, self.inside)
    }
}
