//! Marks rows of the store as deleted.

use rusqlite::Connection;
use syncline_core::{Failure, Halt, Sink};

use crate::flow::{DeletionList, Run, Stale};
use crate::profile::Profile;
use crate::store::counters::RecordCounters;
use crate::store::instance::Stamp;

/// Sink that marks rows of the store as deleted, inside the transaction that is open. It gives back their number.
///
/// * Deleted (morango.md §6.6): the row is flagged and stamped, its text kept, this instance's counter written.
/// * Hard deleted (§6.7): the row is flagged and its texts are wiped. Its counters come with it being on the other
///   list too.
#[derive(Debug)]
pub struct DeletionWriter<'c> {
    connection: &'c Connection,
    list: DeletionList,
    stamp: &'c Stamp,
    counters: RecordCounters<'c>,
    marked: u64,
}

impl<'c> DeletionWriter<'c> {
    /// For the store that `run` writes to.
    #[must_use]
    pub fn new<P: Profile>(run: &'c Run<'c, P>, list: DeletionList) -> Self {
        let (connection, stamp) = (run.connection(), run.stamp());
        Self { connection, list, stamp, counters: RecordCounters::new(connection, stamp), marked: 0 }
    }

    fn mark(&self, chunk: &[Stale]) -> Result<(), Failure> {
        let mut mark = self.connection.prepare_cached(match self.list {
            DeletionList::Deleted => {
                "UPDATE morango_store SET dirty_bit = 0, deleted = 1, last_saved_instance = ?2, \
                 last_saved_counter = ?3 WHERE rowid = ?1"
            }
            DeletionList::HardDeleted => {
                "UPDATE morango_store SET hard_deleted = 1, serialized = '{}', \
                 conflicting_serialized_data = '' WHERE rowid = ?1"
            }
        })?;
        if self.list == DeletionList::Deleted {
            mark.raw_bind_parameter(2, &self.stamp.instance)?;
            mark.raw_bind_parameter(3, self.stamp.counter)?;
        }
        for row in chunk {
            mark.raw_bind_parameter(1, row.rowid)
                .and_then(|()| mark.raw_execute())
                .map_err(|error| Failure::new(error).at(row.id))?;
        }
        Ok(())
    }
}

impl Sink for DeletionWriter<'_> {
    type In = Vec<Stale>;
    type Output = u64;

    fn consume(&mut self, chunk: Vec<Stale>) -> Result<(), Halt> {
        self.mark(&chunk)?;
        if self.list == DeletionList::Deleted {
            self.counters.update(chunk.iter().map(|row| &row.id))?;
        }
        self.marked += chunk.len() as u64;
        Ok(())
    }

    fn finish(self) -> Result<u64, Failure> {
        Ok(self.marked)
    }
}
