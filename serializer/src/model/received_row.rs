//! `ReceivedRow`: the values of a received record, about to be written to the app's table.

use crate::model::columns::{PARTITION, SOURCE_ID};
use crate::model::definition::Model;
use crate::model::row::Row;
use crate::record_id::RecordId;
use crate::value::{ColumnValue, InvalidValue, StoredValue};

/// The values of a received record, about to be written to its table.
#[derive(Debug, Clone)]
pub struct ReceivedRow {
    model: &'static Model,
    id: RecordId,
    source_id: String,
    partition: String,
    is_new: bool,
    values: Vec<StoredValue<'static>>,
}

impl ReceivedRow {
    /// Creates the row with a value for each of [`Model::columns`].
    #[doc(hidden)]
    #[must_use]
    pub fn new(
        model: &'static Model,
        id: RecordId,
        source_id: String,
        partition: String,
        values: Vec<StoredValue<'static>>,
    ) -> Self {
        Self { model, id, source_id, partition, is_new: true, values }
    }

    /// Sets whether the app lacks the record.
    #[doc(hidden)]
    pub fn set_new(&mut self, is_new: bool) {
        self.is_new = is_new;
    }

    /// The record's model.
    #[must_use]
    pub fn model(&self) -> &'static Model {
        self.model
    }

    /// The record's id.
    #[must_use]
    pub fn id(&self) -> &RecordId {
        &self.id
    }

    /// The record's source id, by the store.
    #[must_use]
    pub fn source_id(&self) -> &str {
        &self.source_id
    }

    /// The record's partition, by the store.
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// Returns `true` if the app does not have the record yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// The value of the synced column `name`: `NULL` if the model has no such column.
    #[must_use]
    pub fn get(&self, name: &str) -> &StoredValue<'static> {
        self.index(name).and_then(|index| self.values.get(index)).unwrap_or(&StoredValue::Null)
    }

    /// The text in the column `name`, if it holds one.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            StoredValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Sets the value of the column `name`. The id, the source id and the partition never change, so setting them, or a column
    /// that the model does not have, does nothing.
    pub fn set(&mut self, name: &str, value: StoredValue<'static>) {
        if [crate::model::columns::ID, SOURCE_ID, PARTITION].contains(&name) {
            return;
        }
        if let Some(index) = self.index(name)
            && let Some(slot) = self.values.get_mut(index)
        {
            *slot = value;
        }
    }

    /// The values, one for each of [`Model::columns`].
    #[must_use]
    pub fn values(&self) -> &[StoredValue<'static>] {
        &self.values
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.model.columns.iter().position(|column| column.name == name)
    }
}

/// The row as the table will have it. A local column is `NULL`.
impl Row for ReceivedRow {
    fn column(&self, index: usize) -> Result<ColumnValue<'_>, InvalidValue> {
        Ok(self.values.get(index).map_or(ColumnValue::Null, StoredValue::as_column))
    }
}
