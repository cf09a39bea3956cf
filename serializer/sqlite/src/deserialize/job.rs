//! One run of the leg in an open transaction.

use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::Connection;
use syncline_core::{CancelToken, Observer, Report, RunOptions};
use syncline_serializer::deserialize::{DeserializeRecords, Deserialized};
use syncline_serializer::model::Profile;

use super::leg::Leg;
use super::muted::Muted;
use super::options::DeserializeOptions;
use super::waiting_rows::WaitingRows;
use super::{deletion, failures, scratch};
use crate::error::{Doing, RunError};
use crate::flow::{LaterSchema, SyncScope};
use crate::sqlite_row::text_bytes;
use crate::store::known_schema::check_known;
use crate::store::schema::{SyncSchema, check_models};

/// The number of passes over records that failed, behind the first pass over all.
const FURTHER_PASSES: u32 = 2;

/// Writes the store's changes to the app's tables, in a savepoint of the caller's transaction or in a transaction of its own. See
/// [`Database::deserialize`](crate::Database::deserialize).
///
/// # Errors
///
/// If the tables do not match `P`, or the database cannot be written. Nothing is written then.
pub fn in_transaction<P: Profile>(
    place: &mut impl SyncScope,
    options: &DeserializeOptions,
) -> Result<Deserialized, RunError> {
    let opened = place.open()?;
    let done = run::<P>(&opened, options, LaterSchema::Refused, None, None)?;
    opened.commit().doing("committing")?;
    Ok(done)
}

/// Runs the leg in the open transaction of `connection`.
pub(super) fn run<P: Profile>(
    connection: &Connection,
    options: &DeserializeOptions,
    later_schema: LaterSchema,
    observer: Option<&mut (dyn Observer + '_)>,
    cancel: Option<&CancelToken>,
) -> Result<Deserialized, RunError> {
    if !options.schema_is_checked {
        SyncSchema::read(connection)?;
        check_models::<P>(connection)?;
        if later_schema == LaterSchema::Refused {
            check_known::<P>(connection)?;
        }
    }
    let muted = Muted::begin(connection)?;
    scratch::make(connection).doing("making temporary tables")?;
    let now = options.now.unwrap_or_else(now);
    let leg = Leg::<P>::begin(connection, options, now)?;
    let mut done = Deserialized::default();
    done.unknown = unknown::<P>(connection).doing("counting records of unknown models")?;
    done.report = passes(&leg, observer, cancel, &mut done.further_passes)?;
    deletion::list_cascaded(&leg)?;
    failures::report(&leg, &mut done)?;
    done.other_source_ids = leg.other_source_ids.get();
    done.arrivals_are_noted = leg.arrivals.are_wanted();
    done.models = leg.counts.take();
    done.models.retain(|model| !model.is_empty());
    drop(leg);
    scratch::drop_all(connection).doing("dropping temporary tables")?;
    muted.end()?;
    Ok(done)
}

/// Reads all candidates, and then those again that failed and may succeed behind the others.
fn passes<P: Profile>(
    leg: &Leg<'_, P>,
    mut observer: Option<&mut (dyn Observer + '_)>,
    cancel: Option<&CancelToken>,
    further_passes: &mut u32,
) -> Result<Option<Report>, RunError> {
    if let Some(observer) = &mut observer {
        observer.start(Some(candidates(leg).doing("counting the received records")?));
    }
    let mut report: Option<Report> = None;
    for pass in 0..=FURTHER_PASSES {
        if pass > 0 {
            let nothing_new = pass > 1 && leg.saved.get() == 0;
            if nothing_new || !failures::may_succeed(leg.connection, pass - 1)? {
                break;
            }
            *further_passes = pass;
        }
        leg.pass.set(pass);
        leg.saved.set(0);
        let mut advance = |records: usize| {
            if pass == 0
                && let Some(observer) = &mut observer
            {
                observer.advance(records as u64);
            }
        };
        let run_options = match cancel {
            Some(cancel) => RunOptions::new().cancelled_by(cancel),
            None => RunOptions::new(),
        };
        let rows = WaitingRows::new(leg, pass);
        let outcome =
            DeserializeRecords::run_with(rows, leg, &mut advance, run_options).map_err(RunError::pipeline)?;
        match &mut report {
            Some(report) => report.add(&outcome.report),
            none => *none = Some(outcome.report),
        }
    }
    Ok(report)
}

/// The number of dirty rows of the profile's models under the filter.
fn candidates<P: Profile>(leg: &Leg<'_, P>) -> rusqlite::Result<u64> {
    let mut count = 0;
    let mut select = leg.connection.prepare_cached(
        "SELECT partition, model_name FROM main.morango_store WHERE dirty_bit AND profile = ?1",
    )?;
    let mut rows = select.query([P::NAME])?;
    while let Some(row) = rows.next()? {
        let is_known = is_known::<P>(text_bytes(row.get_ref(1)?));
        count += u64::from(is_known && leg.selects(text_bytes(row.get_ref(0)?)));
    }
    Ok(count)
}

/// The number of received records of models that the profile does not have.
fn unknown<P: Profile>(connection: &Connection) -> rusqlite::Result<u64> {
    let mut select = connection.prepare_cached(
        "SELECT model_name, count(*) FROM main.morango_store WHERE dirty_bit AND profile = ?1 GROUP BY model_name",
    )?;
    let mut rows = select.query([P::NAME])?;
    let mut unknown = 0;
    while let Some(row) = rows.next()? {
        if !is_known::<P>(text_bytes(row.get_ref(0)?)) {
            unknown += row.get::<_, u64>(1)?;
        }
    }
    Ok(unknown)
}

/// Returns `true` if the profile has a model of this name.
fn is_known<P: Profile>(name: Option<&[u8]>) -> bool {
    P::MODELS.iter().any(|model| name == Some(model.name.as_bytes()))
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
