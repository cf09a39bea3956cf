//! What the store has of each record.

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row};
use syncline_core::{Halt, Transform, Yield};

use crate::error::{DatabaseError, Doing};
use crate::flow::{Loaded, LookedUp, Stored};
use crate::record_id::RecordId;

/// Stage that looks up the store's rows of a chunk of records (morango.md §6.2).
///
/// * Shape: a chunk in, the same records with what the store has of them out.
/// * Memory: the stored texts of a chunk.
pub struct StoreLookup<'c> {
    /// `None` when the store was empty to begin with: then there is nothing to find.
    find: Option<CachedStatement<'c>>,
}

impl<'c> StoreLookup<'c> {
    /// A look-up in the store of `connection`.
    ///
    /// # Errors
    ///
    /// When there is no store, or it cannot be read.
    pub fn new(connection: &'c Connection) -> Result<Self, DatabaseError> {
        let is_empty: bool = connection
            .query_row("SELECT NOT EXISTS (SELECT 1 FROM morango_store)", [], |row| row.get(0))
            .doing("reading the store")?;
        let find = if is_empty {
            None
        } else {
            let sql = "SELECT rowid, serialized, \
                       CASE WHEN dirty_bit THEN conflicting_serialized_data END, _self_ref_fk \
                       FROM morango_store WHERE id = ?1";
            Some(connection.prepare_cached(sql).doing("reading the store")?)
        };
        Ok(Self { find })
    }

    fn find(&mut self, id: &RecordId) -> rusqlite::Result<Option<Stored>> {
        let stored = |row: &Row<'_>| {
            Ok(Stored {
                rowid: row.get(0)?,
                serialized: row.get(1)?,
                conflicting: row.get(2)?,
                self_ref_fk: row.get(3)?,
            })
        };
        match &mut self.find {
            None => Ok(None),
            // A point query each: on a database in the same process a list of ids saves nothing.
            Some(find) => find.query_row([id.as_str()], stored).optional(),
        }
    }
}

impl Transform for StoreLookup<'_> {
    type In = Vec<Loaded>;
    type Out = Vec<LookedUp>;

    const YIELD: Yield = Yield::One;

    fn transform(&mut self, chunk: Vec<Loaded>) -> Result<Option<Vec<LookedUp>>, Halt> {
        let mut looked_up = Vec::with_capacity(chunk.len());
        for loaded in chunk {
            let stored = self.find(&loaded.id)?;
            looked_up.push(LookedUp { loaded, stored, self_ref_order: None });
        }
        Ok(Some(looked_up))
    }
}

impl std::fmt::Debug for StoreLookup<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreLookup").finish_non_exhaustive()
    }
}
