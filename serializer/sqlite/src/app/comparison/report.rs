//! The result of a comparison: counts and the first ids, for each model.

use std::fmt;

use syncline_core::plural;
use syncline_serializer::model::Model;

/// The number of ids that are kept of each kind of finding.
const FIRST: usize = 5;

/// The result of a comparison of the app's tables with the store. It prints a sentence for each finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// The models that were compared.
    pub models: Vec<ModelComparison>,
}

/// The findings about one model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelComparison {
    /// The model's name.
    pub model: &'static str,
    /// The model's table.
    pub table: &'static str,
    /// Clean rows whose record has other values in the store. Serialising such a row would change the store.
    pub different: FoundRecords,
    /// Clean rows without a record in the store, or with a deleted one.
    pub not_in_store: FoundRecords,
    /// Live records of the store without a row in the table, and on no list of deletions.
    pub only_in_store: FoundRecords,
}

/// A number of records, and the ids of the first of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundRecords {
    /// The number of records.
    pub count: u64,
    /// The lowest ids, up to five, as the table spells them.
    pub first: Vec<String>,
}

impl FoundRecords {
    pub(crate) fn add(&mut self, id: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < FIRST {
            self.first.push(id());
        }
    }
}

/// Prints the number, and the ids in parentheses.
impl fmt::Display for FoundRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", plural(self.count, "record"))?;
        let more = if self.count > self.first.len() as u64 { ", .." } else { "" };
        if !self.first.is_empty() {
            write!(f, " ({}{more})", self.first.join(", "))?;
        }
        Ok(())
    }
}

impl ModelComparison {
    pub(super) fn new(model: &Model) -> Self {
        let (different, not_in_store, only_in_store) = Default::default();
        Self { model: model.name, table: model.table, different, not_in_store, only_in_store }
    }

    /// The number of rows that must become dirty, so that the store gets their values.
    #[must_use]
    pub fn differing(&self) -> u64 {
        self.different.count + self.not_in_store.count
    }
}

impl Comparison {
    /// `true` if nothing was found.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.differing() == 0 && self.only_in_store() == 0
    }

    /// The number of rows that must become dirty, so that the store gets their values.
    #[must_use]
    pub fn differing(&self) -> u64 {
        self.models.iter().map(ModelComparison::differing).sum()
    }

    /// The number of records that only the store has.
    #[must_use]
    pub fn only_in_store(&self) -> u64 {
        self.models.iter().map(|model| model.only_in_store.count).sum()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        for ModelComparison { model, table, different, not_in_store, only_in_store } in &self.models {
            if different.count > 0 {
                lines.push(format!(
                    "table `{table}` has other values than the store for {different} of model `{model}`"
                ));
            }
            if not_in_store.count > 0 {
                lines.push(format!(
                    "the store lacks {not_in_store} of model `{model}`, which table `{table}` has"
                ));
            }
            if only_in_store.count > 0 {
                lines.push(format!(
                    "only the store has {only_in_store} of model `{model}`; table `{table}` has none of them"
                ));
            }
        }
        f.write_str(&lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::FoundRecords;

    #[test]
    fn the_first_ids_are_named() {
        let mut found = FoundRecords::default();
        assert_eq!(found.to_string(), "0 records");
        found.add(|| "a".to_owned());
        assert_eq!(found.to_string(), "1 record (a)");
        for _ in 0..5 {
            found.add(|| "b".to_owned());
        }
        assert_eq!(found.to_string(), "6 records (a, b, b, b, b, ..)");
    }
}
