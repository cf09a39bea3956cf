//! The result of a deserialise run.

use std::fmt;
use std::time::Duration;

use syncline_core::{Report, plural};

use crate::received::ExceptionClass;
use crate::record_id::RecordId;

/// The result of a deserialise run. It prints as a summary, and a line for each model with changes.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Deserialized {
    /// The models with changes, in dependency order.
    pub models: Vec<ModelDeserialized>,
    /// The first records that failed.
    pub first_failures: Vec<FailedRecord>,
    /// The number of received records of models that the profile does not have. They are kept, and passed on to peers.
    pub unknown: u64,
    /// The number of records whose source id is not the one that their content has, as older versions of an app make them.
    pub other_source_ids: u64,
    /// The number of further passes over records that failed, because other records came later.
    pub further_passes: u32,
    /// `true` if the run noted its arrivals for the app, which has asked for them. Never in a database of another application, to
    /// which nothing is added.
    pub arrivals_are_noted: bool,
    /// The duration, waiting for a lock included.
    pub elapsed: Duration,
    /// The report of the pipeline, over all its passes.
    pub report: Option<Report>,
}

/// The records of one model that a deserialise run changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelDeserialized {
    /// The name of the model.
    pub model: &'static str,
    /// The number of records that the app did not have.
    pub created: u64,
    /// The number of records that the app had.
    pub updated: u64,
    /// The number of deletions that were received.
    pub deleted: u64,
    /// The number of records that are deleted in turn, because a record that they refer to is. The next serialise run marks them.
    pub passed_on: u64,
    /// The number of records that went along with a deletion, and whose deletion the next serialise run authors.
    pub cascaded: u64,
    /// The number of records that stay as they are, because the app has changes of them that are not serialised.
    pub unsaved: u64,
    /// The number of records that failed, by the class of their failure.
    pub failed: Vec<(String, u64)>,
}

/// A record that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedRecord {
    /// The name of its model.
    pub model: &'static str,
    /// Its id.
    pub id: RecordId,
    /// The class of the failure, as in the store.
    pub class: String,
    /// The text of the failure, as in the store.
    pub text: String,
}

impl FailedRecord {
    /// A record that failed.
    #[must_use]
    pub fn new(model: &'static str, id: RecordId, class: String, text: String) -> Self {
        Self { model, id, class, text }
    }
}

impl ModelDeserialized {
    /// No changes of the model named `model`.
    #[must_use]
    pub fn new(model: &'static str) -> Self {
        Self { model, ..Self::default() }
    }

    /// The number of records that failed.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failed.iter().map(|(_, count)| count).sum()
    }

    /// The number of records that failed with `class`.
    #[must_use]
    pub fn failed_with(&self, class: ExceptionClass) -> u64 {
        self.failed.iter().filter(|(known, _)| known == class.as_str()).map(|(_, count)| count).sum()
    }

    /// Returns `true` if nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::new(self.model)
    }
}

impl Deserialized {
    /// The changes of the model named `model`. `None` if it has none.
    #[must_use]
    pub fn model(&self, model: &str) -> Option<&ModelDeserialized> {
        self.models.iter().find(|changes| changes.model == model)
    }

    fn sum(&self, of: impl Fn(&ModelDeserialized) -> u64) -> u64 {
        self.models.iter().map(of).sum()
    }

    /// The number of records that the app did not have.
    #[must_use]
    pub fn created(&self) -> u64 {
        self.sum(|model| model.created)
    }

    /// The number of records that the app had.
    #[must_use]
    pub fn updated(&self) -> u64 {
        self.sum(|model| model.updated)
    }

    /// The number of deletions that were received.
    #[must_use]
    pub fn deleted(&self) -> u64 {
        self.sum(|model| model.deleted)
    }

    /// The number of records that are deleted in turn.
    #[must_use]
    pub fn passed_on(&self) -> u64 {
        self.sum(|model| model.passed_on)
    }

    /// The number of records that went along with a deletion.
    #[must_use]
    pub fn cascaded(&self) -> u64 {
        self.sum(|model| model.cascaded)
    }

    /// The number of records that stay as they are, because the app has changes of them that are not serialised.
    #[must_use]
    pub fn unsaved(&self) -> u64 {
        self.sum(|model| model.unsaved)
    }

    /// The number of records that failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.sum(ModelDeserialized::failures)
    }

    /// The number of records that were written: created and updated.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.created() + self.updated()
    }
}

impl fmt::Display for Deserialized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} ({} created, {} updated), {} deleted, {} failed",
            plural(self.records(), "record"),
            self.created(),
            self.updated(),
            self.deleted(),
            self.failed()
        )?;
        if self.passed_on() + self.cascaded() > 0 {
            writeln!(
                f,
                "{} deleted because a record that they refer to is; {} went along with a deletion",
                self.passed_on(),
                self.cascaded()
            )?;
        }
        if self.unsaved() > 0 {
            writeln!(f, "{} wait: the app has changes of them that are not serialised", self.unsaved())?;
        }
        if self.unknown > 0 {
            writeln!(f, "{} of models that this app does not have", plural(self.unknown, "record"))?;
        }
        for model in self.models.iter().filter(|model| model.failures() > 0) {
            for (class, count) in &model.failed {
                writeln!(f, "{}: {count} failed with {class}", model.model)?;
            }
        }
        for FailedRecord { model, id, class, text } in &self.first_failures {
            writeln!(f, "{model} {id}: {text} ({class})")?;
        }
        write!(f, "{:.3} s", self.elapsed.as_secs_f64())
    }
}
