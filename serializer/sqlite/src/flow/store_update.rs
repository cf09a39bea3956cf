//! Stage: decides what to write of each record. The one place where texts are merged.

use syncline_core::{Emit, Failure, Halt, Stage, StageFacts, Tally, Yield};

use crate::flow::left_out::LeaveOut;
use crate::flow::tasks::{Change, Update};
use crate::flow::{Loaded, LookedUp, Stored, SyncTransaction, Updated};
use syncline_serializer::invalid_stored::InvalidStored;
use syncline_serializer::json::Merger;
use syncline_serializer::model::Model;
use syncline_serializer::model::Profile;
use syncline_serializer::record_id::RecordId;

/// Texts above this many bytes are seldom.
const LARGE: usize = 1024 * 1024;

/// Stage that decides what to write of a record (morango.md §6.3, §6.4). It touches no database.
///
/// * Shape: one in, one out.
/// * A record that the store has keeps the store's order of keys and the keys that the app does not know; the record's
///   own are written over them. Where the store's row was received and not yet given to the app, its text is kept as
///   a conflict.
/// * The second of two records of one id, which come one behind the other, as [`DirtyRows`](crate::flow::DirtyRows) has
///   them, joins the first: the store has one row for both, and Morango writes the second's keys over the first's. A
///   warning tells of it.
/// * A record that cannot be merged with what the store has fails the run, or is left out, where the run allows that.
#[derive(Debug)]
pub struct StoreUpdate<'c> {
    updater: Updater,
    last: Option<(RecordId, &'static Model)>,
    left_out: &'c dyn LeaveOut,
    skipped: u64,
}

impl<'c> StoreUpdate<'c> {
    /// For the store that `run` writes to.
    #[must_use]
    pub fn new<P: Profile>(run: &'c SyncTransaction<'_, P>) -> Self {
        Self { updater: Updater::default(), last: None, left_out: run.left_out(), skipped: 0 }
    }

    fn change(&mut self, record: &mut LookedUp) -> Result<Change, Failure> {
        let loaded = &record.loaded;
        let (id, model) = (loaded.id(), loaded.model());
        if let Some((_, other)) = self.last.replace((id, model)).filter(|(last, _)| *last == id)
            && other.name != model.name
        {
            tracing::warn!(
                "records of two models have the id {id}, and the store keeps one row for both: tables `{}` and `{}`",
                other.table,
                model.table
            );
            return Ok(Change::Join);
        }
        self.updater.change(loaded, record.stored.as_mut())
    }
}

/// Merges records into their rows of the store.
#[derive(Debug, Default)]
pub(crate) struct Updater {
    merger: Merger,
}

impl Updater {
    /// The change that writes `loaded` over the row `stored`, or makes its row.
    pub(crate) fn change(&mut self, loaded: &Loaded, stored: Option<&mut Stored>) -> Result<Change, Failure> {
        let Some(stored) = stored else { return Ok(Change::Create) };
        let parent_changed = loaded.moves(Some(stored));
        let (before, own) = (stored.serialized(), loaded.serialized());
        let merged = if self.merger.replaces_all(before, own) {
            None
        } else {
            Some(self.merge(loaded.id(), before, own)?)
        };
        let mut respelt = stored.take_respelt();
        // A parent that is written anew is not written twice.
        respelt.retain(|respelt| !(parent_changed && respelt.column == "_self_ref_fk"));
        let conflicting = stored.conflicting().map(|older| format!("{}\n{older}", stored.serialized()));
        Ok(Change::Update(Update {
            rowid: stored.rowid,
            merged,
            conflicting,
            parent_changed,
            was_received: stored.was_received,
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
            // It keeps room for both texts, and one as large as that need not come again.
            self.merger = Merger::new();
        }
        Ok(merged)
    }
}

impl Stage for StoreUpdate<'_> {
    type In = LookedUp;
    type Out = Updated;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::One);

    fn push(&mut self, mut record: LookedUp, out: &mut impl Emit<Updated>) -> Result<(), Halt> {
        match self.change(&mut record) {
            Ok(change) => {
                let LookedUp { loaded, stored, self_ref_order } = record;
                // Not needed while later stages have their turn.
                drop(stored);
                out.emit(Updated { loaded, change, self_ref_order })
            }
            Err(failure) => {
                self.left_out.record("StoreUpdate", &record.loaded, failure)?;
                self.skipped += 1;
                Ok(())
            }
        }
    }

    fn tally(&self) -> Tally {
        Tally::of_skipped(self.skipped)
    }
}
