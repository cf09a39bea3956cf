//! What the store shall have of each record.

use syncline_core::{Failure, Halt, Transform, Yield};

use crate::error::{InvalidStored, SharedId};
use crate::flow::{Change, LookedUp, Update, Updated};
use crate::json::Merger;
use crate::model::Model;
use crate::record_id::RecordId;

/// Texts above this many bytes are seldom.
const LARGE: usize = 1024 * 1024;

/// Stage that decides what to write of a record (morango.md §6.3, §6.4). It touches no database.
///
/// * Shape: one in, one out.
/// * A record that the store has keeps the store's order of keys and the keys that the app does not know; the record's
///   own are written over them. Where the store's row was received and not yet given to the app, its text is kept as
///   a conflict.
/// * Two records of one id are refused where they come one behind the other, as [`DirtyRows`](crate::flow::DirtyRows)
///   has them: the store has one row for both.
#[derive(Debug, Default)]
pub struct StoreUpdate {
    merger: Merger,
    last: Option<(RecordId, &'static Model)>,
}

impl StoreUpdate {
    /// A new one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Transform for StoreUpdate {
    type In = LookedUp;
    type Out = Updated;

    const YIELD: Yield = Yield::One;

    fn transform(&mut self, record: LookedUp) -> Result<Option<Updated>, Halt> {
        let (id, model) = (record.loaded.id, record.loaded.model);
        if let Some((_, other)) = self.last.replace((id, model)).filter(|(last, _)| *last == id)
            && other.name != model.name
        {
            let record = id.to_string();
            let shared = SharedId { record: record.clone(), tables: [other.table, model.table] };
            return Err(Failure::new(shared).at(record).into());
        }
        let parent_changed = record.parent_changed();
        let LookedUp { loaded, stored, self_ref_order } = record;
        let change = match stored {
            None => Change::Create,
            Some(stored) => {
                let mut serialized =
                    String::with_capacity(stored.serialized().len().max(loaded.serialized().len()));
                self.merger.merge(stored.serialized(), loaded.serialized(), &mut serialized).map_err(
                    |source| {
                        let record = loaded.id.to_string();
                        Failure::new(InvalidStored { record: record.clone(), source }).at(record)
                    },
                )?;
                if serialized.len() > LARGE {
                    // It keeps room for both texts, and one as large as that need not come again.
                    self.merger = Merger::new();
                }
                let conflicting =
                    stored.conflicting().map(|older| format!("{}\n{older}", stored.serialized()));
                Change::Update(Update {
                    rowid: stored.rowid,
                    serialized,
                    conflicting,
                    parent_changed,
                    was_received: stored.was_received,
                })
            }
        };
        Ok(Some(Updated { loaded, change, self_ref_order }))
    }
}
