//! `InstanceCounters`: one counter for each instance. The older format of an FSIC.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde_json::Value;

use super::{Counter, DatabaseCounter, InvalidCounters, LARGEST_COUNTER, Role};
use crate::json::write_string;
use crate::record_id::RecordId;

/// Counters by instance. As an FSIC, version 1 (morango.md §8.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceCounters(BTreeMap<RecordId, Counter>);

impl InstanceCounters {
    /// The counters of a database for the prefixes `filter`, from its database max counters `rows`.
    ///
    /// A prefix of the filter has the counters of the rows whose partition is a prefix of it, and of several the highest. A
    /// sender has the counters of all prefixes, and of several the highest. A receiver has the instances that all prefixes
    /// have, with the lowest counter, because it lacks records under some prefix otherwise.
    #[must_use]
    pub fn of(rows: &[DatabaseCounter], filter: &[&str], role: Role) -> Self {
        let by_prefix = filter.iter().map(|prefix| {
            let mut counters = Self::default();
            for row in rows.iter().filter(|row| prefix.starts_with(&row.partition)) {
                counters.raise(row.instance, row.counter);
            }
            counters
        });
        let combined = by_prefix.reduce(|mut all, of_prefix| {
            match role {
                Role::Sender => all.raise_all(&of_prefix),
                Role::Receiver => {
                    all.0.retain(|instance, _| of_prefix.0.contains_key(instance));
                    for (instance, counter) in &mut all.0 {
                        *counter = (*counter).min(of_prefix.get(*instance));
                    }
                }
            }
            all
        });
        combined.unwrap_or_default()
    }

    /// Parses the JSON object `{instance: counter}`.
    ///
    /// # Errors
    ///
    /// If the text is not such an object, a key is not the id of an instance, or a counter is not in its range.
    pub fn parse(text: &str) -> Result<Self, InvalidCounters> {
        Self::from_json(serde_json::from_str(text).map_err(InvalidCounters::Unreadable)?)
    }

    pub(super) fn from_json(object: BTreeMap<String, Value>) -> Result<Self, InvalidCounters> {
        let counters = object.into_iter().map(|(instance, counter)| {
            let Some(id) = RecordId::parse(&instance).ok().filter(|id| id.as_str() == instance) else {
                return Err(InvalidCounters::Instance(instance));
            };
            match counter.as_u64().and_then(|counter| Counter::try_from(counter).ok()) {
                Some(counter) if counter <= LARGEST_COUNTER => Ok((id, counter)),
                _ => Err(InvalidCounters::Counter { instance, counter: counter.to_string() }),
            }
        });
        counters.collect::<Result<_, _>>().map(Self)
    }

    /// The counter of `instance`, or 0 if there is none.
    #[must_use]
    pub fn get(&self, instance: RecordId) -> Counter {
        self.0.get(&instance).copied().unwrap_or_default()
    }

    /// The instances and their counters, in ascending order of the instances.
    pub fn iter(&self) -> impl Iterator<Item = (RecordId, Counter)> {
        self.0.iter().map(|(instance, counter)| (*instance, *counter))
    }

    /// The number of instances.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if there is no instance.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets the counter of `instance` to `counter`, unless it is as high already.
    pub fn raise(&mut self, instance: RecordId, counter: Counter) {
        match self.0.entry(instance) {
            Entry::Vacant(entry) => {
                entry.insert(counter);
            }
            Entry::Occupied(mut entry) => {
                let higher = counter.max(*entry.get());
                entry.insert(higher);
            }
        }
    }

    pub(super) fn raise_all(&mut self, others: &Self) {
        others.iter().for_each(|(instance, counter)| self.raise(instance, counter));
    }

    /// The counter of `instance`, if there is one.
    #[must_use]
    pub fn find(&self, instance: RecordId) -> Option<Counter> {
        self.0.get(&instance).copied()
    }

    pub(super) fn contains(&self, instance: RecordId) -> bool {
        self.0.contains_key(&instance)
    }

    pub(super) fn retain(&mut self, mut keeps: impl FnMut(RecordId, Counter) -> bool) {
        self.0.retain(|instance, counter| keeps(*instance, *counter));
    }

    /// The counters from which the receiver lacks versions (morango.md §8.4): for each instance of which `self` has a
    /// higher counter than `receiver`, the counter of the receiver.
    #[must_use]
    pub fn missing_in(&self, receiver: &Self) -> Self {
        let higher = self.iter().filter(|(instance, counter)| receiver.get(*instance) < *counter);
        Self(higher.map(|(instance, _)| (instance, receiver.get(instance))).collect())
    }

    pub(super) fn write(&self, out: &mut String) {
        out.push('{');
        for (index, (instance, counter)) in self.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            write_string(out, instance.as_str());
            out.push_str(": ");
            out.push_str(itoa::Buffer::new().format(counter));
        }
        out.push('}');
    }
}

impl FromIterator<(RecordId, Counter)> for InstanceCounters {
    /// Of several counters for an instance the highest stays.
    fn from_iter<I: IntoIterator<Item = (RecordId, Counter)>>(counters: I) -> Self {
        let mut all = Self::default();
        counters.into_iter().for_each(|(instance, counter)| all.raise(instance, counter));
        all
    }
}

impl fmt::Display for InstanceCounters {
    /// Writes the JSON object `{instance: counter}`, spaced as Python's `json.dumps` does it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text);
        f.write_str(&text)
    }
}
