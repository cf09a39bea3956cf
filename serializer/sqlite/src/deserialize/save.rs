//! The writing of received records.

use syncline_core::Failure;
use syncline_serializer::deserialize::{Change, Saved};
use syncline_serializer::model::Profile;
use syncline_serializer::received::{self, ExceptionClass};

use super::app_rows::Written;
use super::arrivals::Arrived;
use super::effects::apply;
use super::failures;
use super::leg::Leg;
use super::rejected::rejected;

/// Writes a received record with its effects.
pub(super) fn save<P: Profile>(leg: &Leg<'_, P>, change: &Change<'_>) -> Result<Saved, Failure> {
    let Change { row, effects, .. } = change;
    if effects.is_empty() {
        let written = leg.rows.borrow_mut().write(row);
        return finish(leg, change, written);
    }
    leg.connection.execute_batch("SAVEPOINT syncline_received")?;
    let written = leg.rows.borrow_mut().write(row);
    let saved = match written {
        Ok(written) => match apply(leg, effects.as_slice())? {
            Ok(()) => finish(leg, change, Ok(written))?,
            Err(saved) => saved,
        },
        Err(error) => finish(leg, change, Err(error))?,
    };
    if !matches!(saved, Saved::Done) {
        leg.connection.execute_batch("ROLLBACK TO syncline_received")?;
    }
    leg.connection.execute_batch("RELEASE syncline_received")?;
    Ok(saved)
}

fn finish<P: Profile>(
    leg: &Leg<'_, P>,
    change: &Change<'_>,
    written: rusqlite::Result<Written>,
) -> Result<Saved, Failure> {
    let waiting = change.waiting;
    let arrived = match written {
        Ok(Written::Created) => Arrived::Created,
        Ok(Written::Updated) => Arrived::Updated,
        Ok(Written::Ignored) => {
            let text = "a trigger of the app ignored the row";
            return Ok(Saved::Failed(received::Failure::new(ExceptionClass::INTEGRITY_ERROR, text)));
        }
        Err(error) => return rejected(leg.connection, error).map(Saved::Failed),
    };
    leg.count(waiting.model_index, |counts| match arrived {
        Arrived::Created => counts.created += 1,
        _ => counts.updated += 1,
    });
    failures::done(leg, waiting, arrived)?;
    Ok(Saved::Done)
}
