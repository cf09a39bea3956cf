//! The writers of record max counters (RMC) and database max counters (DMC).

use std::sync::LazyLock;

use rusqlite::{Connection, OptionalExtension, Statement};
use syncline_core::Failure;
use syncline_serializer::filter::Filter;
use syncline_serializer::instance::Stamp;
use syncline_serializer::model::InvalidColumn;
use syncline_serializer::record_id::RecordId;

use crate::error::{Doing, RunError};
use crate::sqlite_row::column_value;
use crate::store::prepared::Prepared;

/// A writer of the record max counters of a chunk: they state which instance has saved a record, and with which counter (morango.md
/// §6.3, §6.4).
#[derive(Debug)]
pub(crate) struct RecordCounters<'c> {
    connection: &'c Connection,
    stamp: &'c Stamp,
    update: Prepared<'c>,
    update_number: Prepared<'c>,
    read: Prepared<'c>,
    full: Prepared<'c>,
}

/// The number of counters in one `INSERT`. A table with autoincrement has a cost for each statement, not for each row.
/// The statement binds one value for each row and two more.
const BATCH: usize = 100;

impl<'c> RecordCounters<'c> {
    pub(crate) fn new(connection: &'c Connection, stamp: &'c Stamp) -> Self {
        const UPDATE: &str =
            "UPDATE morango_recordmaxcounter SET counter = ?1 WHERE store_model_id = ?3 AND instance_id = ?2";
        const UPDATE_NUMBER: &str = "UPDATE morango_recordmaxcounter SET counter = ?1 \
             WHERE store_model_id = ?3 AND instance_id = ?2 AND typeof(counter) = 'integer'";
        const READ: &str =
            "SELECT counter FROM morango_recordmaxcounter WHERE store_model_id = ?1 AND instance_id = ?2";
        static FULL: LazyLock<String> = LazyLock::new(|| upsert(BATCH));

        Self {
            connection,
            stamp,
            update: Prepared::new(connection, UPDATE),
            update_number: Prepared::new(connection, UPDATE_NUMBER),
            read: Prepared::new(connection, READ),
            full: Prepared::new(connection, FULL.as_str()),
        }
    }

    /// Writes the counters of records that may have one of this instance already.
    ///
    /// A former counter that may be text is read first: Morango fails on text that is not UTF-8, and so does this.
    pub(crate) fn update<'r>(
        &mut self,
        records: impl IntoIterator<Item = &'r RecordId>,
    ) -> Result<(), Failure> {
        let mut others = Vec::new();
        each(self.update_number.get()?, self.stamp, records, |record| others.push(record))?;
        let (mut odd, mut missing) = (Vec::new(), Vec::new());
        for record in others {
            let mut rows = self.read.get()?.query((record.as_str(), &self.stamp.instance))?;
            let Some(row) = rows.next()? else {
                missing.push(record);
                continue;
            };
            column_value(row.get_ref(0)?).in_utf8().map_err(|source| {
                let (table, record) = ("morango_recordmaxcounter", record.to_string());
                InvalidColumn { table, column: "counter", record, source }
            })?;
            odd.push(record);
        }
        if !odd.is_empty() {
            each(self.update.get()?, self.stamp, odd, |record| missing.push(record))?;
        }
        Ok(self.insert(missing)?)
    }

    /// Writes the counters of records that may have one of this instance already, without reading the former values.
    pub(crate) fn overwrite<'r>(
        &mut self,
        records: impl IntoIterator<Item = &'r RecordId>,
    ) -> rusqlite::Result<()> {
        // Not as one upsert: that would use up an autoincrement number for each row before it finds the former row.
        let mut missing = Vec::new();
        each(self.update.get()?, self.stamp, records, |record| missing.push(record))?;
        self.insert(missing)
    }

    /// Writes the counters of records that probably have none of this instance yet.
    pub(crate) fn insert<'r>(
        &mut self,
        records: impl IntoIterator<Item = &'r RecordId>,
    ) -> rusqlite::Result<()> {
        let mut records = records.into_iter().peekable();
        let mut batch = Vec::new();
        while records.peek().is_some() {
            batch.clear();
            batch.reserve_exact(BATCH);
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

/// Updates the counter of each of `records`. Calls `other` for the records without a matching row.
fn each<'r>(
    update: &mut Statement<'_>,
    stamp: &Stamp,
    records: impl IntoIterator<Item = &'r RecordId>,
    mut other: impl FnMut(&'r RecordId),
) -> rusqlite::Result<()> {
    update.raw_bind_parameter(1, stamp.counter)?;
    update.raw_bind_parameter(2, &stamp.instance)?;
    for record in records {
        update.raw_bind_parameter(3, record.as_str())?;
        if update.raw_execute()? == 0 {
            other(record);
        }
    }
    Ok(())
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

/// Writes the database max counters: the counter up to which `stamp`'s instance has serialised the partitions of
/// `filter` (morango.md §6.8).
///
/// # Errors
///
/// If the database cannot be written, or a former counter is text that is not UTF-8, on which Morango fails as well.
pub(crate) fn save_database_counters(
    connection: &Connection,
    stamp: &Stamp,
    filter: &Filter,
) -> Result<(), RunError> {
    const DOING: &str = "writing the database max counters";

    let mut read = connection
        .prepare_cached(
            "SELECT counter FROM morango_databasemaxcounter WHERE instance_id = ?1 AND partition = ?2",
        )
        .doing(DOING)?;
    let mut save = connection
        .prepare_cached(
            "INSERT INTO morango_databasemaxcounter (instance_id, counter, partition) VALUES (?1, ?2, ?3) \
             ON CONFLICT (instance_id, partition) DO UPDATE SET counter = excluded.counter",
        )
        .doing(DOING)?;
    let mut prefixes = filter.distinct_prefixes().peekable();
    let whole = prefixes.peek().is_none().then_some("");
    for partition in whole.into_iter().chain(prefixes) {
        let old = read
            .query_row((&stamp.instance, partition), |row| {
                Ok(column_value(row.get_ref(0)?).in_utf8().map(drop))
            })
            .optional()
            .doing(DOING)?;
        old.unwrap_or(Ok(())).map_err(|source| {
            let (table, record) = ("morango_databasemaxcounter", partition.to_owned());
            RunError::Invalid(InvalidColumn { table, column: "counter", record, source })
        })?;
        save.execute((&stamp.instance, stamp.counter, partition)).doing(DOING)?;
    }
    Ok(())
}
