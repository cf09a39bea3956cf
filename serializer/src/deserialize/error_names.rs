//! The names of records in the texts of failures.

use crate::model::{Column, Model};

/// The name of the records that `column` refers to.
pub(super) fn target(column: &Column, models: &[&'static Model]) -> &'static str {
    let first = column.references.first().copied().unwrap_or_default();
    let of_model = || models.iter().find(|model| model.name == first).map(|model| model.verbose);
    column.verbose.or_else(of_model).unwrap_or(first)
}
