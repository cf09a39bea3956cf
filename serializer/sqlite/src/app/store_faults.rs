//! Faults of the store and the buffers themselves: counters that are missing or behind, records that failed long ago, and the
//! buffers of dead sessions.

use rusqlite::{Connection, OptionalExtension as _};

use crate::app::comparison::FoundRecords;
use crate::app::difference::Difference;
use crate::buffers::{self, Cleanup};
use crate::error::{Doing, SqliteError};

const DOING: &str = "checking the store";

/// The condition for a store row `stored` whose last version has no record max counter: a peer could not tell that this database has
/// it (morango.md §2, §11).
const HAS_NO_COUNTER: &str = "NOT EXISTS (SELECT 1 FROM morango_recordmaxcounter AS c WHERE c.store_model_id = stored.id \
     AND c.instance_id = stored.last_saved_instance AND c.counter >= stored.last_saved_counter)";

/// The condition for a row that failed and came with a transfer more than a year ago.
const FAILED_LONG_AGO: &str = "stored.dirty_bit AND stored.deserialization_error <> '' \
     AND (SELECT julianday(t.last_activity_timestamp) FROM morango_transfersession AS t \
     WHERE t.id = stored.last_transfer_session_id) < julianday('now') - 365";

/// Lists the faults of the store of `profile`.
pub(crate) fn find(connection: &Connection, profile: &str) -> Result<Vec<Difference>, SqliteError> {
    let mut found = Vec::new();
    for (model, records) in by_model(connection, profile, HAS_NO_COUNTER).doing(DOING)? {
        found.push(Difference::NoCounter { model, records });
    }
    found.extend(counter_behind(connection).doing(DOING)?);
    for (model, records) in by_model(connection, profile, FAILED_LONG_AGO).doing(DOING)? {
        found.push(Difference::FailedLongAgo { model, records });
    }
    let sessions = buffers::read(connection, Cleanup::OLDER_THAN).doing(DOING)?;
    let dead: Vec<_> = sessions.iter().filter(|session| session.state.is_dead()).collect();
    if !dead.is_empty() {
        found.push(Difference::DeadBuffers {
            sessions: dead.len() as u64,
            records: dead.iter().map(|session| session.records).sum(),
            bytes: dead.iter().map(|session| session.bytes).sum(),
        });
    }
    Ok(found)
}

fn by_model(
    connection: &Connection,
    profile: &str,
    condition: &str,
) -> rusqlite::Result<Vec<(String, FoundRecords)>> {
    let mut select = connection.prepare(&format!(
        "SELECT stored.model_name, stored.id FROM morango_store AS stored \
         WHERE stored.profile = ?1 AND {condition} ORDER BY stored.model_name, stored.id"
    ))?;
    let mut rows = select.query([profile])?;
    let mut found: Vec<(String, FoundRecords)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (model, id): (String, String) = (row.get(0)?, row.get(1)?);
        match found.last_mut() {
            Some((last, records)) if *last == model => records.add(|| id),
            _ => {
                let mut records = FoundRecords::default();
                records.add(|| id);
                found.push((model, records));
            }
        }
    }
    Ok(found)
}

/// The counter of the current instance, if the store names a higher one of it, as after a backup that was put back.
fn counter_behind(connection: &Connection) -> rusqlite::Result<Option<Difference>> {
    connection
        .prepare(
            "SELECT id, counter, known FROM (SELECT id, counter, max( \
             ifnull((SELECT max(counter) FROM morango_recordmaxcounter WHERE instance_id = instance.id), 0), \
             ifnull((SELECT max(counter) FROM morango_databasemaxcounter WHERE instance_id = instance.id), 0), \
             ifnull((SELECT max(last_saved_counter) FROM morango_store WHERE last_saved_instance = instance.id), 0)) AS known \
             FROM morango_instanceidmodel AS instance WHERE current) WHERE known > counter LIMIT 1",
        )?
        .query_row([], |row| {
            Ok(Difference::CounterBehind { instance: row.get(0)?, counter: row.get(1)?, known: row.get(2)? })
        })
        .optional()
}

/// Writes the counters that [`find`] misses. Returns the number of records and `true` if the counter of the instance was raised.
pub(crate) fn mend_counters(connection: &Connection, profile: &str) -> Result<(u64, bool), SqliteError> {
    const DOING: &str = "writing counters that are missing";

    let written = connection
        .execute(
            &format!(
                "INSERT INTO morango_recordmaxcounter (store_model_id, instance_id, counter) \
                 SELECT stored.id, stored.last_saved_instance, stored.last_saved_counter FROM morango_store AS stored \
                 WHERE stored.profile = ?1 AND {HAS_NO_COUNTER} \
                 ON CONFLICT (store_model_id, instance_id) DO UPDATE SET counter = excluded.counter"
            ),
            [profile],
        )
        .doing(DOING)?;
    let mut is_raised = false;
    if let Some(Difference::CounterBehind { instance, known, .. }) =
        counter_behind(connection).doing(DOING)?
    {
        let sql = "UPDATE morango_instanceidmodel SET counter = ?2 WHERE id = ?1";
        is_raised = connection.execute(sql, (instance, known)).doing(DOING)? > 0;
    }
    Ok((written as u64, is_raised))
}
