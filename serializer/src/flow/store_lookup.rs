//! What the store has of each record.

use rusqlite::{Connection, OptionalExtension};
use syncline_core::{Failure, Halt, Transform, Yield};

use crate::flow::{Loaded, LookedUp, Run, Stored};
use crate::profile::Profile;
use crate::record_id::RecordId;

/// Stage that looks up the store's rows of a chunk of records (morango.md §6.2).
///
/// * Shape: a chunk in, the same records with what the store has of them out.
/// * Memory: the stored texts of a chunk.
#[derive(Debug)]
pub struct StoreLookup<'c> {
    connection: &'c Connection,
    store_was_empty: bool,
}

impl<'c> StoreLookup<'c> {
    /// A look-up in the store that `run` writes to.
    #[must_use]
    pub fn new<P: Profile>(run: &Run<'c, P>) -> Self {
        Self { connection: run.connection(), store_was_empty: run.store_was_empty() }
    }

    fn find(&self, id: &RecordId) -> rusqlite::Result<Option<Stored>> {
        if self.store_was_empty {
            return Ok(None);
        }
        // A point query each: on a database in the same process a list of ids saves nothing.
        self.connection
            .prepare_cached(
                "SELECT rowid, serialized, CASE WHEN dirty_bit THEN conflicting_serialized_data END, _self_ref_fk \
                 FROM morango_store WHERE id = ?1",
            )?
            .query_row([id.as_str()], |row| {
                Ok(Stored {
                    rowid: row.get(0)?,
                    serialized: row.get(1)?,
                    conflicting: row.get(2)?,
                    self_ref_fk: row.get(3)?,
                })
            })
            .optional()
    }
}

impl Transform for StoreLookup<'_> {
    type In = Vec<Loaded>;
    type Out = Vec<LookedUp>;

    const YIELD: Yield = Yield::One;

    fn transform(&mut self, chunk: Vec<Loaded>) -> Result<Option<Vec<LookedUp>>, Halt> {
        let mut looked_up = Vec::with_capacity(chunk.len());
        for loaded in chunk {
            let stored = self.find(&loaded.id).map_err(|error| Failure::new(error).at(loaded.id))?;
            looked_up.push(LookedUp { loaded, stored, self_ref_order: None });
        }
        Ok(Some(looked_up))
    }
}
