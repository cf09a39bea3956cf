//! The deletion of rows with all that refers to them.

use rusqlite::params;
use syncline_core::Failure;
use syncline_serializer::deserialize::Saved;
use syncline_serializer::model::{Model, Profile};
use syncline_serializer::received::{self, ExceptionClass};
use syncline_serializer::record_id::RecordId;

use super::arrivals::Arrived;
use super::cascade::{Found, Links};
use super::leg::Leg;
use super::rejected::rejected;
use crate::error::{Doing, RunError};

/// Deletes another record of the app, as an effect.
pub(super) fn delete_other<P: Profile>(
    leg: &Leg<'_, P>,
    model: &str,
    id: &RecordId,
) -> Result<Saved, Failure> {
    match P::MODELS.iter().find(|known| known.name == model) {
        Some(model) => delete_rows(leg, model, &[id.as_str()]),
        None => Ok(Saved::Done),
    }
}

/// Deletes rows of the table of `model`, with all rows that refer to them.
pub(super) fn delete_rows<P: Profile>(
    leg: &Leg<'_, P>,
    model: &'static Model,
    ids: &[&str],
) -> Result<Saved, Failure> {
    let links = if let Some(links) = leg.links.get() {
        links
    } else {
        let read = Links::read::<P>(leg.connection, leg.is_of_django)?;
        leg.links.get_or_init(|| read)
    };
    match links.collect(leg.connection, model.table, ids)? {
        Found::Free => {}
        Found::Unsaved if leg.options.overwrites_unsaved => {}
        Found::Unsaved => return Ok(Saved::Unsaved),
        Found::Prevented(table) => {
            let text = format!("FOREIGN KEY constraint failed: a row of {table} refers to the record");
            return Ok(Saved::Failed(received::Failure::new(ExceptionClass::INTEGRITY_ERROR, text)));
        }
    }
    leg.in_app.borrow_mut().clear();
    leg.connection.execute_batch("SAVEPOINT syncline_going")?;
    let deleted = links.delete_collected(leg.connection);
    let saved = match deleted {
        Ok(()) => Saved::Done,
        Err(error) => {
            let failure = rejected(leg.connection, error)?;
            leg.connection.execute_batch("ROLLBACK TO syncline_going")?;
            Saved::Failed(failure)
        }
    };
    leg.connection.execute_batch("RELEASE syncline_going")?;
    Ok(saved)
}

/// Lists the rows that went along with deletions, and live on in the store: the next serialise run authors their deletion (quirk
/// Q7).
pub(super) fn list_cascaded<P: Profile>(leg: &Leg<'_, P>) -> Result<(), RunError> {
    const DOING: &str = "listing the rows that went along with a deletion";

    for (index, model) in P::MODELS.iter().enumerate() {
        let condition = format!(
            "FROM temp.syncline_gone AS gone CROSS JOIN main.morango_store AS store ON store.id = gone.id \
             WHERE gone.\"table\" = ?1 COLLATE NOCASE AND store.profile = ?2 AND store.model_name = ?3 \
             AND NOT store.deleted AND gone.id NOT IN (SELECT id FROM temp.syncline_passed) \
             AND NOT EXISTS (SELECT 1 FROM main.\"{}\" AS row WHERE row.id = gone.id)",
            model.table.replace('"', "\"\"")
        );
        let values = params![model.table, P::NAME, model.name];
        if leg.arrivals.are_wanted() {
            let mut gone =
                leg.connection.prepare_cached(&format!("SELECT gone.id {condition}")).doing(DOING)?;
            let mut rows = gone.query(values).doing(DOING)?;
            while let Some(row) = rows.next().doing(DOING)? {
                let id: String = row.get(0).doing(DOING)?;
                leg.arrivals.note(model.name, &id, Arrived::Deleted).doing(DOING)?;
            }
        }
        let sql = format!(
            "INSERT INTO main.morango_deletedmodels (id, profile) SELECT gone.id, ?2 {condition} \
             ON CONFLICT (id) DO UPDATE SET profile = excluded.profile"
        );
        let listed =
            leg.connection.prepare_cached(&sql).and_then(|mut list| list.execute(values)).doing(DOING)?;
        leg.count(index, |counts| counts.cascaded += listed as u64);
    }
    Ok(())
}
