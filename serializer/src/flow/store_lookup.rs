//! What the store has of each record.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Statement};
use syncline_core::{Failure, Halt, Transform, Yield};

use crate::error::InvalidColumn;
use crate::flow::{Loaded, LookedUp, Run, Stored};
use crate::profile::Profile;
use crate::record_id::RecordId;
use crate::value::InvalidValue;

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

    // A point query each: on a database in the same process a list of ids saves nothing.
    fn find(statement: &mut Statement<'_>, id: &RecordId) -> Result<Option<Stored>, Failure> {
        let mut rows = statement.query([id.as_str()]).map_err(Failure::new)?;
        let Some(row) = rows.next().map_err(Failure::new)? else { return Ok(None) };
        let invalid = |column, source| {
            Failure::new(InvalidColumn { table: "morango_store", column, record: id.to_string(), source })
        };
        let conflicting = match value(row, 2)? {
            ValueRef::Null => None,
            value => Some(text(value).map_err(|source| invalid("conflicting_serialized_data", source))?),
        };
        let serialized = match value(row, 1)? {
            // Python reads JSON out of bytes too, but does not join them to the texts of a conflict.
            ValueRef::Blob(bytes) if conflicting.is_none() => json_of_bytes(bytes),
            value => text(value),
        };
        Ok(Some(Stored {
            rowid: row.get(0).map_err(Failure::new)?,
            serialized: serialized.map_err(|source| invalid("serialized", source))?.to_owned(),
            conflicting: conflicting.map(str::to_owned),
            self_ref_fk: text(value(row, 3)?).map_err(|source| invalid("_self_ref_fk", source))?.to_owned(),
            was_received: row.get(4).map_err(Failure::new)?,
        }))
    }
}

fn value<'r>(row: &'r Row<'_>, index: usize) -> Result<ValueRef<'r>, Failure> {
    row.get_ref(index).map_err(Failure::new)
}

fn text(value: ValueRef<'_>) -> Result<&str, InvalidValue> {
    match value {
        ValueRef::Text(bytes) => {
            std::str::from_utf8(bytes).map_err(|_| InvalidValue::new("the text is not UTF-8"))
        }
        other => Err(InvalidValue::new(format!("expected text, found {}", other.data_type()))),
    }
}

/// The text in `bytes`, without the byte order mark that it may begin with.
fn json_of_bytes(bytes: &[u8]) -> Result<&str, InvalidValue> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(text) {
        // An empty text reads as an empty object; no bytes at all are a blob like another.
        Ok("") | Err(_) => Err(InvalidValue::new("expected text, found a blob")),
        Ok(text) => Ok(text),
    }
}

impl Transform for StoreLookup<'_> {
    type In = Vec<Loaded>;
    type Out = Vec<LookedUp>;

    const YIELD: Yield = Yield::One;

    fn transform(&mut self, chunk: Vec<Loaded>) -> Result<Option<Vec<LookedUp>>, Halt> {
        let mut find = self.connection.prepare_cached(
            "SELECT rowid, serialized, CASE WHEN dirty_bit = 1 THEN conflicting_serialized_data END, _self_ref_fk, \
             dirty_bit IS NOT 0 OR last_transfer_session_id IS NOT NULL FROM morango_store WHERE id = ?1",
        )?;
        let mut looked_up = Vec::with_capacity(chunk.len());
        for loaded in chunk {
            let stored = if self.store_was_empty {
                None
            } else {
                Self::find(&mut find, &loaded.id).map_err(|failure| failure.at(loaded.id))?
            };
            looked_up.push(LookedUp { loaded, stored, self_ref_order: None });
        }
        Ok(Some(looked_up))
    }
}
