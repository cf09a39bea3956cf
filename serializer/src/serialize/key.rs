//! The id of a row as its table has it.

use crate::record_id::RecordId;

/// The id of a row as its table has it. It takes no allocation if it is spelt as the store spells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    id: RecordId,
    spelt: Option<Box<str>>,
}

impl Key {
    /// The key of the record `id`, which the table has as `spelt` if that differs.
    #[must_use]
    pub fn new(id: RecordId, spelt: Option<Box<str>>) -> Self {
        Self { id, spelt }
    }

    /// The id as the store spells it.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// The id as the table has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.spelt.as_deref().unwrap_or(self.id.as_str())
    }
}
