//! The merge of a record into its store row. No other code merges texts.

use syncline_core::Failure;

use super::tasks::{Change, Loaded, Stored, Update};
use crate::invalid_stored::InvalidStored;
use crate::json::Merger;
use crate::record_id::RecordId;

/// The number of bytes above which a text is large. Such texts are rare.
const LARGE: usize = 1024 * 1024;

/// The columns of a row that stay as they are if the record was hard deleted and made again.
const KEPT: [&str; 4] = ["profile", "model_name", "partition", "source_id"];

/// Computes the changes of store rows, and merges texts.
#[derive(Debug, Default)]
pub(super) struct Updater {
    merger: Merger,
}

impl Updater {
    /// Computes the change that writes `loaded` over the row `stored`, or creates its row. If the record was hard deleted
    /// and made again, no text of the row is kept.
    ///
    /// # Errors
    ///
    /// If the stored text is not a JSON object.
    pub(super) fn change(&mut self, loaded: &Loaded, stored: Option<&mut Stored>) -> Result<Change, Failure> {
        let Some(stored) = stored else { return Ok(Change::Create) };
        let parent_changed = loaded.moves(Some(stored));
        if stored.starts_anew() {
            let mut respelt = stored.take_respelt();
            respelt.retain(|respelt| KEPT.contains(&respelt.column));
            return Ok(Change::Update(Update {
                rowid: stored.rowid(),
                merged: None,
                conflicting: Some(String::new()),
                parent_changed,
                was_received: true,
                starts_anew: true,
                respelt,
            }));
        }
        let (before, own) = (stored.serialized(), loaded.serialized());
        let merged = if self.merger.replaces_all(before, own) {
            None
        } else {
            Some(self.merge(loaded.id(), before, own)?)
        };
        let mut respelt = stored.take_respelt();
        // A parent that changes is written once.
        respelt.retain(|respelt| !(parent_changed && respelt.column == "_self_ref_fk"));
        let conflicting = stored.conflicting().map(|older| format!("{}\n{older}", stored.serialized()));
        Ok(Change::Update(Update {
            rowid: stored.rowid(),
            merged,
            conflicting,
            parent_changed,
            was_received: stored.was_received(),
            starts_anew: false,
            respelt,
        }))
    }

    fn merge(&mut self, id: RecordId, stored: &str, own: &str) -> Result<String, Failure> {
        let mut merged = String::with_capacity(stored.len().max(own.len()));
        self.merger.merge(stored, own, &mut merged).map_err(|source| {
            let record = id.to_string();
            Failure::new(InvalidStored { record: record.clone(), source }).at(record)
        })?;
        if merged.len() > LARGE {
            // The merger keeps buffers for both texts. Such large texts are rare, so its memory is freed.
            self.merger = Merger::new();
        }
        Ok(merged)
    }
}
