//! The result of a serialise run.

use std::fmt;
use std::time::Duration;

use syncline_core::{Report, plural};

use super::held_back::HeldBack;

/// The result of a serialise run. It prints as a summary and a table.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Serialized {
    /// The number of records that were new to the store.
    pub created: u64,
    /// The number of records that the store had.
    pub updated: u64,
    /// The number of store rows that were marked as deleted.
    pub deleted: u64,
    /// The number of store rows that were erased.
    pub hard_deleted: u64,
    /// The number of records, and of ids on the lists of deletions, that cannot be serialised and were left out.
    pub skipped: u64,
    /// The number of live records that only the store had when the tables were last compared with it. They stay as they are
    /// until they are deleted or inserted again.
    pub only_in_store: u64,
    /// The rows that stay dirty because another version of the app declares more than this program, by model. Empty if this
    /// program declares everything that was ever declared in the database.
    pub held_back: Vec<HeldBack>,
    /// The number of commits. Each took a counter.
    pub commits: u64,
    /// The instance, as the database has it.
    pub instance: String,
    /// The counter, or the last of them.
    pub counter: i64,
    /// The duration, waiting for a lock included.
    pub elapsed: Duration,
    /// The reports of the pipelines, over all transactions: records, deletions, hard deletions. The last two are missing
    /// until the deletions begin.
    pub reports: Vec<Report>,
}

impl Serialized {
    /// The number of records that were written: created and updated.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.created + self.updated
    }

    /// Adds the result of the next transaction.
    pub fn add(&mut self, next: Self) {
        let Self {
            created,
            updated,
            deleted,
            hard_deleted,
            skipped,
            only_in_store,
            held_back,
            commits,
            instance,
            counter,
            elapsed,
            reports,
        } = next;
        self.created += created;
        self.updated += updated;
        self.deleted += deleted;
        self.hard_deleted += hard_deleted;
        self.skipped += skipped;
        self.only_in_store = only_in_store;
        self.held_back = held_back;
        self.commits += commits;
        self.instance = instance;
        self.counter = counter;
        self.elapsed += elapsed;
        // After the last record, a transaction has reports of deletions only.
        let is_without_records = reports.len() == 2;
        for (index, report) in (usize::from(is_without_records)..).zip(reports) {
            match self.reports.get_mut(index) {
                Some(known) => known.add(&report),
                None => self.reports.push(report),
            }
        }
    }
}

impl fmt::Display for Serialized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} ({} created, {} updated), {} deleted, {} hard deleted",
            plural(self.records(), "record"),
            self.created,
            self.updated,
            self.deleted,
            self.hard_deleted
        )?;
        if self.skipped > 0 {
            writeln!(f, "{} skipped: what cannot be serialised stays as it is", self.skipped)?;
        }
        if self.only_in_store > 0 {
            writeln!(
                f,
                "only the store has {}: if they were deleted, list them as deleted (`delete_only_in_store`)",
                plural(self.only_in_store, "record")
            )?;
        }
        for held_back in &self.held_back {
            writeln!(f, "{held_back}")?;
        }
        if self.commits > 1 {
            write!(f, "{} commits, ", self.commits)?;
        }
        write!(
            f,
            "instance {}, counter {}, {:.3} s",
            self.instance,
            self.counter,
            self.elapsed.as_secs_f64()
        )?;
        for report in self.reports.iter().filter(|report| report.stages()[0].items_out() != Some(0)) {
            write!(f, "\n\n{report}")?;
        }
        Ok(())
    }
}
