//! Deletions that were received, and records that are deleted in turn.

use rusqlite::params;
use syncline_core::Failure;
use syncline_serializer::deserialize::{Saved, Waiting};
use syncline_serializer::model::{Effects, Profile};

use super::arrivals::Arrived;
use super::deletion::delete_rows;
use super::effects::apply;
use super::failures;
use super::leg::Leg;

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
        failures::done(leg, waiting, Arrived::Deleted)?;
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
    let saved = match apply(leg, effects.as_slice())? {
        Ok(()) => delete_rows(leg, model, &[waiting.id.as_str()])?,
        Err(saved) => saved,
    };
    if !matches!(saved, Saved::Done) {
        leg.connection.execute_batch("ROLLBACK TO syncline_deleted")?;
    }
    leg.connection.execute_batch("RELEASE syncline_deleted")?;
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
