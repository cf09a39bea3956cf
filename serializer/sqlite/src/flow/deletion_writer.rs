//! Sink: marks rows of the store as deleted.

use std::fmt;

use syncline_core::{Failure, Halt, Sink};

use crate::flow::{DeletionList, Stale, SyncTransaction};
use crate::store::counters::RecordCounters;
use crate::store::prepared::Prepared;
use syncline_serializer::instance::Stamp;
use syncline_serializer::model::Profile;

/// Sink that marks rows of the store as deleted, inside the transaction that is open. It gives back their number.
///
/// * Deleted (morango.md §6.6): the row is flagged and stamped, its text kept, this instance's counter written.
/// * Hard deleted (§6.7): the row is flagged and its texts are wiped. Its counters come with it being on the other
///   list too.
pub struct DeletionWriter<'c, P> {
    run: &'c SyncTransaction<'c, P>,
    list: DeletionList,
    stamp: &'c Stamp,
    mark: Prepared<'c>,
    /// For rows that were received and not yet given to the app. An indexed column that does not change is not named.
    mark_received: Prepared<'c>,
    counters: RecordCounters<'c>,
    marked: u64,
}

impl<'c, P: Profile> DeletionWriter<'c, P> {
    /// For the store that `run` writes to.
    #[must_use]
    pub fn new(run: &'c SyncTransaction<'_, P>, list: DeletionList) -> Self {
        let (connection, stamp) = (run.connection(), run.stamp());
        let (change, of_received) = match list {
            DeletionList::Deleted => {
                ("deleted = 1, last_saved_instance = ?2, last_saved_counter = ?3", ", dirty_bit = 0")
            }
            DeletionList::HardDeleted => {
                ("hard_deleted = 1, serialized = ?2, conflicting_serialized_data = ?3", "")
            }
        };
        let update = format!("UPDATE morango_store SET {change}");
        Self {
            run,
            list,
            stamp,
            mark: Prepared::new(connection, format!("{update} WHERE rowid = ?1")),
            mark_received: Prepared::new(connection, format!("{update}{of_received} WHERE rowid = ?1")),
            counters: RecordCounters::new(connection, stamp),
            marked: 0,
        }
    }

    fn mark(&mut self, row: &Stale) -> rusqlite::Result<()> {
        let mark = if row.is_dirty { &mut self.mark_received } else { &mut self.mark }.get()?;
        match self.list {
            DeletionList::Deleted => mark.execute((row.rowid, &self.stamp.instance, self.stamp.counter))?,
            DeletionList::HardDeleted => mark.execute((row.rowid, "{}", ""))?,
        };
        Ok(())
    }
}

impl<P: Profile> Sink for DeletionWriter<'_, P> {
    type In = Vec<Stale>;
    type Output = u64;

    fn consume(&mut self, chunk: Vec<Stale>) -> Result<(), Halt> {
        if let Some(row) = chunk.iter().find(|row| row.transaction != self.run.id()) {
            let message =
                "the row was looked up in another transaction and may have changed since: look it up again";
            return Err(Failure::new(message).at(row.id).into());
        }
        self.run.write("DeletionWriter", || {
            for row in &chunk {
                self.mark(row).map_err(|error| Failure::new(error).at(row.id))?;
            }
            if self.list == DeletionList::Deleted {
                self.counters.overwrite(chunk.iter().map(|row| &row.id))?;
            }
            self.marked += chunk.len() as u64;
            Ok(())
        })
    }

    fn finish(self) -> Result<u64, Failure> {
        Ok(self.marked)
    }
}

impl<P> fmt::Debug for DeletionWriter<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeletionWriter").field("list", &self.list).finish_non_exhaustive()
    }
}
