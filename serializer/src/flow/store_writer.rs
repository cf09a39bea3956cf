//! The sink of the flow: the store, its counters, and the app's dirty bits.

use std::fmt;

use syncline_core::{Failure, Halt, Sink};

use crate::flow::{Change, Loaded, Run, SelfRefOrder, Updated};
use crate::profile::Profile;
use crate::record_id::RecordId;
use crate::store::bulk_load::BulkLoad;
use crate::store::counters::RecordCounters;
use crate::store::instance::Stamp;
use crate::store::names::Quoted;
use crate::store::schema::{DIRTY_BIT, SyncSchema};

/// Sink that writes chunks of records to the store, inside the transaction that is open.
///
/// * Chunk: the store's rows, then this instance's counter of each (morango.md §6.3, §6.4). Rows that were read by
///   their rowid lose their dirty bit.
/// * Finish: the dirty bits of all others (§6.5), a model at a time and in the table's own order, so that each of its
///   pages is written once.
/// * A store that was empty is filled from the second chunk on: see `store/bulk_load.rs`.
pub struct StoreWriter<'c, P> {
    run: &'c Run<'c, P>,
    statements: Statements,
    counters: RecordCounters<'c>,
    filling: Option<BulkLoad>,
    to_sweep: bool,
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
        Self {
            run,
            statements: Statements::new(run.schema()),
            counters: RecordCounters::new(run.connection(), run.stamp()),
            filling: None,
            to_sweep: false,
            written: Written::default(),
        }
    }

    fn write(&mut self, record: &Updated) -> rusqlite::Result<()> {
        match &record.change {
            Change::Create => {
                self.insert(record)?;
                self.written.created += 1;
            }
            Change::Update { .. } => {
                self.update(record)?;
                self.written.updated += 1;
            }
        }
        Ok(())
    }

    fn insert(&self, Updated { loaded, self_ref_order, .. }: &Updated) -> rusqlite::Result<()> {
        let Stamp { instance, counter } = self.run.stamp();
        let mut insert = self.run.connection().prepare_cached(&self.statements.insert)?;
        insert.raw_bind_parameter(1, loaded.id.as_str())?;
        insert.raw_bind_parameter(2, loaded.serialized())?;
        insert.raw_bind_parameter(3, instance)?;
        insert.raw_bind_parameter(4, counter)?;
        insert.raw_bind_parameter(5, loaded.model.name)?;
        insert.raw_bind_parameter(6, P::NAME)?;
        insert.raw_bind_parameter(7, loaded.partition())?;
        insert.raw_bind_parameter(8, loaded.source_id())?;
        insert.raw_bind_parameter(9, parent_of(loaded))?;
        if self.run.schema().self_ref_order {
            insert.raw_bind_parameter(10, self_ref_order)?;
        }
        insert.raw_execute()?;
        Ok(())
    }

    fn update(&self, Updated { loaded, change, self_ref_order }: &Updated) -> rusqlite::Result<()> {
        let Change::Update { rowid, serialized, conflicting, parent_changed, was_received } = change else {
            return Ok(());
        };
        let Stamp { instance, counter } = self.run.stamp();
        let sql = self.statements.update(*parent_changed, *was_received);
        let mut update = self.run.connection().prepare_cached(sql)?;
        update.raw_bind_parameter(1, rowid)?;
        update.raw_bind_parameter(2, serialized)?;
        update.raw_bind_parameter(3, instance)?;
        update.raw_bind_parameter(4, counter)?;
        if *parent_changed || *was_received {
            update.raw_bind_parameter(5, conflicting)?;
        }
        if *parent_changed {
            update.raw_bind_parameter(6, parent_of(loaded))?;
            if self.run.schema().self_ref_order {
                update.raw_bind_parameter(7, self_ref_order)?;
            }
        }
        update.raw_execute()?;
        Ok(())
    }

    /// Clears the dirty bits of rows that were read by their rowid, table by table and in the table's order.
    fn clear_dirty_bits_of(&mut self, chunk: &[Updated]) -> rusqlite::Result<()> {
        let mut rows: Vec<(&str, i64)> = chunk
            .iter()
            .filter_map(|record| record.loaded.rowid.map(|rowid| (record.loaded.model.table, rowid)))
            .collect();
        self.to_sweep |= rows.len() < chunk.len();
        rows.sort_unstable();
        for of_table in rows.chunk_by(|(table, _), (next, _)| table == next) {
            let sql = format!("{} WHERE rowid = ?1", clear_dirty_bit(of_table[0].0));
            let mut statement = self.run.connection().prepare_cached(&sql)?;
            for (_, rowid) in of_table {
                statement.execute([rowid])?;
            }
        }
        Ok(())
    }

    /// Clears the dirty bits of all rows that the run is about.
    fn sweep_dirty_bits(&self) -> rusqlite::Result<()> {
        for model in P::MODELS {
            let condition = self.run.selection().condition(model);
            self.run
                .connection()
                .execute(&format!("{} WHERE {condition}", clear_dirty_bit(model.table)), [])?;
        }
        Ok(())
    }
}

/// `OR FAIL`: should it fail, the whole transaction is rolled back, so no journal of the statement is needed.
fn clear_dirty_bit(table: &str) -> String {
    format!("UPDATE OR FAIL {} SET {} = 0", Quoted(table), Quoted(DIRTY_BIT))
}

fn parent_of(loaded: &Loaded) -> &str {
    loaded.parent.as_ref().map_or("", RecordId::as_str)
}

/// How rows of the store are written.
#[derive(Debug)]
struct Statements {
    insert: String,
    /// What no index is about.
    update: String,
    /// And the traces of having been received.
    update_received: String,
    /// And the parent.
    update_parent: String,
}

impl Statements {
    fn new(schema: SyncSchema) -> Self {
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
        let set = "UPDATE morango_store SET serialized = ?2, last_saved_instance = ?3, last_saved_counter = ?4, \
                   deleted = 0, hard_deleted = 0";
        let received = ", conflicting_serialized_data = coalesce(?5, conflicting_serialized_data), dirty_bit = 0, \
                        last_transfer_session_id = NULL";
        Self {
            insert,
            update: format!("{set} WHERE rowid = ?1"),
            update_received: format!("{set}{received} WHERE rowid = ?1"),
            update_parent: format!("{set}{received}, _self_ref_fk = ?6{assignment} WHERE rowid = ?1"),
        }
    }

    fn update(&self, parent_changed: bool, was_received: bool) -> &str {
        match (parent_changed, was_received) {
            (true, _) => &self.update_parent,
            (false, true) => &self.update_received,
            (false, false) => &self.update,
        }
    }
}

impl<P: Profile> Sink for StoreWriter<'_, P> {
    type In = Vec<Updated>;
    type Output = Written;

    fn consume(&mut self, chunk: Vec<Updated>) -> Result<(), Halt> {
        if self.run.store_was_empty() && self.filling.is_none() && self.written != Written::default() {
            self.filling = Some(BulkLoad::begin(self.run.connection())?);
        }
        for record in &chunk {
            self.write(record).map_err(|error| Failure::new(error).at(record.loaded.id))?;
        }
        if self.filling.is_none() {
            self.counters.save(chunk.iter().map(|record| &record.loaded.id))?;
        }
        self.clear_dirty_bits_of(&chunk)?;
        Ok(())
    }

    fn finish(self) -> Result<Written, Failure> {
        let connection = self.run.connection();
        if self.to_sweep {
            self.sweep_dirty_bits()?;
        }
        if let Some(filling) = self.filling {
            filling.finish(connection, self.run.stamp())?;
        }
        if self.run.schema().self_ref_order {
            SelfRefOrder::settle(connection)?;
        }
        Ok(self.written)
    }
}

impl<P> fmt::Debug for StoreWriter<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreWriter").field("written", &self.written).finish_non_exhaustive()
    }
}
