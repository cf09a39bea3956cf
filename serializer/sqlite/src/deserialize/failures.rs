//! The failures of records in the store, and the rows of the store that are done.

use rusqlite::{Connection, params};
use syncline_core::Failure;
use syncline_serializer::deserialize::{
    Deserialized, Failed, FailedRecord, FailureKind, ModelDeserialized, Waiting,
};
use syncline_serializer::model::Profile;
use syncline_serializer::record_id::RecordId;

use super::arrivals::Arrived;
use super::leg::Leg;
use crate::error::{Doing, RunError, SqliteError};

/// The number of failures that a report names.
const NAMED: usize = 10;

/// Notes that a record is done: its row of the store is clean, and it did not fail.
pub(super) fn done<P: Profile>(leg: &Leg<'_, P>, waiting: &Waiting, arrived: Arrived) -> Result<(), Failure> {
    leg.connection
        .prepare_cached(
            "UPDATE main.morango_store SET dirty_bit = 0, deserialization_error = NULL, \
             deserialization_exception = NULL WHERE rowid = ?1",
        )?
        .execute([waiting.rowid])?;
    if leg.pass.get() > 0 {
        leg.connection
            .prepare_cached("DELETE FROM temp.syncline_failed WHERE id = ?1")?
            .execute([waiting.id.as_str()])?;
    }
    leg.saved.set(leg.saved.get() + 1);
    leg.arrivals.note(P::MODELS[waiting.model_index].name, waiting.id.as_str(), arrived)?;
    Ok(())
}

/// Writes the failure of a record to its row in the store.
pub(super) fn fail<P: Profile>(leg: &Leg<'_, P>, waiting: &Waiting, failed: &Failed) -> Result<(), Failure> {
    let Failed { failure, kind, may_be_order } = failed;
    leg.connection
        .prepare_cached(
            "UPDATE main.morango_store SET deserialization_error = ?2, deserialization_exception = ?3 \
             WHERE rowid = ?1",
        )?
        .execute(params![waiting.rowid, failure.text, failure.class.as_str()])?;
    leg.connection
        .prepare_cached("INSERT OR REPLACE INTO temp.syncline_failed VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![
            waiting.id.as_str(),
            waiting.rowid,
            waiting.model_index,
            failure.class.as_str(),
            *kind == FailureKind::Invalid,
            may_be_order,
            leg.pass.get()
        ])?;
    Ok(())
}

/// Returns `true` if records failed in `pass` that may succeed in another.
pub(super) fn may_succeed(connection: &Connection, pass: u32) -> Result<bool, SqliteError> {
    connection
        .prepare_cached("SELECT 1 FROM temp.syncline_failed WHERE again AND pass = ?1")
        .and_then(|mut select| select.exists([pass]))
        .doing("looking for records that failed")
}

/// Adds the failures of the run to its report, and to the arrivals.
pub(super) fn report<P: Profile>(leg: &Leg<'_, P>, report: &mut Deserialized) -> Result<(), RunError> {
    const DOING: &str = "counting the records that failed";

    let mut counts = leg
        .connection
        .prepare_cached("SELECT model, class, count(*) FROM temp.syncline_failed GROUP BY model, class")
        .doing(DOING)?;
    let mut rows = counts.query([]).doing(DOING)?;
    while let Some(row) = rows.next().doing(DOING)? {
        let read = || Ok((row.get::<_, usize>(0)?, row.get(1)?, row.get(2)?));
        let (model, class, count) = read().doing(DOING)?;
        leg.count(model, |counts: &mut ModelDeserialized| counts.failed.push((class, count)));
    }
    let mut first = leg
        .connection
        .prepare_cached(
            "SELECT failed.model, failed.id, failed.class, store.deserialization_error FROM temp.syncline_failed AS failed \
             CROSS JOIN main.morango_store AS store ON store.rowid = failed.\"row\" \
             ORDER BY failed.model, failed.\"row\" LIMIT ?1",
        )
        .doing(DOING)?;
    let mut rows = first.query([NAMED]).doing(DOING)?;
    while let Some(row) = rows.next().doing(DOING)? {
        let read = || -> rusqlite::Result<_> {
            let (model, id): (usize, RecordId) = (row.get(0)?, row.get(1)?);
            Ok((model, id, row.get(2)?, row.get::<_, Option<String>>(3)?))
        };
        let (model, id, class, text) = read().doing(DOING)?;
        let name = P::MODELS[model].name;
        report.first_failures.push(FailedRecord::new(name, id, class, text.unwrap_or_default()));
    }
    if leg.arrivals.are_wanted() {
        let mut failed = leg
            .connection
            .prepare_cached("SELECT model, id FROM temp.syncline_failed ORDER BY model, \"row\"")
            .doing(DOING)?;
        let mut rows = failed.query([]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            let (model, id): (usize, String) = (row.get(0).doing(DOING)?, row.get(1).doing(DOING)?);
            leg.arrivals.note(P::MODELS[model].name, &id, Arrived::Failed).doing(DOING)?;
        }
    }
    Ok(())
}
