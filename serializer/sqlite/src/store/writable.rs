//! `Writable`: the rows that a program can write whole.

use std::sync::Arc;

use syncline_serializer::model::Model;

/// The rows that a program can write whole: all, except those of models with unknown columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Writable(Option<Arc<[(&'static str, String)]>>);

impl Writable {
    /// Creates it from conditions by the names of models. Rows of other models can be written.
    pub(crate) fn new(conditions: Vec<(&'static str, String)>) -> Self {
        Self((!conditions.is_empty()).then(|| conditions.into()))
    }

    /// `true` if every row can be written.
    pub(crate) fn is_all(&self) -> bool {
        self.0.is_none()
    }

    /// The condition for the rows of `model`.
    pub(crate) fn condition(&self, model: &Model) -> &str {
        let conditions = self.0.as_deref().unwrap_or_default();
        conditions.iter().find(|(name, _)| *name == model.name).map_or("1", |(_, condition)| condition)
    }
}
