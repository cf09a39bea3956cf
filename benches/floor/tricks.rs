//! The optimisations of the floor. Each can be turned off to measure its effect.

use clap::ValueEnum;

/// An optimisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Trick {
    /// Write the records of all models in the order of their ids if there are many. Without it: model by model, in table order.
    IdOrder,
    /// Read through a second connection. Its snapshot is older than the log, so SQLite does not search the log for pages.
    Reader,
    /// List the dirty rows on two threads if the tables are large.
    ListByTwo,
    /// Read and format on a second thread.
    Thread,
    /// Drop the index of partitions, and build it again after the rows.
    RebuildPartitions,
    /// Drop the index of transfer sessions, and build it again after the rows. Measured as no gain; off by default.
    RebuildTransfers,
    /// Write all counters in one statement if there were none.
    BulkCounters,
    /// Read pages that will be written again from time to time, so that the cache keeps them. If a page is written to the log
    /// twice, SQLite computes the checksums of all later pages again at the commit.
    Warm,
    /// Sync the log to the disk while it grows, on another thread.
    EarlySync,
    /// Use `OR FAIL`, which needs no statement journal.
    OrFail,
    /// Leave unchanged indexed columns out of updates.
    LeanUpdate,
    /// Write a text without merging if it replaces every stored key.
    ReplaceAll,
    /// Empty the lists of deletions without reading their rows.
    Truncate,
}

impl Trick {
    const LEFT_OUT: &[Self] = &[Self::RebuildTransfers];
}

/// The optimisations in use.
#[derive(Debug, Clone)]
pub(crate) struct Tricks(Vec<Trick>);

impl Tricks {
    pub(crate) fn new(with: &[Trick], without: &[Trick]) -> Self {
        let used = |trick: &Trick| {
            with.contains(trick) || !(without.contains(trick) || Trick::LEFT_OUT.contains(trick))
        };
        Self(Trick::value_variants().iter().copied().filter(used).collect())
    }

    pub(crate) fn has(&self, trick: Trick) -> bool {
        self.0.contains(&trick)
    }
}
