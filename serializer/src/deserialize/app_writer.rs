//! `AppWriter`: the sink that writes received records to the app's tables.

use std::fmt;

use syncline_core::{Failure, Halt, Sink};

use super::decide::non_existent;
use super::identity_check;
use super::model_functions::{self, ModelFunctions};
use super::states::{Failed, FailureKind, Saved};
use super::store::{Change, DeserializeStore};
use super::tasks::{Decided, Outcome, TextId, Waiting};
use crate::model::{Effects, Model, ReceivedRow};
use crate::value::StoredValue;

/// Sink that writes received records to the app's tables, and their failures to the store. Its output is the number of records.
///
/// * Of a chunk, records that are deleted in turn come first, then those that are written.
/// * Before a record is written: the model's rule at save; the records that it refers to must be in the app's tables; its id and
///   its partition must be those of the store's row.
pub struct AppWriter<'s, S> {
    store: &'s S,
    functions: Vec<ModelFunctions>,
    records: u64,
}

/// A record to save.
struct Saving {
    waiting: Waiting,
    row: ReceivedRow,
    id: TextId,
    effects: Effects,
}

impl<'s, S: DeserializeStore> AppWriter<'s, S> {
    /// Creates the sink for the transaction `store`.
    #[must_use]
    pub fn new(store: &'s S) -> Self {
        Self { store, functions: model_functions::of_profile::<S::Profile>(), records: 0 }
    }

    fn delete(&self, functions: ModelFunctions, records: &[Waiting]) -> Result<(), Failure> {
        let (mut deleted, mut effects) =
            (Vec::with_capacity(records.len()), Vec::with_capacity(records.len()));
        for waiting in records {
            let mut effects_of_one = Effects::default();
            let checked = (functions.deleting)(&waiting.id, self.store, &mut effects_of_one);
            self.store.look_up_error()?;
            match checked {
                Ok(()) => {
                    deleted.push(waiting);
                    effects.push(effects_of_one);
                }
                Err(failure) => self.store.fail(&[(waiting, &Failed::not_saved(failure))])?,
            }
        }
        if deleted.is_empty() {
            return Ok(());
        }
        let results = self.store.delete(&deleted, &effects)?;
        self.note(deleted.into_iter().zip(results))
    }

    fn pass_on(&self, records: &[(Waiting, bool)]) -> Result<(), Failure> {
        let passed: Vec<_> = records.iter().map(|(waiting, hard)| (waiting, *hard)).collect();
        let results = self.store.pass_on(&passed)?;
        self.note(records.iter().map(|(waiting, _)| waiting).zip(results))
    }

    fn save(&self, functions: ModelFunctions, records: Vec<Saving>) -> Result<(), Failure> {
        if functions.has_rule_at_save {
            for record in records {
                self.save_chunk(functions, vec![record])?;
            }
            return Ok(());
        }
        self.save_chunk(functions, records)
    }

    fn save_chunk(&self, functions: ModelFunctions, records: Vec<Saving>) -> Result<(), Failure> {
        let mut ready = Vec::with_capacity(records.len());
        for mut record in records {
            match self.prepare(functions, &mut record)? {
                Ok(()) => ready.push(record),
                Err(failed) => self.store.fail(&[(&record.waiting, &failed)])?,
            }
        }
        let changes: Vec<_> = ready
            .iter()
            .map(|Saving { waiting, row, effects, .. }| Change { waiting, row, effects })
            .collect();
        let results = self.store.save(&changes)?;
        self.note(ready.iter().map(|record| &record.waiting).zip(results))
    }

    /// Checks a record that is about to be written.
    fn prepare(
        &self,
        functions: ModelFunctions,
        Saving { waiting, row, id, effects }: &mut Saving,
    ) -> Result<Result<(), Failed>, Failure> {
        let checked = (functions.saving)(row, self.store, effects);
        self.store.look_up_error()?;
        if let Err(failure) = checked {
            return Ok(Err(Failed::not_saved(failure)));
        }
        let model = row.model();
        let references = references(model, row);
        if let Some(missing) = self.store.missing_in_app(model, &references)? {
            let (column, id) = &references[missing];
            let failure = non_existent::<S::Profile>(model, *column, id);
            return Ok(Err(Failed::not_saved(failure)));
        }
        if let Err(failure) = identity_check::check(row, id) {
            let kind = FailureKind::NotSaved;
            return Ok(Err(Failed { failure, kind, may_be_order: false }));
        }
        if identity_check::has_other_source_id(row) {
            self.store.has_other_source_id(waiting);
        }
        Ok(Ok(()))
    }

    /// Notes the failures among the results of records.
    fn note<'r>(&self, results: impl Iterator<Item = (&'r Waiting, Saved)>) -> Result<(), Failure> {
        for (waiting, result) in results {
            match result {
                Saved::Done => {}
                Saved::Unsaved => self.store.leave_unsaved(&[waiting]),
                Saved::Failed(failure) => self.store.fail(&[(waiting, &Failed::not_saved(failure))])?,
            }
        }
        Ok(())
    }
}

/// The references of a row that are not null: the indices of their columns, and the ids.
fn references(model: &'static Model, row: &ReceivedRow) -> Vec<(usize, String)> {
    let columns = model.columns.iter().zip(row.values()).enumerate();
    columns
        .filter_map(|(index, (column, value))| match value {
            StoredValue::Text(id) if !column.references.is_empty() => Some((index, id.to_string())),
            _ => None,
        })
        .collect()
}

impl<S: DeserializeStore> Sink for AppWriter<'_, S> {
    type In = Vec<Decided>;
    type Output = u64;

    fn consume(&mut self, chunk: Vec<Decided>) -> Result<(), Halt> {
        let Some(first) = chunk.first() else { return Ok(()) };
        self.records += chunk.len() as u64;
        let functions = self.functions[first.waiting.model_index];
        let (mut deleted, mut passed, mut saved) = (Vec::new(), Vec::new(), Vec::with_capacity(chunk.len()));
        for Decided { waiting, outcome } in chunk {
            match outcome {
                Outcome::Save { row, id } => {
                    saved.push(Saving { waiting, row, id, effects: Effects::default() });
                }
                Outcome::Delete => deleted.push(waiting),
                Outcome::PassOn { hard } => passed.push((waiting, hard)),
                Outcome::Fail(failed) => self.store.fail(&[(&waiting, &failed)])?,
                Outcome::Unsaved => self.store.leave_unsaved(&[&waiting]),
            }
        }
        self.delete(functions, &deleted)?;
        if !passed.is_empty() {
            self.pass_on(&passed)?;
        }
        self.save(functions, saved)?;
        Ok(())
    }

    fn finish(self) -> Result<u64, Failure> {
        Ok(self.records)
    }
}

impl<S> fmt::Debug for AppWriter<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppWriter").field("records", &self.records).finish_non_exhaustive()
    }
}
