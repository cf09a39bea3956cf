//! What makes it fast, each of which can be left out to see what it gives.

use clap::ValueEnum;

/// One thing that the floor does to be fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Trick {
    /// Records of all models in one order of id, where there are many. Without it: model by model, in the table's order.
    IdOrder,
    /// Read over a second connection, whose snapshot is older than the log, so that no page is looked up in the log.
    Reader,
    /// List what is dirty on two threads, where the tables are large.
    ListByTwo,
    /// Read and format on a second thread.
    Thread,
    /// Build the index of partitions anew behind the rows.
    RebuildPartitions,
    /// Build the index of transfer sessions anew behind the rows. Measured, and left out.
    RebuildTransfers,
    /// Write all counters in one statement, where there were none.
    BulkCounters,
    /// Look now and then at pages that will be written again, so that they are not put into the log before: for one page
    /// that is written to the log twice, the checksums of all that follow it are worked out anew at the commit.
    Warm,
    /// Have the log written to the disk from early on, by a thread of its own.
    EarlySync,
    /// `OR FAIL`, which needs no statement journal.
    OrFail,
    /// Name no indexed column in an update that does not change it.
    LeanUpdate,
    /// Write a text as it is where it replaces all that is stored, without merging.
    ReplaceAll,
    /// Empty the lists of deletions without looking at their rows.
    Truncate,
}

impl Trick {
    const LEFT_OUT: &[Self] = &[Self::RebuildTransfers];
}

/// The tricks in use.
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
