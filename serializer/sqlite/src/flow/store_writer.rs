//! The sink of the flow: the store, its counters, and the app's dirty bits.

use std::fmt::{self, Write as _};

use rusqlite::{Connection, OptionalExtension};
use syncline_core::{Failure, Halt, Sink, Tally};
use syncline_serializer::instance::Stamp;
use syncline_serializer::invalid_stored::InvalidStored;
use syncline_serializer::json::Merger;
use syncline_serializer::model::Profile;
use syncline_serializer::record_id::RecordId;

use crate::flow::clean_rows::CleanRows;
use crate::flow::left_out::is_about_one_row;
use crate::flow::{Change, Loaded, Respelt, Run, SelfRefOrder, Update, Updated};
use crate::store::bulk_load::{BulkLoad, save_all_counters};
use crate::store::counters::RecordCounters;
use crate::store::prepared::Prepared;
use crate::store::schema::SyncSchema;

/// Sink that writes chunks of records to the store, inside the transaction that is open.
///
/// * Chunk: the store's rows, then this instance's counter of each (morango.md §6.3, §6.4).
/// * Finish, or after many chunks: what is better done for many rows at once. Rows whose rowid is known lose their dirty
///   bits; those of the others (§6.5) are left to [`Run::end`].
pub struct StoreWriter<'c, P> {
    run: &'c Run<'c, P>,
    statements: Statements<'c>,
    counters: RecordCounters<'c>,
    filling: Option<BulkLoad>,
    is_bulk: bool,
    clean: CleanRows,
    written: Written,
    skipped: u64,
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
            statements: Statements::new(run.connection(), run.schema()),
            counters: RecordCounters::new(run.connection(), run.stamp()),
            filling: None,
            is_bulk: false,
            clean: CleanRows::default(),
            written: Written::default(),
            skipped: 0,
        }
    }

    /// Tells that many rows are coming. A store that was empty is then filled in bulk: see `store/bulk_load.rs`.
    #[must_use]
    pub fn bulk(mut self, is_bulk: bool) -> Self {
        self.is_bulk = is_bulk && self.run.store_was_empty();
        self
    }

    fn write(&mut self, record: &Updated) -> Result<(), Failure> {
        match &record.change {
            Change::Create => {
                self.insert(record)?;
                self.written.created += 1;
            }
            Change::Update(update) => {
                self.update(record, update)?;
                self.written.updated += 1;
            }
            Change::Join => self.join(record)?,
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
            let failure = failure.at(record.loaded.id);
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
            insert.raw_bind_parameter(10, record.self_ref_order)?;
        }
        insert.raw_execute()?;
        Ok(())
    }

    /// Writes a record over the row of another one, which has the same id and has just been written.
    fn join(&mut self, record: &Updated) -> Result<(), Failure> {
        let loaded = &record.loaded;
        let written = self
            .run
            .connection()
            .prepare_cached("SELECT rowid, serialized, _self_ref_fk FROM morango_store WHERE id = ?1")?
            .query_row([loaded.id.as_str()], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            })
            .optional()?;
        let Some((rowid, stored, parent)) = written else {
            // The other one was left out.
            self.insert(record)?;
            self.written.created += 1;
            return Ok(());
        };
        let mut merged = String::new();
        Merger::new()
            .merge(&stored, loaded.serialized(), &mut merged)
            .map_err(|source| Failure::new(InvalidStored { record: loaded.id.to_string(), source }))?;
        let parent_changed = loaded.model.self_reference.is_some() && parent != parent_of(loaded);
        let update = Update { rowid, merged: Some(merged), parent_changed, ..Update::default() };
        self.update(record, &update)?;
        self.written.updated += 1;
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
    loaded.parent.as_ref().map_or("", RecordId::as_str)
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
        if self.is_bulk && self.filling.is_none() {
            let (filling, index) = BulkLoad::begin(self.run.connection())?;
            self.run.leave_index(index);
            self.filling = Some(filling);
        }
        self.write_all(&mut chunk)?;
        if let Some(filling) = &self.filling {
            filling.go_on(self.run.connection())?;
        } else {
            let (new, known): (Vec<_>, Vec<_>) =
                chunk.iter().partition(|record| matches!(record.change, Change::Create));
            self.counters.insert(new.iter().map(|record| &record.loaded.id))?;
            self.counters.update(known.iter().map(|record| &record.loaded.id))?;
        }
        for Updated { loaded, .. } in &chunk {
            if loaded.rowid.is_some() || self.run.clears_each() {
                self.clean.add(loaded);
            } else {
                self.run.leave_dirty_bits();
            }
        }
        self.clean.clear_if_many(self.run.connection())?;
        Ok(())
    }

    fn finish(mut self) -> Result<Written, Failure> {
        let connection = self.run.connection();
        self.clean.clear(connection)?;
        if self.filling.is_some() {
            save_all_counters(connection, self.run.stamp())?;
        }
        if self.run.schema().self_ref_order {
            SelfRefOrder::settle(connection)?;
        }
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
