//! The counters of this database for a filter (morango.md §8.1, §8.2).

use rusqlite::{Connection, OptionalExtension as _};
use syncline_serializer::counters::{
    Counter, DatabaseCounter, FilterCounters, Fsic, InstanceCounters, LARGEST_COUNTER, Role,
};
use syncline_serializer::filter::PartitionRange;
use syncline_serializer::record_id::RecordId;

use crate::error::{Doing as _, SqliteError};

/// A format of filter-specific instance counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Version 1: one counter for each instance.
    ByInstance,
    /// Version 2: counters for each partition. Both sides list the capability `FSIC_V2_FORMAT`.
    ByPartition,
}

/// The counters of this database for the prefixes `filter`, as one side of a transfer.
///
/// In the newer format, a counter that matters for no record is left out: a sender has a record under the partition that the
/// instance saved last, a receiver a record max counter of the instance for a record under it.
///
/// # Errors
///
/// If the database cannot be read.
pub fn counters_for(
    connection: &Connection,
    filter: &[&str],
    role: Role,
    format: Format,
) -> Result<Fsic, SqliteError> {
    let rows = database_counters(connection, filter)?;
    match format {
        Format::ByInstance => Ok(Fsic::ByInstance(InstanceCounters::of(&rows, filter, role))),
        Format::ByPartition => {
            let mut used = Vec::new();
            for row in rows {
                if is_used(connection, &row, role)? {
                    used.push(row);
                }
            }
            Ok(Fsic::ByPartition(FilterCounters::of(&used, filter)))
        }
    }
}

/// The database max counters for partitions inside of `filter` and above it. A row that no peer could read is left out: an
/// instance that is no id, or a counter out of range.
pub(super) fn database_counters(
    connection: &Connection,
    filter: &[&str],
) -> Result<Vec<DatabaseCounter>, SqliteError> {
    const DOING: &str = "reading the database max counters";

    let mut statement = connection
        .prepare_cached("SELECT partition, instance_id, counter FROM morango_databasemaxcounter")
        .doing(DOING)?;
    let mut rows = statement.query([]).doing(DOING)?;
    let mut counters = Vec::new();
    while let Some(row) = rows.next().doing(DOING)? {
        let (Ok(partition), Ok(instance), Ok(counter)) =
            (row.get_ref(0).doing(DOING)?.as_str(), row.get_ref(1).doing(DOING)?.as_str(), row.get(2))
        else {
            continue;
        };
        let matters =
            filter.iter().any(|prefix| partition.starts_with(prefix) || prefix.starts_with(partition));
        let Some((instance, counter)) = canonical(instance).zip(in_range(counter)).filter(|_| matters) else {
            continue;
        };
        counters.push(DatabaseCounter { partition: partition.to_owned(), instance, counter });
    }
    Ok(counters)
}

/// `text` as the id of an instance, if it is one as Morango writes it.
pub(super) fn canonical(text: &str) -> Option<RecordId> {
    RecordId::parse(text).ok().filter(|id| id.as_str() == text)
}

fn in_range(counter: i64) -> Option<Counter> {
    Counter::try_from(counter).ok().filter(|counter| *counter <= LARGEST_COUNTER)
}

fn is_used(connection: &Connection, row: &DatabaseCounter, role: Role) -> Result<bool, SqliteError> {
    // A blob is above every text, so it is the end of a range without one.
    const SENDER: &str = "SELECT 1 FROM morango_store WHERE partition >= ?1 AND partition < coalesce(?2, x'') \
         AND last_saved_instance = ?3 LIMIT 1";
    const RECEIVER: &str = "SELECT 1 FROM morango_store AS s CROSS JOIN morango_recordmaxcounter AS c \
         ON c.store_model_id = s.id AND c.instance_id = ?3 \
         WHERE s.partition >= ?1 AND s.partition < coalesce(?2, x'') LIMIT 1";
    const DOING: &str = "comparing the database max counters with the store";

    let sql = match role {
        Role::Sender => SENDER,
        Role::Receiver => RECEIVER,
    };
    let range = PartitionRange::of_all([row.partition.as_str()]);
    let range = range.first().map(|range| (range.from.as_str(), range.to.as_deref()));
    let (from, to) = range.unwrap_or_default();
    let mut statement = connection.prepare_cached(sql).doing(DOING)?;
    let found = statement.query_row((from, to, row.instance.as_str()), |_| Ok(())).optional().doing(DOING)?;
    Ok(found.is_some())
}
