//! Stage: finds the rows of the store whose records the app has deleted.

use syncline_core::{Failure, Halt, Transform};

use crate::flow::SyncTransaction;
use crate::store::names::Quoted;
use crate::store::prepared::Prepared;
use crate::store::selection::of_model;
use syncline_serializer::model::Profile;
use syncline_serializer::record_id::RecordId;

/// A row of the store whose record the app has deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stale {
    pub(crate) rowid: i64,
    pub(crate) id: RecordId,
    /// `true` if the row was received and not yet given to the app.
    pub(crate) is_dirty: bool,
    /// The transaction in which it was found.
    pub(crate) transaction: u64,
}

impl Stale {
    /// The record's id.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.id
    }
}

/// Stage that finds the rows of the store to be marked as deleted.
///
/// * Shape: a chunk of ids in; the rows that the store has of them out, or nothing where it has none.
/// * A record that was deleted and made again is alive, and passed over (quirk Q1): real ids repeat, since many are
///   computed from what the record is about.
#[derive(Debug)]
pub struct DeletionLookup<'c> {
    stored: Prepared<'c>,
    /// For each model its name, and a query for a record of the app's.
    alive: Vec<(&'static str, Prepared<'c>)>,
    transaction: u64,
}

impl<'c> DeletionLookup<'c> {
    /// For the store that `run` writes to.
    #[must_use]
    pub fn new<P: Profile>(run: &'c SyncTransaction<'_, P>) -> Self {
        let connection = run.connection();
        let alive = P::MODELS.iter().map(|model| {
            let sql =
                format!("SELECT 1 FROM {} WHERE id = ?1 AND {}", Quoted(model.table), of_model(model, ""));
            (model.name, Prepared::new(connection, sql))
        });
        let stored = "SELECT rowid, model_name, dirty_bit IS NOT 0 FROM morango_store WHERE id = ?1";
        Self { stored: Prepared::new(connection, stored), alive: alive.collect(), transaction: run.id() }
    }

    fn find(&mut self, id: RecordId) -> Result<Option<Stale>, Failure> {
        let mut rows = self.stored.get()?.query([id.as_str()])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        // What is no text is no model of this profile.
        let model = row.get_ref(1)?.as_str().unwrap_or_default();
        let alive = self.alive.iter_mut().find(|(name, _)| *name == model);
        if let Some((_, alive)) = alive
            && alive.get()?.exists([id.as_str()])?
        {
            return Ok(None);
        }
        let transaction = self.transaction;
        Ok(Some(Stale { rowid: row.get(0)?, id, is_dirty: row.get(2)?, transaction }))
    }
}

impl Transform for DeletionLookup<'_> {
    type In = Vec<RecordId>;
    type Out = Vec<Stale>;

    fn transform(&mut self, ids: Vec<RecordId>) -> Result<Option<Vec<Stale>>, Halt> {
        let mut stale = Vec::with_capacity(ids.len());
        for id in ids {
            stale.extend(self.find(id).map_err(|failure| failure.at(id))?);
        }
        Ok((!stale.is_empty()).then_some(stale))
    }
}
