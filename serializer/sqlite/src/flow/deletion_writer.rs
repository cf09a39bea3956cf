//! Marks rows of the store as deleted.

use syncline_core::{Failure, Halt, Sink};
use syncline_serializer::instance::Stamp;
use syncline_serializer::model::Profile;

use crate::flow::{DeletionList, Run, Stale};
use crate::store::counters::RecordCounters;
use crate::store::prepared::Prepared;

/// Sink that marks rows of the store as deleted, inside the transaction that is open. It gives back their number.
///
/// * Deleted (morango.md §6.6): the row is flagged and stamped, its text kept, this instance's counter written.
/// * Hard deleted (§6.7): the row is flagged and its texts are wiped. Its counters come with it being on the other
///   list too.
#[derive(Debug)]
pub struct DeletionWriter<'c> {
    list: DeletionList,
    stamp: &'c Stamp,
    mark: Prepared<'c>,
    /// For rows that were received and not yet given to the app. An indexed column that does not change is not named.
    mark_received: Prepared<'c>,
    counters: RecordCounters<'c>,
    marked: u64,
}

impl<'c> DeletionWriter<'c> {
    /// For the store that `run` writes to.
    #[must_use]
    pub fn new<P: Profile>(run: &'c Run<'c, P>, list: DeletionList) -> Self {
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

impl Sink for DeletionWriter<'_> {
    type In = Vec<Stale>;
    type Output = u64;

    fn consume(&mut self, chunk: Vec<Stale>) -> Result<(), Halt> {
        for row in &chunk {
            self.mark(row).map_err(|error| Failure::new(error).at(row.id))?;
        }
        if self.list == DeletionList::Deleted {
            self.counters.overwrite(chunk.iter().map(|row| &row.id))?;
        }
        self.marked += chunk.len() as u64;
        Ok(())
    }

    fn finish(self) -> Result<u64, Failure> {
        Ok(self.marked)
    }
}
