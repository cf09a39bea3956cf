//! The record max counters (RMC) and the database max counters (DMC).

use rusqlite::{Connection, Statement};

use crate::filter::Filter;
use crate::record_id::RecordId;
use crate::store::instance::Stamp;
use crate::store::prepared::Prepared;

/// Writes down that an instance has saved records (morango.md §6.3, §6.4).
#[derive(Debug)]
pub(crate) struct RecordCounters<'c> {
    connection: &'c Connection,
    stamp: &'c Stamp,
    update: Prepared<'c>,
    full: Prepared<'c>,
}

/// How many counters one statement inserts: an autoincrement table is charged for each statement, not for each row.
/// Each row binds one value, and the statement two more.
const BATCH: usize = 100;

impl<'c> RecordCounters<'c> {
    pub(crate) fn new(connection: &'c Connection, stamp: &'c Stamp) -> Self {
        let update =
            "UPDATE morango_recordmaxcounter SET counter = ?1 WHERE store_model_id = ?3 AND instance_id = ?2";
        Self {
            connection,
            stamp,
            update: Prepared::new(connection, update),
            full: Prepared::new(connection, upsert(BATCH)),
        }
    }

    /// Writes the counters of records that the instance has saved before, or not.
    pub(crate) fn update<'r>(
        &mut self,
        records: impl IntoIterator<Item = &'r RecordId>,
    ) -> rusqlite::Result<()> {
        // Not all in one upsert: that allots a new number to each row before it finds the old one.
        let update = self.update.get()?;
        update.raw_bind_parameter(1, self.stamp.counter)?;
        update.raw_bind_parameter(2, &self.stamp.instance)?;
        let mut missing = Vec::new();
        for record in records {
            update.raw_bind_parameter(3, record.as_str())?;
            if update.raw_execute()? == 0 {
                missing.push(record);
            }
        }
        self.insert(missing)
    }

    /// Writes the counters of records that are probably new to the instance.
    pub(crate) fn insert<'r>(
        &mut self,
        records: impl IntoIterator<Item = &'r RecordId>,
    ) -> rusqlite::Result<()> {
        let mut records = records.into_iter().peekable();
        let mut batch = Vec::with_capacity(BATCH);
        while records.peek().is_some() {
            batch.clear();
            batch.extend(records.by_ref().take(BATCH));
            if batch.len() == BATCH {
                execute(self.full.get()?, self.stamp, &batch)?;
            } else {
                let mut rest = self.connection.prepare_cached(&upsert(batch.len()))?;
                execute(&mut rest, self.stamp, &batch)?;
            }
        }
        Ok(())
    }
}

fn execute(statement: &mut Statement<'_>, stamp: &Stamp, batch: &[&RecordId]) -> rusqlite::Result<()> {
    statement.raw_bind_parameter(1, &stamp.instance)?;
    statement.raw_bind_parameter(2, stamp.counter)?;
    for (index, id) in batch.iter().enumerate() {
        statement.raw_bind_parameter(index + 3, id.as_str())?;
    }
    statement.raw_execute()?;
    Ok(())
}

fn upsert(rows: usize) -> String {
    let values: Vec<String> = (3..rows + 3).map(|id| format!("(?1, ?2, ?{id})")).collect();
    format!(
        "INSERT OR FAIL INTO morango_recordmaxcounter (instance_id, counter, store_model_id) VALUES {} \
         ON CONFLICT (store_model_id, instance_id) DO UPDATE SET counter = excluded.counter",
        values.join(", ")
    )
}

/// Writes down up to where `stamp`'s instance has serialised what `filter` is about (morango.md §6.8).
pub(crate) fn save_database_counters(
    connection: &Connection,
    stamp: &Stamp,
    filter: &Filter,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO morango_databasemaxcounter (instance_id, counter, partition) VALUES (?1, ?2, ?3) \
         ON CONFLICT (instance_id, partition) DO UPDATE SET counter = excluded.counter",
    )?;
    let mut prefixes = filter.distinct_prefixes().peekable();
    if prefixes.peek().is_none() {
        statement.execute((&stamp.instance, stamp.counter, ""))?;
    }
    for prefix in prefixes {
        statement.execute((&stamp.instance, stamp.counter, prefix))?;
    }
    Ok(())
}
