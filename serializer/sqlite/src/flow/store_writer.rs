//! Sink: writes records and their counters to the store.

use std::fmt::{self, Write as _};

use rusqlite::Connection;
use syncline_core::{Failure, Halt, Sink, Tally};

use crate::flow::left_out::is_about_one_row;
use crate::flow::store_update::Updater;
use crate::flow::tasks::{Change, Update};
use crate::flow::{Loaded, Respelt, SelfRefOrder, StoreLookup, SyncTransaction, Updated};
use crate::store::counters::RecordCounters;
use crate::store::prepared::Prepared;
use crate::store::schema::SyncSchema;
use syncline_serializer::instance::Stamp;
use syncline_serializer::model::Profile;
use syncline_serializer::record_id::RecordId;

/// Sink that writes chunks of records to the store, inside the transaction that is open.
///
/// * Chunk: the store's rows, then this instance's counter of each (morango.md §6.3, §6.4). In bulk the counters are
///   written at the [commit](SyncTransaction::commit).
/// * Dirty bits (§6.5) are cleared at the commit, and those of 20,000 rows whenever so many are written.
/// * A record that was read in another transaction is refused. A failure in the middle of a chunk keeps the transaction from
///   being committed.
pub struct StoreWriter<'c, P> {
    run: &'c SyncTransaction<'c, P>,
    statements: Statements<'c>,
    counters: RecordCounters<'c>,
    /// For a record whose row another record of the same chunk wrote.
    lookup: StoreLookup<'c>,
    updater: Updater,
    is_bulk: bool,
    written: Written,
    skipped: u64,
}

/// The numbers of rows that were written to the store.
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
    pub fn new(run: &'c SyncTransaction<'_, P>) -> Self {
        Self {
            run,
            statements: Statements::new(run.connection(), run.schema()),
            counters: RecordCounters::new(run.connection(), run.stamp()),
            lookup: StoreLookup::new(run),
            updater: Updater::default(),
            is_bulk: false,
            written: Written::default(),
            skipped: 0,
        }
    }

    /// Tells that many rows are coming. A store that has no rows is then filled in bulk: see `store/bulk_load.rs`.
    #[must_use]
    pub fn bulk(mut self, is_bulk: bool) -> Self {
        self.is_bulk = is_bulk;
        self
    }

    fn write(&mut self, record: &Updated) -> Result<(), Failure> {
        let joined;
        let change = if matches!(record.change, Change::Join) {
            // The row is looked up again: the record before has written it, unless that was left out.
            let mut stored = self.lookup.one(record.loaded.id())?;
            joined = self.updater.change(&record.loaded, stored.as_mut())?;
            &joined
        } else {
            &record.change
        };
        match change {
            Change::Create | Change::Join => {
                self.insert(record)?;
                self.written.created += 1;
            }
            Change::Update(update) => {
                self.update(record, update)?;
                self.written.updated += 1;
            }
        }
        let is_placed = match change {
            Change::Create | Change::Join => record.loaded.model().self_reference.is_some(),
            Change::Update(update) => update.parent_changed,
        };
        if is_placed
            && record.self_ref_order.is_none()
            && self.run.schema().self_ref_order
            && let Some(parent) = record.loaded.parent()
        {
            SelfRefOrder::wait(self.run.connection(), record.loaded.id(), parent)?;
            self.run.waits();
        }
        Ok(())
    }

    /// Writes the rows of a chunk, and takes those out of it that the store refuses, where the run allows that. Each row is a
    /// statement of its own, so what is refused is alone from the start, and the others are written once.
    fn write_all(&mut self, chunk: &mut Vec<Updated>) -> Result<(), Halt> {
        let mut refused = Vec::new();
        for (index, record) in chunk.iter().enumerate() {
            let Err(failure) = self.write(record) else { continue };
            let is_about_one_row = is_about_one_row(self.run.connection(), &failure);
            let failure = failure.at(record.loaded.id());
            if !is_about_one_row {
                return Err(failure.into());
            }
            self.run.left_out().record("StoreWriter", &record.loaded, failure)?;
            refused.push(index);
        }
        for index in refused.into_iter().rev() {
            chunk.remove(index);
            self.skipped += 1;
        }
        Ok(())
    }

    fn insert(&mut self, record: &Updated) -> rusqlite::Result<()> {
        let (Stamp { instance, counter }, loaded) = (self.run.stamp(), &record.loaded);
        let insert = self.statements.insert.get()?;
        insert.raw_bind_parameter(1, loaded.id().as_str())?;
        insert.raw_bind_parameter(2, loaded.serialized())?;
        insert.raw_bind_parameter(3, instance)?;
        insert.raw_bind_parameter(4, counter)?;
        insert.raw_bind_parameter(5, loaded.model().name)?;
        insert.raw_bind_parameter(6, P::NAME)?;
        insert.raw_bind_parameter(7, loaded.partition())?;
        insert.raw_bind_parameter(8, loaded.source_id())?;
        insert.raw_bind_parameter(9, parent_of(loaded))?;
        if self.run.schema().self_ref_order {
            insert.raw_bind_parameter(10, record.self_ref_order)?;
        }
        insert.raw_execute()?;
        Ok(())
    }

    fn update(&mut self, record: &Updated, to: &Update) -> rusqlite::Result<()> {
        let Stamp { instance, counter } = self.run.stamp();
        let update = self.statements.update(to);
        let mut respelling;
        let update = if to.respelt.is_empty() {
            update.get()?
        } else {
            respelling = self.run.connection().prepare_cached(&respell(update.sql(), to))?;
            for (index, Respelt { text, .. }) in to.respelt.iter().enumerate() {
                respelling.raw_bind_parameter(FIRST_RESPELT + index, text)?;
            }
            &mut respelling
        };
        update.raw_bind_parameter(1, to.rowid)?;
        update.raw_bind_parameter(2, to.merged.as_deref().unwrap_or(record.loaded.serialized()))?;
        update.raw_bind_parameter(3, instance)?;
        update.raw_bind_parameter(4, counter)?;
        if to.parent_changed || to.was_received {
            update.raw_bind_parameter(5, &to.conflicting)?;
        }
        if to.parent_changed {
            update.raw_bind_parameter(6, parent_of(&record.loaded))?;
            if self.run.schema().self_ref_order {
                update.raw_bind_parameter(7, record.self_ref_order)?;
            }
        }
        update.raw_execute()?;
        Ok(())
    }
}

/// The end of every statement that updates a row.
const BY_ROWID: &str = " WHERE rowid = ?1";

/// The first parameter that no such statement has.
const FIRST_RESPELT: usize = 8;

/// `update`, which also writes the columns that are spelt otherwise.
fn respell(update: &str, to: &Update) -> String {
    let mut sql = update.strip_suffix(BY_ROWID).unwrap_or(update).to_owned();
    for (index, Respelt { column, .. }) in to.respelt.iter().enumerate() {
        let _ = write!(sql, ", {column} = ?{}", FIRST_RESPELT + index);
    }
    sql + BY_ROWID
}

fn parent_of(loaded: &Loaded) -> &str {
    loaded.parent_ref().map_or("", RecordId::as_str)
}

/// How rows of the store are written.
#[derive(Debug)]
struct Statements<'c> {
    insert: Prepared<'c>,
    /// What no index is about.
    update: Prepared<'c>,
    /// And the traces of having been received.
    update_received: Prepared<'c>,
    /// And the parent.
    update_parent: Prepared<'c>,
}

impl<'c> Statements<'c> {
    fn new(connection: &'c Connection, schema: SyncSchema) -> Self {
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
        let parent = format!("{received}, _self_ref_fk = ?6{assignment}");
        let update = |changes: &str| Prepared::new(connection, format!("{set}{changes}{BY_ROWID}"));
        Self {
            insert: Prepared::new(connection, insert),
            update: update(""),
            update_received: update(received),
            update_parent: update(&parent),
        }
    }

    fn update(&mut self, update: &Update) -> &mut Prepared<'c> {
        match (update.parent_changed, update.was_received) {
            (true, _) => &mut self.update_parent,
            (false, true) => &mut self.update_received,
            (false, false) => &mut self.update,
        }
    }
}

impl<P: Profile> Sink for StoreWriter<'_, P> {
    type In = Vec<Updated>;
    type Output = Written;

    fn consume(&mut self, mut chunk: Vec<Updated>) -> Result<(), Halt> {
        let run = self.run;
        chunk.iter().try_for_each(|record| run.must_have_read(&record.loaded))?;
        run.write("StoreWriter", || {
            let in_bulk = run.fill_in_bulk(self.is_bulk)?;
            self.write_all(&mut chunk)?;
            if in_bulk {
                run.go_on_in_bulk()?;
            } else {
                let (new, known): (Vec<_>, Vec<_>) =
                    chunk.iter().partition(|record| matches!(record.change, Change::Create));
                self.counters.insert(new.iter().map(|record| record.loaded.id_ref()))?;
                self.counters.update(known.iter().map(|record| record.loaded.id_ref()))?;
            }
            run.written(chunk.iter().map(Updated::loaded))?;
            Ok(())
        })
    }

    fn finish(self) -> Result<Written, Failure> {
        Ok(self.written)
    }

    fn tally(&self) -> Tally {
        Tally::of_skipped(self.skipped)
    }
}

impl<P> fmt::Debug for StoreWriter<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreWriter").field("written", &self.written).finish_non_exhaustive()
    }
}
