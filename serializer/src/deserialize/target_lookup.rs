//! `TargetLookup`: the stage that looks up the records to which received records refer.

use std::fmt;

use syncline_core::{Halt, Transform};

use super::states::ParentState;
use super::store::{DeserializeStore, Wanted};
use super::tasks::{LookedUp, Parsed};
use crate::model::Profile;

/// Stage that looks up the records to which received records refer, their parents, and their own rows in the app.
///
/// * Shape: a chunk of records of one model in, a chunk out.
pub struct TargetLookup<'s, S> {
    store: &'s S,
}

impl<'s, S: DeserializeStore> TargetLookup<'s, S> {
    /// Creates the stage for the transaction `store`.
    #[must_use]
    pub fn new(store: &'s S) -> Self {
        Self { store }
    }
}

impl<S: DeserializeStore> Transform for TargetLookup<'_, S> {
    type In = Vec<Parsed>;
    type Out = Vec<LookedUp>;

    fn transform(&mut self, chunk: Vec<Parsed>) -> Result<Option<Vec<LookedUp>>, Halt> {
        let Some(first) = chunk.first() else { return Ok(None) };
        let model = <S::Profile as Profile>::MODELS[first.waiting.model_index];
        let wanted: Vec<_> = chunk
            .iter()
            .filter_map(|record| record.content.as_ref().ok())
            .flat_map(|content| &content.references)
            .map(|reference| Wanted { model, column: reference.column, id: &reference.id })
            .collect();
        let mut targets = self.store.targets(&wanted)?.into_iter();
        let ids: Vec<_> = chunk.iter().map(|record| &record.waiting.id).collect();
        let apps = self.store.app_states(model, &ids)?;
        let is_tree = model.self_reference.is_some();
        let mut parents = if is_tree && !first.is_deletion {
            let ids: Vec<_> = chunk.iter().map(|record| &*record.waiting.parent).collect();
            self.store.parents(model, &ids)?.into_iter()
        } else {
            Vec::new().into_iter()
        };
        let looked_up = chunk.into_iter().zip(apps).map(|(record, app)| {
            let Parsed { waiting, content, is_deletion } = record;
            let count = content.as_ref().map_or(0, |content| content.references.len());
            let targets = targets.by_ref().take(count).collect();
            let parent: Option<ParentState> = parents.next();
            LookedUp { waiting, content, is_deletion, targets, parent, app }
        });
        Ok(Some(looked_up.collect()))
    }
}

impl<S> fmt::Debug for TargetLookup<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TargetLookup").finish_non_exhaustive()
    }
}
