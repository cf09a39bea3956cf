//! `Key`: the id of a row in its table's spelling.

use crate::record_id::RecordId;

/// The id of a row in its table's spelling. It allocates only if that differs from the store's spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    id: RecordId,
    spelt: Option<Box<str>>,
}

impl Key {
    /// Creates the key of the record `id`. `spelt` is the table's spelling, if it differs.
    #[must_use]
    pub fn new(id: RecordId, spelt: Option<Box<str>>) -> Self {
        Self { id, spelt }
    }

    /// The id in the store's spelling.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// The id in the table's spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.spelt.as_deref().unwrap_or(self.id.as_str())
    }
}
