//! Deletions: of records whose deletion was received, and of those that are deleted in turn.

use rusqlite::params;
use syncline_core::Failure;
use syncline_serializer::deserialize::{Saved, Waiting};
use syncline_serializer::model::{Effects, Model, Profile};
use syncline_serializer::received::{self, ExceptionClass};
use syncline_serializer::record_id::RecordId;

use super::app_rows;
use super::arrivals::Arrived;
use super::cascade::{Found, Links};
use super::leg::Leg;
use crate::error::{Doing, RunError};

/// Deletes records whose deletion was received, with all rows that refer to them.
pub(super) fn delete<P: Profile>(
    leg: &Leg<'_, P>,
    records: &[&Waiting],
    effects: &[Effects],
) -> Result<Vec<Saved>, Failure> {
    let has_effects = effects.iter().any(|effects| !effects.is_empty());
    let together = if has_effects { None } else { delete_together(leg, records)? };
    let results = match together {
        Some(results) => results,
        None => records
            .iter()
            .zip(effects)
            .map(|(waiting, effects)| delete_one(leg, waiting, effects))
            .collect::<Result<_, _>>()?,
    };
    for (waiting, _) in records.iter().zip(&results).filter(|(_, result)| matches!(result, Saved::Done)) {
        leg.count(waiting.model_index, |counts| counts.deleted += 1);
        leg.done(waiting, Arrived::Deleted)?;
    }
    Ok(results)
}

/// Deletes all of them at once. `None` if one of them cannot be deleted.
fn delete_together<P: Profile>(
    leg: &Leg<'_, P>,
    records: &[&Waiting],
) -> Result<Option<Vec<Saved>>, Failure> {
    let Some(first) = records.first() else { return Ok(Some(Vec::new())) };
    let ids: Vec<_> = records.iter().map(|waiting| waiting.id.as_str()).collect();
    match delete_rows(leg, P::MODELS[first.model_index], &ids)? {
        Saved::Done => Ok(Some(records.iter().map(|_| Saved::Done).collect())),
        _ => Ok(None),
    }
}

fn delete_one<P: Profile>(leg: &Leg<'_, P>, waiting: &Waiting, effects: &Effects) -> Result<Saved, Failure> {
    let model = P::MODELS[waiting.model_index];
    leg.connection.execute_batch("SAVEPOINT syncline_deleted")?;
    let saved = match app_rows::apply(leg, effects.as_slice())? {
        Ok(()) => delete_rows(leg, model, &[waiting.id.as_str()])?,
        Err(saved) => saved,
    };
    if !matches!(saved, Saved::Done) {
        leg.connection.execute_batch("ROLLBACK TO syncline_deleted")?;
    }
    leg.connection.execute_batch("RELEASE syncline_deleted")?;
    Ok(saved)
}

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
fn delete_rows<P: Profile>(leg: &Leg<'_, P>, model: &'static Model, ids: &[&str]) -> Result<Saved, Failure> {
    let links = if let Some(links) = leg.links.get() {
        links
    } else {
        let read = Links::read::<P>(leg.connection, leg.is_of_django)?;
        leg.links.get_or_init(|| read)
    };
    match links.collect(leg.connection, model.table, ids)? {
        Found::Free => {}
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
            let failure = app_rows::rejected(leg.connection, error)?;
            leg.connection.execute_batch("ROLLBACK TO syncline_going")?;
            Saved::Failed(failure)
        }
    };
    leg.connection.execute_batch("RELEASE syncline_going")?;
    Ok(saved)
}

/// Lists records as deleted, and deletes their rows.
pub(super) fn pass_on<P: Profile>(
    leg: &Leg<'_, P>,
    records: &[(&Waiting, bool)],
) -> Result<Vec<Saved>, Failure> {
    records.iter().map(|(waiting, hard)| pass_one_on(leg, waiting, *hard)).collect()
}

fn pass_one_on<P: Profile>(leg: &Leg<'_, P>, waiting: &Waiting, hard: bool) -> Result<Saved, Failure> {
    let id = waiting.id.as_str();
    let saved = delete_rows(leg, P::MODELS[waiting.model_index], &[id])?;
    if !matches!(saved, Saved::Done) {
        return Ok(saved);
    }
    list::<P>(leg, "morango_deletedmodels", id)?;
    if hard {
        list::<P>(leg, "morango_harddeletedmodels", id)?;
    }
    leg.connection
        .prepare_cached("INSERT OR REPLACE INTO temp.syncline_passed VALUES (?1, ?2)")?
        .execute(params![id, hard])?;
    leg.connection.prepare_cached("DELETE FROM temp.syncline_failed WHERE id = ?1")?.execute([id])?;
    leg.saved.set(leg.saved.get() + 1);
    leg.count(waiting.model_index, |counts| counts.passed_on += 1);
    leg.arrivals.note(P::MODELS[waiting.model_index].name, id, Arrived::Deleted)?;
    Ok(Saved::Done)
}

fn list<P: Profile>(leg: &Leg<'_, P>, table: &str, id: &str) -> rusqlite::Result<()> {
    let sql = format!(
        "INSERT INTO main.{table} (id, profile) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET profile = excluded.profile"
    );
    leg.connection.prepare_cached(&sql)?.execute((id, P::NAME)).map(drop)
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
