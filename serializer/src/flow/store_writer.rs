//! The sink of the flow: the store, its counters, and the app's dirty bits.

use std::fmt;

use syncline_core::{Failure, Halt, Sink};

use crate::flow::{Change, Run, SelfRefOrder, Updated};
use crate::profile::Profile;
use crate::record_id::RecordId;
use crate::store::counters::RecordCounters;
use crate::store::instance::Stamp;
use crate::store::names::Quoted;
use crate::store::schema::DIRTY_BIT;

/// Sink that writes chunks of records to the store, inside the transaction that is open.
///
/// * Chunk: the store's rows, then this instance's counter of each (morango.md §6.3, §6.4).
/// * Finish: the dirty bits of all rows that were read, a model at a time and in the table's own order, so that each
///   of its pages is written once (§6.5).
pub struct StoreWriter<'c, P> {
    run: &'c Run<'c, P>,
    counters: RecordCounters<'c>,
    insert: String,
    update: [String; 2],
    written: Written,
}

/// How many rows of the store were written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows that are new.
    pub created: u64,
    /// Rows that were there.
    pub updated: u64,
}

impl<'c, P: Profile> StoreWriter<'c, P> {
    /// For the store that `run` writes to.
    #[must_use]
    pub fn new(run: &'c Run<'c, P>) -> Self {
        let schema = run.schema();
        let (column, value, assignment) = if schema.self_ref_order {
            (", _self_ref_order", ", ?10", ", _self_ref_order = ?7")
        } else {
            ("", "", "")
        };
        let insert = format!(
            "INSERT INTO morango_store (id, serialized, deleted, hard_deleted, last_saved_instance, \
             last_saved_counter, model_name, profile, partition, source_id, conflicting_serialized_data, \
             _self_ref_fk, dirty_bit{column}) \
             VALUES (?1, ?2, 0, 0, ?3, ?4, ?5, ?6, ?7, ?8, '', ?9, 0{value})"
        );
        let update = |parent: &str| {
            format!(
                "UPDATE morango_store SET serialized = ?1, last_saved_instance = ?2, last_saved_counter = ?3, \
                 conflicting_serialized_data = coalesce(?4, conflicting_serialized_data), dirty_bit = 0, \
                 deleted = 0, hard_deleted = 0, last_transfer_session_id = NULL{parent} WHERE rowid = ?5"
            )
        };
        let with_parent = format!(", _self_ref_fk = ?6{assignment}");
        Self {
            run,
            counters: RecordCounters::new(run.connection(), run.stamp()),
            insert,
            update: [update(""), update(&with_parent)],
            written: Written::default(),
        }
    }

    fn write(&mut self, record: &Updated) -> rusqlite::Result<()> {
        let Updated { loaded, change, self_ref_order } = record;
        let Stamp { instance, counter } = self.run.stamp();
        let parent = loaded.parent.as_ref().map_or("", RecordId::as_str);
        match change {
            Change::Create => {
                let mut insert = self.run.connection().prepare_cached(&self.insert)?;
                insert.raw_bind_parameter(1, loaded.id.as_str())?;
                insert.raw_bind_parameter(2, loaded.serialized())?;
                insert.raw_bind_parameter(3, instance)?;
                insert.raw_bind_parameter(4, counter)?;
                insert.raw_bind_parameter(5, loaded.model.name)?;
                insert.raw_bind_parameter(6, P::NAME)?;
                insert.raw_bind_parameter(7, loaded.partition())?;
                insert.raw_bind_parameter(8, loaded.source_id())?;
                insert.raw_bind_parameter(9, parent)?;
                if self.run.schema().self_ref_order {
                    insert.raw_bind_parameter(10, self_ref_order)?;
                }
                insert.raw_execute()?;
                self.written.created += 1;
            }
            Change::Update { rowid, serialized, conflicting, parent_changed } => {
                let mut update =
                    self.run.connection().prepare_cached(&self.update[usize::from(*parent_changed)])?;
                update.raw_bind_parameter(1, serialized)?;
                update.raw_bind_parameter(2, instance)?;
                update.raw_bind_parameter(3, counter)?;
                update.raw_bind_parameter(4, conflicting)?;
                update.raw_bind_parameter(5, rowid)?;
                if *parent_changed {
                    update.raw_bind_parameter(6, parent)?;
                    if self.run.schema().self_ref_order {
                        update.raw_bind_parameter(7, self_ref_order)?;
                    }
                }
                update.raw_execute()?;
                self.written.updated += 1;
            }
        }
        Ok(())
    }

    fn clear_dirty_bits(&self) -> rusqlite::Result<()> {
        for model in P::MODELS {
            self.run.connection().execute(
                &format!(
                    "UPDATE {table} SET {dirty} = 0 WHERE {condition}",
                    table = Quoted(model.table),
                    dirty = Quoted(DIRTY_BIT),
                    condition = self.run.selection().condition(model),
                ),
                [],
            )?;
        }
        Ok(())
    }
}

impl<P: Profile> Sink for StoreWriter<'_, P> {
    type In = Vec<Updated>;
    type Output = Written;

    fn consume(&mut self, chunk: Vec<Updated>) -> Result<(), Halt> {
        for record in &chunk {
            self.write(record).map_err(|error| Failure::new(error).at(record.loaded.id))?;
        }
        self.counters.save(chunk.iter().map(|record| &record.loaded.id))?;
        Ok(())
    }

    fn finish(self) -> Result<Written, Failure> {
        if self.run.schema().self_ref_order {
            SelfRefOrder::settle(self.run.connection())?;
        }
        self.clear_dirty_bits()?;
        Ok(self.written)
    }
}

impl<P> fmt::Debug for StoreWriter<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreWriter").field("written", &self.written).finish_non_exhaustive()
    }
}
