//! Which deleted records the store still has.

use std::collections::HashMap;
use std::fmt;

use rusqlite::{Connection, OptionalExtension};
use syncline_core::{Failure, FlatMap, Halt};

use crate::flow::Run;
use crate::profile::Profile;
use crate::record_id::RecordId;
use crate::store::names::Quoted;
use crate::store::selection::of_model;

/// A row of the store whose record the app has deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stale {
    /// The row's rowid.
    pub rowid: i64,
    /// The record's id.
    pub id: RecordId,
}

/// Stage that finds the rows of the store to be marked as deleted.
///
/// * Shape: an id in; its row in the store out, or nothing where the store has none.
/// * A record that was deleted and made again is alive, and passed over (quirk Q1): real ids repeat, since many are
///   computed from what the record is about.
pub struct DeletionLookup<'c> {
    connection: &'c Connection,
    /// For each model, how to ask whether the app has a record.
    alive: HashMap<&'static str, String>,
}

impl<'c> DeletionLookup<'c> {
    /// For the store that `run` writes to.
    #[must_use]
    pub fn new<P: Profile>(run: &Run<'c, P>) -> Self {
        let alive = P::MODELS.iter().map(|model| {
            let sql = format!("SELECT 1 FROM {} WHERE id = ?1 AND {}", Quoted(model.table), of_model(model));
            (model.name, sql)
        });
        Self { connection: run.connection(), alive: alive.collect() }
    }

    fn find(&self, id: &str) -> rusqlite::Result<Option<i64>> {
        let stored = self
            .connection
            .prepare_cached("SELECT rowid, model_name FROM morango_store WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
            .optional()?;
        let Some((rowid, model)) = stored else {
            return Ok(None);
        };
        let is_alive = match self.alive.get(&*model) {
            None => false,
            Some(sql) => self.connection.prepare_cached(sql)?.exists([id])?,
        };
        Ok((!is_alive).then_some(rowid))
    }
}

impl FlatMap for DeletionLookup<'_> {
    type In = String;
    type Out = Stale;

    fn flat_map(&mut self, id: String) -> Result<impl IntoIterator<Item = Stale>, Halt> {
        match self.find(&id).map_err(|error| Failure::new(error).at(&id))? {
            None => Ok(None),
            Some(rowid) => {
                let id = RecordId::parse(&id).map_err(|error| Failure::new(error).at(&id))?;
                Ok(Some(Stale { rowid, id }))
            }
        }
    }
}

impl fmt::Debug for DeletionLookup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeletionLookup").finish_non_exhaustive()
    }
}
