//! Which deleted records the store still has.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use rusqlite::{CachedStatement, Connection, Statement};
use syncline_core::{Failure, Halt, Transform};

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
/// * Shape: a chunk of ids in; the rows that the store has of them out, or nothing where it has none.
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

    /// Whether the app has the record again.
    fn is_alive<'s>(
        &'s self,
        asked: &mut HashMap<&'s str, CachedStatement<'c>>,
        model: &str,
        id: &str,
    ) -> rusqlite::Result<bool> {
        let Some((model, sql)) = self.alive.get_key_value(model) else {
            return Ok(false);
        };
        let statement = match asked.entry(model) {
            Entry::Occupied(statement) => statement.into_mut(),
            Entry::Vacant(place) => place.insert(self.connection.prepare_cached(sql)?),
        };
        statement.exists([id])
    }

    fn find<'s>(
        &'s self,
        store: &mut Statement<'c>,
        asked: &mut HashMap<&'s str, CachedStatement<'c>>,
        id: &str,
    ) -> Result<Option<Stale>, Failure> {
        let mut rows = store.query([id])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        // What is no text is no model of this profile.
        let model = row.get_ref(1)?.as_str().unwrap_or_default();
        if self.is_alive(asked, model, id)? {
            return Ok(None);
        }
        Ok(Some(Stale { rowid: row.get(0)?, id: RecordId::parse(id)? }))
    }
}

impl Transform for DeletionLookup<'_> {
    type In = Vec<String>;
    type Out = Vec<Stale>;

    fn transform(&mut self, ids: Vec<String>) -> Result<Option<Vec<Stale>>, Halt> {
        let mut store =
            self.connection.prepare_cached("SELECT rowid, model_name FROM morango_store WHERE id = ?1")?;
        let mut asked = HashMap::new();
        let mut stale = Vec::with_capacity(ids.len());
        for id in &ids {
            stale.extend(self.find(&mut store, &mut asked, id).map_err(|failure| failure.at(id))?);
        }
        Ok((!stale.is_empty()).then_some(stale))
    }
}

impl fmt::Debug for DeletionLookup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeletionLookup").finish_non_exhaustive()
    }
}
